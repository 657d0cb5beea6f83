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
from actions.services.common import first_year_of
from cpo.lib.files.kinds import Kind
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
PROGRAMME = Kind("d’un programme", "au programme", "Partez du modèle")


NEW = "new"  # the answer for a row that is a new fiche


@dataclass(frozen=True)
class Question:
    """A row without key whose code is that of no stored fiche, while stored fiches have no row: new, or one of them?

    `cell`: its cell, which names the answer; `answer`: NEW, the key of a stored fiche, "" before it is given.
    """

    cell: str
    code: str
    title: str
    choices: tuple[SheetData, ...]
    answer: str = ""


@dataclass
class Reading:
    """The result of reading a workbook. `content` is None when there are faults.

    While a question has no answer, its row is read as a new fiche.
    """

    faults: list[Fault] = field(default_factory=list)
    content: ProgrammeData | None = None
    questions: list[Question] = field(default_factory=list)
    number: str = ""  # the convention of the export, if the workbook contains it
    revision: int | None = None


def read_workbook(
    data: bytes, programme: Programme, current: ProgrammeData, answers: Mapping[str, str] | None = None
) -> Reading:
    """Read a workbook for this programme, whose content is `current`; `answers`: those to its questions, by cell.

    Raises ValidationError when it is no workbook.
    """
    tables = read_sheets(data, kind=PROGRAMME, required=REQUIRED, optional=[LISTS])
    reader = _ProgrammeReader(programme, current)
    reader.answers = answers or {}
    content = reader.programme_data(tables)
    number, revision = _stamp(tables.get(LISTS))
    faults = sorted(reader.faults, key=lambda fault: (REQUIRED.index(fault.sheet), _cell_order(fault.cell)))
    return Reading(faults, None if faults else content, reader.questions, number, revision)


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

    def __init__(self, programme: Programme, current: ProgrammeData) -> None:
        super().__init__(programme, current)
        self.answers: Mapping[str, str] = {}
        self.questions: list[Question] = []

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
        """Map each row (by its id) to its stored fiche: by its key, else by its code, else as the person answered.

        A copied row has the same key as the original. The row with the stored code is the fiche, else the first one;
        the others are new fiches.
        """
        existing = {sheet.key: sheet for sheet in self.current.sheets if sheet.key}
        claims: dict[uuid.UUID, list[Row]] = defaultdict(list)
        keyless = []
        for row in rows:
            key = self.key(row)
            if key is None:
                keyless.append(row)
            elif key in existing:
                claims[key].append(row)
        by_row = {}
        for key, claiming in claims.items():
            own = [row for row in claiming if row.text("code") == cell_text(existing[key].code)]
            by_row[id((own or claiming)[0])] = existing[key]
        free = {key: sheet for key, sheet in existing.items() if key not in claims}
        return by_row | self.keyless(keyless, free)

    def keyless(self, rows: Sequence[Row], free: dict[uuid.UUID, SheetData]) -> dict[int, SheetData]:
        """Map the rows that lost their key to the stored fiches that no key claims; ask about those left over."""
        by_code = {same_title(cell_text(sheet.code)): sheet for sheet in free.values()}
        found = {id(row): sheet for row in rows if (sheet := by_code.pop(same_title(row.text("code")), None))}
        left = tuple(by_code.values())
        asked = [row for row in rows if id(row) not in found and row.text("code")] if left else []
        for row in asked:
            cell, title = row.cells["code"], row.text("title")
            answer = self.answers.get(cell, "")
            self.questions.append(Question(cell, row.text("code"), title, left, answer))
            sheet = next((one for one in left if str(one.key) == answer), None)
            if sheet is not None:
                if sheet in found.values():
                    row.fault("code", f"Deux lignes sont données pour la même fiche, « {sheet.code} ».")
                found[id(row)] = sheet
        return found

    def draft(self, row: Row, code: str, existing: SheetData | None) -> Draft:
        stored_fields = existing.fields if existing else {}
        axis = self.axis(row)
        sheet = Sheet(programme=self.programme)
        sheet.code = row.full_text("code", stored_fields.get("code", ""))
        if axis:
            sheet.axis = axis
            sheet.objective = self.objective(row, axis)
        sheet.nature = row.choice("nature", SheetNature, SheetNature.CONTINUED)
        begins, ends = first_year_of(self.programme), self.programme.years_to_fill[-1]
        sheet.first_year = row.year("first_year", self.years, stored_fields.get("first_year", begins))
        sheet.last_year = row.year("last_year", self.years, stored_fields.get("last_year", ends))
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
