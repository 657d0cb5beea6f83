"""Read a workbook as the content of a programme. Each error has its cell; with an error, there is no content."""

import re
import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError

from actions.enums import AccountSide, SheetNature
from actions.models import Axis, Function, Objective, Programme, Sheet
from actions.services import SHEET_FIELDS, ProgrammeData, SheetData, sheet_faults
from cpo.lib.files.workbooks import Table, read_sheets

from .amounts import AmountReader
from .base import Draft, by_number
from .cells import Fault, Row
from .indicators import IndicatorReader
from .layout import (
    EXPENSES,
    INDICATORS,
    LISTS,
    RESOURCES,
    SHEETS,
    STRUCTURE,
    amount_columns,
    cell_text,
    indicator_columns,
    same_title,
    sheet_columns,
)

REQUIRED = (SHEETS, INDICATORS, EXPENSES, RESOURCES)


@dataclass
class Reading:
    """The result of reading a workbook. `content` is None when there are faults."""

    faults: list[Fault] = field(default_factory=list)
    content: ProgrammeData | None = None
    number: str = ""  # the convention of the export, if the workbook contains it
    revision: int | None = None


def read_workbook(data: bytes, programme: Programme, current: ProgrammeData) -> Reading:
    """Read a workbook for this programme, whose content is `current`. Raises ValidationError when it is no workbook."""
    tables = read_sheets(data, required=REQUIRED, optional=[LISTS])
    reader = _ProgrammeReader(programme, current)
    content = reader.programme_data(tables)
    number, revision = _stamp(tables.get(LISTS))
    faults = sorted(reader.faults, key=lambda fault: (REQUIRED.index(fault.sheet), _cell_order(fault.cell)))
    return Reading(faults, None if faults else content, number, revision)


def _cell_order(cell: str) -> tuple[int, int, str]:
    head = cell.rstrip("0123456789")
    return int(cell[len(head) :]), len(head), head


def _stamp(table: Table | None) -> tuple[str, int | None]:
    try:
        rows = table.rows if table else []
        return str(rows[0][1]), int(rows[1][1])
    except (IndexError, TypeError, ValueError):
        return "", None


