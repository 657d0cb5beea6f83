"""The landing forecast: who types what, what it lacks, its gaps, its deadline, and what became of it."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse

from arml.models import User
from conventions.models import Act
from cpo.lib.editing.lock import StaleRevision
from cpo.lib.models import JournalEntry, OutboxMessage
from cpo.lib.workflow import Refused
from reporting.content import forecasts as content
from reporting.deadlines.facts import facts_of
from reporting.deadlines.rules import expected_deadlines
from reporting.models import Forecast
from reporting.services import forecasts as services
from reporting.services.deadlines import sync
from reporting.services.reports import AmountInput
from reporting.todo.home import agenda
from reporting.workflow.forecasts import FORECAST, apply
from tests.factories import reporting as reports
from tests.factories.arml import make_user
from tests.factories.conventions import member
from tests.factories.reporting import account, make_active

pytestmark = pytest.mark.django_db
YEAR = 2026  # the tests begin on 15 October 2026


@pytest.fixture
def act() -> Act:
    act = make_active(sheets=1)
    make_user("accountant", act.dossier.beneficiary)
    return act


def amounts(charges: str | None = "60000", why: str = "", state: str = "40000", region: str = "20000") -> list[Any]:
    """Of the budget of a fiche: 60 000 € of staff, 40 000 € of the State, 20 000 € of the region."""
    return [
        AmountInput(account("64").pk, None if charges is None else Decimal(charges), comment=why),
        AmountInput(account("74-ETAT").pk, Decimal(state), "État"),
        AmountInput(account("74-REGION").pk, Decimal(region), "Région"),
    ]


def save(act: Act, role: str = "director", revision: int | None = None, **fields: Any) -> Forecast:
    texts = fields.pop("texts", {"comment": "Un poste vacant.", "measures": "Un recrutement."})
    lines = fields.pop("lines", None) or amounts(**fields)
    by = member(act, role)
    return services.save(act.convention, YEAR, lines=lines, texts=texts, by=by, expected_revision=revision)


def sent(act: Act, **fields: Any) -> Forecast:
    return apply("send", save(act, **fields), by=member(act, "director"))


def missing(row: Forecast) -> list[str]:
    with pytest.raises(Refused) as refused:
        apply("send", row, by=member(row.act, "director"))
    return [line.text for line in refused.value.missing]


def page(user: User, act: Act, name: str = "convention-forecast", year: int = YEAR, **kwargs: Any) -> Any:
    client = Client()
    client.force_login(user)
    return client.get(reverse(name, kwargs={"number": act.convention.number, "year": year, **kwargs}))


def test_the_accountant_types_amounts_and_the_director_texts_too(act: Act) -> None:
    row = save(act, "accountant")
    assert (row.comment, row.lines.count()) == ("", 3)
    assert save(act, "director").comment == "Un poste vacant."
    with pytest.raises(PermissionDenied):
        save(act, "officer")
    with pytest.raises(PermissionDenied):
        apply("send", row, by=member(act, "accountant"))


def test_a_blank_amount_is_no_zero_and_is_asked_for(act: Act) -> None:
    row = save(act, charges=None)
    assert missing(row) == ["Montant attendu (64 Charges de personnel)"]
    save(act, charges="0", why="Personne.")
    assert apply("send", Forecast.objects.get(), by=member(act, "director")).is_sent


@pytest.mark.parametrize(
    ("charges", "asked"), [("54000", False), ("53999.99", True), ("66000", False), ("66000.01", True)]
)
def test_a_gap_beyond_the_threshold_of_the_cycle_is_explained(act: Act, charges: str, asked: bool) -> None:
    """10 % of 60 000 €, to the cent."""
    row = save(act, charges=charges)
    if asked:
        assert missing(row) == ["Compte 64\u00a0: explication de l’écart de plus de 10\u00a0%"]
        save(act, charges=charges, why="Un poste vacant depuis mai.")
    assert apply("send", Forecast.objects.get(), by=member(act, "director")).is_sent


def test_the_service_reads_it_once_it_is_sent_and_an_observer_never(act: Act) -> None:
    save(act, why="Une absence longue.")
    officer, observer = member(act, "officer"), make_user("reader")
    observer.roles[0].organisation.national_scope = True
    observer.roles[0].organisation.save()
    assert "Une absence longue." not in page(officer, act).content.decode()
    apply("send", Forecast.objects.get(), by=member(act, "director"))
    assert "Une absence longue." in page(officer, act).content.decode()
    assert page(observer, act).status_code == 404
    told = set(OutboxMessage.objects.filter(template="prevision_envoyee").values_list("to", flat=True))
    assert told == {officer.email, member(act, "manager").email}


def test_what_was_sent_changes_only_once_it_is_sent_back(act: Act) -> None:
    row = sent(act)
    with pytest.raises(Refused, match="est envoyée"):
        save(act, charges="59000")
    for statement in (
        "UPDATE reporting_forecast SET comment = 'x'",
        "UPDATE reporting_forecastline SET amount = 1",
        "DELETE FROM reporting_forecastline",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    with pytest.raises(Refused):
        apply("send_back", row, by=member(act, "officer"))
    apply("send_back", row, by=member(act, "officer"), comment="La région verse 15 000 €.")
    assert OutboxMessage.objects.filter(template="prevision_a_corriger", to=member(act, "director").email).exists()
    assert save(act, charges="59000").revision == 2


def test_a_correction_is_asked_for_until_the_year_is_over(act: Act, at: Any) -> None:
    row, officer = sent(act), member(act, "officer")
    at("2026-12-31 20:00")
    assert [option.transition.name for option in FORECAST.available(row, officer)] == ["send_back"]
    at("2027-01-01 01:00")
    assert FORECAST.available(row, officer) == []
    with pytest.raises(Refused, match="est finie"):
        apply("send_back", row, by=officer, comment="La région verse 15 000 €.")


def test_two_people_find_out_about_each_other_and_nothing_is_written_twice(act: Act) -> None:
    row = save(act, revision=0)
    with pytest.raises(StaleRevision):
        save(act, revision=0, charges="59000")
    before = JournalEntry.objects.count()
    assert save(act, revision=1).revision == row.revision
    assert JournalEntry.objects.count() == before


def test_it_is_typed_in_its_year(act: Act, at: Any) -> None:
    row = save(act)
    at("2026-12-31 20:00")
    save(act, charges="59500")
    at("2027-01-01 01:00")
    with pytest.raises(Refused, match="est finie"):
        save(act, charges="59000")
    assert "est finie" in missing(row)[0]
    assert page(member(act, "director"), act, year=2024).status_code == 404


def due(act: Act) -> dict[int | None, dt.date]:
    convention = type(act.convention).objects.get(pk=act.convention_id)
    rows = expected_deadlines(convention, facts_of(convention))
    return {year: day for rule, year, day in rows if rule.met_by == "prevision_envoyee"}


def test_its_deadline_is_met_by_sending_it_and_is_owed_no_more_once_the_year_is_over(act: Act, at: Any) -> None:
    assert due(act) == {2026: dt.date(2026, 11, 15), 2027: dt.date(2027, 11, 15)}
    at("2027-01-01 10:00")
    assert due(act) == {2027: dt.date(2027, 11, 15)}
    at("2026-11-10 10:00")
    sent(act)
    assert facts_of(act.convention)["prevision_envoyee:2026"] == dt.date(2026, 11, 10)
    at("2027-01-01 10:00")
    assert 2026 in due(act), "what was met stays met"


def test_the_director_and_the_accountant_find_it_in_their_to_do_list(act: Act, at: Any) -> None:
    at("2026-10-16")  # thirty days before
    sync(act.convention)
    address = reverse("convention-forecast", kwargs={"number": act.convention.number, "year": YEAR})

    def found(role: str) -> list[str]:
        return [task.title for task in agenda(member(act, role)).mine if task.url == address]

    assert found("director") == found("accountant") == ["Prévision au 31 décembre 2026"]
    assert found("officer") == []
    sent(act)
    assert found("director") == []


def test_it_is_compared_with_the_report_line_by_line(act: Act, at: Any) -> None:
    """Planned, expected, declared, and the gap; what nobody expected comes last."""
    row = sent(act, charges="58000", why="", region="15000")
    assert content.outcomes(row) is None
    at("2027-03-01 10:00")
    reports.submitted(reports.fill(reports.make_report(act, year=YEAR)))
    found = content.outcomes(Forecast.objects.get())
    assert found is not None
    names = ("label", "planned", "expected", "declared", "missed")
    charges, resources = [[tuple(getattr(one, name) for name in names) for one in part] for part in found]
    assert charges == [
        ("64 Charges de personnel", Decimal(60000), Decimal(58000), Decimal("59900.50"), Decimal("1900.50")),
    ]  # fmt: skip
    assert resources == [
        ("État (74-ETAT)", Decimal(40000), Decimal(40000), Decimal(40000), Decimal(0)),
        ("Région (74-REGION)", Decimal(20000), Decimal(15000), None, None),
    ]
    assert "Prévision et réalisé" in page(member(act, "officer"), act).content.decode()
