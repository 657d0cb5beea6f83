"""A whole programme at once: read as plain values, and made exactly what an imported file says."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError

from actions.editing import editing
from actions.models import Function, Programme, Sheet
from arml.models import User
from cpo.lib.actor import Actor

from .budgets import AmountLine, replace_lines, stored_lines
from .common import record
from .indicators import IndicatorData, replace_indicators, stored_indicator
from .sheets import SHEET_FIELDS, sheet_faults


@dataclass(frozen=True)
class SheetData:
    """A fiche with all that hangs on it. `key` is that of the existing one, None for a new one."""

    fields: dict[str, Any]  # every SHEET_FIELDS
    key: UUID | None = None
    functions: tuple[Function, ...] = ()
    indicators: tuple[IndicatorData, ...] = ()
    expenses: tuple[AmountLine, ...] = ()
    resources: tuple[AmountLine, ...] = ()

    @property
    def code(self) -> str:
        return str(self.fields["code"])

    @property
    def title(self) -> str:
        return f"{self.code} {self.fields['title']}"


@dataclass(frozen=True)
class ProgrammeData:
    """The fiches in their order, axis by axis, and the amounts of the structure."""

    sheets: tuple[SheetData, ...] = ()
    expenses: tuple[AmountLine, ...] = ()
    resources: tuple[AmountLine, ...] = ()


@dataclass
class Outcome:
    """How many fiches an import adds, changes and removes."""

    added: list[str] = field(default_factory=list)  # codes
    changed: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        counts = ((self.added, "ajoutée"), (self.changed, "modifiée"), (self.removed, "retirée"))
        told = [f"{len(codes)} fiche{'s'[: len(codes) > 1]} {word}{'s'[: len(codes) > 1]}" for codes, word in counts]
        return ", ".join(text for (codes, _), text in zip(counts, told, strict=True) if codes) or "aucune fiche changée"


def read_programme(programme: Programme) -> ProgrammeData:
    """All that a programme holds, in a constant number of queries."""
    sheets = programme.sheets.select_related("axis", "objective").prefetch_related(
        "functions",
        "indicators__targets",
        "indicators__definition_from",
        "expenses__account",
        "resources__account",
    )
    return ProgrammeData(
        sheets=tuple(_read(sheet) for sheet in sheets),
        expenses=tuple(stored_lines(programme.expenses.filter(sheet=None).select_related("account"))),
        resources=tuple(stored_lines(programme.resources.filter(sheet=None).select_related("account"))),
    )


def _read(sheet: Sheet) -> SheetData:
    return SheetData(
        fields={name: getattr(sheet, name) for name in SHEET_FIELDS},
        key=sheet.key,
        functions=tuple(sheet.functions.all()),
        indicators=tuple(stored_indicator(row) for row in sheet.indicators.all()),
        expenses=tuple(stored_lines(sheet.expenses.all())),
        resources=tuple(stored_lines(sheet.resources.all())),
    )


def replace_programme(
    *, programme: Programme, by: User | Actor, expected_revision: int | None, content: ProgrammeData
) -> Outcome:
    """Make the programme exactly this: known keys change, new fiches come, others leave. All or nothing, one write."""
    with editing(programme, by=by, expected_revision=expected_revision, element="le programme d’actions") as (
        root,
        who,
    ):
        whole = read_programme(root)
        before = {sheet.key: sheet for sheet in whole.sheets}
        outcome = outcome_of(whole, content)
        root.sheets.exclude(key__in=[sheet.key for sheet in content.sheets if sheet.key]).delete()
        rows = {row.key: row for row in root.sheets.all()}
        _free_codes(rows, content.sheets)
        ranks: Counter[int] = Counter()
        codes: set[str] = set()
        for sheet in content.sheets:
            axis = sheet.fields["axis"].pk
            ranks[axis] += 1
            row = rows.get(sheet.key) if sheet.key else None
            _write(row or Sheet(programme=root), sheet, before.get(sheet.key), ranks[axis], codes)
            codes.add(sheet.code)
        if (whole.expenses, whole.resources) != (content.expenses, content.resources):
            replace_lines(root, None, root.cycle.years, content.expenses, content.resources)
        record(root, root, who, "programme_imported", f"importe le programme d’actions d’un classeur : {outcome}")
    return outcome


def outcome_of(stored: ProgrammeData, wanted: ProgrammeData) -> Outcome:
    before = {sheet.key: sheet for sheet in stored.sheets}
    outcome = Outcome()
    for sheet in wanted.sheets:
        was = before.pop(sheet.key, None)
        if was is None:
            outcome.added.append(sheet.code)
        elif was != sheet:
            outcome.changed.append(sheet.code)
    outcome.removed = [sheet.code for sheet in before.values()]
    return outcome


def _free_codes(rows: dict[UUID, Sheet], sheets: Sequence[SheetData]) -> None:
    """Two fiches may exchange their codes: those that change are first put aside, under a code that nobody can type."""
    moved = [row for sheet in sheets if sheet.key and (row := rows.get(sheet.key)) and row.code != sheet.code]
    for row in moved:
        row.code = f"\x01{row.pk}"
    Sheet.objects.bulk_update(moved, ["code"])


def _write(row: Sheet, data: SheetData, was: SheetData | None, rank: int, codes: set[str]) -> None:
    """Store what differs from what was there."""
    if was is None or was.fields != data.fields or row.rank != rank:
        row.rank = rank
        for name, value in data.fields.items():
            setattr(row, name, value)
        if faults := sheet_faults(row, code_taken=data.code in codes):
            raise ValidationError(faults)
        row.save()
    if was is None or was.functions != data.functions:
        row.functions.set(data.functions)
    if was is None or was.indicators != data.indicators:
        replace_indicators(row, data.indicators)
    if was is None or (was.expenses, was.resources) != (data.expenses, data.resources):
        replace_lines(row.programme, row, row.years, data.expenses, data.resources)
