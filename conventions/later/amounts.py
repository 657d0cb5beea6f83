"""The amounts of an act as rows that can be compared with those of another act, and written in it."""

import uuid
from collections.abc import Mapping
from typing import Any

from actions.models import Expense, Resource
from conventions.models import Act, Contribution, Instalment

# ("expense", fiche, account, year), ("resource", fiche, funder, account, year), ("contribution", year, line, service),
# ("instalment", year, rank); a fiche is its key, None for the structure. Values: the other columns of the row.
Key = tuple[Any, ...]
Rows = dict[Key, tuple[Any, ...]]


def rows(act: Act) -> Rows:
    programme = act.programme
    amounts: Rows = {}
    for key, account, year, amount in programme.expenses.values_list("sheet__key", "account", "year", "amount"):
        amounts["expense", key, account, year] = (amount,)
    for key, funder, account, year, amount in programme.resources.values_list(
        "sheet__key", "funder", "account", "year", "amount"
    ):
        amounts["resource", key, funder, account, year] = (amount,)
    for year, line, service, *value in act.contributions.values_list("year", "line", "service", "amount", "note"):
        amounts["contribution", year, line, service] = tuple(value)
    for year, rank, *value in act.instalments.values_list("year", "rank", "label", "condition", "due_on", "amount"):
        amounts["instalment", year, rank] = tuple(value)
    return amounts


def changes(before: Rows, after: Rows) -> dict[Key, tuple[Any, ...] | None]:
    """The rows of `after` that differ from `before`; None for a removed row."""
    return {key: after.get(key) for key in before.keys() | after.keys() if before.get(key) != after.get(key)}


def put(act: Act, values: Mapping[Key, tuple[Any, ...] | None]) -> None:
    """Write these rows in an open act. The rows of a fiche that the act does not have are skipped."""
    sheets: dict[uuid.UUID | None, int | None] = {None: None}
    sheets |= dict(act.programme.sheets.values_list("key", "pk"))
    for key, value in sorted(values.items(), key=lambda item: str(item[0])):
        kind, *row_key = key
        if kind in ("expense", "resource") and row_key[0] not in sheets:
            continue
        _put(act, kind, row_key, value, sheets)


def _put(act: Act, kind: str, row_key: list[Any], value: tuple[Any, ...] | None, sheets: dict[Any, Any]) -> None:
    programme = act.programme
    manager: Any
    names: tuple[str, ...]
    if kind == "expense":
        sheet, account, year = row_key
        where = {"programme": programme, "sheet_id": sheets[sheet], "account_id": account, "year": year}
        manager, names = Expense.objects, ("amount",)
    elif kind == "resource":
        sheet, funder, account, year = row_key
        where = {"programme": programme, "sheet_id": sheets[sheet], "account_id": account, "year": year}
        where["funder"] = funder
        manager, names = Resource.objects, ("amount",)
    elif kind == "contribution":
        year, line, service = row_key
        where = {"act": act, "year": year, "line": line, "service_id": service}
        manager, names = Contribution.objects, ("amount", "note")
    else:
        year, rank = row_key
        where = {"act": act, "year": year, "rank": rank}
        manager, names = Instalment.objects, ("label", "condition", "due_on", "amount")
    manager.filter(**where).delete()
    if value is not None:
        manager.create(**where, **dict(zip(names, value, strict=True)))
