"""What people wait for is reminded: each rung once, whatever crashed or was missed, to who must act."""

import datetime as dt

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from arml.models import Territory
from conventions.models import Act
from conventions.services import threads
from cpo.lib import clock
from cpo.lib.models import OutboxMessage
from reporting.deadlines import waiting
from reporting.deadlines.calendar import token
from reporting.models import Deadline, DeadlineRule, Reminder
from reporting.pages.deadlines import pending, visible_deadlines
from reporting.services import reminders
from reporting.services.deadlines import sync, upcoming
from reporting.tasks import daily
from reporting.todo.home import agenda
from tests.factories import scenarios
from tests.factories.arml import make_user

pytestmark = pytest.mark.django_db


def rows(scene):
    return Deadline.objects.filter(convention=scene.convention, cancelled_on=None).exclude(about="")


def told():
    """The rung and the recipient of each reminder of a wait that was sent, in order."""
    sent = Reminder.objects.filter(state="sent").exclude(deadline__about="").order_by("pk")
    return [(row.rung, row.recipient) for row in sent.select_related("recipient")]


@pytest.fixture
def only_waits():
    DeadlineRule.objects.exclude(key__startswith="attente_").update(active=False)


@pytest.fixture
def scene(at, only_waits):
    """The association has had the turn since 2 March 2026; its rule says 21 days: until 23 March."""
    at("2026-03-02 12:00")
    return scenarios.in_negotiation()


def test_each_rung_is_sent_on_its_day_to_who_is_waited_for(scene, at):
    for day in ("2026-03-15", "2026-03-16", "2026-03-17", "2026-03-22", "2026-03-23", "2026-03-29", "2026-03-30"):
        at(f"{day} 12:00")
        daily()
        daily()
    assert told() == [(-7, scene.director), (0, scene.director), (7, scene.director)]
    message = OutboxMessage.objects.filter(template="rappel_attente").latest("pk")
    assert message.subject.startswith("Retard de 7\u00a0jours")
    assert "depuis 28\u00a0jours" in message.body


def test_the_day_before_nothing_leaves_and_on_the_day_it_does(scene, at):
    at("2026-03-15 23:59")
    daily()
    assert told() == []
    at("2026-03-16 08:00")
    daily()
    assert told() == [(-7, scene.director)]


def test_after_an_outage_since_the_first_day_the_latest_rung_is_sent_once_and_none_is_dropped(scene, at):
    at("2026-03-25 12:00")  # nothing ran since the turn was given
    daily()
    daily()
    assert told() == [(0, scene.director)]
    assert Reminder.objects.filter(state="outdated", rung=-7).count() == 1


def test_a_crash_between_two_rows_leaves_nothing_and_the_next_run_writes_each_once(scene, at, monkeypatch):
    make_user("director", scene.act.dossier.beneficiary)
    at("2026-03-16 12:00")
    sync(scene.convention)
    real, calls = reminders.notifications.reminder, []

    def crash(*args, **kwargs):
        calls.append(args)
        if len(calls) == 2:
            raise RuntimeError("the process dies")
        return real(*args, **kwargs)

    monkeypatch.setattr(reminders.notifications, "reminder", crash)
    with pytest.raises(RuntimeError), transaction.atomic():
        reminders.remind(rows(scene).get(), dt.date(2026, 3, 16))
    assert told() == []
    assert not OutboxMessage.objects.filter(template="rappel_attente").exists()
    reminders.run()
    reminders.run()
    assert [rung for rung, _ in told()] == [-7, -7]


def test_what_was_answered_within_the_hour_is_reminded_no_more(scene, at):
    at("2026-03-16 08:30")
    sync(scene.convention)
    scene.do("propose", scene.director)
    Deadline.objects.exclude(about="").update(cancelled_on=None)  # as if nothing had been refreshed since
    for deadline in Deadline.objects.exclude(about=""):
        assert reminders.recipients(deadline, -7) == ()
    reminders.run()
    assert told() == []


def test_a_turn_that_comes_back_begins_a_new_clock(scene, at):
    at("2026-03-16 12:00")
    daily()
    scene.do("propose", scene.director)
    daily()
    assert [row.about for row in rows(scene)] == [f"{scene.act.pk}/main:state"]
    at("2026-03-18 12:00")
    scene.do("propose", scene.officer)
    at("2026-04-01 12:00")  # 18 March + 21 days - 7
    daily()
    assert told() == [(-7, scene.director), (-7, scene.director)]
    assert rows(scene).get().created_on == dt.date(2026, 3, 18)


