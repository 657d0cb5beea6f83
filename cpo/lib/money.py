"""Amounts in euros: always Decimal, rounded half up to the cent, never a float."""

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
ZERO = Decimal("0.00")


def to_cents(amount: Decimal) -> Decimal:
    """Round to the cent, half up."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


def total(amounts: Iterable[Decimal | None]) -> Decimal:
    """Add amounts up; None counts for nothing."""
    return sum((amount for amount in amounts if amount is not None), ZERO)


def share(part: Decimal, whole: Decimal) -> Decimal | None:
    """Return part / whole in percent, with one decimal; None when whole is zero."""
    if not whole:
        return None
    return (part * 100 / whole).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)


def split(amount: Decimal, weights: list[Decimal]) -> list[Decimal]:
    """Split an amount by weights without losing a cent: the residue goes to the largest line."""
    whole = sum(weights, Decimal(0))
    if not weights or not whole:
        raise ValueError("weights must add up to more than zero")
    parts = [to_cents(amount * weight / whole) for weight in weights]
    parts[weights.index(max(weights))] += amount - sum(parts, ZERO)
    return parts
