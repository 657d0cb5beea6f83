"""Which lines of a content count in its cost. `Expense.objects.eligible` applies the same rule to live tables."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from actions.enums import in_kind

Content = Mapping[str, Any]
Line = Mapping[str, Any]


def cash(lines: Iterable[Line]) -> list[Line]:
    """The lines without contributions in kind, which are in no sum and are shown apart."""
    return [line for line in lines if not in_kind(line["account"])]


def eligible_lines(sheet: Content) -> list[Line]:
    """The charges of a fiche that are part of the eligible cost. The charges of the structure never are."""
    return cash(sheet.get("expenses", []))


def eligible_costs(content: Content) -> dict[int, Decimal]:
    """Eligible cost by year."""
    costs: dict[int, Decimal] = defaultdict(Decimal)
    for sheet in content["sheets"]:
        for row in eligible_lines(sheet):
            costs[row["year"]] += Decimal(row["amount"])
    return costs