@pytest.mark.parametrize(("zone", "utc"), [("America/Cayenne", "11:00"), ("Indian/Mayotte", "05:00")])
def test_a_day_of_reminders_begins_at_8_where_the_dossier_is(scene, at, zone, utc):
    Territory.objects.filter(service=scene.act.dossier.lead).update(time_zone=zone)
    hour = dt.datetime.fromisoformat(f"2026-03-16 {utc}+00:00")
    sync(scene.convention)
    with clock.set_to(hour - dt.timedelta(minutes=1)):
        reminders.run(from_hour=reminders.SEND_HOUR)
    assert told() == []
    with clock.set_to(hour):
        reminders.run(from_hour=reminders.SEND_HOUR)
    assert told() == [(-7, scene.director)]


def test_an_escalation_tells_only_who_reads_of_the_wait(at, only_waits):
    escalation = [[0, ["president", "manager", "national_admin"]]]
    DeadlineRule.objects.filter(key__startswith="attente_visa").update(escalation=escalation, ladder=[0])
    at("2026-03-02 12:00")
    scene = scenarios.in_negotiation()
    national = make_user("national_admin")
    scene.do("propose", scene.director)
    scene.do("propose", scene.officer)
    scene.do("ask_president_visa", scene.director)
    at("2026-03-12 12:00")
    daily()
    assert {user for _, user in told()} == {scene.president}
    scene.do("accept", scene.director)
    scene.do("ask_visa", scene.officer)
    Reminder.objects.all().delete()
    at("2026-03-22 12:00")
    daily()
    users = {user for _, user in told()}
    assert scene.manager in users
    assert national in users
    assert not users & {scene.president, scene.director}


def test_an_exchange_is_reminded_to_the_side_that_has_not_answered(scene, at):
    threads.start(scene.act, by=scene.director, path="general", text="Une question.")
    at("2026-03-11 12:00")
    daily()
    assert told() == []
    at("2026-03-12 12:00")
    daily()
    assert told() == [(0, scene.officer)]


def test_a_signature_is_reminded_to_the_person_who_signs(at, only_waits):
    at("2026-03-02 12:00")
    scene = scenarios.in_signature()
    at("2026-03-10 12:00")
    daily()
    assert set(told()) == {(-7, scene.president), (-7, scene.signatory)}
    scene.sign(scene.president)
    at("2026-03-17 12:00")
    daily()
    assert told()[2:] == [(0, scene.signatory)]


def test_a_wait_stands_in_no_list_of_deadlines_nor_figure(scene, at):
    at("2026-04-20 12:00")
    daily()
    row = rows(scene).get()
    assert row.due_on < clock.today("Europe/Paris")
    assert Act.objects.get(pk=row.about.split("/")[0]) == scene.act
    for user in (scene.officer, scene.director, make_user("national_admin")):
        assert row not in visible_deadlines(user)
        assert row not in pending(user)
        assert row not in Deadline.objects.visible_to(user)
        assert row not in agenda(user).following
    assert row not in Deadline.objects.late()
    assert upcoming(scene.convention) is None
    client = Client()
    client.force_login(scene.officer)
    assert client.get(reverse("deadline-detail", args=[row.pk])).status_code == 404
    assert (
        "Réponse de la partie" not in client.get(reverse("deadline-feed", args=[token(scene.officer)])).content.decode()
    )


def test_the_reminder_and_the_pages_read_one_date(scene, at):
    sync(scene.convention)
    (wait,) = waiting.of_convention(scene.convention)
    (task,) = agenda(scene.director).mine
    assert rows(scene).get().due_on == wait.due_on == task.due == dt.date(2026, 3, 23)


def test_an_inactive_rule_reminds_nobody(scene, at):
    DeadlineRule.objects.filter(key="attente_main").update(active=False)
    at("2026-03-25 12:00")
    daily()
    assert told() == []
    assert not rows(scene).exists()


def test_the_national_administrator_edits_the_delay(scene, at, client):
    user = make_user("national_admin")
    client.force_login(user)
    cycle = scene.convention.cycle
    address = reverse("reference-rule", args=[cycle.key, "attente_main"])
    html = client.get(address).content.decode()
    assert "le jour où une partie a reçu la main" in html
    assert "la personne attendue" in html
    rule = DeadlineRule.objects.get(key="attente_main", cycle=cycle)
    response = client.post(
        address,
        {"revision": rule.revision, "label": rule.label, "base_event": "attente_main", "shift_months": 0,
         "shift_days": 5, "months_after_notification": 0, "responsible": "personne_attendue", "ladder": "0",
         "active": "on"},
    )  # fmt: skip
    assert response.status_code == 302
    sync(scene.convention)
    assert rows(scene).get().due_on == dt.date(2026, 3, 7)
