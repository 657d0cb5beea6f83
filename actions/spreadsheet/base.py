"""What every reader of rows shares: the database read once, the columns of a sheet, the fiche that a row names."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from actions.models import Account, Axis, Function, IndicatorDefinition, Objective, Programme, Sheet
from actions.services import ProgrammeData, SheetData
from cpo.lib.files.workbooks import Table, cell_name

from .cells import Faults, Row
from .layout import (
    SHEETS,
    STRUCTURE,
    Column,
    plain,
    same_title,
)


@dataclass
class Draft:
    """A fiche being read, with the rows that fill it."""

    row: Row
    sheet: Sheet
    key: uuid.UUID | None
    functions: tuple[Function, ...]
    stored: SheetData | None


class Reader:
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

    def rows(self, title: str, tables: Mapping[str, Table], columns: Mapping[str, Column]) -> list[Row]:
        table = tables[title]
        places = self.headings(title, table, columns)
        for cell, value in table.faulty.items():
            said = f"la formule donne l’erreur {value}" if value else "le résultat de la formule n’est pas enregistré"
            self.faults.add(title, cell, f"{said[0].upper()}{said[1:]}. Corrigez-la, ou écrivez la valeur.")
        found = []
        for number, values in enumerate(table.rows[1:], start=1):
            told = {name: _printable(values[place]) for name, place in places.items() if place < len(values)}
            if any(value not in (None, "") for name, value in told.items() if name != "key"):
                cells = {name: cell_name(number, place) for name, place in places.items()}
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
                said = f"« {heading} »" if heading != "" else "sans titre"
                self.faults.add(title, cell_name(0, place), f"Colonne inconnue : {said}.")
            elif name in places:
                self.faults.add(title, cell_name(0, place), f"Cette colonne est là deux fois : {heading}.")
            elif name is not None:
                places[name] = place
        for name, column in columns.items():
            if name not in places and name != "key":
                self.unreadable = True
                self.faults.add(title, "A1", f"Il manque la colonne « {column.title} ».")
        return places

    def key(self, row: Row) -> uuid.UUID | None:
        text = row.text("key")
        try:
            return uuid.UUID(text) if text else None
        except ValueError:
            row.fault("key", "Cette clé est illisible. Effacez la cellule : la ligne sera nouvelle.")
            return None

    def owner(self, row: Row, drafts: Mapping[str, Draft], *, structure: bool) -> str | None:
        """The code of the fiche of a row, or the structure."""
        code = row.required("sheet")
        if not code or code in drafts:
            return code or None
        if structure and same_title(code) in (same_title(STRUCTURE), "structure"):
            return STRUCTURE
        row.fault("sheet", f"Aucune fiche n’a le code « {code} » dans la feuille « {SHEETS} ».")
        return None


def _printable(value: Any) -> Any:
    """Escapes let a cell hold what XML can't, and a database neither."""
    return plain(value) if isinstance(value, str) else value


Found = TypeVar("Found")


def by_number(text: str, rows: Mapping[str, Found]) -> Found | None:
    """The row that a cell names: « 64 », or « 64 Charges de personnel », « 1. Accompagner »; longest first."""
    named = [number for number in rows if text == number or text.startswith((f"{number} ", f"{number}. "))]
    return rows[max(named, key=len)] if named else None
