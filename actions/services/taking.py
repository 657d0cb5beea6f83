"""Add fiches copied from the examples, from another year or from another convention."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError

from actions.editing import editing
from actions.models import Axis, ExampleSheet, Programme, Sheet, SheetIndicator, Target
from arml.models import User

from .common import first_year_of, record, sheet_full_name
from .copies import copy_sheet
from .indicators import suggested_target
from .sheets import By, check_sheet, new_sheet, next_code, next_rank


def take_examples(
    *, programme: Programme, by: By, examples: Iterable[ExampleSheet], expected_revision: int | None = None
) -> list[Sheet]:
    """Add fiches copied from examples, with their indicators and their usual targets when these are plain numbers."""
    originals = list(examples)
    if not originals:
        raise ValidationError("Choisissez au moins un exemple.")
    with editing(programme, by=by, expected_revision=expected_revision, element="le programme d’actions") as (
        root,
        who,
    ):
        sheets = [_from_example(root, example) for example in originals]
        codes = ", ".join(sheet.code for sheet in sheets)
        words = f"ajoute {sheet_full_name(sheets[0])}" if len(sheets) == 1 else f"ajoute {len(sheets)} fiches ({codes})"
        record(root, root, who, "sheets_taken", f"{words}, à partir des exemples")
    return sheets


def take_example(*, programme: Programme, by: By, example: ExampleSheet, expected_revision: int | None = None) -> Sheet:
    return take_examples(programme=programme, by=by, examples=[example], expected_revision=expected_revision)[0]


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
    """Add copies of fiches, with targets and amounts if `figures`, under new keys and the next free codes.

    `move` (from, to) copies one year into another. Without it, years keep their position in the cycle: the first year
    of a past cycle becomes the first year of this one, and a later act takes no year before its own. `origin` names the
    source in French. Raises ValidationError for an axis that this cycle does not have, PermissionDenied for a fiche of
    another association or not visible.
    """
    originals = list(sheets)
    if not originals:
        raise ValidationError("Choisissez au moins une fiche.")
    visible = Programme.objects.visible_to(by) if isinstance(by, User) else Programme.objects.all()
    readable_ids = visible.filter(dossier__beneficiary=programme.dossier.beneficiary_id).values_list("pk", flat=True)
    if {sheet.programme_id for sheet in originals} - set(readable_ids):
        raise PermissionDenied("Ces fiches ne sont pas d’une convention de l’association que vous voyez.")
    with editing(programme, by=by, expected_revision=expected_revision, element="le programme d’actions") as (
        root,
        who,
    ):
        axes = {axis.number: axis for axis in root.cycle.axes.prefetch_related("objectives")}
        copies = [_take(root, sheet, axes, move, figures) for sheet in originals]
        codes = ", ".join(sheet.code for sheet in copies)
        words = f"ajoute {sheet_full_name(copies[0])}" if len(copies) == 1 else f"ajoute {len(copies)} fiches ({codes})"
        record(root, root, who, "sheets_taken", f"{words}, à partir {origin}")
    return copies


def _take(
    programme: Programme, sheet: Sheet, axes: dict[int, Axis], move: tuple[int, int] | None, figures: bool
) -> Sheet:
    axis = axes.get(sheet.axis.number)
    if axis is None:
        raise ValidationError(f"La fiche {sheet.code} est d’un axe {sheet.axis.number}, que ce cycle n’a pas.")
    cycle = programme.cycle
    shift = cycle.first_year - sheet.axis.cycle.first_year
    begins = first_year_of(programme)
    open_years = [year for year in programme.years_to_fill if year >= begins]
    shifted = {year: year + shift for year in sheet.years if year + shift in open_years}
    year_map = {move[0]: move[1]} if move else shifted
    if not year_map:
        left = f" à partir de {begins}" if begins > cycle.first_year else ""
        raise ValidationError(f"La fiche {sheet.code} n’a aucune année dans ce cycle{left}.")
    number = sheet.objective.number if sheet.objective else None
    copy = copy_sheet(
        sheet,
        programme,
        new_key=True,
        years=year_map.get,
        figures=figures,
        code=next_code(programme, axis),
        rank=next_rank(programme, axis),
        axis=axis,
        objective=next((one for one in axis.objectives.all() if one.number == number), None),
        first_year=min(year_map.values()),
        last_year=max(year_map.values()),
        # Dates of the former years would be outside the years of the copy.
        **({} if all(year == other for year, other in year_map.items()) else {"starts_on": None, "ends_on": None}),
    )
    return check_sheet(copy)


def _from_example(programme: Programme, example: ExampleSheet) -> Sheet:
    code_taken = programme.sheets.filter(code=example.code).exists()
    sheet = new_sheet(
        programme,
        example.axis,
        code="" if code_taken else example.code,
        objective=example.objective,
        title=example.title,
        **_example_content(example.content),
    )
    check_sheet(sheet).save()
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
    """Return the texts of a fiche from those of an example: lists become lines, a range of FTE becomes words."""
    lines = {
        name: "\n".join(content.get(name) or ())
        for name in ("objectives", "steps", "audience", "partners", "deliverables")
    }
    milestones = content.get("milestones") or {}
    return lines | {
        "context": content.get("context", ""),
        "description": content.get("description", ""),
        "milestones": "\n".join(f"{quarter} : {text}" for quarter, text in sorted(milestones.items())),
        "human_means": "\n".join(staff_words(row) for row in content.get("staff") or ()),
    }


def staff_words(row: dict[str, Any]) -> str:
    low, high = (str(row[name]).replace(".", ",") for name in ("fte_min", "fte_max"))
    return f"{row['function']} : {low} à {high} ETP" if low != high else f"{row['function']} : {low} ETP"
