"""Fiches: written, taken from the examples, changed, moved, removed."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Max

from arml.models import User
from cpo.lib.actor import Actor

from ..editing import editing
from ..models import Axis, ExampleSheet, Function, Programme, Sheet, SheetIndicator, Target
from .common import named, quoted, record
from .copies import copy_sheet
from .indicators import suggested_target

By = User | Actor

SHEET_FIELDS = (
    "code",
    "axis",
    "objective",
    "title",
    "nature",
    "first_year",
    "last_year",
    "context",
    "objectives",
    "description",
    "steps",
    "audience",
    "territory",
    "partners",
    "human_means",
    "fte",
    "material_means",
    "starts_on",
    "ends_on",
    "milestones",
    "deliverables",
    "evaluation_method",
    "pilot_name",
    "pilot_role",
    "priorities",
    "label_criterion",
)


def create_sheet(
    *,
    programme: Programme,
    by: By,
    axis: Axis,
    title: str,
    expected_revision: int | None = None,
    functions: Sequence[Function] = (),
    **content: Any,
) -> Sheet:
    """Add a fiche at the end of its axis. `content` holds other SHEET_FIELDS; without `code`, the next free one."""
    with editing(programme, by=by, expected_revision=expected_revision, element="le programme d’actions") as (
        root,
        who,
    ):
        sheet = _new(root, axis, title=title, **content)
        _checked(sheet).save()
        sheet.functions.set(functions)
        record(root, sheet, who, "sheet_created", f"ajoute {quoted(sheet)}")
    return sheet


def take_examples(
    *, programme: Programme, by: By, examples: Iterable[ExampleSheet], expected_revision: int | None = None
) -> list[Sheet]:
    """Add fiches copied from examples, with their indicators and, where it is a plain number, their usual target."""
    chosen = list(examples)
    if not chosen:
        raise ValidationError("Choisissez au moins un exemple.")
    with editing(programme, by=by, expected_revision=expected_revision, element="le programme d’actions") as (
        root,
        who,
    ):
        sheets = [_from_example(root, example) for example in chosen]
        codes = ", ".join(sheet.code for sheet in sheets)
        words = f"ajoute {quoted(sheets[0])}" if len(sheets) == 1 else f"ajoute {len(sheets)} fiches ({codes})"
        record(root, root, who, "sheets_taken", f"{words}, à partir des exemples")
    return sheets


def take_example(*, programme: Programme, by: By, example: ExampleSheet, expected_revision: int | None = None) -> Sheet:
    return take_examples(programme=programme, by=by, examples=[example], expected_revision=expected_revision)[0]


def update_sheet(
    *,
    sheet: Sheet,
    by: By,
    expected_revision: int | None,
    functions: Sequence[Function] | None = None,
    **content: Any,
) -> Sheet:
    """Change the texts of a fiche. Years that carry targets or amounts can't leave it: nothing is lost in silence."""
    with editing(sheet.programme, by=by, expected_revision=expected_revision, element=named(sheet)) as (root, who):
        live = root.sheets.get(pk=sheet.pk)
        moved = "axis" in content and content["axis"].pk != live.axis_id
        _fill(live, content)
        live.programme = root
        _no_value_outside(live)
        if moved:
            live.rank = _next_rank(root, live.axis)
        _checked(live).save()
        if functions is not None:
            live.functions.set(functions)
        record(root, live, who, "sheet_updated", f"modifie {quoted(live)}")
    return live


def duplicate_sheet(*, sheet: Sheet, by: By, expected_revision: int | None = None) -> Sheet:
    """Copy a fiche with indicators, targets and budget, under a new key and the next free code of its axis."""
    with editing(sheet.programme, by=by, expected_revision=expected_revision, element="le programme d’actions") as (
        root,
        who,
    ):
        copy = copy_sheet(
            sheet, root, new_key=True, code=next_code(root, sheet.axis), rank=_next_rank(root, sheet.axis)
        )
        record(root, copy, who, "sheet_created", f"copie {quoted(sheet)} sous le code {copy.code}")
    return copy


def take_sheets(
    *,
    programme: Programme,
    by: By,
    sheets: Iterable[Sheet],
    origin: str,
    move: tuple[int, int] | None = None,
    figures: bool = True,
    expected_revision: int | None = None,
) -> list[Sheet]:
    """Add copies of fiches, with their targets and amounts when `figures`, under new keys and the next free codes.

    `move` (from, to) takes one year of each and puts it in another one; without it, the years keep their place in the
    cycle: the first one of a past cycle becomes the first one of this cycle. `origin` says in French where they come
    from. Raises ValidationError for an axis that this cycle has not.
    """
    chosen = list(sheets)
    if not chosen:
        raise ValidationError("Choisissez au moins une fiche.")
    with editing(programme, by=by, expected_revision=expected_revision, element="le programme d’actions") as (
        root,
        who,
    ):
        axes = {axis.number: axis for axis in root.cycle.axes.prefetch_related("objectives")}
        taken = [_take(root, sheet, axes, move, figures) for sheet in chosen]
        codes = ", ".join(sheet.code for sheet in taken)
        words = f"ajoute {quoted(taken[0])}" if len(taken) == 1 else f"ajoute {len(taken)} fiches ({codes})"
        record(root, root, who, "sheets_taken", f"{words}, à partir {origin}")
    return taken


