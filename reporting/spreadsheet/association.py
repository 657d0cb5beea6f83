"""The registers of an association ⇄ XLSX. A row is found by what names it; one that a workbook lacks stays."""

import io
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from django.db import models
from openpyxl import Workbook

from actions.models import Sheet
from actions.spreadsheet.base import TableReader
from actions.spreadsheet.cells import Row
from actions.spreadsheet.layout import Column
from actions.spreadsheet.sheets import hidden_lists, instructions, table
from arml.models import Member, Organisation
from cpo.lib.files.workbooks import Table
from reporting.content.association import IMPORTED, Register, sheets_of

INSTRUCTION_LINES = (
    "Registres de l’association : comment remplir ce classeur",
    "Une ligne par étape, mandat, assemblée, adhérente, cotisation, session ou présence, chacune dans sa feuille.",
    "Une ligne se reconnaît à ses colonnes obligatoires : la même corrige, une autre ajoute. "
    "Une ligne absente du classeur n’est pas retirée.",
    "Vide n’est pas zéro. Un aperçu montre tout avant que rien ne change ; une seule erreur, et rien n’est écrit.",
    "Ne renommez ni les feuilles ni les titres des colonnes. Les formules sont admises : seul leur résultat est lu.",
)
SIRET, SINCE, SESSION, SESSION_DAY = "siret", "joined_on", "session", "session_day"
NOT_EXPORTED = ("minutes",)  # a document of a dossier is no text of a cell
OF_MEMBER = {
    SIRET: Column("SIRET", "Celui de la mission locale, dans la feuille des adhérentes.", 18, required=True),
    SINCE: Column("Adhérente depuis le", "Utile si elle a adhéré plusieurs fois.", 16, kind="date"),
}
OF_SESSION = {
    SESSION: Column("Session", "Son intitulé, dans la feuille des sessions.", 44, required=True),
    SESSION_DAY: Column("Du", "Son premier jour.", 16, required=True, kind="date"),
}


def sheet_title(register: Register) -> str:
    return register.title[:31]


def written(register: Register) -> list[str]:
    return [name for name in register.fields if name not in NOT_EXPORTED]


def columns(register: Register) -> dict[str, Column]:
    found: dict[str, Column] = {}
    for name in written(register):
        db_field: Any = register.model._meta.get_field(name)
        label = str(db_field.verbose_name)
        title, required = label[0].upper() + label[1:], name in register.key or not db_field.blank
        if name == "member":
            found |= OF_MEMBER
        elif name == "session":
            found |= OF_SESSION
        elif db_field.choices:
            found[name] = Column(title, "À choisir dans la liste.", 26, title, required)
        else:
            found[name] = Column(title, _note(db_field), _width(db_field), "", required, _kind(db_field))
    return found


def _kind(db_field: Any) -> str:
    if db_field.name in ("asked", "paid"):
        return "money"
    kinds = {models.DateField: "date", models.DecimalField: "number", models.PositiveIntegerField: "number"}
    return next((kind for cls, kind in kinds.items() if isinstance(db_field, cls)), "text")


def _note(db_field: Any) -> str:
    if db_field.name == "sheet_key":
        return "Le code de la fiche de la convention, par exemple 3-A. Vide : aucune."
    return {
        "date": "Date, par exemple 08/10/2025.",
        "money": "En euros. Vide : non renseigné, qui n’est pas zéro.",
    }.get(_kind(db_field), "Nombre." if _kind(db_field) == "number" else "Texte.")


def _width(db_field: Any) -> int:
    return 44 if getattr(db_field, "max_length", 0) and db_field.max_length > 100 else 18


def write_registers(organisation: Organisation) -> bytes:
    """Return the workbook of all the registers, rows in the order of their pages."""
    tables = {sheet_title(register): columns(register) for register in IMPORTED}
    book = Workbook(write_only=True)
    instructions(book, tables, INSTRUCTION_LINES)
    lists = _lists()
    fiches = sheets_of(organisation)
    for register in IMPORTED:
        table(book, sheet_title(register), columns(register), lists, _rows(register, organisation, fiches))
    hidden_lists(book, lists, organisation.key, organisation.revision)
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


