"""The conditions that concern only acts after the first: their terms, limits and dates."""

import copy
import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.urls import reverse

from conventions.content.freeze import build_content
from conventions.content.held import articles_of
from conventions.enums import ActKind
from conventions.later.opening import OF_AMOUNTS, earliest_effect
from conventions.models import Act, Version
from conventions.money.eligible import eligible_lines
from conventions.text.variables import Variable
from conventions.text.wording import missing_variables
from cpo.lib import clock
from cpo.lib.dates import add_months
from cpo.lib.money import ZERO
from cpo.lib.wording import french
from cpo.lib.wording.numbers import parse_percent
from cpo.lib.workflow import Missing

Content = dict[str, Any]
LONGEST_MONTHS = 48  # article 2.2 of the model
USUAL_THRESHOLD = "10\u00a0%"  # of the eligible cost of the year
# An act of amounts may change these fields of a party, because it must name its own signatories.
SIGNATORY = ("signatory_name", "capacity", "by_delegation", "delegation")
# Not compared, because they describe the act, follow from the rest, or have their own rule.
DERIVED = ("act", "values", "variants", "attachments", "contributions", "instalments")


def base_version(act: Act) -> Version:
    """The signed version of the text that the act starts from. Raises Version.DoesNotExist."""
    return Version.objects.filter(act=act.base_id).latest("number")


def agreed_version(act: Act) -> Version:
    """The last text that both sides signed: moves of successive adaptations are added up from this text."""
    text = act.base
    while text is not None and text.kind == ActKind.ADAPTATION:
        text = text.base
    return Version.objects.filter(act=text).latest("number")


def missing_values(act: Act, content: Content) -> list[Variable]:
    """The variables that the document of an act would print without value.

    An act after the first prints only its parties and its changes. A value already missing in the text that it changes
    (a text recorded from paper) is required only if the act prints it.
    """
    missing = missing_variables(content)
    if not missing or not act.number:
        return missing
    before = base_version(act).content
    texts = {row["key"]: (row["body"], row["included"]) for row in before["articles"]}
    printed_articles = [
        row
        for row in content["articles"]
        if row["key"] == "parties" or texts.get(row["key"]) != (row["body"], row["included"])
    ]
    blank = {variable.name for variable in missing_variables(before)}
    own_names = {variable.name for variable in missing_variables({**content, "articles": printed_articles})}
    return [variable for variable in missing if variable.name not in blank or variable.name in own_names]


def later_act(act: Act) -> Iterator[Missing]:
    """The lines that concern only an act after the first; nothing for act 0."""
    if not act.number:
        return
    yield from _terms(act)
    yield from _dates(act)
    before, after = base_version(act).content, build_content(act)
    # An annual act may keep the forecast amounts: it makes them firm (article 4.3).
    if act.kind != ActKind.ANNUAL and _bare(before, None) == _bare(after, None):
        words = f"{act.subject} ne change rien au texte en vigueur : modifiez ce qui doit changer."
        yield Missing(words, _page(act, "programme-detail"))
    if act.kind in OF_AMOUNTS:
        yield from _limits(act, before, after)


def later_on_paper(act: Act) -> Iterator[Missing]:
    """What an act that was signed on paper must say: it may change nothing of what is held, or more than it should."""
    if not act.purpose.strip():
        yield Missing("Objet de l’acte", _page(act, "act-terms", "id_purpose"))
    yield from _dates(act)
    if act.signed_on and act.base and act.base.signed_on and act.signed_on < act.base.signed_on:
        yield Missing(
            f"L’acte serait signé avant {act.base.name_in_sentence} ({french.date(act.base.signed_on)}) : "
            "les actes se reprennent dans l’ordre de leurs signatures",
            _page(act, "convention-paper-original"),
        )


def _page(act: Act, name: str, fragment: str = "") -> str:
    return reverse(name, kwargs={"number": act.reference}) + (f"#{fragment}" if fragment else "")


def _terms(act: Act) -> Iterator[Missing]:
    fields = [("purpose", "Objet")]
    if act.kind == ActKind.AMENDMENT:
        fields += [("cause", "Cause"), ("consequences", "Conséquences")]
    for name, label in fields:
        if not getattr(act, name).strip():
            yield Missing(f"{label} de l’acte", _page(act, "act-terms", f"id_{name}"))


def _dates(act: Act) -> Iterator[Missing]:
    earliest = earliest_effect(act)
    if act.effective_on < earliest:
        yield Missing(
            f"La prise d’effet précède celle du texte modifié ({french.date(earliest)})",
            _page(act, "act-terms", "id_effective_on"),
        )
    elif act.is_signed_act and not act.on_paper and act.effective_on < clock.today(act.dossier.time_zone):
        yield Missing(
            f"{act.subject} prendrait effet le {french.date(act.effective_on)}, avant d’être signé : "
            "reportez cette date, ou gardez-la si les parties veulent un effet antérieur à la signature",
            _page(act, "act-terms", "id_effective_on"),
            severity="warning",
        )
    latest = longest_end(act)
    if act.ends_on > latest:
        yield Missing(
            f"Le terme dépasse quatre ans (article 2.2) : au plus tard le {french.date(latest)}",
            _page(act, "act-terms", "id_ends_on"),
        )


