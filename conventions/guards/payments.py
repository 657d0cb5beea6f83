"""What the articles say of the planned payments: the ceiling of an advance (5.2), the days on which they may fall."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

from conventions.enums import ActKind
from conventions.guards.addresses import url
from conventions.models import Act, Instalment
from conventions.money.totals import by_year
from conventions.text.values import printed_text
from cpo.lib.money import ZERO, total
from cpo.lib.wording import french
from cpo.lib.wording.accents import plain
from cpo.lib.wording.numbers import parse_percent
from cpo.lib.workflow import Missing

USUAL_CEILING = Decimal(50)  # per cent of the year's contribution
LAST_OF_ADVANCE = (3, 31)  # month and day of article 5.2: what is paid until then comes before the balance


def payments_within_rules(act: Act) -> Iterator[Missing]:
    """Article 5.2: after the first year, an advance keeps to its ceiling. Each payment falls within the term."""
    rows = list(act.instalments.all())
    yield from _advances(act, rows)
    for place, row in enumerate(typed_rows(act, rows)):
        if fault := day_fault(act, row.year, row.due_on):
            page = url(act, "convention-contribution", f"id_versement-{place}-due_on")
            yield Missing(f"{row.label} {row.year}\u00a0: {fault}", page)


def typed_rows(act: Act, rows: list[Instalment]) -> list[Instalment]:
    """The rows of the plan that the form of the act shows, in its order: all, or those of the year of the act."""
    only = act.programme.amounts_of
    return [row for row in rows if only in (None, row.year)]


def amount_field(act: Act, year: int) -> str:
    """The id of the amount of the year's first payment, else of the year of the empty row."""
    years = [row.year for row in typed_rows(act, list(act.instalments.all()))]
    return f"id_versement-{years.index(year)}-amount" if year in years else f"id_versement-{len(years)}-year"


def day_fault(act: Act, year: int, day: dt.date | None) -> str:
    """Why a payment of this year cannot be planned on that day; "" if it can, or has no day."""
    if day is None:
        return ""
    first = max(act.convention.act.effective_on, dt.date(year, 1, 1))
    if day < first:
        return f"la date prévue précède le {french.date(first)}."
    if day > act.ends_on:
        return f"la date prévue dépasse le terme de la convention, le {french.date(act.ends_on)}."
    return ""


def _advances(act: Act, rows: list[Instalment]) -> Iterator[Missing]:
    most = ceiling(act)
    only = act.programme.amounts_of
    granted = by_year(act.contributions.values("year", "amount"))
    later_years = sorted(year for year in granted if year > act.programme.cycle.first_year and only in (None, year))
    for year in later_years:
        advance = advance_of(rows, year)
        if advance <= granted[year] * most / 100 or _was_agreed(act, year, advance, granted[year]):
            continue
        yield Missing(
            f"{year}\u00a0: l’avance ({french.euros(advance)}) dépasse {french.percent(most)} "
            f"de la contribution de l’année, {french.euros(granted[year])} (article 5.2)",
            url(act, "convention-contribution", amount_field(act, year)),
        )


def advance_of(rows: list[Instalment], year: int) -> Decimal:
    """What the plan pays before the balance: named so, due by 31 March, or first of several without a day."""
    return total(row.amount for row in rows if row.year == year and is_advance(row, rows))


def is_advance(row: Instalment, rows: list[Instalment]) -> bool:
    """Whether a payment of the plan comes before the balance of its year."""
    if row.due_on and row.due_on <= dt.date(row.year, *LAST_OF_ADVANCE):
        return True
    own = [one for one in rows if one.year == row.year]
    first = len(own) > 1 and own[0] is row
    return "avance" in plain(row.label) or (first and row.due_on is None)


def _was_agreed(act: Act, year: int, advance: Decimal, granted: Decimal) -> bool:
    """Whether the signed text already has this advance for this amount.

    An annual act may also lower the amount of its year below twice an advance that was already paid (article 5.2).
    """
    if act.base is None or advance_of(list(act.base.instalments.all()), year) != advance:
        return False
    before = by_year(act.base.contributions.values("year", "amount")).get(year, ZERO)
    return before == granted or (act.kind == ActKind.ANNUAL and year == act.year)


def ceiling(act: Act) -> Decimal:
    """The ceiling that the text of the act prints; that of the national model when it holds no percentage."""
    try:
        return parse_percent(printed_text(act, "taux_avance_max"))
    except ValueError:
        return USUAL_CEILING
