"""The amounts of a content by year and by axis, as the page « Synthèse » shows them."""

from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from typing import Any

from actions.enums import STATE_ACCOUNT
from cpo.lib.money import ZERO, share

from .eligible import cash, eligible_costs, eligible_lines
from .totals import by_year, remaining

Content = Mapping[str, Any]


def years(content: Content, until: int | None = None) -> list[dict[str, Any]]:
    """For each year and in total: contribution, other funding, eligible cost, share of the State.

    `until`: the last year that carries money (`totals.remaining_until`); those after it keep a row without amounts.
    """
    all_years = content["cycle"]["years"]
    kept = [year for year in all_years if until is None or year <= until]
    state, cost = by_year(content["contributions"]), eligible_costs(content)
    other = by_year(row for row in cash(_resources(content)) if row["account"] != STATE_ACCOUNT)
    amounts = [{year: of.get(year, ZERO) for year in kept} for of in (state, other, cost)]
    rows = [_year(str(year), *(of.get(year, ZERO) for of in amounts)) for year in all_years]
    return [*rows, _year("Total", *(sum(of.values(), ZERO) for of in amounts)) | {"whole": True}]


def with_status(
    rows: Iterable[dict[str, Any]], firm: Collection[int], until: int | None = None
) -> list[dict[str, Any]]:
    """The rows of `years`, each year with « ferme », « prévision » or « résiliée »; the later acts decide which."""
    return [row if row.get("whole") else row | {"status": _status(int(row["label"]), firm, until)} for row in rows]


def _status(year: int, firm: Collection[int], until: int | None) -> str:
    if until is not None and year > until:
        return "résiliée"
    return "ferme" if year in firm else "prévision"


def _year(label: str, state: Decimal, other: Decimal, cost: Decimal) -> dict[str, Any]:
    return {
        "label": label,
        "state": state or None,
        "other": other or None,
        "cost": cost or None,
        "share": share(state, cost) if state else None,
    }


def axes(content: Content, until: int | None = None) -> list[dict[str, Any]]:
    """For each axis its number of fiches, its cost and the State's money, `until` a year as in `years`."""
    rows = {axis["number"]: {"axis": axis, "sheets": 0, "cost": ZERO, "state": ZERO} for axis in content["axes"]}
    for sheet in content["sheets"]:
        row = rows[sheet["axis"]]
        row["sheets"] += 1
        row["cost"] += _total(remaining(eligible_lines(sheet), until))
        resources = remaining(sheet["resources"], until)
        row["state"] += _total(line for line in resources if line["account"] == STATE_ACCOUNT)
    whole = sum((row["state"] for row in rows.values()), ZERO)
    return [
        {
            "label": f"{number}. {row['axis']['short_label'] or row['axis']['label']}",
            "sheets": row["sheets"],
            "cost": row["cost"] or None,
            "state": row["state"] or None,
            "share": share(row["state"], whole) if whole else None,
        }
        for number, row in sorted(rows.items())
    ]


def _total(lines: Iterable[Mapping[str, Any]]) -> Decimal:
    return sum((Decimal(line["amount"]) for line in lines), ZERO)


def _resources(content: Content) -> list[Mapping[str, Any]]:
    """All the resources, those of the structure too."""
    lines = [line for sheet in content["sheets"] for line in sheet["resources"]]
    return [*lines, *content["structure"]["resources"]]
