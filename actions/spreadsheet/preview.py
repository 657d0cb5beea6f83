"""What an import would change: fiches added, changed and removed, field by field; totals by year, before and after."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from actions.enums import IndicatorType
from actions.services import ProgrammeData, SheetData
from actions.tables import YearSum

from .differences import Difference, Flat, differences, flat_indicators, flat_lines, words
from .layout import FIELDS, field_of, field_title


@dataclass(frozen=True)
class ChangedSheet:
    stored: SheetData
    wanted: SheetData
    differences: list[Difference]


@dataclass(frozen=True)
class YearTotals:
    """The sums of a year, None for all years, before and after."""

    year: int | None
    before: YearSum
    after: YearSum

    @property
    def both(self) -> tuple[YearSum, YearSum]:
        return self.before, self.after


@dataclass
class Preview:
    added: list[SheetData] = field(default_factory=list)
    changed: list[ChangedSheet] = field(default_factory=list)
    removed: list[SheetData] = field(default_factory=list)
    kept: int = 0
    structure: list[Difference] = field(default_factory=list)
    order: list[Difference] = field(default_factory=list)
    totals: list[YearTotals] = field(default_factory=list)

    @property
    def empty(self) -> bool:
        return not (self.added or self.changed or self.removed or self.structure or self.order)


def preview(stored: ProgrammeData, wanted: ProgrammeData, years: Sequence[int]) -> Preview:
    """Compare what is stored with what an import says."""
    before = {sheet.key: sheet for sheet in stored.sheets}
    found = Preview()
    for sheet in wanted.sheets:
        was = before.pop(sheet.key, None)
        if was is None:
            found.added.append(sheet)
        elif was == sheet:
            found.kept += 1
        else:
            found.changed.append(ChangedSheet(was, sheet, differences(flat_sheet(was), flat_sheet(sheet))))
    found.removed = list(before.values())
    found.structure = differences(_flat_structure(stored), _flat_structure(wanted))
    found.order = list(_order(stored, wanted))
    sums = zip(_sums(stored, years), _sums(wanted, years), strict=True)
    found.totals = [YearTotals(was.year, was, now) for was, now in sums]
    return found


def flat_programme(content: ProgrammeData) -> Flat:
    """All that a programme holds, in words: tells whether somebody changed it since a page was shown."""
    found = {f"structure {label}": text for label, text in _flat_structure(content).items()}
    for place, sheet in enumerate(content.sheets):
        found[f"{sheet.key}"] = str(place)
        found |= {f"{sheet.key} {label}": text for label, text in flat_sheet(sheet).items()}
    return found


def flat_sheet(sheet: SheetData) -> Flat:
    found: Flat = {}
    for name in FIELDS:
        value = sheet.functions if name == "functions" else sheet.fields[name]
        found[field_title(name)] = _words(name, value)
    found["Ordre des indicateurs"] = ", ".join(data.label for data in sheet.indicators)
    found |= flat_indicators(list(sheet.indicators))
    found |= {f"{data.label} : type": IndicatorType(data.type).label for data in sheet.indicators}
    found |= {f"Charges : {label}": text for label, text in flat_lines(sheet.expenses).items()}
    return found | {f"Produits : {label}": text for label, text in flat_lines(sheet.resources).items()}


def _words(name: str, value: Any) -> str:
    if name in ("first_year", "last_year"):
        return str(value)
    choices = dict(field_of(name).flatchoices) if name == "nature" else {}
    return str(choices.get(value, "")) or words(value)


def _flat_structure(content: ProgrammeData) -> Flat:
    found = {f"Charges : {label}": text for label, text in flat_lines(content.expenses).items()}
    return found | {f"Produits : {label}": text for label, text in flat_lines(content.resources).items()}


def _order(stored: ProgrammeData, wanted: ProgrammeData) -> Iterator[Difference]:
    """Axes whose fiches, among those that stay in them, change places."""
    before, after = _by_axis(stored), _by_axis(wanted)
    codes = {sheet.key: sheet.code for sheet in wanted.sheets}
    for axis, keys in before.items():
        were = [key for key in keys if key in after.get(axis, ())]
        now = [key for key in after.get(axis, ()) if key in were]
        if were != now:
            told = [", ".join(codes[key] for key in order) for order in (were, now)]
            yield Difference(f"Axe {axis}", *told)


def _by_axis(content: ProgrammeData) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for sheet in content.sheets:
        if sheet.key:
            found.setdefault(sheet.fields["axis"].number, []).append(sheet.key)
    return found


def _sums(content: ProgrammeData, years: Sequence[int]) -> Iterator[YearSum]:
    columns = {year: YearSum(year) for year in years}
    whole = YearSum(None)
    owners: list[SheetData | ProgrammeData] = [*content.sheets, content]
    for line in chain.from_iterable((*owner.expenses, *owner.resources) for owner in owners):
        for year, amount in line.amounts.items():
            for column in (columns.get(year), whole):
                if column and amount:
                    column.add(line.account, amount)
    yield from columns.values()
    yield whole