class _ProgrammeReader(IndicatorReader, AmountReader):
    """Reads the fiches with their indicators and amounts."""

    def programme_data(self, tables: Mapping[str, Table]) -> ProgrammeData:
        rows = {
            SHEETS: self.rows(SHEETS, tables, sheet_columns()),
            INDICATORS: self.rows(INDICATORS, tables, indicator_columns(self.years)),
            EXPENSES: self.rows(EXPENSES, tables, amount_columns(self.years, resources=False)),
            RESOURCES: self.rows(RESOURCES, tables, amount_columns(self.years, resources=True)),
        }
        if self.unreadable:
            return ProgrammeData()
        drafts = self.drafts(rows[SHEETS])
        if not rows[SHEETS] and self.current.sheets:  # the empty template, sent by mistake
            self.faults.add(SHEETS, "A2", "Ce classeur ne contient aucune fiche : il viderait le programme.")
        indicators = self.indicators(rows[INDICATORS], drafts)
        expenses = self.lines(rows[EXPENSES], drafts, AccountSide.EXPENSE)
        resources = self.lines(rows[RESOURCES], drafts, AccountSide.RESOURCE)
        sheets = [
            SheetData(
                fields={name: getattr(draft.sheet, name) for name in SHEET_FIELDS},
                key=draft.key,
                functions=draft.functions,
                indicators=tuple(indicators[code]),
                expenses=tuple(expenses[code]),
                resources=tuple(resources[code]),
            )
            for code, draft in drafts.items()
            if draft.sheet.axis_id
        ]
        sheets.sort(key=lambda sheet: sheet.fields["axis"].number)  # in an axis, the order of the rows
        return ProgrammeData(tuple(sheets), tuple(expenses[STRUCTURE]), tuple(resources[STRUCTURE]))

    def drafts(self, rows: Sequence[Row]) -> dict[str, Draft]:
        """Return the fiches by code, in the order of the rows.

        Fiches with an error are included, so that rows that refer to them get no second error.
        """
        keys = self.keys(rows)
        by_code: dict[str, Draft] = {}
        for row in rows:
            code = row.required("code")
            if not code:
                continue
            if same_title(code) == same_title(STRUCTURE):
                row.fault("code", f"« {STRUCTURE} » n’est pas le code d’une fiche.")
            draft = self.draft(row, code, keys.get(id(row)))
            code_taken = code in by_code
            if draft.sheet.axis_id:
                for name, messages in sheet_faults(draft.sheet, code_taken=code_taken).items():
                    for message in ValidationError(messages).messages:
                        row.fault(name, message)
            by_code.setdefault(code, draft)
        return by_code

    def keys(self, rows: Sequence[Row]) -> dict[int, SheetData]:
        """Map each row (by its id) to its stored fiche.

        A copied row has the same key as the original. The row with the stored code is the fiche, else the first one;
        the others are new fiches.
        """
        existing = {sheet.key: sheet for sheet in self.current.sheets}
        claims: dict[uuid.UUID, list[Row]] = defaultdict(list)
        for row in rows:
            if (key := self.key(row)) in existing and key:
                claims[key].append(row)
        by_row = {}
        for key, claiming in claims.items():
            own = [row for row in claiming if row.text("code") == cell_text(existing[key].code)]
            by_row[id((own or claiming)[0])] = existing[key]
        return by_row

    def draft(self, row: Row, code: str, existing: SheetData | None) -> Draft:
        stored_fields = existing.fields if existing else {}
        axis = self.axis(row)
        sheet = Sheet(programme=self.programme)
        sheet.code = row.full_text("code", stored_fields.get("code", ""))
        if axis:
            sheet.axis = axis
            sheet.objective = self.objective(row, axis)
        sheet.nature = row.choice("nature", SheetNature, SheetNature.CONTINUED)
        sheet.first_year = row.year("first_year", self.years, self.years[0])
        sheet.last_year = row.year("last_year", self.years, self.programme.years_to_fill[-1])
        sheet.fte = row.number("fte", "un nombre")
        sheet.starts_on, sheet.ends_on = row.day("starts_on"), row.day("ends_on")
        read_above = {"code", "axis", "objective", "nature", "first_year", "last_year", "fte", "starts_on", "ends_on"}
        for name in SHEET_FIELDS:
            if name not in read_above:
                setattr(sheet, name, row.full_text(name, stored_fields.get(name, "")))
        return Draft(row, sheet, existing.key if existing else None, self.sheet_functions(row), existing)

    def axis(self, row: Row) -> Axis | None:
        text = row.required("axis") and row.identifier("axis")
        axis = by_number(text, self.axes)
        if text and axis is None:
            row.fault("axis", f"« {text} » n’est pas un axe du cycle : {', '.join(self.axes)}.")
        return axis

    def objective(self, row: Row, axis: Axis) -> Objective | None:
        text = row.identifier("objective")
        if not text:
            return None
        objective = by_number(text, self.objectives[axis.pk])
        if objective is None:
            numbers = ", ".join(self.objectives[axis.pk]) or "aucun"
            row.fault("objective", f"« {text} » n’est pas un objectif de l’axe {axis.number} : {numbers}.")
        return objective

    def sheet_functions(self, row: Row) -> tuple[Function, ...]:
        words = [word.strip() for word in re.split(r"[,;\n]", row.text("functions")) if word.strip()]
        for word in words:
            if word not in self.functions:
                codes = ", ".join(self.functions)
                row.fault("functions", f"« {word} » n’est pas le code d’une fonction : {codes}.")
        return tuple(function for code, function in self.functions.items() if code in words)
