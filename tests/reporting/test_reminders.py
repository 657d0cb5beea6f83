"""Reminders: the rungs that fire, each once, their recipients, their texts."""

import datetime as dt
import threading

import pytest
from django.db import close_old_connections, connection

from arml.models import Membership, Territory
from cpo.lib.models import OutboxMessage
from reporting import notifications, tasks
from reporting.models import Deadline, Reminder
from reporting.services import reminders
from reporting.services.campaigns import open_report
from reporting.services.deadlines import sync
from reporting.tasks import daily
from tests.factories.arml import make_user
from tests.factories.deadlines import alone, in_force, make_deadline, person

ESCALATION = [[7, ["president"]], [15, ["manager"]], [30, ["national_admin"]]]


@pytest.fixture(autouse=True)
def _only_ours(request):
    if "transactional_db" not in request.fixturenames:
        request.getfixturevalue("db")
    alone()


def day(text):
    return dt.date.fromisoformat(text)


def reminders_of(deadline, state="sent"):
    """The rungs and recipients of the reminders, oldest first."""
    rows = Reminder.objects.filter(deadline=deadline, state=state).order_by("created_at", "rung", "recipient")
    return [(row.rung, row.recipient) for row in rows.select_related("recipient")]


def test_a_rung_fires_on_its_day_and_not_before():
    deadline = make_deadline(due="2026-06-30", ladder=[-30, -7, 0])
    assert reminders.run(day("2026-05-30")) == 0
    assert reminders.run(day("2026-05-31")) == 1
    assert reminders.run(day("2026-06-23")) == 1
    assert reminders.run(day("2026-06-30")) == 1
    assert [rung for rung, _ in reminders_of(deadline)] == [-30, -7, 0]


def test_a_day_of_reminders_begins_at_8_in_the_zone_of_the_service(at):
    reunion = make_deadline(in_force(zone="Indian/Reunion"), due="2026-06-30", ladder=[0])
    paris = make_deadline(in_force(), due="2026-06-30", ladder=[0])
    guadeloupe = make_deadline(in_force(zone="America/Guadeloupe"), due="2026-06-30", ladder=[0])
    expected = {"03:59": [], "04:01": [reunion], "06:01": [reunion, paris], "11:59": [reunion, paris]}
    expected["12:01"] = [reunion, paris, guadeloupe]
    for hour, expected_deadlines in expected.items():
        at(f"2026-06-30 {hour}+00:00")
        reminders.run(from_hour=reminders.SEND_HOUR)
        deadlines = set(Deadline.objects.filter(reminders__isnull=False))
        assert deadlines == set(expected_deadlines), hour


def test_around_midnight_utc_the_day_is_the_local_one(at):
    guadeloupe = make_deadline(in_force(zone="America/Guadeloupe"), due="2026-06-30", ladder=[0])
    reunion = make_deadline(in_force(zone="Indian/Reunion"), due="2026-07-01", ladder=[0])
    at("2026-06-30 22:00+00:00")  # 18 h on 30 June in Guadeloupe, 2 h on 1 July in Réunion
    rungs = {due.deadline: due.rung for due in reminders.plan()}
    assert rungs == {guadeloupe: 0, reunion: 0}
    at("2026-06-30 02:00+00:00")  # 22 h on 29 June in Guadeloupe, 6 h on 30 June in Réunion
    assert list(reminders.plan()) == []


def test_rungs_dated_before_the_deadline_existed_never_fire():
    deadline = make_deadline(due="2026-06-30", known_since="2026-06-10", ladder=[-60, -30, -7, 0])
    assert reminders.run(day("2026-06-12")) == 0
    assert reminders.run(day("2026-06-23")) == 1
    assert reminders_of(deadline) == [(-7, person(deadline.convention, "director"))]
    assert not reminders_of(deadline, "outdated")


def test_a_rung_of_the_very_day_when_the_deadline_appears_fires():
    make_deadline(due="2026-06-30", known_since="2026-05-31", ladder=[-30])
    assert reminders.run(day("2026-05-31")) == 1


