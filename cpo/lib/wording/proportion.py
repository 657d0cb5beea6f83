"""Figures out of proportion with what stands beside them: a digit too many, or cents typed as euros.

Such a figure may be right: it is asked about and never refused (`cpo.lib.forms.confirming`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from . import french

TOO_MUCH = 10  # times what was expected of the same figure
OTHER_YEARS = 50  # times the same line in another year: cents typed as euros are a hundred times
OTHER_LINES = 1000  # times the greatest of the other lines
MINOR = 10_000  # euros: nobody is asked about an amount that is no greater


@dataclass(frozen=True)
class Line:
    """A line of a table of amounts: its name, and its euros by year."""

    name: str
    amounts: Mapping[int, Decimal | None]


def excess(number: Decimal, measure: Decimal | None, words: str, *, times: int = TOO_MUCH) -> str:
    """« c’est plus de 10 fois la cible (100) » ; "" when it is not, or when there is nothing to compare with."""
    if not measure or measure < 0 or number <= times * measure:
        return ""
    return f"c’est plus de {french.number(times)} fois {words} ({french.number(measure)})"


def unusual_amounts(
    lines: Sequence[Line], opposite: Mapping[int, Decimal], opposite_name: str
) -> Iterator[tuple[str, str]]:
    """Yield the amounts to ask about, as « line, year : amount », each with the reason in French.

    `opposite`: the yearly totals that the lines should add up to, such as the produits beside the charges.
    """
    for line in lines:
        years = {year: amount for year, amount in line.amounts.items() if amount}
        for year, amount in years.items():
            if amount <= MINOR:
                continue
            same = min((other for of, other in years.items() if of != year), default=None)
            beside = max((one.amounts.get(year) or Decimal(0) for one in lines if one is not line), default=None)
            reason = (
                excess(amount, same, "le montant d’une autre année", times=OTHER_YEARS)
                or excess(amount, opposite.get(year), opposite_name, times=OTHER_YEARS)
                or excess(amount, beside, "le plus grand des autres montants de l’année", times=OTHER_LINES)
            )
            if reason:
                yield f"{line.name}, {year}\u00a0: {french.euros(amount)}", reason
