"""The list of deadlines with its filters and CSV, and the page of a deadline: reminders, declaration."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cpo.lib.models import JournalEntry
from reporting.models import Deadline, Reminder
from reporting.services import reminders
from reporting.services.deadlines import sync
from tests.factories.arml import OrganisationFactory, make_user
from tests.factories.deadlines import alone, in_force, make_deadline, person

pytestmark = pytest.mark.django_db
LIST = "/echeances/"


@pytest.fixture(autouse=True)
def _only_ours(db):
    alone()


def listed(client, **query):
    response = client.get(LIST, query)
    assert response.status_code == 200
    return [line["deadline"] for line in response.context["lines"]]


@pytest.fixture
def three(client):
    """Three deadlines: one late, one soon, one met. The director of their convention is signed in."""
    convention = in_force()
    late = make_deadline(convention, due="2026-10-01", label="Obligation passée")
    soon = make_deadline(convention, due="2026-10-31", label="Obligation proche", responsible="officer")
    met = make_deadline(convention, due="2026-09-01", label="Obligation faite")
    Deadline.objects.filter(pk=met.pk).update(met_on=dt.date(2026, 8, 30))
    client.force_login(person(convention, "director"))
    return late, soon, met


def test_by_default_what_is_open_by_date(client, three):
    late, soon, _ = three
    assert listed(client) == [late, soon]
    assert listed(client, tri="-date") == [soon, late]
    text = client.get(LIST).content.decode()
    assert "En retard de 14\u00a0jours" in text
    assert "02/11/2026" in text, "the next working day is shown beside the legal date"


def test_filters_by_state_rule_responsible_and_convention_without_accents(client, three):
    late, soon, met = three
    assert listed(client, etat="retard") == [late]
    assert listed(client, etat="faites") == [met]
    assert listed(client, etat="toutes") == [met, late, soon]
    assert listed(client, regle=soon.rule.key) == [soon]
    assert listed(client, pour="moi") == [late]
    assert listed(client, convention="ÉXEMPLE") == [late, soon]
    assert listed(client, convention="introuvable") == []
    assert "Aucune échéance ne correspond" in client.get(LIST, {"convention": "introuvable"}).content.decode()


def test_bad_values_in_the_address_filter_nothing(client, three):
    assert len(listed(client, etat="zzz", regle="zzz", pour="zzz", tri="zzz", page="zzz")) == 2


def test_deadlines_of_other_dossiers_are_not_there(client, three):
    other = make_deadline()
    assert other not in listed(client, etat="toutes")
    for name in ("deadline-detail", "deadline-met"):
        url = reverse(name, kwargs={"pk": other.pk})
        assert (client.post if name == "deadline-met" else client.get)(url).status_code == 404


def test_the_csv_follows_the_filters(client, three):
    response = client.get(reverse("deadline-list-csv"), {"etat": "retard"})
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    head, *rows = text.strip().splitlines()
    assert head.startswith("Échéance;Année;Convention")
    assert len(rows) == 1
    assert "Obligation passée" in rows[0]
    assert "01/10/2026" in rows[0]


def test_an_observer_is_told_why_the_list_is_closed(client):
    client.force_login(make_user("reader", OrganisationFactory(national_scope=True)))
    response = client.get(LIST)
    assert response.status_code == 403
    assert "suivies par les parties" in response.content.decode()


def test_the_number_of_queries_is_the_same_for_one_line_and_for_three(client):
    convention = in_force()
    director = person(convention, "director")
    client.force_login(director)

    def count():
        with CaptureQueriesContext(connection) as queries:
            listed(client)
        return len(queries)

    make_deadline(convention, due="2026-10-15", ladder=[0])
    reminders.run(dt.date(2026, 10, 15))
    first = count()
    assert first <= 10
    for _ in range(2):
        make_deadline(convention, due="2026-10-15", ladder=[0])
    reminders.run(dt.date(2026, 10, 15))
    assert count() == first


def test_the_page_of_a_deadline_tells_its_ladder_and_who_was_reminded(client):
    deadline = make_deadline(due="2026-06-30", known_since="2026-05-15", ladder=[-60, -30, 0, 7, 200])
    reminders.run(dt.date(2026, 6, 30))
    director = person(deadline.convention, "director")
    client.force_login(director)
    response = client.get(reverse("deadline-detail", kwargs={"pk": deadline.pk}))
    states = {rung["label"]: rung["state"] for rung in response.context["rungs"]}
    assert states == {
        "J-60": "échéance pas encore connue",
        "J-30": "dépassé",
        "J": "envoyé",
        "J+7": "en attente d’envoi",
        "J+200": "prévu",
    }
    text = response.content.decode()
    assert str(director) in text
    message = Reminder.objects.get(state="sent")
    assert reverse("reminder-message", kwargs={"pk": message.pk}) in text


def test_the_text_of_a_reminder_is_for_its_recipient_and_the_lead_service(client):
    deadline = make_deadline(due="2026-06-30", ladder=[0])
    reminders.run(dt.date(2026, 6, 30))
    url = reverse("reminder-message", kwargs={"pk": Reminder.objects.get().pk})
    expected = {"director": 200, "officer": 200, "manager": 200, "president": 404, "signatory": 404}
    for role, status in expected.items():
        client.force_login(person(deadline.convention, role))
        response = client.get(url)
        assert response.status_code == status, role
    client.force_login(make_user("director"))
    assert client.get(url).status_code == 404


def test_declaring_met_writes_the_day_the_journal_and_stops_the_reminders(client):
    deadline = make_deadline(due="2026-10-01", ladder=[15])
    client.force_login(person(deadline.convention, "director"))
    url = reverse("deadline-met", kwargs={"pk": deadline.pk})
    response = client.post(url, {"met_on": "2026-10-03", "comment": "Envoyé par courrier."}, follow=True)
    assert "déclarée faite" in response.content.decode()
    deadline.refresh_from_db()
    assert deadline.met_on == dt.date(2026, 10, 3)
    assert JournalEntry.objects.get(verb="deadline_met").comment == "Envoyé par courrier."
    assert reminders.run(dt.date(2026, 10, 16)) == 0


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("", "obligatoire"),
        ("2026-10-16", "Indiquez un jour passé"),
        ("2019-01-01", "plus de trois ans"),
        ("31/02/2026", "date"),
    ],
)
def test_a_wrong_date_is_refused_beside_the_field_and_nothing_typed_is_lost(client, value, words):
    deadline = make_deadline(due="2026-10-01")
    client.force_login(person(deadline.convention, "director"))
    url = reverse("deadline-met", kwargs={"pk": deadline.pk})
    response = client.post(url, {"met_on": value, "comment": "Mon courrier"})
    assert response.status_code == 200
    assert words in " ".join(response.context["form"].errors["met_on"])
    assert "Mon courrier" in response.content.decode()
    deadline.refresh_from_db()
    assert deadline.met_on is None


def test_who_is_not_responsible_may_not_declare_and_gets_no_form(client):
    deadline = make_deadline(due="2026-10-01")
    client.force_login(person(deadline.convention, "president"))
    response = client.get(reverse("deadline-detail", kwargs={"pk": deadline.pk}))
    assert response.context["form"] is None
    url = reverse("deadline-met", kwargs={"pk": deadline.pk})
    assert client.post(url, {"met_on": "2026-10-03"}).status_code == 403
    assert client.get(url).status_code == 405


def test_what_the_application_sees_by_itself_offers_no_form(client):
    convention = in_force()
    convention.cycle.deadline_rules.filter(key="justificatifs_annuels").update(active=True)
    sync(convention)
    client.force_login(person(convention, "officer"))
    deadline = convention.deadlines.earliest("due_on")
    response = client.get(reverse("deadline-detail", kwargs={"pk": deadline.pk}))
    assert response.context["form"] is None
    assert "constate elle-même" in response.content.decode()
