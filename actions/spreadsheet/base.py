"""Base of the readers of rows: the data of the database, the columns of a sheet, the fiche of a row."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from actions.models import Account, Axis, Function, IndicatorDefinition, Objective, Programme, Sheet
from actions.services import ProgrammeData, SheetData
from cpo.lib.files.workbooks import Table, cell_name

from .cells import Faults, Row
from .layout import (
    KEY,
    SHEETS,
    STRUCTURE,
    Column,
    plain,
    same_title,
)

REVERSING = (
    "Ce texte contient des caractères invisibles qui inversent le sens de lecture. "
    "Effacez la cellule, puis saisissez-le de nouveau."
)
LOST_KEY = (
    f"Il manque la colonne masquée « {KEY} », qui relie les lignes à ce qui est enregistré. "
    "Repartez d’un export, ou remettez ce titre à la fin de la première ligne : le code dira quelle fiche est laquelle."
)


@dataclass
class Draft:
    """A fiche being read, with its row and its stored version."""

    row: Row
    sheet: Sheet
    key: uuid.UUID | None
    functions: tuple[Function, ...]
    existing: SheetData | None


class TableReader:
    """Reads the rows of the sheets of a workbook; each error has its cell."""

    def __init__(self) -> None:
        self.faults = Faults()
        self.unreadable = False  # a column is missing: do not report its cells as blank

    def rows(self, title: str, tables: Mapping[str, Table], columns: Mapping[str, Column]) -> list[Row]:
        table = tables[title]
        positions = self.headings(title, table, columns)
        for cell, value in table.faulty.items():
            error = f"La formule donne l’erreur {value}" if value else "Le résultat de la formule n’est pas enregistré"
            self.faults.add(title, cell, f"{error}. Corrigez-la, ou écrivez la valeur.")
        for cell in table.reversing:
            self.faults.add(title, cell, REVERSING)
        rows = []
        for number, values in enumerate(table.rows[1:], start=1):
            present = {name: position for name, position in positions.items() if position < len(values)}
            row_values = {name: _printable(values[position]) for name, position in present.items()}
            if any(value not in (None, "") for name, value in row_values.items() if name != "key"):
                cells = {name: cell_name(number, position) for name, position in positions.items()}
                rows.append(Row(title, row_values, cells, self.faults))
        return rows

    def headings(self, title: str, table: Table, columns: Mapping[str, Column]) -> dict[str, int]:
        """Return the position of each column. A missing or unknown column is an error: no data is ignored silently."""
        names = {same_title(column.title): name for name, column in columns.items()}
        positions: dict[str, int] = {}
        for position, heading in enumerate(table.rows[0] if table.rows else ()):
            name = names.get(same_title(heading))
            has_values = any(position < len(row) and row[position] not in (None, "") for row in table.rows)
            if name is None and has_values:
                heading_words = f"« {heading} »" if heading != "" else "sans titre"
                self.faults.add(title, cell_name(0, position), f"Colonne inconnue : {heading_words}.")
            elif name in positions:
                self.faults.add(title, cell_name(0, position), f"Cette colonne est là deux fois : {heading}.")
            elif name is not None:
                positions[name] = position
        for name, column in columns.items():
            if name not in positions and not column.later:
                self.unreadable = True
                self.faults.add(title, "A1", LOST_KEY if name == "key" else f"Il manque la colonne « {column.title} ».")
        return positions

    def key(self, row: Row) -> uuid.UUID | None:
        text = row.text("key")
        try:
            return uuid.UUID(text) if text else None
        except ValueError:
            row.fault("key", "Cette clé est illisible. Effacez la cellule : la ligne se reconnaîtra à son code.")
            return None


class Reader(TableReader):
    """Reads once all that is needed from the database."""

    def __init__(self, programme: Programme, current: ProgrammeData) -> None:
        super().__init__()
        self.programme, self.current = programme, current
        self.years = programme.years
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

    def owner(self, row: Row, drafts: Mapping[str, Draft], *, structure: bool) -> str | None:
        """Return the code of the fiche of a row, or STRUCTURE."""
        code = row.required("sheet")
        if not code or code in drafts:
            return code or None
        if structure and same_title(code) in (same_title(STRUCTURE), "structure"):
            return STRUCTURE
        row.fault("sheet", f"Aucune fiche n’a le code « {code} » dans la feuille « {SHEETS} ».")
        return None


def _printable(value: Any) -> Any:
    """Remove control characters: a cell can contain them with escapes, but the database can't store them."""
    return plain(value) if isinstance(value, str) else value


Named = TypeVar("Named")


def by_number(text: str, rows: Mapping[str, Named]) -> Named | None:
    """Find the row whose number starts the text (longest first): « 64 », « 64 Charges de personnel », « 1. Axe »."""
    matches = [number for number in rows if text == number or text.startswith((f"{number} ", f"{number}. "))]
    return rows[max(matches, key=len)] if matches else None
