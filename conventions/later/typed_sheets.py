"""What was typed of the fiches of an act signed on paper: texts, axis, years, indicators and their targets."""

from collections.abc import Callable, Iterator
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import CharField, TextField
from django.db.models import Field as ModelField

from actions.enums import NUMERIC_UNITS, Unit
from actions.models import Objective, Programme, Sheet, SheetIndicator, Target
from actions.services.indicators import WORDING
from actions.services.sheets import SHEET_FIELDS, check_years_hold, next_rank, sheet_faults
from actions.targets import read_target, target_words
from conventions.later.lines import Faults, Line
from conventions.models import Act

PICKED = ("axis", "objective")
YEARS = ("first_year", "last_year")
# The code of a fiche is that of the reports and journals that name it; its working time is a number of its own.
FIELDS = [Sheet._meta.get_field(name) for name in SHEET_FIELDS if name not in ("code", "fte", *PICKED)]


def sheet_lines(act: Act) -> Iterator[Line]:
    programme = act.programme
    axes = list(programme.cycle.axes.all())
    objectives = list(Objective.objects.filter(axis__cycle=programme.cycle_id).select_related("axis"))
    choices = {
        "axis": [(str(axis.pk), str(axis)) for axis in axes],
        "objective": [("", "Aucun"), *((str(one.pk), str(one)) for one in objectives)],
        **{name: [(str(year), str(year)) for year in programme.years_to_fill] for name in YEARS},
    }
    for sheet in programme.sheets.prefetch_related("indicators__targets", "indicators__definition_from"):
        sheet.programme = programme
        yield from _sheet(sheet, choices)
        for indicator in sheet.indicators.all():
            yield from _indicator(sheet, indicator)


def _sheet(sheet: Sheet, choices: dict[str, list[tuple[str, str]]]) -> Iterator[Line]:
    def save() -> Faults:
        return _save_sheet(sheet)

    def line(name: str, label: str, value: Any, write: Callable[[Any], object], **how: Any) -> Line:
        return Line(
            f"{name}-{sheet.key}", str(sheet.key), f"Fiche {sheet.code}, {label}", value, write, save=save, **how
        )

    for name, label in (("axis", sheet.programme.cycle.axis_label.lower()), ("objective", "objectif")):
        value = getattr(sheet, f"{name}_id")
        yield line(name, label, str(value or ""), _picked(sheet, name), choices=choices[name])
    for field in FIELDS:
        name, value = field.name, getattr(sheet, field.name)
        options = choices.get(name) or [(str(key), str(label)) for key, label in field.choices or ()]  # type: ignore[union-attr]
        write = _year_of(sheet, name) if name in YEARS else _value_of(sheet, name)
        how = {"choices": options} if options else _how(field)
        yield line(name, str(field.verbose_name), str(value) if options else value, write, **how)  # type: ignore[union-attr]


def _how(field: Any) -> dict[str, Any]:
    return {"longest": field.max_length} if isinstance(field, CharField | TextField) else {"day": True}


def _value_of(row: Any, name: str) -> Callable[[Any], object]:
    return lambda value: setattr(row, name, value)


def _year_of(sheet: Sheet, name: str) -> Callable[[Any], object]:
    return lambda value: setattr(sheet, name, int(value))


def _picked(sheet: Sheet, name: str) -> Callable[[Any], object]:
    field: ModelField[Any, Any] = Sheet._meta.get_field(name)  # type: ignore[assignment]

    def write(value: str) -> None:
        row = field.related_model.objects.filter(pk=value).first() if value else None  # type: ignore[union-attr]
        setattr(sheet, name, row)
        if name == "axis" and row:
            sheet.rank = next_rank(sheet.programme, row)

    return write


def _save_sheet(sheet: Sheet) -> Faults:
    """The term may have moved with the same correction: the years of the act are read again."""
    sheet.programme = Programme.objects.select_related("cycle").get(pk=sheet.programme_id)
    faults = sheet_faults(sheet, code_taken=False)
    if not faults:
        try:
            check_years_hold(sheet)
        except ValidationError as error:
            faults = error.update_error_dict({})
    if faults:
        return {f"{name}-{sheet.key}": words for name, words in faults.items()}
    sheet.save()
    return {}


# -- Indicators ------------------------------------------------------------------------------------------------------


def _indicator(sheet: Sheet, row: SheetIndicator) -> Iterator[Line]:
    stored = {target.year: target_words(target, spoken=True) for target in row.targets.all()}
    targets = dict(stored)
    row.sheet = sheet

    def save() -> Faults:
        return _save_indicator(row, targets, stored)

    def line(name: str, label: str, value: Any, write: Callable[[Any], object], **how: Any) -> Line:
        words = f"Fiche {sheet.code}, indicateur « {row.label} », {label}"
        return Line(f"{name}-{row.key}", str(sheet.key), words, value, write, save=save, **how)

    for name in ("baseline", "source") if row.is_national else (*WORDING, "baseline", "source"):
        field: Any = SheetIndicator._meta.get_field(name)
        how = {"choices": field.choices} if field.choices else {"longest": field.max_length}
        yield line(name, str(field.verbose_name), getattr(row, name), _value_of(row, name), **how)
    for year in sorted({*sheet.years, *stored}):
        yield line(
            f"cible-{year}", f"cible {year}", stored.get(year, ""), _item_of(targets, year),
            reads=_reader(row.unit), rate=row.unit == Unit.PERCENT,
        )  # fmt: skip


def _item_of(values: dict[int, str], year: int) -> Callable[[Any], object]:
    return lambda value: values.__setitem__(year, value)


def _reader(unit: str) -> Callable[[str], str]:
    def reads(text: str) -> str:
        """« 12.50 » is the target 12,5 that is stored, and no other."""
        try:
            return target_words(read_target(text, unit), spoken=True) if unit in NUMERIC_UNITS else text
        except ValidationError:
            return text

    return reads


def _save_indicator(row: SheetIndicator, targets: dict[int, str], stored: dict[int, str]) -> Faults:
    """Read each target in the unit, which may be another one now, and save what is read."""
    faults: Faults = {}
    try:
        row.full_clean(exclude=["sheet", "key", "definition_from"], validate_constraints=False)
    except ValidationError as error:
        faults = {f"{name}-{row.key}": words for name, words in error.update_error_dict({}).items()}
    read = {}
    for year, text in targets.items():
        try:
            read[year] = read_target(text.strip(), row.unit)
        except ValidationError as error:
            faults[f"cible-{year}-{row.key}"] = error.messages
    years = Sheet.objects.get(pk=row.sheet_id).years
    for year, target in read.items():
        if not target.empty and year not in years:
            faults[f"cible-{year}-{row.key}"] = [f"L’action ne court pas en {year}\u00a0: laissez cette cible vide."]
    if faults:
        return faults
    row.save()
    for year, target in read.items():
        rows = Target.objects.filter(indicator=row, year=year)
        if target.empty:
            rows.delete()
        elif target_words(target, spoken=True) != stored.get(year):
            values = {"number": target.number, "text": target.text, "not_applicable": target.not_applicable}
            Target.objects.update_or_create(indicator=row, year=year, defaults=values)
    return {}
