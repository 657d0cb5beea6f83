"""Read the workbook of a report: what each cell says of which field. The forms of the report say whether it may stand.

A fiche is found by its key, else by its code, else the person is asked. What the workbook leaves out stays as it is.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from actions.enums import AccountSide
from actions.models import Account, SheetIndicator
from actions.spreadsheet.base import TableReader, by_number
from actions.spreadsheet.cells import Fault, Row
from actions.spreadsheet.layout import LISTS, same_title
from cpo.lib.files.kinds import Kind
from cpo.lib.files.workbooks import Table, read_sheets
from reporting.enums import NetworkMeasure, Progress
from reporting.models import ActualResource, Report, SheetReport

from .layout import (
    EXPENSES,
    INDICATORS,
    NETWORK,
    OUTSIDE,
    REPORT_TEXTS,
    RESOURCES,
    SHEET_TEXTS,
    SHEETS,
    TEXTS,
    YES,
    expense_columns,
    indicator_columns,
    label_of,
    network_columns,
    resource_columns,
    sheet_columns,
    text_columns,
)

REQUIRED = (SHEETS, INDICATORS, EXPENSES, RESOURCES, TEXTS)
REPORT = Kind("d’un compte rendu", "au compte rendu", "Partez de son export, ou du formulaire vide")
FUNDER_LENGTH = int(ActualResource._meta.get_field("funder").max_length or 0)
SKIP = "skip"  # the answer for a row that is none of the fiches of the report


@dataclass(frozen=True)
class Typed:
    """What a cell says, as typed; `row` keeps the address of the cell."""

    text: str
    row: Row
    name: str

    def fault(self, message: str) -> None:
        self.row.fault(self.name, message)


Cells = dict[str, Typed]


@dataclass(frozen=True)
class Question:
    """A row that lost its key and whose code is that of no fiche. `cell` names the answer: a key, SKIP, "" if none."""

    cell: str
    code: str
    title: str
    choices: tuple[SheetReport, ...]
    answer: str = ""


@dataclass
class PartRows:
    """What the workbook says of one fiche: its fields, its values by indicator, its charges by account."""

    fields: Cells = field(default_factory=dict)
    values: dict[int, Cells] = field(default_factory=dict)
    expenses: dict[int, Cells] = field(default_factory=dict)


@dataclass
class ReportReading:
    """`parts`: by id of the fiche's part; `structure`: charges by account; `resources`: by account and funder."""

    faults: list[Fault] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    parts: dict[int, PartRows] = field(default_factory=dict)
    structure: dict[int, Cells] = field(default_factory=dict)
    resources: dict[tuple[int, str], Cells] = field(default_factory=dict)
    texts: Cells = field(default_factory=dict)
    network: Cells = field(default_factory=dict)
    accounts: dict[int, Account] = field(default_factory=dict)
    stamp: str = ""
    revision: int | None = None


def read_report(data: bytes, report: Report, answers: Mapping[str, str] | None = None) -> ReportReading:
    """Read a workbook for this report. Raises ValidationError when it is no workbook."""
    tables = read_sheets(data, kind=REPORT, required=REQUIRED, optional=[LISTS, NETWORK])
    return _ReportReader(report, answers or {}).read(tables)


