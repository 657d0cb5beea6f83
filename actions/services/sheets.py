"""Create, change, copy, move and remove fiches."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Max

from actions.editing import editing
from actions.models import Axis, Function, Programme, Sheet, Target
from arml.models import User
from cpo.lib.actor import Actor

from .common import first_year_of, record, sheet_full_name, sheet_name, withdrawn_sheet_key
from .copies import copy_sheet

By = User | Actor

# The tables of a fiche beside its fields, by their name in the path of an exchange.
SHEET_TABLES = {"indicators": "indicateurs et cibles", "budget": "budget"}
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
    """Add a fiche at the end of its axis. `content`: other SHEET_FIELDS; without `code`, the next free one is used."""
    with editing(programme, by=by, expected_revision=expected_revision, element="le programme d’actions") as (
        root,
        who,
    ):
        sheet = new_sheet(root, axis, title=title, **content)
        check_sheet(sheet).save()
        sheet.functions.set(functions)
        record(root, sheet, who, "sheet_created", f"ajoute {sheet_full_name(sheet)}")
    return sheet


def update_sheet(
    *,
    sheet: Sheet,
    by: By,
    expected_revision: int | None,
    functions: Sequence[Function] | None = None,
    **content: Any,
) -> Sheet:
    """Change the texts of a fiche. Years with targets or amounts can't be removed, so that no figure is lost."""
    with editing(sheet.programme, by=by, expected_revision=expected_revision, element=sheet_name(sheet)) as (root, who):
        live = root.sheets.get(pk=sheet.pk)
        moved = "axis" in content and content["axis"].pk != live.axis_id
        _fill(live, content)
        live.programme = root
        check_years_hold(live)
        if moved:
            live.rank = next_rank(root, live.axis)
        check_sheet(live).save()
        if functions is not None:
            live.functions.set(functions)
        record(root, live, who, "sheet_updated", f"modifie {sheet_full_name(live)}")
    return live


def duplicate_sheet(*, sheet: Sheet, by: By, expected_revision: int | None = None) -> Sheet:
    """Copy a fiche with indicators, targets and budget, under a new key and the next free code of its axis."""
    with editing(sheet.programme, by=by, expected_revision=expected_revision, element="le programme d’actions") as (
        root,
        who,
    ):
        copy = copy_sheet(sheet, root, new_key=True, code=next_code(root, sheet.axis), rank=next_rank(root, sheet.axis))
        record(root, copy, who, "sheet_created", f"copie {sheet_full_name(sheet)} sous le code {copy.code}")
    return copy


def delete_sheet(*, sheet: Sheet, by: By, expected_revision: int | None) -> None:
    """Remove a fiche with its indicators, targets and budget. Versions already proposed still contain it."""
    with editing(sheet.programme, by=by, expected_revision=expected_revision, element="le programme d’actions") as (
        root,
        who,
    ):
        record(root, withdrawn_sheet_key(sheet.key), who, "sheet_deleted", f"retire {sheet_full_name(sheet)}")
        root.sheets.filter(pk=sheet.pk).delete()


def move_sheet(*, sheet: Sheet, by: By, up: bool, expected_revision: int | None = None) -> None:
    """Move a fiche one place up or down inside its axis."""
    with editing(sheet.programme, by=by, expected_revision=expected_revision, element="l’ordre des fiches") as (
        root,
        who,
    ):
        order = list(root.sheets.filter(axis_id=sheet.axis_id).order_by("rank", "pk"))
        position = next(index for index, other in enumerate(order) if other.pk == sheet.pk)
        target = position - 1 if up else position + 1
        if not 0 <= target < len(order):
            edge = "la première" if up else "la dernière"
            raise ValidationError(f"La fiche {sheet.code} est déjà {edge} de son axe.")
        order[position], order[target] = order[target], order[position]
        for rank, other in enumerate(order, start=1):
            other.rank = rank
        Sheet.objects.bulk_update(order, ["rank"])
        words = f"déplace {sheet_full_name(sheet)} {'avant' if up else 'après'} une autre"
        record(root, sheet, who, "sheet_moved", words)


