"""What a reminder says to each reader: which convention, what is missing, whom to call; and who is told."""

import datetime as dt

import pytest
from django.urls import reverse

from cpo.lib.enums import MailState
from cpo.lib.models import OutboxMessage
from reporting.models import Deadline
from reporting.services import reminders
from reporting.services.deadlines import sync
from reporting.services.reminder_texts import ReminderTexts
from reporting.todo.people import unreachable_tasks
from tests.factories.arml import make_user
from tests.factories.deadlines import alone, in_force, make_deadline, person
from tests.factories.reporting import answer, make_report, sent_back

pytestmark = pytest.mark.django_db
INFORMED = {"informed": ["president", "accountant", "officer"], "ladder": [-7, 15]}


@pytest.fixture(autouse=True)
def _only_ours():
    alone()


def message_to(convention, role):
    return OutboxMessage.objects.filter(recipient=person(convention, role)).latest("pk")


def test_who_is_informed_by_a_rule_is_told_from_the_first_rung_and_of_whose_duty_it_is():
    deadline = make_deadline(due="2026-06-30", **INFORMED)
    convention = deadline.convention
    accountant = make_user("accountant", convention.dossier.beneficiary)
    assert reminders.run(dt.date(2026, 6, 23)) == 4
    director = person(convention, "director")
    assert "Ce message vous informe" not in message_to(convention, "director").body
    for reader in (person(convention, "president"), person(convention, "officer"), accountant):
        body = OutboxMessage.objects.get(recipient=reader).body
        assert f"l’échéance est à la charge de {director}." in body
        assert f"Personne à joindre\u00a0: {director}" in body


def test_nobody_takes_the_place_of_who_is_only_informed():
    deadline = make_deadline(due="2026-06-30", **INFORMED)
    convention = deadline.convention
    person(convention, "officer").memberships.update(valid_until=dt.date(2026, 1, 31))
    told = [person(convention, role) for role in ("director", "president")]
    assert list(reminders.recipients(deadline, -7)) == told, "neither the manager nor anybody for the accountant"


def test_two_late_deadlines_of_two_conventions_have_two_subjects():
    first, second = (make_deadline(due="2026-06-30", ladder=[15], label="Comité") for _ in range(2))
    reminders.run(dt.date(2026, 7, 15))
    for one in (first, second):
        message = message_to(one.convention, "director")
        association = one.convention.dossier.beneficiary
        assert message.subject.endswith(f"Comité, {association} ({one.convention.number})")
        assert f"de la convention {one.convention.number} avec {association.in_sentence}" in message.body
        assert "Transmettez les éléments manquants" in message.body


def test_the_person_to_call_is_never_the_reader_and_the_service_where_nobody_is_left():
    deadline = make_deadline(due="2026-06-30", responsible="officer", ladder=[15])
    convention = deadline.convention
    officer, manager = person(convention, "officer"), person(convention, "manager")
    texts = ReminderTexts(deadline, [officer])
    assert texts.contact(officer) == str(manager)
    assert texts.contact(manager) == str(officer)
    manager.memberships.update(valid_until=dt.date(2026, 1, 31))
    assert ReminderTexts(deadline, [officer]).contact(officer) == convention.dossier.lead.in_sentence


def late(report):
    rule = report.convention.cycle.deadline_rules.get(key="justificatifs_annuels")
    due = dt.date(2026, 6, 30)
    return Deadline.objects.create(
        convention=report.convention, rule=rule, year=report.year, due_on=due, created_on=due
    )


def test_what_is_missing_of_a_report_sent_back_is_what_was_requested():
    report = sent_back(None, "finance", "general")
    deadline = late(report)
    texts = ReminderTexts(deadline, [])
    words = "2\u00a0compléments demandés (Rubrique finance\u00a0; Rubrique general)"
    assert (texts.missing(inside=True), texts.missing(inside=False)) == (words, words)
    answer(report)
    assert ReminderTexts(deadline, []).missing(inside=True) == f"{words}\u00a0; il reste à envoyer le compte rendu"


def test_the_service_reads_nothing_of_a_report_that_was_not_sent():
    texts = ReminderTexts(late(make_report()), [])
    assert texts.missing(inside=False) == "le compte rendu, que l’association n’a pas envoyé"
    assert texts.missing(inside=True) != texts.missing(inside=False)


def test_a_message_that_failed_for_good_is_never_said_to_be_sent(client):
    deadline = make_deadline(due="2026-06-30", ladder=[-7, 0])
    convention = deadline.convention
    reminders.run(dt.date(2026, 6, 23))
    OutboxMessage.objects.update(state=MailState.FAILED)
    client.force_login(person(convention, "officer"))
    text = client.get(reverse("deadline-detail", kwargs={"pk": deadline.pk})).content.decode()
    assert "non remis" in text
    assert "envoyé\n" not in text
    csv = b"".join(client.get(reverse("deadline-list-csv")).streaming_content).decode().strip()
    assert csv.splitlines()[1].endswith(";0")


def test_who_invites_people_is_told_of_an_address_that_fails_until_a_message_arrives():
    deadline = make_deadline(due="2026-06-30", ladder=[-7, 0])
    convention = deadline.convention
    director, president = person(convention, "director"), person(convention, "president")
    reminders.run(dt.date(2026, 6, 23))
    assert unreachable_tasks(president) == []
    OutboxMessage.objects.update(state=MailState.FAILED)
    (task,) = unreachable_tasks(president)
    assert str(director) in task.title
    assert director.email in task.detail
    assert unreachable_tasks(person(convention, "manager")) == [], "another organisation"
    reminders.run(dt.date(2026, 6, 30))
    OutboxMessage.objects.filter(state=MailState.WAITING).update(state=MailState.SENT)
    assert unreachable_tasks(president) == []


def test_an_optional_deadline_that_passed_is_closed_and_never_late(at, client):
    convention = in_force()
    rule = convention.cycle.deadline_rules.get(key="adaptation_budget")
    assert rule.optional
    type(rule).objects.filter(pk=rule.pk).update(active=True)
    at("2026-07-01 10:00")
    sync(convention)
    deadline = convention.deadlines.get(year=2026)
    assert deadline.cancelled_on is None, "its day is not over"
    at("2026-07-02 10:00")
    assert not Deadline.objects.late().filter(pk=deadline.pk).exists(), "even before the hourly refresh"
    for _ in range(2):
        sync(convention)
        deadline.refresh_from_db()
        assert deadline.cancelled_on == dt.date(2026, 7, 2)
    client.force_login(person(convention, "director"))
    assert (
        "Close, elle était facultative"
        in client.get(reverse("deadline-detail", kwargs={"pk": deadline.pk})).content.decode()
    )
