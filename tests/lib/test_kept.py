"""Queries whose SQL is written once: the rows are those of the queryset, whatever the values and the thread."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, connections
from django.db.models import QuerySet

from arml.models import Membership, MissionLocaleCount, Organisation, Territory
from cpo.lib.kept import kept
from tests.factories.arml import make_user

pytestmark = pytest.mark.django_db


@kept
def territories(prefix: str, /, *, service: str) -> QuerySet[Territory]:
    return Territory.objects.filter(name__startswith=prefix, service__key=service).select_related("service")


def test_the_rows_are_those_of_the_queryset_for_each_value() -> None:
    for prefix in ("", "B"):
        for service in Organisation.objects.filter(served_territories__isnull=False).values_list("key", flat=True):
            wanted = list(Territory.objects.filter(name__startswith=prefix, service__key=service))
            assert territories(prefix, service=service) == wanted
    found = territories("", service="dreets-bretagne")[0]
    assert found.service.key == "dreets-bretagne" and territories("", service="inconnu") == []


def test_the_sql_is_written_once_and_the_queryset_asked_once() -> None:
    asked = []

    @kept
    def named(*, number: int, day: dt.date) -> QuerySet[Membership]:
        asked.append(number)
        return Membership.objects.filter(user=number, valid_from__lte=day, valid_until=day)

    first = make_user("officer", membership__valid_until=dt.date(2026, 12, 31))
    second = make_user("officer", membership__valid_until=dt.date(2027, 12, 31))
    for user, day in ((first, dt.date(2026, 12, 31)), (second, dt.date(2027, 12, 31))):
        assert [row.user_id for row in named(number=user.pk, day=day)] == [user.pk]
    assert named(number=first.pk, day=dt.date(2027, 12, 31)) == []
    assert len(asked) == 1


def test_what_is_read_can_be_filtered_saved_and_read_again_as_any_row() -> None:
    row = territories("B", service="dreets-bretagne")[0]
    row.refresh_from_db()
    assert list(type(row).objects.filter(pk=row.pk)) == [row]


def test_a_query_that_can_find_nothing_reads_nothing() -> None:
    @kept
    def nobody(*, number: int) -> QuerySet[Membership]:
        return Membership.objects.none().filter(user=number)

    assert nobody(number=1) == []


def test_a_number_is_found_in_a_column_that_takes_no_negative_one() -> None:
    @kept
    def counted(*, count: int) -> QuerySet[MissionLocaleCount]:
        return MissionLocaleCount.objects.filter(count=count)

    known = MissionLocaleCount.objects.order_by("pk").first()
    assert known in counted(count=known.count) and counted(count=999) == []


def test_a_value_that_the_query_does_not_take_as_it_is_fails_at_once() -> None:
    @kept
    def upper(*, name: str) -> QuerySet[Territory]:
        return Territory.objects.filter(name=name.upper() + "!")

    with pytest.raises(TypeError, match="name"):
        upper(name="Bretagne")
    with pytest.raises(TypeError, match="float"):
        upper(name=1.5)


@pytest.mark.django_db(transaction=True)
def test_each_thread_reads_with_its_own_connection() -> None:
    wanted = territories("", service="dreets-bretagne")

    def read(_: int) -> tuple[list[Territory], int]:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                return territories("", service="dreets-bretagne"), cursor.fetchone()[0]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(read, range(2)))
    assert all(rows == wanted for rows, _ in answers)
