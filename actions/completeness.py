"""Totals of a programme and its missing elements, in a constant number of queries."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Sum
from django.urls import reverse

from cpo.lib.money import ZERO
from cpo.lib.wording import french
from cpo.lib.workflow import Missing

from .enums import PRIVATE_ACCOUNT, STATE_ACCOUNT, AccountKind
from .indirect import IndirectCosts, costs_of, is_indirect
from .models import Programme, Sheet, SheetIndicator

YearAmounts = dict[int, Decimal]


def _amounts() -> YearAmounts:
    return defaultdict(lambda: ZERO)


@dataclass
class Totals:
    """Amounts in euros by year: of the fiches (eligible cost), of the whole programme, by axis, by funder."""

    eligible_by_year: YearAmounts = field(default_factory=_amounts)
    state_by_year: YearAmounts = field(default_factory=_amounts)
    resources_by_year: YearAmounts = field(default_factory=_amounts)
    structure_expenses: YearAmounts = field(default_factory=_amounts)
    structure_resources: YearAmounts = field(default_factory=_amounts)
    in_kind_uses: YearAmounts = field(default_factory=_amounts)
    in_kind_sources: YearAmounts = field(default_factory=_amounts)
    by_axis_year: dict[int, dict[int, dict[str, Decimal]]] = field(default_factory=dict)
    by_sheet: dict[int, dict[int, dict[str, Decimal]]] = field(default_factory=dict)
    indirect: IndirectCosts = field(default_factory=IndirectCosts)
    by_funder: dict[tuple[str, str], YearAmounts] = field(default_factory=lambda: defaultdict(_amounts))


def public_grants(programme: Programme) -> YearAmounts:
    """Add up by year the grants of the State, local authorities and public bodies (code de commerce, L. 612-4)."""
    rows = programme.resources.cash().order_by().values_list("year", "account__code").annotate(s=Sum("amount"))
    result = _amounts()
    for year, code, amount in rows:
        if is_public_grant(code):
            result[year] += amount
    return result


def is_public_grant(code: str) -> bool:
    return code[:2] == STATE_ACCOUNT[:2] and code != PRIVATE_ACCOUNT


class IndicatorYears(NamedTuple):
    """An indicator of a fiche and the years that have a target. Not a model instance: there are hundreds of them."""

    key: uuid.UUID
    label: str
    years: Collection[int]


class Content(NamedTuple):
    """The rows of a programme that `missing` needs."""

    sheets: list[Sheet]
    indicators: dict[int, list[IndicatorYears]]  # by the id of their fiche
    sums: Totals


def read_content(programme: Programme) -> Content:
    """Read a programme in five queries; only the years of the targets are read."""
    sheets = listed_sheets(programme)
    indicators = SheetIndicator.objects.filter(sheet__programme=programme).order_by("rank", "pk")
    by_sheet: dict[int, list[IndicatorYears]] = {}
    rows = indicators.annotate(target_years=ArrayAgg("targets__year", default=[]))
    for sheet_id, key, label, years in rows.values_list("sheet_id", "key", "label", "target_years"):
        by_sheet.setdefault(sheet_id, []).append(IndicatorYears(key, label, years))
    return Content(sheets, by_sheet, totals(programme, {sheet.pk: sheet.axis.number for sheet in sheets}))


def listed_sheets(programme: Programme) -> list[Sheet]:
    """The fiches with what a list says of them: neither their texts nor their indicators."""
    return list(programme.sheets.select_related("axis").only(*_SHEET_COLUMNS))


_SHEET_COLUMNS = (
    *("programme_id", "key", "code", "rank", "title", "first_year", "last_year", "description"),
    *("axis__cycle_id", "axis__number"),
)


def totals(programme: Programme, axes: Mapping[int, int] | None = None) -> Totals:
    """Add up a programme in three queries, or two when the number of the axis of each fiche is given.

    Accounts 86 and 87 (in kind) are excluded from the eligible cost (CERFA 12156).
    """
    if axes is None:
        axes = dict(programme.sheets.values_list("pk", "axis__number"))
    columns = ("sheet_id", "year", "account__kind")
    expenses = programme.expenses.values_list(*columns, "account__code").order_by().annotate(s=Sum("amount"))
    lines = (Line(sheet, year, kind, amount, code) for sheet, year, kind, code, amount in expenses)
    resources = programme.resources.values_list(*columns, "amount", "account__code", "funder")
    return add_up(lines, (Line(*row) for row in resources), axes, costs_of(programme))


def add_up(
    expenses: Iterable["Line"], resources: Iterable["Line"], axes: Mapping[int, int], indirect: IndirectCosts
) -> Totals:
    """Add up the lines of a programme. `axes`: the number of the axis of each fiche, by the id of the fiche."""
    result = Totals(indirect=indirect)
    for line in expenses:
        _add_expense(result, line, axes)
    for line in resources:
        _add_resource(result, line, axes)
    return result


class Line(NamedTuple):
    """The charges on an account, or a resource, to add up. Not a model instance: there are hundreds of them."""

    sheet_id: int | None
    year: int
    kind: str
    amount: Decimal
    code: str = ""
    funder: str = ""


def _cell(result: Totals, sheet_id: int, year: int) -> dict[str, Decimal]:
    years = result.by_sheet.setdefault(sheet_id, {})
    if year not in years:
        years[year] = dict.fromkeys(("expenses", "indirect", "resources", "state", "uses", "sources"), ZERO)
    return years[year]


def _add_to_axis(result: Totals, number: int, year: int, name: str, amount: Decimal) -> None:
    years = result.by_axis_year.setdefault(number, {})
    if year not in years:
        years[year] = {"expenses": ZERO, "state": ZERO}
    years[year][name] += amount


def _add_expense(result: Totals, row: Line, axes: Mapping[int, int]) -> None:
    in_kind = row.kind == AccountKind.IN_KIND
    if row.sheet_id is not None:
        cell = _cell(result, row.sheet_id, row.year)
        cell["uses" if in_kind else "expenses"] += row.amount
        if is_indirect(row.code):
            cell["indirect"] += row.amount
    if in_kind:
        result.in_kind_uses[row.year] += row.amount
        return
    if row.sheet_id is None:
        result.structure_expenses[row.year] += row.amount
    else:
        result.eligible_by_year[row.year] += row.amount
        _add_to_axis(result, axes[row.sheet_id], row.year, "expenses", row.amount)


def _add_resource(result: Totals, row: Line, axes: Mapping[int, int]) -> None:
    in_kind = row.kind == AccountKind.IN_KIND
    if row.sheet_id is not None:
        cell = _cell(result, row.sheet_id, row.year)
        cell["sources" if in_kind else "resources"] += row.amount
        if row.code == STATE_ACCOUNT:
            cell["state"] += row.amount
    if in_kind:
        result.in_kind_sources[row.year] += row.amount
        return
    result.by_funder[row.code, row.funder][row.year] += row.amount
    if row.code == STATE_ACCOUNT:
        result.state_by_year[row.year] += row.amount
        if row.sheet_id is not None:
            _add_to_axis(result, axes[row.sheet_id], row.year, "state", row.amount)
    if row.sheet_id is None:
        result.structure_resources[row.year] += row.amount
    else:
        result.resources_by_year[row.year] += row.amount


def missing(programme: Programme, number: str) -> Iterator[Missing]:
    """List the elements that the programme lacks before acceptance, each with the address of its field."""
    content = read_content(programme)
    for sheet in content.sheets:
        yield from sheet_missing(sheet, content.indicators.get(sheet.pk, []), content.sums, number)
    yield from programme_missing(programme, content, number)


def programme_missing(programme: Programme, content: Content, number: str) -> Iterator[Missing]:
    """List what the programme lacks as a whole: at least one fiche, balanced structure costs, an action by axis."""
    page = reverse("programme-detail", kwargs={"number": number})
    if not content.sheets:
        yield Missing("Aucune fiche action dans le programme", page)
    yield from _structure_missing(programme, content.sums, number)
    used_axes = {sheet.axis.number for sheet in content.sheets}  # the ids of a version are not those of the tables
    for axis in programme.cycle.axes.all():
        if axis.number not in used_axes:
            text = f"{programme.cycle.axis_label} {axis.number} : aucune action"
            yield Missing(text, f"{page}#axe-{axis.number}", "warning")


def sheet_missing(sheet: Sheet, indicators: Sequence[IndicatorYears], sums: Totals, number: str) -> Iterator[Missing]:
    """List what a fiche lacks: an indicator, a description, a target and a balanced budget for each of its years."""
    kwargs = {"number": number, "key": sheet.key}
    if not indicators:
        page = reverse("sheet-indicators", kwargs=kwargs)
        yield Missing(f"Fiche {sheet.code} : au moins un indicateur", page)
    for indicator in indicators:
        for year in sheet.years:
            if year not in indicator.years:
                page = reverse("sheet-indicators", kwargs=kwargs)
                yield Missing(
                    f"Fiche {sheet.code} : cible {year} de « {indicator.label} »",
                    f"{page}#cible-{indicator.key}-{year}",
                )
    if not sheet.description.strip():
        yield Missing(f"Fiche {sheet.code} : description", reverse("sheet-edit", kwargs=kwargs) + "#id_description")
    yield from _budget_missing(sheet, sums, reverse("sheet-budget", kwargs=kwargs))


def _budget_missing(sheet: Sheet, sums: Totals, page: str) -> Iterator[Missing]:
    cells = sums.by_sheet.get(sheet.pk, {})
    for year in sheet.years:
        cell = cells.get(year)
        if cell is None or not cell["expenses"]:
            yield Missing(f"Fiche {sheet.code} : budget {year}", f"{page}#annee-{year}")
            continue
        yield from _gap(
            f"Fiche {sheet.code} : budget {year}", cell["expenses"], cell["resources"], f"{page}#annee-{year}"
        )
        if cell["uses"] != cell["sources"]:
            yield Missing(f"Fiche {sheet.code} : {year}, comptes 86 et 87 différents", f"{page}#annee-{year}")
        if sums.indirect.exceeded(cell["expenses"] - cell["indirect"], cell["indirect"]):
            words = f"charges indirectes {year} trop élevées ({sums.indirect.words})"
            yield Missing(f"Fiche {sheet.code} : {words}", f"{page}#annee-{year}")


def _gap(subject: str, expenses: Decimal, resources: Decimal, url: str) -> Iterator[Missing]:
    gap = expenses - resources
    if gap:
        side = "produits" if gap > 0 else "charges"
        yield Missing(f"{subject}, il manque {french.euros(abs(gap))} de {side}", url)


def _structure_missing(programme: Programme, sums: Totals, number: str) -> Iterator[Missing]:
    page = reverse("programme-structure", kwargs={"number": number})
    for year in programme.years:
        yield from _gap(
            f"Coûts de structure {year}",
            sums.structure_expenses[year],
            sums.structure_resources[year],
            f"{page}#annee-{year}",
        )
