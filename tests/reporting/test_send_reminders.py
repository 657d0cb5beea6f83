"""The command simulates by default. With --send it does the same work as the beat, without a broker."""

import datetime as dt
from io import StringIO

import pytest
from celery.canvas import Signature
from django.core import mail
from django.core.management import CommandError, call_command

from cpo.celery import app
from cpo.lib.models import OutboxMessage
from reporting.models import Deadline, Reminder, Report
from tests.factories.deadlines import alone, in_force, make_deadline, make_rule, person

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _only_ours(db):
    alone()


def send_reminders(*arguments):
    out = StringIO()
    call_command("send_reminders", *arguments, stdout=out)
    return out.getvalue().strip().splitlines()


def test_without_send_nothing_is_written_and_the_last_line_says_how_many():
    deadline = make_deadline(due="2026-06-30", ladder=[-7, 0])
    lines = send_reminders("--on", "2026-06-30")
    assert lines[-1] == "1 rappel(s) à envoyer (simulation, rien n’est écrit)."
    director = person(deadline.convention, "director")
    assert any(director.email in line and "J+0" in line and "à envoyer" in line for line in lines)
    assert any("J-7" in line and "dépassé" in line for line in lines)
    assert not Reminder.objects.exists()
    assert not OutboxMessage.objects.exists()


def test_with_send_the_rows_are_written_and_the_messages_leave():
    make_deadline(due="2026-06-30", ladder=[0])
    assert send_reminders("--on", "2026-06-30", "--send")[-1] == "1 rappel(s) écrit(s)."
    assert len(mail.outbox) == 1
    assert send_reminders("--on", "2026-06-30", "--send")[-1] == "0 rappel(s) écrit(s)."
    assert send_reminders("--on", "2026-06-30")[-1].startswith("0 rappel(s) à envoyer")
    assert len(mail.outbox) == 1


def test_the_simulation_counts_what_send_then_writes():
    """The count includes deadlines that the rules of the day would create, although the simulation creates none."""
    convention = in_force()
    make_rule(convention, dt.date(2026, 10, 15), ladder=[0], escalation=[[0, ["president"]]])
    simulated = send_reminders()[-1]
    assert not Deadline.objects.exists()
    result = send_reminders("--send")[-1]
    assert (simulated.split()[0], result.split()[0]) == ("2", "2")


def test_the_simulation_opens_no_campaign():
    convention = in_force()
    convention.cycle.deadline_rules.filter(key="ouverture_campagne").update(active=True)
    send_reminders()
    assert not Report.objects.exists()
    send_reminders("--send")
    assert Report.objects.filter(convention=convention).exists()


def test_by_default_the_day_is_that_of_each_territory(at):
    reunion, guadeloupe = in_force(zone="Indian/Reunion"), in_force(zone="America/Guadeloupe")
    make_rule(reunion, dt.date(2026, 7, 1), ladder=[0])
    at("2026-06-30 22:30+00:00")
    assert guadeloupe.cycle == reunion.cycle
    assert send_reminders("--send")[-1] == "1 rappel(s) écrit(s)."


def test_a_broker_out_of_reach_changes_nothing(monkeypatch, settings):
    def out_of_reach(*args, **kwargs):
        raise ConnectionError("no broker")

    monkeypatch.setattr(Signature, "delay", out_of_reach)
    make_deadline(due="2026-06-30", ladder=[0])
    assert send_reminders("--on", "2026-06-30", "--send")[-1] == "1 rappel(s) écrit(s)."
    assert len(mail.outbox) == 1


@pytest.mark.parametrize("text", ["hier", "30/06/2026", "2026-02-30"])
def test_a_date_that_is_none_is_refused_in_french(text):
    with pytest.raises(CommandError, match="AAAA-MM-JJ"):
        send_reminders("--on", text)


def test_the_beat_runs_the_same_work_every_hour():
    entry = next(row for row in app.conf.beat_schedule.values() if row["task"] == "reporting.daily")
    assert entry["schedule"].hour == set(range(24))
    app.loader.import_default_modules()
    assert "reporting.daily" in app.tasks
