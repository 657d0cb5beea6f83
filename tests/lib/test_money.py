"""Euros and cents: rounding half up, sums without loss, sharing to the last cent."""

from decimal import Decimal

import pytest

from cpo.lib.money import share, split, to_cents, total


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        ("0.004", "0.00"),
        ("0.005", "0.01"),
        ("2.344", "2.34"),
        ("2.345", "2.35"),  # half-even gives 2.34
        ("2.3449999", "2.34"),
        ("2.355", "2.36"),
        ("-2.345", "-2.35"),
        ("7", "7.00"),
    ],
)
def test_half_a_cent_goes_up(amount: str, expected: str) -> None:
    assert str(to_cents(Decimal(amount))) == expected


def test_a_missing_amount_counts_for_nothing() -> None:
    assert total([Decimal("0.10"), None, Decimal("0.20")]) == Decimal("0.30")
    assert str(total([])) == "0.00"
    assert str(total([None])) == "0.00"


@pytest.mark.parametrize(
    ("part", "whole", "percent"),
    [
        (1, 3, "33.3"),
        (2, 3, "66.7"),
        (1, 16, "6.3"),  # 6.25: half-even gives 6.2
        (1, 80, "1.3"),  # 1.25: half-even gives 1.2
        (0, 5, "0.0"),
        (5, 5, "100.0"),
        (6, 5, "120.0"),
    ],
)
def test_a_share_has_one_decimal_rounded_half_up(part: int, whole: int, percent: str) -> None:
    assert str(share(Decimal(part), Decimal(whole))) == percent


def test_nothing_is_no_share_of_nothing() -> None:
    assert share(Decimal(5), Decimal(0)) is None
    assert share(Decimal(0), Decimal("0.00")) is None


@pytest.mark.parametrize(
    ("amount", "weights", "parts"),
    [
        ("100", "1 1 1", "33.34 33.33 33.33"),  # the first of equal parts takes the residue
        ("100", "1 2 3", "16.67 33.33 50.00"),
        ("100", "1 1 4", "16.67 16.67 66.66"),  # the largest part gives back the excess
        ("0.05", "1 1", "0.02 0.03"),  # 0.025 rounds up to 0.03 twice, so the first gives a cent back
        ("10", "0 1", "0.00 10.00"),
        ("-1", "1 1 1", "-0.34 -0.33 -0.33"),
        ("0", "3 1", "0.00 0.00"),
    ],
)
def test_what_is_shared_out_adds_up_again_the_residue_going_to_the_largest(
    amount: str, weights: str, parts: str
) -> None:
    amounts = split(Decimal(amount), [Decimal(weight) for weight in weights.split()])
    assert " ".join(map(str, amounts)) == parts
    assert sum(amounts) == Decimal(amount)


@pytest.mark.parametrize("weights", [[], [Decimal(0)], [Decimal(1), Decimal(-1)]])
def test_nothing_is_shared_out_by_weights_that_are_nothing(weights: list[Decimal]) -> None:
    with pytest.raises(ValueError, match="more than zero"):
        split(Decimal(1), weights)
