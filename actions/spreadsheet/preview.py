"""The effects of an import: fiches added, changed and removed, field by field; totals by year, before and after."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from actions.enums import IndicatorType
from actions.proportion import unusual_lines
from actions.services import ProgrammeData, SheetData
from actions.tables import YearSum
from actions.targets import over_a_whole, target_words

from .differences import Difference, Flat, differences, flat_indicators, flat_lines, words
from .layout import FIELDS, field_of, field_title


@dataclass(frozen=True)
class ChangedSheet:
    current: SheetData
    imported: SheetData
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
    unchanged: int = 0
    structure: list[Difference] = field(default_factory=list)
    order: list[Difference] = field(default_factory=list)
    totals: list[YearTotals] = field(default_factory=list)
    rates: list[str] = field(default_factory=list)  # « fiche, indicator, year: target » of new ones above 100 %
    unusual: list[str] = field(default_factory=list)  # new amounts out of proportion, in words

    @property
    def empty(self) -> bool:
        return not (self.added or self.changed or self.removed or self.structure or self.order)


def preview(current: ProgrammeData, imported: ProgrammeData, years: Sequence[int]) -> Preview:
    """Compare the current programme with an imported one."""
    before = {sheet.key: sheet for sheet in current.sheets}
    result = Preview()
    for sheet in imported.sheets:
        previous = before.pop(sheet.key, None)
        if previous is None:
            result.added.append(sheet)
        elif previous == sheet:
            result.unchanged += 1
        else:
            result.changed.append(ChangedSheet(previous, sheet, differences(flat_sheet(previous), flat_sheet(sheet))))
    result.removed = list(before.values())
    former = set(_rates(current))
    result.rates = [words for words in _rates(imported) if words not in former]
    confirmed = set(_unusual(current))
    result.unusual = [words for words in _unusual(imported) if words not in confirmed]
    result.structure = differences(_flat_structure(current), _flat_structure(imported))
    result.order = list(_order(current, imported))
    sums = zip(_sums(current, years), _sums(imported, years), strict=True)
    result.totals = [YearTotals(previous.year, previous, now) for previous, now in sums]
    return result


def _rates(content: ProgrammeData) -> Iterator[str]:
    """The targets of a rate above 100 %, which the page asks to check before the import."""
    for sheet in content.sheets:
        for row in sheet.indicators:
            for year, target in row.targets.items():
                if over_a_whole(target, row.unit):
                    yield f"{sheet.code} {row.label}, {year}\u00a0: {target_words(target)}\u00a0%"


def _unusual(content: ProgrammeData) -> Iterator[str]:
    """The amounts out of proportion, which the page asks to check before the import."""
    owners: list[SheetData | ProgrammeData] = [*content.sheets, content]
    for owner in owners:
        name = owner.code if isinstance(owner, SheetData) else "Structure"
        for figure, reason in unusual_lines(owner.expenses, owner.resources):
            yield f"{name}, {figure}, {reason}"


def flat_programme(content: ProgrammeData) -> Flat:
    """Return a whole programme in words, to detect a change since a page was shown."""
    flat = {f"structure {label}": text for label, text in _flat_structure(content).items()}
    for rank, sheet in enumerate(content.sheets):
        flat[f"{sheet.key}"] = str(rank)
        flat |= {f"{sheet.key} {label}": text for label, text in flat_sheet(sheet).items()}
    return flat


def flat_sheet(sheet: SheetData) -> Flat:
    flat: Flat = {}
    for name in FIELDS:
        value = sheet.functions if name == "functions" else sheet.fields[name]
        flat[field_title(name)] = _words(name, value)
    flat["Ordre des indicateurs"] = ", ".join(data.label for data in sheet.indicators)
    flat |= flat_indicators(list(sheet.indicators))
    flat |= {f"{data.label} : type": IndicatorType(data.type).label for data in sheet.indicators}
    flat |= {f"Charges : {label}": text for label, text in flat_lines(sheet.expenses).items()}
    return flat | {f"Produits : {label}": text for label, text in flat_lines(sheet.resources).items()}


def _words(name: str, value: Any) -> str:
    if name in ("first_year", "last_year"):
        return str(value)
    choices = dict(field_of(name).flatchoices) if name == "nature" else {}
    return str(choices.get(value, "")) or words(value)


def _flat_structure(content: ProgrammeData) -> Flat:
    flat = {f"Charges : {label}": text for label, text in flat_lines(content.expenses).items()}
    return flat | {f"Produits : {label}": text for label, text in flat_lines(content.resources).items()}


def _order(current: ProgrammeData, imported: ProgrammeData) -> Iterator[Difference]:
    """Return the axes whose remaining fiches change their order."""
    before, after = _by_axis(current), _by_axis(imported)
    codes = {sheet.key: sheet.code for sheet in imported.sheets}
    for axis, keys in before.items():
        former = [key for key in keys if key in after.get(axis, ())]
        now = [key for key in after.get(axis, ()) if key in former]
        if former != now:
            code_lists = [", ".join(codes[key] for key in order) for order in (former, now)]
            yield Difference(f"Axe {axis}", *code_lists)


def _by_axis(content: ProgrammeData) -> dict[int, list[Any]]:
    keys: dict[int, list[Any]] = {}
    for sheet in content.sheets:
        if sheet.key:
            keys.setdefault(sheet.fields["axis"].number, []).append(sheet.key)
    return keys


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
