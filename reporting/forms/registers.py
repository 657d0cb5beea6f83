"""A workbook of registers through the forms of their rows: each error at its cell, then all is written or nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.http import QueryDict

from actions.spreadsheet.cells import Faults, Row
from actions.spreadsheet.differences import EMPTY, words
from arml.models import Organisation, User
from cpo.lib.files.kinds import Kind
from cpo.lib.files.workbooks import Table, read_sheets
from reporting.content.association import IMPORTED, Register, of_key
from reporting.forms.association import FORMS, RowForm
from reporting.permissions import registers as may
from reporting.services import association as services
from reporting.spreadsheet.association import SESSION, SIRET, RegisterReader, sheet_title

CELLS = {"member": SIRET, "session": SESSION}  # the field of a form → the cell that its message stands at
REGISTERS = Kind("des registres d’une association", "aux registres", "Partez de leur export")
TWICE = "Cette ligne est là deux fois."


@dataclass
class Outcome:
    """`changes`: one dict by row that changes: register, title, whether it is new, its differences."""

    faults: Faults
    changes: list[dict[str, Any]] = field(default_factory=list)


def take_in(organisation: Organisation, data: bytes, by: User, *, write: bool) -> Outcome:
    """Write a workbook, or only say what it would change. Raises ValidationError when it is no workbook.

    Both do the same work in one transaction, taken back unless `write` and nothing is wrong: fees are compared with
    members of the same workbook.
    """
    tables = read_sheets(data, kind=REGISTERS, required=[sheet_title(register) for register in IMPORTED])
    reader = RegisterReader(organisation)
    outcome = Outcome(reader.faults)
    with transaction.atomic():
        Organisation.objects.select_for_update().get(pk=organisation.pk)
        for register in IMPORTED:
            _Sheet(register, organisation, reader, by, outcome).take(tables)
        if not write or outcome.faults:
            transaction.set_rollback(True)
    return outcome


class _Sheet:
    def __init__(
        self, register: Register, organisation: Organisation, reader: RegisterReader, by: User, outcome: Outcome
    ) -> None:
        self.register, self.organisation, self.reader, self.by = register, organisation, reader, by
        self.outcome = outcome
        self.writer = may.register_writer(by, organisation, register.slug)
        self.seen: set[tuple[Any, ...]] = set()

    def take(self, tables: Mapping[str, Table]) -> None:
        rows = self.reader.read(self.register, tables)
        if not self.reader.unreadable:
            for row in rows:
                self.row(row)

    def row(self, row: Row) -> None:
        before = len(row.faults)
        posted = self.reader.posted(self.register, row)
        if len(row.faults) > before:
            return
        key = self.key_of(posted)
        existing = self.register.rows(self.organisation).filter(of_key(self.register, key)).first() if key else None
        if key and (named := tuple(key.values())) in self.seen:
            row.fault(self.cell(self.register.key[-1]), TWICE)
            return
        if key:
            self.seen.add(named)
        form = self.form(posted, existing)
        if form.is_valid():
            self.write(row, form, existing)
        for name, messages in form.errors.items():
            row.fault(self.cell(name), str(messages[0]))

    def cell(self, name: str) -> str:
        return CELLS.get(name, name)

    def form(self, posted: Mapping[str, str], existing: Any) -> RowForm:
        """The form of the row; what the workbook does not hold stays as it is stored."""
        blank = FORMS[self.register.slug](instance=existing, organisation=self.organisation)
        data = QueryDict(mutable=True)
        for name in blank.fields:
            stored = blank[name].value()
            data[name] = posted.get(name, "" if stored is None else str(stored))
        instance = type(existing).objects.get(pk=existing.pk) if existing else None
        return FORMS[self.register.slug](data, instance=instance, organisation=self.organisation)

    def key_of(self, posted: Mapping[str, str]) -> dict[str, Any]:
        """The values that name the row, {} when one is missing or unreadable: its form then says so."""
        form = self.form(posted, None)
        form.ruled = False
        form.is_valid()
        clean = {name: form.cleaned_data.get(name) for name in self.register.key}
        return {} if any(value in (None, "") for value in clean.values()) else clean

    def write(self, row: Row, form: RowForm, existing: Any) -> None:
        names = [name for name in self.register.fields if name in form.cleaned_data]
        values = {name: form.cleaned_data[name] for name in names}
        differing = [name for name in names if existing is None or getattr(existing, name) != values[name]]
        if not differing:
            return
        if self.writer is None:
            row.fault(self.cell(differing[0]), may.why_not_write(self.register.slug))
            return
        if existing is None:
            services.add_row(register=self.register, organisation=self.organisation, values=values, by=self.by)
        else:
            services.change_row(
                register=self.register,
                organisation=self.organisation,
                row=existing,
                values=values,
                expected_revision=None,
                by=self.by,
            )
        fields = [name for name in differing if existing or values[name] not in (None, "")]
        self.outcome.changes.append(self.change(form, existing, fields))

    def change(self, form: RowForm, existing: Any, names: list[str]) -> dict[str, Any]:
        return {
            "register": self.register.title,
            "title": str(form.instance),
            "new": existing is None,
            "fields": [
                {
                    "label": str(form.fields[name].label),
                    "current": _words(form, name, getattr(existing, name, None)),
                    "imported": _words(form, name, form.cleaned_data[name]),
                }
                for name in names
            ],
        }


def _words(form: RowForm, name: str, value: Any) -> str:
    """A value as a person reads it."""
    if value in (None, ""):
        return EMPTY
    choices = getattr(form.fields[name], "choices", None)
    return words(value) if choices is None or hasattr(value, "pk") else str(dict(choices).get(str(value), ""))
