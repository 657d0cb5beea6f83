"""A workbook as the content of a programme: every error at its cell, and no content as long as there is one."""

import re
import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeVar

from django.core.exceptions import ValidationError

from cpo.lib.workbooks import Table, read, reference

from ..enums import AccountSide, Direction, IndicatorType, SheetNature, Unit
from ..forms.budgets import MAXIMUM as MOST_LINES
from ..forms.indicators import MAXIMUM as MOST_INDICATORS
from ..forms.indicators import WORDING, read_target
from ..models import Account, Axis, Function, IndicatorDefinition, Objective, Programme, Sheet, SheetIndicator
from ..services import (
    SHEET_FIELDS,
    AmountLine,
    IndicatorData,
    ProgrammeData,
    SheetData,
    TargetData,
    default_funder,
    line_faults,
    sheet_faults,
)
from .cells import Fault, Faults, Row
from .layout import (
    EXPENSES,
    INDICATORS,
    LISTS,
    RESOURCES,
    SHEETS,
    STRUCTURE,
    Column,
    amount_columns,
    cell_text,
    indicator_columns,
    plain,
    same_title,
    sheet_columns,
)

REQUIRED = (SHEETS, INDICATORS, EXPENSES, RESOURCES)
TEXTS = ("label", "definition", "source", "baseline")


@dataclass
class Reading:
    """What a workbook says. `content` is None when there are faults."""

    faults: list[Fault] = field(default_factory=list)
    content: ProgrammeData | None = None
    number: str = ""  # the convention that it was exported from, when it says so
    revision: int | None = None


def read_workbook(data: bytes, programme: Programme, stored: ProgrammeData) -> Reading:
    """Read a workbook for this programme, whose content is `stored`. Raises ValidationError when it is none."""
    tables = read(data, required=REQUIRED, optional=[LISTS])
    reader = _Reader(programme, stored)
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


@dataclass
class _Draft:
    """A fiche being read, with the rows that fill it."""

    row: Row
    sheet: Sheet
    key: uuid.UUID | None
    functions: tuple[Function, ...]
    stored: SheetData | None


