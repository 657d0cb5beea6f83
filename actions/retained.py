"""The values of reference data that a text retains: what they were when the text began to print them.

A programme keeps them in `retained`, by kind of row, then by id: {"axis": {"12": {"label": "…"}}}. Whoever reads such
rows for a text that is not signed yet passes them through `retain`. A value that is missing there follows the tables: a
blank is never retained, so that it may be filled in, nor is a row that the text did not print yet.
"""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from django.db.models import Field, Model

from arml.models import AttachmentKind, Delegation, Organisation, Territory

from .models import Account, Axis, Cycle, CycleText, Function, IndicatorDefinition, Objective, Programme

M = TypeVar("M", bound=Model)
Retained = dict[str, dict[str, dict[str, Any]]]

# The ways to sign that a cycle admits, and the order in which the parties sign: those of an act are those that its
# text retains, so that nobody who agreed to sign second finds that the cycle now wants them first.
SIGNING_MODES = ("browser_signature", "scan_signature", "pades_signature")
FIELDS: Mapping[type[Model], tuple[str, ...]] = {
    Cycle: ("label", "axis_label", "gap_threshold", "target_threshold", *SIGNING_MODES, "signing_order"),
    CycleText: ("value",),
    Axis: ("label", "short_label"),
    Objective: ("label",),
    Function: ("label",),
    Account: ("label",),
    IndicatorDefinition: ("national",),  # another wording is another version, hence another row
    Territory: ("name", "in_sentence", "prefecture", "prefect_title", "court"),
    Organisation: (
        *("name", "short_name", "article_name", "siret", "rna", "address", "city", "email", "statutory_purpose"),
        *("label_status", "bank_holder", "iban", "bic", "accounting_officer"),
    ),
    Delegation: ("reference", "dated", "raa", "ceiling", "valid_until"),
    AttachmentKind: ("label",),
}
# Only these rows of such a table are printed; an axis or account that came later is not, unless the text uses it.
WHOLE_TABLES = (Axis, Objective, Account)


def values_of(rows: Iterable[Model]) -> Retained:
    """Return the present values of the rows, as JSON can hold them, without the blanks."""
    values: Retained = {}
    for row in rows:
        kind = type(row)
        known = {name: _plain(row, name) for name in FIELDS[kind] if getattr(row, name) not in ("", None)}
        values.setdefault(_name(kind), {})[str(row.pk)] = known
    return values


def retain(programme: Programme, rows: Iterable[M | None]) -> list[M]:
    """Give the rows, which are not to be saved, the values that the text of a programme retains; return them."""
    known_rows = [row for row in rows if row is not None]
    for row in known_rows:
        for name, value in of_row(programme, row).items():
            setattr(row, name, _field(type(row), name).to_python(value))
    return known_rows


def of_row(programme: Programme, row: Model) -> Mapping[str, Any]:
    """Return the values that a programme retains of a row."""
    return programme.retained.get(_name(type(row)), {}).get(str(row.pk), {})


def printed(programme: Programme, rows: Iterable[M], used: Iterable[int] = ()) -> list[M]:
    """Keep the rows of a whole table that the text of a programme prints: those that it retains, and those it uses."""
    rows, ids = retain(programme, rows), {str(pk) for pk in used}
    tables = {type(row): programme.retained.get(_name(type(row)), {}) for row in rows}
    return [row for row in rows if not tables[type(row)] or str(row.pk) in tables[type(row)].keys() | ids]


def complete(retained: Retained, present: Retained) -> Retained:
    """Return the retained values, with the present ones of the rows and fields that have none."""
    return {
        kind: {
            key: present.get(kind, {}).get(key, {}) | retained.get(kind, {}).get(key, {})
            for key in retained.get(kind, {}) | present.get(kind, {})
        }
        for kind in retained | present
    }


def _name(kind: type[Model]) -> str:
    return str(kind._meta.model_name)


def _field(kind: type[Model], name: str) -> "Field[Any, Any]":
    return kind._meta.get_field(name)  # type: ignore[return-value]


def _plain(row: Model, name: str) -> Any:
    value = getattr(row, name)
    return value if isinstance(value, bool | str) else _field(type(row), name).value_to_string(row)
