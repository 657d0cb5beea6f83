"""What a convention cost: by year, agreed, committed, paid, spent and retained; by fiche, from « où en est-on ».

No amount is added up here that another function adds up: each column comes from the one function that gives it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from conventions.models import Convention
from cpo.lib.money import total
from reporting.content import reading, standing
from reporting.models import Report
from reporting.money.retained import retained_amounts, settled_sums
from reporting.money.sums import Sums, by_year, sums_of

Content = dict[str, Any]
NAMES = ("conventioned", "committed", "paid", "spent", "retained")


@dataclass
class YearCost:
    """Amounts in euros. None: no report was sent (`spent`), or none is admissible (`retained`)."""

    year: int
    conventioned: Decimal | None = None
    committed: Decimal | None = None
    paid: Decimal | None = None
    spent: Decimal | None = None
    retained: Decimal | None = None


def of_years(
    convention: Convention, years: Sequence[int], contents: Mapping[int, Content], reports: Sequence[Report]
) -> list[YearCost]:
    """`convention`: see `money.reading.with_money`. `contents`: the last sending of each year that has one."""
    money, settled = by_year(sums_of(convention)), {row.year: row for row in reports if row.is_settled}
    rows = []
    for year in years:
        part = money.get(year, Sums())
        spent = reading.finance(contents[year]).expenses.actual if year in contents else None
        retained = settled_sums(settled[year])[0] if year in settled else None
        rows.append(YearCost(year, part.conventioned, part.committed, part.paid, spent, retained))
    return rows


def whole(rows: Sequence[YearCost]) -> Content:
    """The sum of each column, None where no year has an amount."""
    columns = {name: [amount for row in rows if (amount := getattr(row, name)) is not None] for name in NAMES}
    return {name: total(amounts) if amounts else None for name, amounts in columns.items()}


def of_sheets(contents: Mapping[int, Content], reports: Sequence[Report]) -> standing.Table | None:
    """The fiches with their budget, what was declared and is retained, over all the years; None before a sending."""
    last = contents[max(contents)] if contents else {}
    if "standing" not in last:
        return None
    return standing.read(last["standing"], retained_amounts(reports))["sheet"]


def frozen(rows: Sequence[YearCost], sheets: standing.Table | None) -> Content:
    return {
        "years": [{name: _text(value) for name, value in asdict(row).items()} for row in rows],
        "sheets": [
            {
                "label": row.label,
                "partial": row.partial,
                **{name: _text(getattr(row, name)) for name in (*standing.COLUMNS, "retained")},
            }
            for row in sheets.rows
        ]
        if sheets
        else None,
    }


def _text(value: Any) -> Any:
    return str(value) if isinstance(value, Decimal) else value


def read(content: Content) -> tuple[list[YearCost], standing.Table | None]:
    years = [YearCost(row["year"], **{name: _number(row[name]) for name in NAMES}) for row in content["years"]]
    if content["sheets"] is None:
        return years, None
    return years, standing.Table("sheet", [_read_row(row) for row in content["sheets"]])


def _read_row(content: Content) -> standing.Row:
    names = (*standing.COLUMNS, "retained")
    row = standing.Row("", content["label"], partial=content["partial"])
    for name in names:
        setattr(row, name, _number(content[name]))
    return row


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