def _take(
    programme: Programme, sheet: Sheet, axes: dict[int, Axis], move: tuple[int, int] | None, figures: bool
) -> Sheet:
    axis = axes.get(sheet.axis.number)
    if axis is None:
        raise ValidationError(f"La fiche {sheet.code} est d’un axe {sheet.axis.number}, que ce cycle n’a pas.")
    cycle = programme.cycle
    shift = cycle.first_year - sheet.axis.cycle.first_year
    moved = {move[0]: move[1]} if move else {year: year + shift for year in sheet.years if year + shift in cycle.years}
    if not moved:
        raise ValidationError(f"La fiche {sheet.code} n’a aucune année dans ce cycle.")
    number = sheet.objective.number if sheet.objective else None
    copy = copy_sheet(
        sheet,
        programme,
        new_key=True,
        years=moved.get,
        figures=figures,
        code=next_code(programme, axis),
        rank=_next_rank(programme, axis),
        axis=axis,
        objective=next((one for one in axis.objectives.all() if one.number == number), None),
        first_year=min(moved.values()),
        last_year=max(moved.values()),
        # Days of another year would be outside the years of the fiche.
        **({} if all(year == other for year, other in moved.items()) else {"starts_on": None, "ends_on": None}),
    )
    return _checked(copy)


def delete_sheet(*, sheet: Sheet, by: By, expected_revision: int | None) -> None:
    """Remove a fiche with its indicators, targets and budget. Versions already proposed keep it."""
    with editing(sheet.programme, by=by, expected_revision=expected_revision, element="le programme d’actions") as (
        root,
        who,
    ):
        record(root, sheet, who, "sheet_deleted", f"retire {quoted(sheet)}")
        root.sheets.filter(pk=sheet.pk).delete()


def move_sheet(*, sheet: Sheet, by: By, up: bool, expected_revision: int | None = None) -> None:
    """Move a fiche one place up or down inside its axis."""
    with editing(sheet.programme, by=by, expected_revision=expected_revision, element="l’ordre des fiches") as (
        root,
        who,
    ):
        order = list(root.sheets.filter(axis_id=sheet.axis_id).order_by("rank", "pk"))
        place = next(index for index, other in enumerate(order) if other.pk == sheet.pk)
        target = place - 1 if up else place + 1
        if not 0 <= target < len(order):
            edge = "la première" if up else "la dernière"
            raise ValidationError(f"La fiche {sheet.code} est déjà {edge} de son axe.")
        order[place], order[target] = order[target], order[place]
        for rank, other in enumerate(order, start=1):
            other.rank = rank
        Sheet.objects.bulk_update(order, ["rank"])
        record(root, sheet, who, "sheet_moved", f"déplace {quoted(sheet)} {'avant' if up else 'après'} une autre")


def next_code(programme: Programme, axis: Axis) -> str:
    """1-A, 1-B… the first code of the axis that no fiche of the programme has."""
    taken = set(programme.sheets.values_list("code", flat=True))
    candidates = (f"{axis.number}-{_letters(rank)}" for rank in range(len(taken) + 1))
    return next(code for code in candidates if code not in taken)


