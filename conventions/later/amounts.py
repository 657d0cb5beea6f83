"""The amounts of an act as rows that can be compared and put elsewhere: what an act beside an avenant has changed."""

import uuid
from collections.abc import Mapping
from typing import Any

from actions.models import Expense, Resource
from conventions.models import Act, Contribution, Instalment

# ("expense", fiche, account, year), ("resource", fiche, funder, account, year), ("contribution", year, line, service),
# ("instalment", year, rank); a fiche is its key, None for the structure. Values: what the row says besides.
Key = tuple[Any, ...]
Rows = dict[Key, tuple[Any, ...]]


def rows(act: Act) -> Rows:
    programme = act.programme
    found: Rows = {}
    for key, account, year, amount in programme.expenses.values_list("sheet__key", "account", "year", "amount"):
        found["expense", key, account, year] = (amount,)
    for key, funder, account, year, amount in programme.resources.values_list(
        "sheet__key", "funder", "account", "year", "amount"
    ):
        found["resource", key, funder, account, year] = (amount,)
    for year, line, service, *value in act.contributions.values_list("year", "line", "service", "amount", "note"):
        found["contribution", year, line, service] = tuple(value)
    for year, rank, *value in act.instalments.values_list("year", "rank", "label", "condition", "due_on", "amount"):
        found["instalment", year, rank] = tuple(value)
    return found


def changes(before: Rows, after: Rows) -> dict[Key, tuple[Any, ...] | None]:
    """What `after` says otherwise; None for a row that is gone."""
    return {key: after.get(key) for key in before.keys() | after.keys() if before.get(key) != after.get(key)}


def put(act: Act, changed: Mapping[Key, tuple[Any, ...] | None]) -> None:
    """Write these rows in an act that may be written. A fiche that it does not have is left out."""
    sheets: dict[uuid.UUID | None, int | None] = {None: None}
    sheets |= dict(act.programme.sheets.values_list("key", "pk"))
    for key, value in sorted(changed.items(), key=lambda item: str(item[0])):
        kind, *rest = key
        if kind in ("expense", "resource") and rest[0] not in sheets:
            continue
        _put(act, kind, rest, value, sheets)


def _put(act: Act, kind: str, rest: list[Any], value: tuple[Any, ...] | None, sheets: dict[Any, Any]) -> None:
    programme = act.programme
    found: Any
    names: tuple[str, ...]
    if kind == "expense":
        sheet, account, year = rest
        where = {"programme": programme, "sheet_id": sheets[sheet], "account_id": account, "year": year}
        found, names = Expense.objects, ("amount",)
    elif kind == "resource":
        sheet, funder, account, year = rest
        where = {"programme": programme, "sheet_id": sheets[sheet], "account_id": account, "year": year}
        where["funder"] = funder
        found, names = Resource.objects, ("amount",)
    elif kind == "contribution":
        year, line, service = rest
        where = {"act": act, "year": year, "line": line, "service_id": service}
        found, names = Contribution.objects, ("amount", "note")
    else:
        year, rank = rest
        where = {"act": act, "year": year, "rank": rank}
        found, names = Instalment.objects, ("label", "condition", "due_on", "amount")
    found.filter(**where).delete()
    if value is not None:
        found.create(**where, **dict(zip(names, value, strict=True)))