def test_after_an_outage_only_the_latest_due_rung_is_sent_and_the_older_ones_are_outdated():
    deadline = make_deadline(due="2026-06-30", ladder=[-60, -30, -7, 0, 7])
    assert reminders.run(day("2026-07-02")) == 1
    director = person(deadline.convention, "director")
    assert reminders_of(deadline) == [(0, director)]
    assert reminders_of(deadline, "outdated") == [(-60, director), (-30, director), (-7, director)]
    assert reminders.run(day("2026-07-06")) == 0
    assert reminders.run(day("2026-07-07")) == 1


def test_a_reminder_sent_late_tells_the_days_that_are_left():
    make_deadline(due="2026-06-30", ladder=[-30])
    reminders.run(day("2026-06-10"))
    assert OutboxMessage.objects.get().subject.startswith("Dans 20\u00a0jours")


def test_running_twice_sends_once():
    deadline = make_deadline(due="2026-06-30", ladder=[0])
    assert reminders.run(day("2026-06-30")) == 1
    assert reminders.run(day("2026-06-30")) == 0
    assert reminders.run(day("2026-06-30")) == 0
    assert len(reminders_of(deadline)) == 1
    assert OutboxMessage.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_send_once(transactional_db):
    convention = in_force()
    for _ in range(3):
        make_deadline(convention, due="2026-06-30", ladder=[0])
    barrier, counts, errors = threading.Barrier(2), [], []

    def work():
        try:
            barrier.wait(10)
            counts.append(reminders.run(day("2026-06-30")))
        except Exception as error:
            errors.append(error)
        finally:
            close_old_connections()
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not errors
    assert sum(counts) == 3
    assert Reminder.objects.count() == OutboxMessage.objects.count() == 3


def test_the_row_and_its_message_are_written_together_or_not_at_all(monkeypatch):
    make_deadline(due="2026-06-30", ladder=[0])
    monkeypatch.setattr(reminders.Reminder.objects, "bulk_create", lambda rows: 1 / 0)
    assert reminders.run(day("2026-06-30")) == 0
    assert not OutboxMessage.objects.exists()
    assert not Reminder.objects.exists()
    monkeypatch.undo()
    assert reminders.run(day("2026-06-30")) == 1


def test_a_deadline_that_cannot_be_read_stops_no_other(monkeypatch, caplog):
    bad, good = make_deadline(due="2026-06-30", ladder=[0]), make_deadline(due="2026-06-30", ladder=[0])
    texts = reminders.ReminderTexts
    monkeypatch.setattr(reminders, "ReminderTexts", lambda one, who: 1 / 0 if one.pk == bad.pk else texts(one, who))
    assert reminders.run(day("2026-06-30")) == 1
    assert Reminder.objects.get().deadline == good
    assert "reminders" in caplog.text, "what was left is told"
    monkeypatch.undo()
    assert reminders.run(day("2026-06-30")) == 1, "it comes again at the next run"


def test_a_convention_whose_deadlines_cannot_be_computed_stops_no_other(monkeypatch):
    bad, good = make_deadline().convention, make_deadline().convention
    done = []
    monkeypatch.setattr(reminders, "sync", lambda one: 1 / 0 if one == bad else done.append(one))
    reminders.sync_all()
    assert done == [good]


def test_a_step_of_the_day_that_fails_takes_no_other_with_it(monkeypatch):
    make_deadline(due="2026-06-30", ladder=[0])
    monkeypatch.setattr(reminders, "sync_all", lambda: 1 / 0)
    monkeypatch.setattr(tasks.digests, "run", lambda: 1 / 0)
    run = reminders.run
    monkeypatch.setattr(reminders, "run", lambda **kwargs: run(day("2026-06-30")))
    assert tasks.daily() == 1


@pytest.mark.parametrize("field", ["met_on", "cancelled_on"])
def test_nothing_is_sent_for_what_is_done_or_no_longer_applies(field):
    deadline = make_deadline(due="2026-06-30", ladder=[0])
    Deadline.objects.filter(pk=deadline.pk).update(**{field: day("2026-06-29")})
    assert reminders.run(day("2026-06-30")) == 0


def test_nothing_is_sent_for_a_deadline_met_between_the_look_and_the_write():
    deadline = make_deadline(due="2026-06-30", ladder=[0])
    Deadline.objects.filter(pk=deadline.pk).update(met_on=day("2026-06-30"))
    assert reminders.remind(deadline, day("2026-06-30")) == 0


