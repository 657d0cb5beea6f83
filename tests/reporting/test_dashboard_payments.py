"""The State's money of the whole country: each total is that of its rows, and of what the person follows."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from arml.enums import OrganisationKind
from cpo.lib.wording import french
from reporting.dashboard import board, payments
from tests.factories.arml import OrganisationFactory, make_user
from tests.factories.kept import kept
from tests.factories.payments import Money
from tests.factories.reporting import make_active

pytestmark = pytest.mark.django_db
PAGE = "dashboard-payments"


@kept
def paid_in_two_regions():
    """40 000 € a year each; of 2025, the first has 40 000 € committed and its advance paid, the second 30 000 €."""
    first, second = Money(make_active(funded=True)), Money(make_active(funded=True))
    first.commit(2025, 40000)
    first.pay(2025, 1)
    second.commit(2025, 30000, number="2102 000 002")
    second.reach("ordered", 2025, 1)
    return first.act, second.act


def figures(total):
    sums = total.sums
    return [sums.conventioned, sums.committed, sums.reserved, sums.paid, sums.remaining]


def selection(user, year=2025):
    return board.Selection(user, board.current_cycle(user), year)


def test_years_and_regions_add_up_to_what_was_agreed_committed_and_paid():
    paid_in_two_regions()
    rows = payments.lines(selection(make_user("national_reader")))
    table = {row.label: figures(row) for row in payments.by_year(rows)}
    assert table == {
        "2025": [80000, 70000, 20000, 20000, 60000],
        "2026": [80000, 0, 0, 0, 80000],
        "2027": [80000, 0, 0, 0, 80000],
        "Total": [240000, 70000, 20000, 20000, 220000],
    }
    *regions, whole = [figures(row) for row in payments.by_region(rows, 2025)]
    assert regions == [[40000, 40000, 0, 20000, 20000], [40000, 30000, 20000, 0, 40000]]
    assert whole == [sum(column) for column in zip(*regions, strict=True)] == table["2025"]


def test_the_file_has_a_line_for_each_line_of_each_convention(client):
    first, _ = paid_in_two_regions()
    client.force_login(make_user("national_reader"))
    page = client.get(reverse(PAGE), {"annee": "2025"}).content.decode()
    assert french.euros(80000) in page
    file = b"".join(client.get(reverse(PAGE), {"format": "csv"}).streaming_content).decode()
    head, *lines = [line.split(";") for line in file.strip().splitlines()]
    assert len(lines) == 6
    (line,) = [row for row in lines if row[1] == first.convention.number and row[5] == "2025"]
    amounts = [Decimal(text.replace(",", ".")) for text in line[6:]]
    assert dict(zip(head[6:], amounts, strict=True)) == {
        "Conventionné": 40000, "Engagé": 40000, "Proposé, non payé": 0, "Payé": 20000, "Reste à payer": 20000,
    }  # fmt: skip


def test_who_observes_reads_no_money_and_a_party_only_hers(client):
    first, second = paid_in_two_regions()
    region = OrganisationFactory(kind=OrganisationKind.REGION, territories=[first.dossier.territories.first()])
    observer = make_user("reader", region)
    client.force_login(observer)
    assert client.get(reverse(PAGE)).status_code == 403
    both = make_user("officer", second.dossier.lead, user=observer)
    rows = payments.lines(selection(both))
    assert {row.convention for row in rows} == {second.convention}


def test_the_number_of_queries_does_not_depend_on_the_conventions(client):
    paid_in_two_regions()
    client.force_login(make_user("national_reader"))

    def count():
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse(PAGE))
        return len(queries)

    client.get(reverse(PAGE))
    before = count()
    Money(make_active(funded=True)).commit(2025, 10, number="2102 000 003")
    assert count() == before


def test_the_funding_file_has_what_the_state_committed_and_paid(client):
    first, _ = paid_in_two_regions()
    client.force_login(Money(first).officer)
    url = reverse("convention-funding-csv", kwargs={"number": first.convention.number})
    file = b"".join(client.get(url).streaming_content).decode()
    assert "EJ 2102000001" in file
    assert "DP 4500" in file