def _letters(rank: int) -> str:
    """0 → A, 25 → Z, 26 → AA."""
    text = chr(65 + rank % 26)
    return _letters(rank // 26 - 1) + text if rank >= 26 else text


def _next_rank(programme: Programme, axis: Axis) -> int:
    last = programme.sheets.filter(axis=axis).aggregate(last=Max("rank"))["last"]
    return (last or 0) + 1


def _new(programme: Programme, axis: Axis, **content: Any) -> Sheet:
    sheet = Sheet(programme=programme, axis=axis, rank=_next_rank(programme, axis))
    sheet.first_year, sheet.last_year = programme.cycle.first_year, programme.cycle.last_year
    _fill(sheet, content)
    if not sheet.code:
        sheet.code = next_code(programme, axis)
    return sheet


def _fill(sheet: Sheet, content: dict[str, Any]) -> None:
    unknown = set(content) - set(SHEET_FIELDS)
    if unknown:
        raise TypeError(f"unknown fields of a fiche: {sorted(unknown)}")
    for name, value in content.items():
        setattr(sheet, name, value)


def _checked(sheet: Sheet) -> Sheet:
    """Raise ValidationError by field, all at once."""
    taken = sheet.programme.sheets.filter(code=sheet.code).exclude(pk=sheet.pk).exists()
    if errors := sheet_faults(sheet, code_taken=taken):
        raise ValidationError(errors)
    return sheet


def sheet_faults(sheet: Sheet, *, code_taken: bool) -> dict[str, Any]:
    """Everything that forbids to store a fiche, by field; the same messages whoever writes: page, import or command."""
    cycle = sheet.programme.cycle
    errors: dict[str, Any] = {}
    if sheet.axis.cycle_id != cycle.pk:
        errors["axis"] = ["Cet axe n’est pas de ce cycle."]
    if sheet.objective and sheet.objective.axis_id != sheet.axis_id:
        errors["objective"] = [f"Cet objectif n’est pas de l’axe {sheet.axis.number}. Choisissez-en un de cet axe."]
    for name in ("first_year", "last_year"):
        if getattr(sheet, name) not in cycle.years:
            errors[name] = [f"Choisissez une année de {cycle.first_year} à {cycle.last_year}."]
    if not errors and sheet.last_year < sheet.first_year:
        errors["last_year"] = ["La dernière année doit suivre la première."]
    if sheet.starts_on and sheet.ends_on and sheet.ends_on < sheet.starts_on:
        errors["ends_on"] = ["La date de fin doit suivre la date de début."]
    for name in ("starts_on", "ends_on"):
        day = getattr(sheet, name)
        if day and not errors and day.year not in sheet.years:
            errors[name] = [f"Cette date est hors des années de l’action ({sheet.first_year} à {sheet.last_year})."]
    if code_taken:
        errors["code"] = ["Ce code est déjà celui d’une autre fiche du programme."]
    try:  # axis and objective are rows that were just read
        sheet.full_clean(exclude=["programme", "key", "axis", "objective", *errors], validate_constraints=False)
    except ValidationError as error:
        errors = error.update_error_dict(errors)
    return errors


def _no_value_outside(sheet: Sheet) -> None:
    """A year that carries something is emptied first, by hand, on its own page."""
    outside = set(Target.objects.filter(indicator__sheet=sheet).values_list("year", flat=True))
    outside |= set(sheet.expenses.values_list("year", flat=True)) | set(sheet.resources.values_list("year", flat=True))
    outside -= set(sheet.years)
    if outside:
        years = ", ".join(str(year) for year in sorted(outside))
        field = "first_year" if min(outside) < sheet.first_year else "last_year"
        raise ValidationError(
            {field: f"La fiche porte des cibles ou des montants pour {years}. Effacez-les d’abord, ou gardez l’année."}
        )


def _from_example(programme: Programme, example: ExampleSheet) -> Sheet:
    taken = programme.sheets.filter(code=example.code).exists()
    sheet = _new(
        programme,
        example.axis,
        code="" if taken else example.code,
        objective=example.objective,
        title=example.title,
        **_example_content(example.content),
    )
    _checked(sheet).save()
    sheet.functions.set(example.functions.all())
    indicators = [
        SheetIndicator(
            sheet=sheet,
            definition_from=definition,
            rank=rank,
            label=definition.label,
            definition="\n".join(text for text in (definition.definition, definition.method) if text),
            unit=definition.unit,
            type=definition.type,
            direction=definition.direction,
            source=definition.source,
        )
        for rank, definition in enumerate(example.indicators.all(), start=1)
    ]
    SheetIndicator.objects.bulk_create(indicators)
    Target.objects.bulk_create(
        Target(indicator=indicator, year=year, number=number)
        for indicator in indicators
        if (number := suggested_target(indicator.definition_from)) is not None
        for year in sheet.years
    )
    return sheet


def _example_content(content: dict[str, Any]) -> dict[str, Any]:
    """The texts of an example as those of a fiche: lists become lines; a range of FTE stays words."""
    lines = {
        name: "\n".join(content.get(name) or ())
        for name in ("objectives", "steps", "audience", "partners", "deliverables")
    }
    milestones = content.get("milestones") or {}
    return lines | {
        "context": content.get("context", ""),
        "description": content.get("description", ""),
        "milestones": "\n".join(f"{quarter}\u00a0: {text}" for quarter, text in sorted(milestones.items())),
        "human_means": "\n".join(staff_words(row) for row in content.get("staff") or ()),
    }


def staff_words(row: dict[str, Any]) -> str:
    low, high = (str(row[name]).replace(".", ",") for name in ("fte_min", "fte_max"))
    return f"{row['function']}\u00a0: {low} à {high} ETP" if low != high else f"{row['function']}\u00a0: {low} ETP"