def _lists() -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for register in IMPORTED:
        for name in written(register):
            db_field: Any = register.model._meta.get_field(name)
            if db_field.choices:
                label = str(db_field.verbose_name)
                found[label[0].upper() + label[1:]] = [words for _, words in db_field.choices]
    return found


def _rows(register: Register, organisation: Organisation, fiches: Mapping[UUID, Sheet]) -> Iterator[dict[str, Any]]:
    for row in register.rows(organisation):
        cells: dict[str, Any] = {}
        for name in written(register):
            value = getattr(row, name)
            if name == "member":
                cells |= {SIRET: value.siret, SINCE: value.joined_on}
            elif name == "session":
                cells |= {SESSION: value.title, SESSION_DAY: value.starts_on}
            elif name == "sheet_key":
                cells[name] = fiches[value].code if value in fiches else None
            else:
                display = getattr(row, f"get_{name}_display", None)
                cells[name] = display() if display else value
        yield cells


class RegisterReader(TableReader):
    """Reads the sheets of a workbook into what a browser would post, each value with its cell."""

    def __init__(self, organisation: Organisation) -> None:
        super().__init__()
        self.organisation = organisation
        self.codes = {sheet.code: key for key, sheet in sheets_of(organisation).items()}

    def read(self, register: Register, tables: Mapping[str, Table]) -> list[Row]:
        return self.rows(sheet_title(register), tables, columns(register))

    def posted(self, register: Register, row: Row) -> dict[str, str]:
        """The values of a row as text, by field; a fault stands at its cell."""
        data: dict[str, str] = {}
        for name in written(register):
            db_field: Any = register.model._meta.get_field(name)
            if name == "member":
                data[name] = self._member(row)
            elif name == "session":
                data[name] = self._session(register, row)
            elif name == "sheet_key":
                data[name] = self._fiche(row)
            elif db_field.choices:
                data[name] = _choice(row, name, db_field.choices)
            else:
                data[name] = row.text(name)
        return data

    def _member(self, row: Row) -> str:
        siret, since = row.required(SIRET).replace(" ", "").replace("\u00a0", ""), row.day(SINCE)
        rows = Member.objects.filter(organisation=self.organisation, siret=siret)
        found = list(rows.filter(joined_on=since) if since else rows)
        if siret and not found:
            row.fault(SIRET, f"Aucune adhérente n’a le SIRET « {siret} »{' à cette date' if since else ''}.")
        elif len(found) > 1:
            row.fault(SINCE, "Cette mission locale a adhéré plusieurs fois : donnez le premier jour de l’adhésion.")
        return str(found[0].pk) if len(found) == 1 else ""

    def _session(self, register: Register, row: Row) -> str:
        title, day = row.required(SESSION), row.day(SESSION_DAY)
        found = self.organisation.training_sessions.filter(title=title, starts_on=day).first() if day else None
        if not row.text(SESSION_DAY):
            row.fault(SESSION_DAY, "Cette cellule est obligatoire.")
        elif title and day and found is None:
            row.fault(SESSION, f"Aucune session « {title} » ne commence ce jour-là.")
        return str(found.pk) if found else ""

    def _fiche(self, row: Row) -> str:
        code = row.text("sheet_key")
        if code and code not in self.codes:
            row.fault("sheet_key", f"Aucune fiche de la convention n’a le code « {code} ».")
        return str(self.codes.get(code, ""))


def _choice(row: Row, name: str, choices: Any) -> str:
    text = row.required(name)
    known = {str(words).casefold(): value for value, words in choices} | {value: value for value, _ in choices}
    if text and text.casefold() not in known:
        row.fault(name, f"« {text} » n’est pas dans la liste : {', '.join(str(words) for _, words in choices)}.")
    return str(known.get(text.casefold(), ""))
