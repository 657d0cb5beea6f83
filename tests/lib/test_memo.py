import pytest
from django.db import connection

from arml.models import Territory
from cpo.lib import memo


@pytest.fixture(autouse=True)
def _forgotten():
    memo._kept.clear()
    yield
    memo._kept.clear()


class Counted:
    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> int:
        self.times += 1
        return Territory.objects.filter(name="Exemple").count()


@pytest.mark.django_db(transaction=True)
def test_a_figure_is_computed_once_as_long_as_nothing_is_committed():
    compute = Counted()
    assert [memo.unchanged("key", compute) for _ in range(3)] == [0, 0, 0]
    assert compute.times == 1


@pytest.mark.django_db(transaction=True)
def test_any_commit_makes_it_computed_again():
    compute = Counted()
    memo.unchanged("key", compute)
    Territory.objects.filter(code="53").update(name="Exemple")
    assert memo.unchanged("key", compute) == 1
    Territory.objects.filter(code="53").update(name="Bretagne")
    assert memo.unchanged("key", compute) == 0


@pytest.mark.django_db(transaction=True)
def test_a_change_that_is_not_committed_yet_shows_once_it_is():
    """Computed while another transaction is under way, the figure is not taken for one that knows its changes."""
    compute = Counted()
    other = connection.copy()
    other.set_autocommit(False)
    try:
        with other.cursor() as cursor:
            cursor.execute("UPDATE arml_territory SET name = 'Exemple' WHERE code = '53'")
            assert memo.unchanged("key", compute) == 0
            other.commit()
        assert memo.unchanged("key", compute) == 1
    finally:
        other.close()


@pytest.mark.django_db
def test_inside_a_transaction_nothing_is_kept():
    compute = Counted()
    memo.unchanged("key", compute)
    Territory.objects.filter(code="53").update(name="Exemple")
    assert memo.unchanged("key", compute) == 1


@pytest.mark.django_db(transaction=True)
def test_few_keys_are_kept():
    for number in range(memo.KEPT + 5):
        memo.unchanged(number, lambda: 0)
    assert len(memo._kept) == memo.KEPT
