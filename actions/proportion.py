"""The amounts of a budget out of proportion with other years, other lines, or the other side of the budget."""

from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal

from cpo.lib.wording.proportion import Line, unusual_amounts

from .services import AmountLine


def unusual_lines(expenses: Sequence[AmountLine], resources: Sequence[AmountLine]) -> Iterator[tuple[str, str]]:
    """Yield each amount to ask about, with the reason in French."""
    yield from unusual_amounts(_lines(expenses), _totals(resources), "le total des produits de l’année")
    yield from unusual_amounts(_lines(resources), _totals(expenses), "le total des charges de l’année")


def _lines(lines: Sequence[AmountLine]) -> list[Line]:
    return [Line(_name(line), line.amounts) for line in lines]


def _name(line: AmountLine) -> str:
    funder = line.funder.strip()
    return f"{line.account}, {funder}" if funder not in ("", line.account.label) else str(line.account)


def _totals(lines: Sequence[AmountLine]) -> dict[int, Decimal]:
    totals: Counter[int] = Counter()
    for line in lines:
        totals.update({year: amount for year, amount in line.amounts.items() if amount})  # type: ignore[misc]
    return dict(totals)  # type: ignore[arg-type]
