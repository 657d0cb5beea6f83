"""A whole programme at once: read as plain values, and replaced by the content of an imported file."""

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
    """A fiche with its indicators and budget. `key` is that of an existing fiche, None for a new one."""

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
    """The codes of the fiches that an import adds, changes and removes."""

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        counts = ((self.added, "ajoutée"), (self.changed, "modifiée"), (self.removed, "retirée"))
        texts = [f"{len(codes)} fiche{'s'[: len(codes) > 1]} {word}{'s'[: len(codes) > 1]}" for codes, word in counts]
        parts = [text for (codes, _), text in zip(counts, texts, strict=True) if codes]
        return ", ".join(parts) or "aucune fiche changée"


def read_programme(programme: Programme) -> ProgrammeData:
    """Read a whole programme in a constant number of queries."""
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
    """Replace the programme in one write: fiches with a known key change, new ones are added, others are removed."""
    with editing(programme, by=by, expected_revision=expected_revision, element="le programme d’actions") as (
        root,
        who,
    ):
        current = read_programme(root)
        before = {sheet.key: sheet for sheet in current.sheets}
        outcome = outcome_of(current, content)
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
        if (current.expenses, current.resources) != (content.expenses, content.resources):
            replace_lines(root, None, root.years, content.expenses, content.resources)
        record(root, root, who, "programme_imported", f"importe le programme d’actions d’un classeur : {outcome}")
    return outcome


def outcome_of(current: ProgrammeData, imported: ProgrammeData) -> Outcome:
    before = {sheet.key: sheet for sheet in current.sheets}
    outcome = Outcome()
    for sheet in imported.sheets:
        previous = before.pop(sheet.key, None)
        if previous is None:
            outcome.added.append(sheet.code)
        elif previous != sheet:
            outcome.changed.append(sheet.code)
    outcome.removed = [sheet.code for sheet in before.values()]
    return outcome


def _free_codes(rows: dict[UUID, Sheet], sheets: Sequence[SheetData]) -> None:
    """Give temporary codes, which nobody can type, to the fiches whose code changes: two may exchange their codes."""
    moved = [row for sheet in sheets if sheet.key and (row := rows.get(sheet.key)) and row.code != sheet.code]
    for row in moved:
        row.code = f"\x01{row.pk}"
    Sheet.objects.bulk_update(moved, ["code"])


def _write(row: Sheet, data: SheetData, previous: SheetData | None, rank: int, codes: set[str]) -> None:
    """Store what differs from the previous content."""
    if previous is None or previous.fields != data.fields or row.rank != rank:
        row.rank = rank
        for name, value in data.fields.items():
            setattr(row, name, value)
        if faults := sheet_faults(row, code_taken=data.code in codes):
            raise ValidationError(faults)
        row.save()
    if previous is None or previous.functions != data.functions:
        row.functions.set(data.functions)
    if previous is None or previous.indicators != data.indicators:
        replace_indicators(row, data.indicators)
    if previous is None or (previous.expenses, previous.resources) != (data.expenses, data.resources):
        replace_lines(row.programme, row, row.years, data.expenses, data.resources)