def test_nothing_is_sent_for_a_rule_turned_off():
    deadline = make_deadline(due="2026-06-30", ladder=[0])
    type(deadline.rule).objects.filter(pk=deadline.rule_id).update(active=False)
    assert reminders.run(day("2026-06-30")) == 0


def test_a_changed_due_date_starts_a_new_ladder():
    deadline = make_deadline(due="2026-06-30", ladder=[-7, 0, 7])
    reminders.run(day("2026-06-30"))
    Deadline.objects.filter(pk=deadline.pk).update(due_on=day("2026-09-30"))
    assert reminders.run(day("2026-07-07")) == 0
    assert reminders.run(day("2026-09-23")) == 1
    assert reminders.run(day("2026-09-30")) == 1
    assert sorted(Reminder.objects.filter(state="sent").values_list("due_on", "rung")) == [
        (day("2026-06-30"), 0),
        (day("2026-09-30"), -7),
        (day("2026-09-30"), 0),
    ]


def test_the_escalation_adds_president_manager_then_the_national_administration():
    national = make_user("national_admin")
    deadline = make_deadline(due="2026-06-30", ladder=[0, 7, 15, 30], escalation=ESCALATION)
    names = {}
    for on in ("2026-06-30", "2026-07-07", "2026-07-15", "2026-07-30"):
        reminders.run(day(on))
    for rung, user in reminders_of(deadline):
        names.setdefault(rung, set()).add(user)
    director, president, manager = (person(deadline.convention, role) for role in ("director", "president", "manager"))
    assert names[0] == {director}
    assert names[7] == {director, president}
    assert names[15] == {director, president, manager}
    assert {director, president, manager, national} <= names[30]


def test_where_nobody_holds_the_role_the_next_one_up_is_reminded():
    deadline = make_deadline(due="2026-06-30", ladder=[0], responsible="accountant")
    convention = deadline.convention
    assert reminders.recipients(deadline, 0) == (person(convention, "director"),)
    end_role(convention, "director")
    assert reminders.recipients(deadline, 0) == (person(convention, "president"),)
    end_role(convention, "president")
    assert reminders.recipients(deadline, 0) == (person(convention, "officer"),)
    end_role(convention, "officer")
    assert reminders.recipients(deadline, 0) == (person(convention, "manager"),)


def end_role(convention, role):
    organisations = [convention.dossier.lead_id, convention.dossier.beneficiary_id]
    Membership.objects.filter(role=role, organisation_id__in=organisations).update(valid_until=day("2026-01-31"))


def test_the_officer_reminded_is_the_one_who_follows_the_dossier():
    deadline = make_deadline(due="2026-06-30", ladder=[0], responsible="officer")
    colleague = make_user("officer", deadline.convention.dossier.lead)
    assert reminders.recipients(deadline, 0) == (deadline.convention.dossier.officer,)
    end_role(deadline.convention, "officer")
    Membership.objects.filter(user=colleague).update(valid_until=None)
    assert reminders.recipients(deadline, 0) == (colleague,)


def test_a_person_with_two_roles_is_reminded_once():
    deadline = make_deadline(due="2026-06-30", ladder=[7], escalation=ESCALATION)
    end_role(deadline.convention, "president")
    director = person(deadline.convention, "director")
    make_user("president", deadline.convention.dossier.beneficiary, user=director)
    assert reminders.run(day("2026-07-07")) == 1


def test_who_takes_over_after_a_rung_is_not_reminded_of_it():
    deadline = make_deadline(due="2026-06-30", ladder=[-30, 0])
    reminders.run(day("2026-05-31"))
    make_user("director", deadline.convention.dossier.beneficiary)
    assert reminders.run(day("2026-06-10")) == 0
    assert reminders.run(day("2026-06-30")) == 2


def test_a_reminder_without_anybody_waits_for_somebody():
    deadline = make_deadline(due="2026-06-30", ladder=[0])
    for role in ("director", "president", "officer", "manager"):
        end_role(deadline.convention, role)
    assert reminders.run(day("2026-06-30")) == 0
    newcomer = make_user("director", deadline.convention.dossier.beneficiary)
    assert reminders.run(day("2026-07-01")) == 1
    assert reminders_of(deadline) == [(0, newcomer)]


