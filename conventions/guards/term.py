"""The term of an act and its content agree: nothing is promised beyond it, and an extension is used."""

from collections.abc import Iterator

from django.urls import reverse

from conventions.enums import ContributionLine
from conventions.guards.addresses import url
from conventions.guards.payments import typed_rows
from conventions.models import Act
from cpo.lib.wording import french
from cpo.lib.workflow import Missing


def within_term(act: Act) -> Iterator[Missing]:
    """A shorter term refuses the fiches, the money and the targets beyond it; a longer one says what it lacks."""
    yield from _sheets(act)
    yield from _structure(act)
    yield from _money(act)
    covered = {year for sheet in act.programme.sheets.all() for year in sheet.years}
    for year in act.programme.years_to_fill:
        if year > act.programme.cycle.last_year and year not in covered:
            words = f"{year}\u00a0: aucune action ne court pendant la prolongation"
            yield Missing(words, url(act, "programme-detail"), "warning")


def _beyond(act: Act) -> str:
    return f"après le terme de la convention, le {french.date(act.ends_on)}"


def _sheets(act: Act) -> Iterator[Missing]:
    for sheet in act.programme.sheets.all():
        page = reverse("sheet-edit", kwargs={"number": act.reference, "key": sheet.key})
        if sheet.last_year > act.ends_on.year:
            words = f"Fiche {sheet.code}\u00a0: l’action court jusqu’en {sheet.last_year}, {_beyond(act)}"
            yield Missing(words, f"{page}#id_last_year")
        elif sheet.ends_on and sheet.ends_on > act.ends_on:
            words = f"Fiche {sheet.code}\u00a0: l’action finit le {french.date(sheet.ends_on)}, {_beyond(act)}"
            yield Missing(words, f"{page}#id_ends_on")


def _structure(act: Act) -> Iterator[Missing]:
    lines = {"sheet": None, "year__gt": act.ends_on.year}
    years = set(act.programme.expenses.filter(**lines).values_list("year", flat=True))
    years |= set(act.programme.resources.filter(**lines).values_list("year", flat=True))
    for year in sorted(years):
        words = f"Coûts de structure {year}\u00a0: des montants sont inscrits {_beyond(act)}"
        yield Missing(words, url(act, "programme-structure", f"annee-{year}"))


def _money(act: Act) -> Iterator[Missing]:
    for row in act.contributions.filter(year__gt=act.ends_on.year):
        line = ContributionLine(row.line)
        words = f"Contribution {row.year}, {line.label}\u00a0: {french.euros(row.amount)} {_beyond(act)}"
        yield Missing(words, url(act, "convention-contribution", f"id_m-{row.service_id}-{row.line}-{row.year}"))
    for place, payment in enumerate(typed_rows(act, list(act.instalments.all()))):
        if payment.year > act.ends_on.year:
            words = f"{payment.label} {payment.year}\u00a0: {french.euros(payment.amount)} {_beyond(act)}"
            yield Missing(words, url(act, "convention-contribution", f"id_versement-{place}-year"))
