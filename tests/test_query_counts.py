"""Each page needs the same number of queries for three conventions as for one, and at most its ceiling.

These tests count queries; `make bench` measures times (docs/performance.md). They use the rows of the bench.
"""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from arml.enums import Role
from arml.models import Organisation, User
from conventions.models import Convention
from reporting.models import Report
from tests.bench import big, data, pages

pytestmark = pytest.mark.django_db

LISTS = {
    "convention-list": 10,
    "report-list": 20,
    "deadline-list": 15,
    "organisation-list": 15,
    "dashboard": 25,
    "dashboard-list": 12,
    "home": 28,  # one reads the letters, one the evaluations
}
DETAILS = {"convention-detail": 15, "programme-detail": 12, "convention-articles": 13, "convention-journal": 15}
STATES = data.STATES


@pytest.fixture
def grow(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Create active conventions up to this number, all led by one service, so that one person lists them all."""
    monkeypatch.setattr(data, "settle", lambda: None)  # VACUUM cannot run inside the transaction of a test
    monkeypatch.setattr(data, "STATES", (STATES[0],))
    first = data.Maker.territory
    monkeypatch.setattr(data.Maker, "territory", lambda self, n: first(self, 0))

    def to(count: int) -> None:
        data.grow(count)
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = origin")

    return to


def readers() -> dict[str, User]:
    """The readers, loaded again for each visit, since a user caches the rights that one request reads."""
    convention = Convention.objects.select_related("dossier__lead").earliest("pk")
    national = Organisation.objects.filter(kind="national").earliest("pk")
    return {
        "service": data.account_of(Role.OFFICER, convention.dossier.lead),
        "national": data.account_of(Role.NATIONAL_READER, national),
    }


def queries(reader: str, url: str, *, account: User | None = None) -> int:
    client = Client()
    client.force_login(account or readers()[reader])
    assert client.get(url).status_code == 200, url  # fills the caches of the process
    with CaptureQueriesContext(connection) as captured_queries:
        client.get(url)
    return len(captured_queries)


@pytest.mark.parametrize("reader", ["service", "national"])
@pytest.mark.parametrize("name", LISTS)
def test_a_list_costs_the_same_with_one_and_with_three_conventions(grow, name, reader):
    grow(1)
    one = queries(reader, reverse(name))
    grow(3)
    assert queries(reader, reverse(name)) == one
    assert one <= LISTS[name]


@pytest.mark.parametrize("state", ["negotiation", "active"])
def test_a_large_convention_stays_below_its_ceilings(state):
    convention = big.make(state).convention
    counts = {name: queries("service", reverse(name, args=[convention.number])) for name in DETAILS}
    assert {name: count for name, count in counts.items() if count > DETAILS[name]} == {}


@pytest.mark.parametrize("state", ["negotiation", "active"])
def test_versions_and_exchanges_cost_the_same_with_one_and_with_three_versions(state):
    act = big.make(state)
    url = reverse("convention-versions", args=[act.convention.number])
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")  # the freeze triggers forbid to delete versions
        latest = act.versions.latest("number")
        act.versions.exclude(pk=latest.pk).delete()
        cursor.execute("SET LOCAL session_replication_role = origin")
    one = queries("service", url)
    for number in (latest.number + 1, latest.number + 2):
        big.freeze(act, number)
    three = queries("service", url)
    assert three - one <= 1  # from two versions on, the page has a form that compares them
    assert three <= 25  # the last query reads the form draft of the person


OF_A_REPORT = {"report-detail": 20, "report-sheet": 30, "report-standing": 20}


def test_the_pages_of_a_report_cost_the_same_for_three_fiches_and_for_sixty(monkeypatch):
    monkeypatch.setattr(data, "settle", lambda: None)
    counts = []
    for fiches in (3, 60):
        act = big.make("active", fiches)
        Report.objects.filter(convention=act.convention_id).update(state="in_progress")
        of = {"number": act.convention.number, "year": act.effective_on.year}
        keys = {"report-sheet": {"key": act.programme.sheets.all()[0].key}}
        addresses = {name: reverse(name, kwargs=of | keys.get(name, {})) for name in OF_A_REPORT}
        counts.append({name: queries("service", url, account=pages.director(act)) for name, url in addresses.items()})
    assert counts[0] == counts[1]
    assert {name: count for name, count in counts[1].items() if count > OF_A_REPORT[name]} == {}


ANY_SIZE = ["programme-detail", "programme-budget", "sheet-detail", "convention-versions", "convention-version",
            "convention-compare"]  # fmt: skip


def test_pages_cost_the_same_from_five_to_a_hundred_fiches(monkeypatch):
    first = data.Maker.territory
    monkeypatch.setattr(data.Maker, "territory", lambda self, n: first(self, 0))
    counts = []
    for fiches in (5, 100):
        act = big.make_compared(fiches)
        more = {
            "sheet-detail": {"key": act.programme.sheets.all()[1].key},
            "convention-version": {"n": 4},
            "convention-compare": {"a": 3, "b": 4},
        }
        addresses = {
            name: reverse(name, kwargs={"number": act.convention.number, **more.get(name, {})}) for name in ANY_SIZE
        }
        counts.append({name: queries("service", url) for name, url in addresses.items()})
    assert counts[0] == counts[1]