def longest_end(act: Act) -> dt.date:
    """The last possible day of the convention: four years after its first day (article 2.2)."""
    first = act.convention.act if act.number else act
    return add_months(first.effective_on, LONGEST_MONTHS) - dt.timedelta(days=1)


def _limits(act: Act, before: Content, after: Content) -> Iterator[Missing]:
    signed = act.is_signed_act
    if _bare(before, act.year, signed=signed) != _bare(after, act.year, signed=signed):
        yield Missing(
            f"{act.subject} ne peut changer que les montants de {act.year} : le reste relève d’un avenant.",
            _page(act, "convention-articles"),
        )
    if act.kind == ActKind.ANNUAL:
        yield from _within_maximum(act, after)
    else:
        yield from _not_notable(act, before, after)


def _within_maximum(act: Act, after: Content) -> Iterator[Missing]:
    """An annual act cannot raise the total above the maximum of article 4.1; an avenant can."""
    text = act.base
    while text is not None and text.kind in OF_AMOUNTS:
        text = text.base
    maximum = sum((row.amount for row in text.contributions.all()), ZERO) if text else ZERO
    whole = sum((Decimal(row["amount"]) for row in after["contributions"]), ZERO)
    if whole > maximum:
        yield Missing(
            f"Le total ({french.euros(whole)}) dépasse le maximum de l’article 4.1 ({french.euros(maximum)}) : "
            "il faut un avenant.",
            _page(act, "convention-contribution", f"annee-{act.year}"),
        )


def _not_notable(act: Act, before: Content, after: Content) -> Iterator[Missing]:
    """Article 3.4: the State's contribution does not change, and the moved amounts stay under the threshold."""
    page = _page(act, "programme-budget", f"annee-{act.year}")
    for name in ("contributions", "instalments"):
        if before[name] != after[name]:
            yield Missing(
                "Une adaptation ne change ni la contribution de l’État, ni son échéancier (article 3.4).", page
            )
            break
    moved_amount, cost = moved_cost(agreed_version(act).content, after, act.year or 0)
    threshold = _threshold(before["values"].get("seuil_adaptation"))
    if cost and moved_amount > cost * _share(threshold):
        yield Missing(
            f"{french.euros(moved_amount)} changent de compte ou d’action, "
            f"soit plus de {threshold} du coût éligible de {act.year} : "
            "il faut un avenant (article 3.4).",
            page,
        )


def _threshold(signed: object) -> str:
    """The threshold of article 3.4 as signed; that of the national model when the text holds no percentage.

    A text frozen before its form asked for a percentage may say anything: the guard holds all the same.
    """
    text = str(signed or "")
    try:
        parse_percent(text)
    except ValueError:
        return USUAL_THRESHOLD
    return text


def _share(percent: str) -> Decimal:
    """« 12,5 % » → 0.125. Raises ValueError for anything else."""
    return parse_percent(percent) / 100


def moved_cost(before: Content, after: Content, year: int) -> tuple[Decimal, Decimal]:
    """Euros of a year's charges that changed account or action, and the former eligible cost of that year."""
    old, new = _charges(before, year), _charges(after, year)
    gaps = [new.get(key, ZERO) - old.get(key, ZERO) for key in old.keys() | new.keys()]
    increase, decrease = sum((g for g in gaps if g > 0), ZERO), -sum((g for g in gaps if g < 0), ZERO)
    return max(increase, decrease), sum(old.values(), ZERO)


def _charges(content: Content, year: int) -> dict[tuple[str, str], Decimal]:
    """Cash charges of a year by action and account."""
    return {
        (sheet["key"], row["account"]): Decimal(row["amount"])
        for sheet in content["sheets"]
        for row in eligible_lines(sheet)
        if row["year"] == year
    }


BESIDE = ("act", "values", "attachments", "functions")  # they name the act, or only explain the rest


def _bare(content: Content, year: int | None, *, signed: bool = True) -> Content:
    """A content without the data that name the act, to compare two contents.

    `year` also removes the amounts of that year, and `signed` then removes the signatories.
    """
    bare = {key: value for key, value in copy.deepcopy(content).items() if key not in BESIDE}
    bare["articles"] = articles_of(bare)
    if year is None:
        return bare
    bare = {key: value for key, value in bare.items() if key not in DERIVED}
    bare["money"] = {name: _others(content[name], year) for name in ("contributions", "instalments")}
    bare["options"] = {key: value for key, value in content["options"].items() if key != "signataire_etat"}
    for lines in (bare["structure"], *bare["sheets"]):
        for name in ("expenses", "resources"):
            lines[name] = _others(lines[name], year)
    for party in bare["parties"] if signed else []:
        for name in SIGNATORY:
            party.pop(name)
    return bare


def _others(rows: list[Content], year: int) -> list[Content]:
    return [row for row in rows if row["year"] != year]