class _Reader:
    """All that is needed from the database is read once, here."""

    def __init__(self, programme: Programme, stored: ProgrammeData) -> None:
        self.programme, self.stored = programme, stored
        self.years = programme.cycle.years
        self.faults = Faults()
        self.unreadable = False  # a column is missing: its blank cells are no errors
        self.axes: dict[str, Axis] = {}
        self.objectives: dict[int, dict[str, Objective]] = {}
        for axis in programme.cycle.axes.prefetch_related("objectives"):
            self.axes[str(axis.number)] = axis
            self.objectives[axis.pk] = {objective.number: objective for objective in axis.objectives.all()}
        self.functions = {function.code: function for function in Function.objects.all()}
        self.accounts = {account.code: account for account in Account.objects.all()}
        self.catalogue: dict[str, IndicatorDefinition] = {}
        for definition in programme.cycle.indicators.all():  # the newest version of each code comes first
            self.catalogue.setdefault(definition.code, definition)

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

    # -- Rows ------------------------------------------------------------------------------------------------------

    def rows(self, title: str, tables: Mapping[str, Table], columns: Mapping[str, Column]) -> list[Row]:
        table = tables[title]
        places = self.headings(title, table, columns)
        for cell, value in table.broken.items():
            said = f"la formule donne l’erreur {value}" if value else "le résultat de la formule n’est pas enregistré"
            self.faults.add(title, cell, f"{said[0].upper()}{said[1:]}. Corrigez-la, ou écrivez la valeur.")
        found = []
        for number, values in enumerate(table.rows[1:], start=1):
            told = {name: values[place] for name, place in places.items() if place < len(values)}
            if any(value not in (None, "") for name, value in told.items() if name != "key"):
                cells = {name: reference(number, place) for name, place in places.items()}
                found.append(Row(title, told, cells, self.faults))
        return found

    def headings(self, title: str, table: Table, columns: Mapping[str, Column]) -> dict[str, int]:
        """Where each column is; one that is missing or not known is an error: nothing is dropped in silence."""
        names = {same_title(column.title): name for name, column in columns.items()}
        places: dict[str, int] = {}
        for place, heading in enumerate(table.rows[0] if table.rows else ()):
            name = names.get(same_title(heading))
            filled = any(place < len(row) and row[place] not in (None, "") for row in table.rows)
            if name is None and filled:
                said = f"«\u00a0{heading}\u00a0»" if heading != "" else "sans titre"
                self.faults.add(title, reference(0, place), f"Colonne inconnue\u00a0: {said}.")
            elif name in places:
                self.faults.add(title, reference(0, place), f"Cette colonne est là deux fois\u00a0: {heading}.")
            elif name is not None:
                places[name] = place
        for name, column in columns.items():
            if name not in places and name != "key":
                self.unreadable = True
                self.faults.add(title, "A1", f"Il manque la colonne «\u00a0{column.title}\u00a0».")
        return places

    # -- Fiches ----------------------------------------------------------------------------------------------------

    def drafts(self, rows: Sequence[Row]) -> dict[str, _Draft]:
        """The fiches by code, in the order of the rows. Those with an error are there too, so that what refers to them
        is not refused besides."""
        keys = self.keys(rows)
        found: dict[str, _Draft] = {}
        for row in rows:
            code = row.required("code")
            if not code:
                continue
            if same_title(code) == same_title(STRUCTURE):
                row.fault("code", f"«\u00a0{STRUCTURE}\u00a0» n’est pas le code d’une fiche.")
            draft = self.draft(row, code, keys.get(id(row)))
            taken = code in found
            if draft.sheet.axis_id:
                for name, messages in sheet_faults(draft.sheet, code_taken=taken).items():
                    for message in ValidationError(messages).messages:
                        row.fault(name, message)
            found.setdefault(code, draft)
        return found

    def keys(self, rows: Sequence[Row]) -> dict[int, SheetData]:
        """The stored fiche of each row. A row that was copied brings its key along: the one that kept the code stays
        the fiche, else the first; the others are new."""
        stored = {sheet.key: sheet for sheet in self.stored.sheets}
        claims: dict[uuid.UUID, list[Row]] = defaultdict(list)
        for row in rows:
            if (key := self.key(row)) in stored and key:
                claims[key].append(row)
        found = {}
        for key, claiming in claims.items():
            own = [row for row in claiming if row.text("code") == cell_text(stored[key].code)]
            found[id((own or claiming)[0])] = stored[key]
        return found

    def key(self, row: Row) -> uuid.UUID | None:
        text = row.text("key")
        try:
            return uuid.UUID(text) if text else None
        except ValueError:
            row.fault("key", "Cette clé est illisible. Effacez la cellule\u00a0: la ligne sera nouvelle.")
            return None

    def draft(self, row: Row, code: str, stored: SheetData | None) -> _Draft:
        was = stored.fields if stored else {}
        axis = self.axis(row)
        sheet = Sheet(programme=self.programme)
        sheet.code = row.kept_text("code", was.get("code", ""))
        if axis:
            sheet.axis = axis
            sheet.objective = self.objective(row, axis)
        sheet.nature = row.choice("nature", SheetNature, SheetNature.CONTINUED)
        sheet.first_year = row.year("first_year", self.years, self.years[0])
        sheet.last_year = row.year("last_year", self.years, self.years[-1])
        sheet.fte = row.number("fte", "un nombre")
        sheet.starts_on, sheet.ends_on = row.day("starts_on"), row.day("ends_on")
        done = {"code", "axis", "objective", "nature", "first_year", "last_year", "fte", "starts_on", "ends_on"}
        for name in SHEET_FIELDS:
            if name not in done:
                setattr(sheet, name, row.kept_text(name, was.get(name, "")))
        return _Draft(row, sheet, stored.key if stored else None, self.sheet_functions(row), stored)

    def axis(self, row: Row) -> Axis | None:
        text = row.required("axis") and row.reference("axis")
        found = _by_number(text, self.axes)
        if text and found is None:
            row.fault("axis", f"«\u00a0{text}\u00a0» n’est pas un axe du cycle\u00a0: {', '.join(self.axes)}.")
        return found

    def objective(self, row: Row, axis: Axis) -> Objective | None:
        text = row.reference("objective")
        if not text:
            return None
        found = _by_number(text, self.objectives[axis.pk])
        if found is None:
            known = ", ".join(self.objectives[axis.pk]) or "aucun"
            row.fault("objective", f"«\u00a0{text}\u00a0» n’est pas un objectif de l’axe {axis.number}\u00a0: {known}.")
        return found

    def sheet_functions(self, row: Row) -> tuple[Function, ...]:
        words = [word.strip() for word in re.split(r"[,;\n]", row.text("functions")) if word.strip()]
        for word in words:
            if word not in self.functions:
                known = ", ".join(self.functions)
                row.fault("functions", f"«\u00a0{word}\u00a0» n’est pas le code d’une fonction\u00a0: {known}.")
        return tuple(function for code, function in self.functions.items() if code in words)

    def owner(self, row: Row, drafts: Mapping[str, _Draft], *, structure: bool) -> str | None:
        """The code of the fiche of a row, or the structure."""
        code = row.required("sheet")
        if not code or code in drafts:
            return code or None
        if structure and same_title(code) in (same_title(STRUCTURE), "structure"):
            return STRUCTURE
        row.fault("sheet", f"Aucune fiche n’a le code «\u00a0{code}\u00a0» dans la feuille «\u00a0{SHEETS}\u00a0».")
        return None

    # -- Indicators ------------------------------------------------------------------------------------------------

    def indicators(self, rows: Sequence[Row], drafts: Mapping[str, _Draft]) -> dict[str, list[IndicatorData]]:
        found: dict[str, list[IndicatorData]] = defaultdict(list)
        taken: set[uuid.UUID] = set()
        for row in rows:
            code = self.owner(row, drafts, structure=False)
            draft = drafts.get(code or "")
            stored = {data.key: data for data in draft.stored.indicators} if draft and draft.stored else {}
            key = self.key(row)
            was = stored.get(key) if key and key not in taken else None
            if was and was.key:
                taken.add(was.key)
            data = self.indicator(row, was, draft.sheet.years if draft else self.years)
            found[code or ""].append(data)
            if len(found[code or ""]) == MOST_INDICATORS + 1:
                row.fault("sheet", f"Une fiche a {MOST_INDICATORS} indicateurs au plus.")
        return found

    def indicator(self, row: Row, was: IndicatorData | None, years: Sequence[int]) -> IndicatorData:
        definition = self.definition(row, was)
        wording = was if was and definition and definition.national else definition
        values = {name: row.kept_text(name, getattr(was, name) if was else "") for name in TEXTS}
        if definition and definition.national and wording:
            self.same_wording(row, values, wording, definition)
            values |= {name: getattr(wording, name) for name in WORDING}
        else:
            self.own_wording(row, values, None if was else definition)
        self.check_indicator(row, values)
        targets = self.targets(row, values["unit"], years, was)
        return IndicatorData(**values, targets=targets, definition_from=definition, key=was.key if was else None)

    def own_wording(self, row: Row, values: dict[str, str], source: IndicatorDefinition | None) -> None:
        """What the row says; a new indicator taken from the catalogue may leave it to the catalogue."""
        if source:
            both = "\n".join(text for text in (source.definition, source.method) if text)
            values["label"], values["definition"] = values["label"] or source.label, values["definition"] or both
            values["source"] = values["source"] or source.source
        elif not values["label"]:
            row.required("label")
        values["unit"] = row.choice("unit", Unit, Unit(source.unit) if source else None)
        direction = Direction(source.direction) if source else Direction.UP
        values["direction"] = row.choice("direction", Direction, direction)
        kind = IndicatorType(source.type) if source else IndicatorType.OUTPUT
        values["type"] = row.choice("type", IndicatorType, kind)

    def definition(self, row: Row, was: IndicatorData | None) -> IndicatorDefinition | None:
        code = row.text("catalogue")
        if was:
            kept = was.definition_from.code if was.definition_from else ""
            if code != kept:
                said = f"il vient de «\u00a0{kept}\u00a0»" if kept else "il ne vient pas du catalogue"
                row.fault("catalogue", f"Cet indicateur est déjà enregistré\u00a0: {said}. Ajoutez une autre ligne.")
            return was.definition_from
        if code and code not in self.catalogue:
            row.fault("catalogue", f"«\u00a0{code}\u00a0» n’est pas un code du catalogue.")
        return self.catalogue.get(code)

    def same_wording(self, row: Row, values: Mapping[str, str], wording: Any, definition: IndicatorDefinition) -> None:
        """The wording of a national indicator may be left out or repeated, not changed."""
        told: dict[str, str] = {name: values[name] for name in ("label", "definition")}
        for name, choices in (("unit", Unit), ("direction", Direction), ("type", IndicatorType)):
            told[name] = row.choice(name, choices, choices(getattr(wording, name)))  # type: ignore[type-var]
        for name, text in told.items():
            same = {cell_text(str(getattr(source, name))).strip() for source in (wording, definition)}
            if text and cell_text(text).strip() not in same:
                row.fault(name, "Cet indicateur est national\u00a0: sa rédaction est celle du catalogue.")

    def check_indicator(self, row: Row, values: Mapping[str, Any]) -> None:
        blank = [name for name in ("label", "unit", "direction", "type") if not values[name]]  # said already
        try:
            SheetIndicator(**values).full_clean(
                exclude=["sheet", "key", "definition_from", *blank], validate_constraints=False
            )
        except ValidationError as error:
            for name, messages in error.message_dict.items():
                row.fault(name, messages[0])

    def targets(self, row: Row, unit: str, years: Sequence[int], was: IndicatorData | None) -> dict[int, TargetData]:
        stored = was.targets if was and was.unit == unit else {}
        found = {}
        for year in self.years:
            name = f"target_{year}"
            text = row.text(name)
            old = stored.get(year)
            if not text:
                continue
            if old and old.text and cell_text(old.text).strip() == text:
                found[year] = old
                continue
            if year not in years:
                row.fault(name, f"L’action ne court pas en {year}\u00a0: effacez cette cible.")
            elif len(text) > 120:
                row.fault(name, "Une cible a 120 caractères au plus.")
            elif unit:
                try:
                    found[year] = read_target(text, unit)
                except ValidationError as error:
                    row.fault(name, error.messages[0])
        return found

    # -- Amounts ---------------------------------------------------------------------------------------------------

    def lines(
        self, rows: Sequence[Row], drafts: Mapping[str, _Draft], side: AccountSide
    ) -> dict[str, list[AmountLine]]:
        """The lines of each fiche, in the order of the nomenclature."""
        found: dict[str, list[tuple[AmountLine, Row]]] = defaultdict(list)
        for row in rows:
            code = self.owner(row, drafts, structure=True)
            account = self.account(row)
            amounts = {year: row.number(f"y{year}", "un montant") for year in self.years}
            funder = self.funder(row)
            if code and account:
                filled: dict[int, Decimal | None] = {year: amount for year, amount in amounts.items() if amount}
                found[code].append((AmountLine(account, filled, funder), row))
        for code, lines in found.items():
            years = self.years if code == STRUCTURE and code not in drafts else drafts[code].sheet.years
            self.check_lines(lines, side, years)
        return defaultdict(list, {code: self.sorted_lines(lines, side) for code, lines in found.items()})

    def account(self, row: Row) -> Account | None:
        text = row.required("account") and row.reference("account")
        found = _by_number(text, self.accounts)
        if text and found is None:
            row.fault("account", f"«\u00a0{text}\u00a0» n’est pas un compte de la nomenclature.")
        return found

    def funder(self, row: Row) -> str:
        funder = plain(row.text("funder")).strip()
        if len(funder) > 120:
            row.fault("funder", "Le nom d’un financeur a 120 caractères au plus.")
        return funder

    def check_lines(self, lines: Sequence[tuple[AmountLine, Row]], side: AccountSide, years: Sequence[int]) -> None:
        for fault in line_faults([line for line, _ in lines], side, years, self.programme.dossier):
            row = lines[fault.line][1]
            row.fault("account" if fault.year is None else f"y{fault.year}", fault.message)
        if len(lines) > MOST_LINES:
            lines[MOST_LINES][1].fault("account", f"Une fiche a {MOST_LINES} lignes de charges ou de produits au plus.")

    def sorted_lines(self, lines: Iterable[tuple[AmountLine, Row]], side: AccountSide) -> list[AmountLine]:
        return sorted(
            self.named_lines((line for line, _ in lines if line.amounts), side),
            key=lambda line: (line.account.rank, line.account.code, line.funder),
        )

    def named_lines(self, lines: Iterable[AmountLine], side: AccountSide) -> Iterator[AmountLine]:
        for line in lines:
            funder = line.funder or default_funder(line.account, self.programme.dossier)
            yield AmountLine(line.account, line.amounts, funder if side == AccountSide.RESOURCE else "")


Found = TypeVar("Found")


def _by_number(text: str, rows: Mapping[str, Found]) -> Found | None:
    """The row that a cell names: « 64 », or « 64 Charges de personnel », « 1. Accompagner »; longest first."""
    named = [number for number in rows if text == number or text.startswith((f"{number} ", f"{number}. "))]
    return rows[max(named, key=len)] if named else None
