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
from reporting.todo.home import agenda
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
    assert "2026-10-01" in rows[0]


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
        "J-30": "dépassé, non envoyé",
        "J": "à envoyer",
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


def counts(client, deadline):
    """In how many late deadlines each channel counts this one: for the national reader, and for who is responsible."""
    number = deadline.convention.number
    national, director = make_user("national_reader"), person(deadline.convention, "director")
    client.force_login(national)
    dashboard = client.get(reverse("dashboard"), {"annee": "2026"})
    found = {
        "dashboard": dashboard.context["late_count"],
        "dashboard rows": sum(line["number"] == number for line in dashboard.context["late"]),
        "figure": client.get(reverse("dashboard-list"), {"mesure": "retards"}).context["page_obj"].paginator.count,
        "figure csv": csv_lines(client, reverse("dashboard-list"), mesure="retards", format="csv"),
        "national task": sum("en retard" in task.title for task in agenda(national).mine),
        "list": len(listed(client, etat="retard")),
        "list csv": csv_lines(client, reverse("deadline-list-csv"), etat="retard"),
        "conventions": client.get(reverse("convention-list"), {"echeances": "retard"})
        .context["page_obj"]
        .paginator.count,
    }
    client.force_login(director)
    return found | {"to do": agenda(director).late, "own list": len(listed(client, etat="retard"))}


def csv_lines(client, address, **query):
    answer = client.get(address, query)
    return len(b"".join(answer.streaming_content).decode().splitlines()) - 1


@pytest.mark.parametrize(
    ("zone", "due", "last_minute", "first_minute"),
    [
        ("Europe/Paris", "2026-12-31", "2026-12-31 22:59+00:00", "2026-12-31 23:01+00:00"),
        ("America/Cayenne", "2026-12-31", "2027-01-01 02:59+00:00", "2027-01-01 03:01+00:00"),
        ("Indian/Reunion", "2026-12-31", "2026-12-31 19:59+00:00", "2026-12-31 20:01+00:00"),
        ("Indian/Mayotte", "2026-11-30", "2026-11-30 20:59+00:00", "2026-11-30 21:01+00:00"),
        ("America/Miquelon", "2026-06-30", "2026-07-01 01:59+00:00", "2026-07-01 02:01+00:00"),
    ],
)
def test_a_deadline_is_late_everywhere_from_the_midnight_of_its_service(
    client, at, zone, due, last_minute, first_minute
):
    deadline = make_deadline(in_force(zone=zone), due=due)
    at(last_minute)
    assert set(counts(client, deadline).values()) == {0}
    at(first_minute)
    assert set(counts(client, deadline).values()) == {1}


def test_a_deadline_of_a_rule_turned_off_counts_nowhere(client):
    deadline = make_deadline(due="2026-10-01")
    assert set(counts(client, deadline).values()) == {1}
    type(deadline.rule).objects.filter(pk=deadline.rule_id).update(active=False)
    assert set(counts(client, deadline).values()) == {0}
    director = person(deadline.convention, "director")
    assert (agenda(director).mine, agenda(director).following) == ([], [])
    assert listed(client, etat="toutes") == []
    assert "BEGIN:VEVENT" not in client.get(reverse("deadline-calendar")).content.decode()
    assert list(reminders.plan()) == []
    assert "En retard" not in client.get(reverse("deadline-detail", args=[deadline.pk])).content.decode()
    Deadline.objects.filter(pk=deadline.pk).update(met_on=dt.date(2026, 10, 2))
    assert listed(client, etat="faites") == [deadline], "what was done stays in the history"


def test_a_late_list_says_of_what_year_for_what_day_and_how_late(client):
    deadline = make_deadline(due="2026-10-01", label="Obligation passée")
    Deadline.objects.filter(pk=deadline.pk).update(year=2026)
    client.force_login(make_user("national_reader"))
    query = {"mesure": "retards", "annee": "2026"}
    page = client.get(reverse("dashboard-list"), query).content.decode().replace("\u00a0", " ")
    assert "1<sup>er</sup> octobre 2026" in page and "14 jours" in page
    answer = client.get(reverse("dashboard-list"), query | {"format": "csv"})
    heads, line = b"".join(answer.streaming_content).decode().splitlines()
    assert heads.endswith(";Année;Date légale;Jours de retard") and line.endswith(";2026;2026-10-01;14")
    answer = client.get(reverse("deadline-list-csv"), {"etat": "retard"})
    heads, line = b"".join(answer.streaming_content).decode().splitlines()
    assert dict(zip(heads.split(";"), line.split(";"), strict=True))["Jours de retard"] == "14"
