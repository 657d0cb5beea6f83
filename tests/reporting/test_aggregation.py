"""The values of an indicator add up as by hand: missing, « sans objet », orders, partitions."""

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from actions.enums import Aggregation as Rule
from reporting.content.aggregation import Aggregate, Measured, aggregate

D = Decimal
# Rennes 30 of 40 (75 %), Brest 5 of 50 (10 %), Vannes 9 of 10 (90 %): together 44 of 100.
RATES = [
    Measured(1, 2025, D("75.00"), D(30), D(40)),
    Measured(2, 2025, D("10.00"), D(5), D(50)),
    Measured(3, 2025, D("90.00"), D(9), D(10)),
]
NUMBERS = [Measured(1, 2025, D(12)), Measured(2, 2025, D("7.5")), Measured(3, 2025, D(0))]
MISSING = Measured(4, 2025)
WITHOUT = Measured(5, 2025, not_applicable=True)
FOUR_MISSING = [MISSING, Measured(6, 2025), Measured(7, 2025), Measured(8, 2025)]

TABLE = {
    # 12 + 7.5 + 0 = 19.5; zero is a value
    "a sum": (Rule.SUM, "nb", NUMBERS, Aggregate(D("19.50"), 3, 3)),
    # one of four has said nothing: 19.5 still, of three associations out of four
    "a sum with a missing value": (Rule.SUM, "nb", [*NUMBERS, MISSING], Aggregate(D("19.50"), 3, 4)),
    # « sans objet » is expected of nobody
    "a sum with one without object": (Rule.SUM, "nb", [*NUMBERS, WITHOUT], Aggregate(D("19.50"), 3, 3)),
    # 19.5 / 3 = 6.5; a missing value does not make it 19.5 / 4 = 4.875
    "a mean": (Rule.MEAN, "nb", NUMBERS, Aggregate(D("6.50"), 3, 3)),
    "a mean with a missing value": (Rule.MEAN, "nb", [*NUMBERS, MISSING], Aggregate(D("6.50"), 3, 4)),
    # (1 + 1 + 0) / 3 = 0.666… → 0.67
    "a mean that does not end": (
        Rule.MEAN, "nb", [Measured(1, 2025, D(1)), Measured(2, 2025, D(1)), Measured(3, 2025, D(0))],
        Aggregate(D("0.67"), 3, 3),
    ),
    # 44 / 100 = 44 %, whereas the mean of the rates is (75 + 10 + 90) / 3 = 58.33 %
    "a rate": (Rule.RATIO, "%", RATES, Aggregate(D("44.00"), 3, 3)),
    # without unit of percent: 44 / 100 = 0.44
    "a ratio": (Rule.RATIO, "nb", RATES, Aggregate(D("0.44"), 3, 3)),
    "a rate with a missing value": (Rule.RATIO, "%", [*RATES, MISSING], Aggregate(D("44.00"), 3, 4)),
    # 50 % given without its terms has no weight: nothing adds up, and it is covered all the same
    "a rate without terms": (
        Rule.RATIO, "%", [*RATES, Measured(4, 2025, D(50))], Aggregate(None, 4, 4),
    ),
    "the greatest": (Rule.MAX, "nb", [*NUMBERS, MISSING], Aggregate(D("12.00"), 3, 4)),
    # below zero, the greatest of the negatives, and not the zero of a missing one
    "the greatest of negatives": (
        Rule.MAX, "nb", [Measured(1, 2025, D(-5)), Measured(2, 2025, D(-3)), MISSING], Aggregate(D("-3.00"), 2, 3),
    ),
    # 2027 says nothing yet: the last value is that of 2026
    "the last of the years": (
        Rule.LAST, "nb", [Measured(1, 2025, D(4)), Measured(1, 2026, D(6)), Measured(1, 2027)],
        Aggregate(D("6.00"), 1, 1),
    ),
    "the last of several associations": (Rule.LAST, "nb", NUMBERS, Aggregate(None, 3, 3)),
    "what is not added up": (Rule.NONE, "nb", NUMBERS, Aggregate(None, 3, 3)),
    # « en cours », « oui »: said, hence not missing, and nothing to add up
    "words": (
        Rule.NONE, "statut", [Measured(1, 2025, worded=True), Measured(2, 2025, worded=True), Measured(3, 2025)],
        Aggregate(None, 2, 3),
    ),
    "nothing": (Rule.SUM, "nb", [], Aggregate(None, 0, 0)),
    "all missing": (Rule.SUM, "nb", FOUR_MISSING, Aggregate(None, 0, 4)),
    "all without object": (Rule.SUM, "nb", [WITHOUT], Aggregate(None, 0, 0)),
    # two fiches of one association: 4 + 2, and one association
    "two fiches of one association": (
        Rule.SUM, "nb", [Measured(1, 2025, D(4)), Measured(1, 2025, D(2))], Aggregate(D("6.00"), 1, 1),
    ),
    # one of its fiches says nothing, the other is without object: it is owed, and missing
    "a fiche missing beside one without object": (
        Rule.SUM, "nb", [Measured(1, 2025), Measured(1, 2025, not_applicable=True)], Aggregate(None, 0, 1),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TABLE)
@pytest.mark.parametrize("backwards", [False, True])
def test_values_add_up_as_by_hand_in_any_order(name, backwards):
    rule, unit, rows, expected = TABLE[name]
    assert aggregate(rule, unit, rows[::-1] if backwards else rows) == expected


WHOLE, MORE = st.integers(0, 999), st.integers(1, 999)
ROWS = st.lists(
    st.one_of(
        st.builds(lambda holder, top, more: Measured(holder, 2025, D(1), D(top), D(top + more)), WHOLE, WHOLE, MORE),
        st.builds(lambda holder: Measured(holder, 2025), WHOLE),
        st.builds(lambda holder: Measured(holder, 2025, not_applicable=True), WHOLE),
    ),
    max_size=12,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # a busy machine is no fault of the rule
@given(ROWS, st.integers(0, 12), st.randoms())
def test_a_sum_of_parts_is_that_of_the_whole_and_a_rate_is_that_of_its_terms_in_any_order(rows, cut, random):
    whole, shuffled = aggregate(Rule.SUM, "nb", rows), random.sample(rows, len(rows))
    parts = [aggregate(Rule.SUM, "nb", part).value for part in (shuffled[:cut], shuffled[cut:])]
    known = [value for value in parts if value is not None]
    assert whole.value == (sum(known, D(0)) if known else None)
    assert aggregate(Rule.RATIO, "%", rows) == aggregate(Rule.RATIO, "%", shuffled)
    # the rate of the whole lies between those of its parts: a mean of rates may not weigh a part more than its terms
    rates = [aggregate(Rule.RATIO, "%", part).value for part in (shuffled[:cut], shuffled[cut:])]
    told = [rate for rate in rates if rate is not None]
    if told:
        assert min(told) <= aggregate(Rule.RATIO, "%", rows).value <= max(told)