@pytest.mark.parametrize(
    ("days", "template", "words"),
    [
        (-60, "rappel_j_moins_30", "Dans 60\u00a0jours"),
        (-7, "rappel_j_moins_7", "Dans 7\u00a0jours"),
        (-1, "rappel_j_moins_7", "Demain"),
        (0, "rappel_jour_j", "Aujourd’hui"),
        (1, "rappel_j_plus_7", "Retard de 1\u00a0jour"),
        (15, "rappel_j_plus_15", "Retard de 15\u00a0jours"),
    ],
)
def test_five_texts_serve_every_number_of_days(days, template, words):
    assert notifications.reminder_template(days) == template
    assert notifications.delay(days) == words


def test_the_day_itself_tells_the_next_working_day():
    make_deadline(due="2026-08-15", ladder=[0])  # a Saturday and a public holiday
    reminders.run(day("2026-08-15"))
    assert "le premier jour ouvré est le 17\u00a0août 2026" in OutboxMessage.objects.get().body


def test_the_next_working_day_is_that_of_the_lead_service():
    deadline = make_deadline(due="2026-05-22", ladder=[0])
    lead = deadline.convention.dossier.lead
    lead.served_territories.update(service=None)
    Territory.objects.filter(code="02").update(service=lead)
    deadline.convention.dossier.territories.add(Territory.objects.get(code="02"))
    for row in (Deadline.objects.get(), Deadline.objects.with_local_day().get()):
        assert row.working_day == day("2026-05-26")


def test_a_late_reminder_names_who_else_got_it_and_the_effect():
    deadline = make_deadline(due="2026-06-30", ladder=[7], escalation=ESCALATION)
    type(deadline.rule).objects.filter(pk=deadline.rule_id).update(effect="Le solde est bloqué.")
    reminders.run(day("2026-07-07"))
    director, president = person(deadline.convention, "director"), person(deadline.convention, "president")
    body = OutboxMessage.objects.get(recipient=director).body
    assert f"Ce message est aussi adressé à\u00a0: {president}." in body
    assert "Le solde est bloqué." in body


def test_the_reminder_of_a_report_tells_progress_what_is_missing_and_links_to_it(at):
    convention = in_force()
    open_report(convention, 2025)
    OutboxMessage.objects.all().delete()
    rule = convention.cycle.deadline_rules.get(key="justificatifs_annuels")
    rule.active = True
    rule.save()
    at("2026-05-31")
    sync(convention)
    Deadline.objects.update(created_on=day("2026-01-01"))
    assert reminders.run() == 3, "the director; the president and the officer are told"
    body = OutboxMessage.objects.get(recipient=person(convention, "director")).body
    assert "Faits marquants de l’année" in body
    assert f"/rapports/{convention.number}/2025/" in body


def test_the_beat_runs_it_every_hour_with_the_same_result(at):
    deadline = make_deadline(due="2026-06-30", ladder=[0])
    at("2026-06-30 07:05")
    daily()
    assert not reminders_of(deadline)
    at("2026-06-30 08:05")
    daily()
    at("2026-06-30 09:05")
    daily()
    assert len(reminders_of(deadline)) == 1


@pytest.mark.parametrize(
    ("today", "on", "years"),
    [
        ("2027-01-14", "2027-01-15", [2025]),
        ("2027-01-15", "2027-01-15", [2025, 2026]),
        ("2027-01-15", "2026-01-15", [2025]),
        ("2027-01-15", "2026-01-14", []),
    ],
)
def test_a_day_to_come_opens_no_campaign_in_advance_and_a_past_day_opens_those_of_that_day(at, today, on, years):
    """The campaign of a year opens on 15 January of the next one."""
    convention = in_force()
    convention.cycle.deadline_rules.filter(key="ouverture_campagne").update(active=True)
    at(today)
    reminders.sync_all(day(on))
    assert list(convention.reports.order_by("year").values_list("year", flat=True)) == years


def test_the_number_of_queries_does_not_depend_on_what_is_not_due(
    django_assert_num_queries, django_assert_max_num_queries
):
    convention = in_force()
    make_deadline(convention, due="2027-06-30", ladder=[0])
    with django_assert_max_num_queries(6) as first:
        reminders.run(day("2026-10-15"))
    for _ in range(3):
        make_deadline(convention, due="2027-06-30", ladder=[0])
    with django_assert_num_queries(len(first)):
        reminders.run(day("2026-10-15"))