def next_code(programme: Programme, axis: Axis) -> str:
    """Return the first code of the axis (1-A, 1-B…) that no fiche of the programme has."""
    codes = set(programme.sheets.values_list("code", flat=True))
    candidates = (f"{axis.number}-{_letters(rank)}" for rank in range(len(codes) + 1))
    return next(code for code in candidates if code not in codes)


def _letters(rank: int) -> str:
    """0 → A, 25 → Z, 26 → AA."""
    text = chr(65 + rank % 26)
    return _letters(rank // 26 - 1) + text if rank >= 26 else text


def next_rank(programme: Programme, axis: Axis) -> int:
    last = programme.sheets.filter(axis=axis).aggregate(last=Max("rank"))["last"]
    return (last or 0) + 1


def new_sheet(programme: Programme, axis: Axis, **content: Any) -> Sheet:
    sheet = Sheet(programme=programme, axis=axis, rank=next_rank(programme, axis))
    sheet.first_year, sheet.last_year = first_year_of(programme), programme.years_to_fill[-1]
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


def check_sheet(sheet: Sheet) -> Sheet:
    """Return the fiche when it is valid. Raises ValidationError with the errors of all fields."""
    code_taken = sheet.programme.sheets.filter(code=sheet.code).exclude(pk=sheet.pk).exists()
    if errors := sheet_faults(sheet, code_taken=code_taken):
        raise ValidationError(errors)
    return sheet


def sheet_faults(sheet: Sheet, *, code_taken: bool) -> dict[str, Any]:
    """Return the errors that prevent storing a fiche, by field; the same for a page, an import or a command."""
    cycle, years = sheet.programme.cycle, sheet.programme.years
    errors: dict[str, Any] = {}
    if sheet.axis.cycle_id != cycle.pk:
        errors["axis"] = ["Cet axe n’est pas de ce cycle."]
    if sheet.objective and sheet.objective.axis_id != sheet.axis_id:
        errors["objective"] = [f"Cet objectif n’est pas de l’axe {sheet.axis.number}. Choisissez-en un de cet axe."]
    for name in ("first_year", "last_year"):
        if getattr(sheet, name) not in years:
            errors[name] = [f"Choisissez une année de {years[0]} à {years[-1]}."]
    if not errors and sheet.last_year < sheet.first_year:
        errors["last_year"] = ["La dernière année ne peut pas précéder la première."]
    if sheet.starts_on and sheet.ends_on and sheet.ends_on < sheet.starts_on:
        errors["ends_on"] = ["La date de fin doit suivre la date de début."]
    for name in ("starts_on", "ends_on"):
        day = getattr(sheet, name)
        if day and not errors and day.year not in sheet.years:
            errors[name] = [f"Cette date est hors des années de l’action ({sheet.first_year} à {sheet.last_year})."]
    if code_taken:
        errors["code"] = ["Ce code est déjà celui d’une autre fiche du programme."]
    try:  # axis and objective were just read: they exist
        sheet.full_clean(exclude=["programme", "key", "axis", "objective", *errors], validate_constraints=False)
    except ValidationError as error:
        errors = error.update_error_dict(errors)
    return errors


def check_years_hold(sheet: Sheet) -> None:
    """Refuse to remove a year that has targets or amounts: people must delete them first."""
    outside = set(Target.objects.filter(indicator__sheet=sheet).values_list("year", flat=True))
    outside |= set(sheet.expenses.values_list("year", flat=True)) | set(sheet.resources.values_list("year", flat=True))
    outside -= set(sheet.years)
    if outside:
        years = ", ".join(str(year) for year in sorted(outside))
        field = "first_year" if min(outside) < sheet.first_year else "last_year"
        raise ValidationError(
            {field: f"La fiche porte des cibles ou des montants pour {years}. Effacez-les d’abord, ou gardez l’année."}
        )