class _ReportReader(TableReader):
    def __init__(self, report: Report, answers: Mapping[str, str]) -> None:
        super().__init__()
        self.report, self.answers = report, answers
        rows = report.sheets.select_related("sheet").prefetch_related("sheet__indicators")
        self.parts = list(rows)
        accounts = Account.objects.filter(enterable=True)
        self.accounts = {account.code: account for account in accounts}
        self.reading = ReportReading(faults=self.faults)

    def read(self, tables: Mapping[str, Table]) -> ReportReading:
        columns = (sheet_columns(), indicator_columns(), expense_columns(), resource_columns(), text_columns())
        rows = {title: self.rows(title, tables, wanted) for title, wanted in zip(REQUIRED, columns, strict=True)}
        network = self.rows(NETWORK, tables, network_columns()) if NETWORK in tables else []
        stamp = tables.get(LISTS)
        self.reading.stamp, self.reading.revision = read_stamp(stamp)
        if self.unreadable:
            return self.reading
        by_code = self.sheets(rows[SHEETS])
        self.indicators(rows[INDICATORS], by_code)
        self.expenses(rows[EXPENSES], by_code)
        self.resources(rows[RESOURCES])
        self.texts(rows[TEXTS])
        self.network(network)
        return self.reading

    def sheets(self, rows: Sequence[Row]) -> dict[str, SheetReport | None]:
        """Map each code of the workbook to a fiche of the report; None for a row that is none of them."""
        by_key = {part.sheet.key: part for part in self.parts}
        found: dict[int, SheetReport] = {}
        for row in rows:
            part = by_key.get(self.key(row) or uuid.UUID(int=0))
            if part is not None and part not in found.values():
                found[id(row)] = part
        free = {same_title(part.sheet.code): part for part in self.parts if part not in found.values()}
        for row in rows:
            if id(row) not in found and (part := free.pop(same_title(row.text("code")), None)):
                found[id(row)] = part
        self.ask([row for row in rows if id(row) not in found], tuple(free.values()), found)
        codes: dict[str, SheetReport | None] = {}
        for row in rows:
            if code := row.required("code"):
                codes[code] = found.get(id(row))
                if (part := codes[code]) is not None:
                    self.part(part).fields = self.fields(row)
        return codes

    def ask(self, rows: Iterable[Row], free: tuple[SheetReport, ...], found: dict[int, SheetReport]) -> None:
        for row in rows:
            cell, code = row.cells["code"], row.text("code")
            if not code:
                continue
            if any(same_title(part.sheet.code) == same_title(code) for part in found.values()):
                row.fault("code", f"La fiche « {code} » est là deux fois.")
                continue
            if not free:
                row.fault("code", f"Aucune fiche de ce compte rendu n’a le code « {code} ».")
                continue
            answer = self.answers.get(cell, "")
            self.reading.questions.append(Question(cell, code, row.text("title"), free, answer))
            part = next((one for one in free if str(one.sheet.key) == answer), None)
            if part is not None and part in found.values():
                row.fault("code", f"Deux lignes sont données pour la même fiche, « {part.sheet.code} ».")
            elif part is not None:
                found[id(row)] = part

    def fields(self, row: Row) -> Cells:
        progress = row.choice("progress", Progress) if row.text("progress") else ""
        cells = {name: Typed(row.text(name), row, name) for name in (*SHEET_TEXTS, "fte_used") if name in row.cells}
        return cells | {"progress": Typed(progress, row, "progress")}

    def part(self, part: SheetReport) -> PartRows:
        return self.reading.parts.setdefault(part.pk, PartRows())

    def owner(self, row: Row, codes: Mapping[str, SheetReport | None]) -> SheetReport | None:
        code = row.required("sheet")
        if code and code not in codes:
            row.fault("sheet", f"Aucune fiche n’a le code « {code} » dans la feuille « {SHEETS} ».")
        return codes.get(code)

    def indicators(self, rows: Sequence[Row], codes: Mapping[str, SheetReport | None]) -> None:
        for row in rows:
            part = self.owner(row, codes)
            if part is None:
                continue
            indicator = self.indicator(row, part)
            values = self.part(part).values
            if indicator is None:
                row.fault("label", f"La fiche {part.sheet.code} n’a pas cet indicateur.")
            elif indicator.pk in values:
                row.fault("label", "Cet indicateur est là deux fois.")
            else:
                values[indicator.pk] = self.value(row)

    def indicator(self, row: Row, part: SheetReport) -> SheetIndicator | None:
        """By its key, else by its label."""
        key, label = self.key(row), same_title(row.text("label"))
        rows = list(part.sheet.indicators.all())
        own = next((one for one in rows if one.key == key), None)
        return own or next((one for one in rows if same_title(one.label) == label), None)

    def value(self, row: Row) -> Cells:
        names = ("value", "numerator", "denominator", "source", "comment")
        cells = {name: Typed(row.text(name), row, name) for name in names}
        said = same_title(row.text("not_applicable"))
        if said not in ("", YES, "non"):
            row.fault("not_applicable", f"Écrivez « {YES} », ou laissez vide.")
        return cells | {"not_applicable": Typed("on" if said == YES else "", row, "not_applicable")}

    def account(self, row: Row, side: str) -> Account | None:
        text = row.required("account") and row.identifier("account")
        account = by_number(text, {code: one for code, one in self.accounts.items() if one.side == side})
        if text and account is None:
            row.fault("account", f"« {text} » n’est pas un compte de cette feuille.")
        if account is not None:
            self.reading.accounts[account.pk] = account
        return account

    def expenses(self, rows: Sequence[Row], codes: Mapping[str, SheetReport | None]) -> None:
        for row in rows:
            outside = same_title(row.text("sheet")) == same_title(OUTSIDE)
            part = None if outside else self.owner(row, codes)
            account = self.account(row, AccountSide.EXPENSE)
            if account is None or (part is None and not outside):
                continue
            lines = self.reading.structure if part is None else self.part(part).expenses
            if account.pk in lines:
                row.fault("account", "Ce compte est là deux fois pour cette fiche.")
            lines[account.pk] = {name: Typed(row.text(name), row, name) for name in ("amount", "comment")}

    def resources(self, rows: Sequence[Row]) -> None:
        for row in rows:
            account, funder = self.account(row, AccountSide.RESOURCE), row.required("funder")
            if account is None or not funder:
                continue
            if len(funder) > FUNDER_LENGTH:
                row.fault("funder", f"Un financeur a au plus {FUNDER_LENGTH} caractères.")
            if (account.pk, funder) in self.reading.resources:
                row.fault("funder", "Ce financeur est là deux fois pour ce compte.")
            self.reading.resources[account.pk, funder] = {"amount": Typed(row.text("amount"), row, "amount")}

    def network(self, rows: Sequence[Row]) -> None:
        """A workbook exported before these figures were kept has no such sheet, and says nothing of them."""
        names = {same_title(str(measure.label)): str(measure) for measure in NetworkMeasure}
        for row in rows:
            measure = names.get(same_title(row.text("measure")))
            if measure is None:
                row.fault("measure", f"« {row.text('measure')} » n’est pas un chiffre de ce classeur.")
            elif measure in self.reading.network:
                row.fault("measure", "Ce chiffre est là deux fois.")
            else:
                self.reading.network[measure] = Typed(row.text("number"), row, "number")

    def texts(self, rows: Sequence[Row]) -> None:
        names = {same_title(label_of(Report, name)): name for name in REPORT_TEXTS}
        for row in rows:
            name = names.get(same_title(row.required("name")))
            if name is None and row.text("name"):
                row.fault("name", f"« {row.text('name')} » n’est pas une rubrique de ce classeur.")
            elif name is not None:
                self.reading.texts[name] = Typed(row.text("text"), row, "text")


def read_stamp(table: Table | None) -> tuple[str, int | None]:
    """The report and its revision when it was exported, if the workbook says them."""
    try:
        rows = table.rows if table else []
        return str(rows[0][1]), int(rows[1][1])
    except (IndexError, TypeError, ValueError):
        return "", None
