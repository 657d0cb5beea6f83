"""The weekly digest: on Mondays at 8, once per week, with the messages held since the last one."""

import pytest

from arml.models import User
from cpo.lib.enums import MailState
from cpo.lib.models import OutboxMessage
from reporting.services import digests, reminders
from tests.factories.arml import make_user
from tests.factories.deadlines import alone, in_force, make_deadline, person

pytestmark = pytest.mark.django_db
MONDAY, TUESDAY, NEXT_MONDAY = "2026-06-01 08:05", "2026-06-02 10:00", "2026-06-08 08:05"


@pytest.fixture(autouse=True)
def _only_ours(db):
    alone()


@pytest.fixture
def director(at):
    """A director who chose the digest, with a reminder held since Sunday."""
    deadline = make_deadline(in_force(), due="2026-06-30", ladder=[-30])
    director = person(deadline.convention, "director")
    User.objects.filter(pk=director.pk).update(weekly_digest=True)
    at("2026-05-31 09:00")
    assert reminders.run() == 1
    assert OutboxMessage.objects.get().state == MailState.DIGEST
    return director


def digests_of(user):
    return OutboxMessage.objects.filter(recipient=user, template=digests.TEMPLATE)


def test_on_monday_at_8_the_digest_carries_what_was_kept_back_and_what_is_to_do(director, at):
    at("2026-06-01 07:05")
    assert digests.run() == 0
    at(MONDAY)
    assert digests.run() == 1
    digest = digests_of(director).get()
    assert digest.state == MailState.WAITING
    assert "1 action(s) attendue(s)" in digest.subject
    assert "Dans 30\u00a0jours" in digest.body
    assert "Obligation exemple" in digest.body
    reminder = OutboxMessage.objects.exclude(pk=digest.pk).get()
    assert reminder.state == MailState.SENT
    assert reminder.sent_at


def test_a_week_has_one_digest_whatever_the_runs(director, at):
    for moment in (MONDAY, "2026-06-01 09:05", TUESDAY, "2026-06-07 23:00"):
        at(moment)
        digests.run()
    assert digests_of(director).count() == 1
    at(NEXT_MONDAY)
    assert digests.run() == 1
    assert digests_of(director).count() == 2


def test_after_an_outage_on_monday_what_was_kept_back_leaves_the_next_day(director, at):
    at(TUESDAY)
    assert digests.run() == 1
    assert digests.run() == 0


def test_what_is_kept_back_after_monday_waits_for_the_next_one(director, at):
    at(MONDAY)
    digests.run()
    make_deadline(in_force_of(director), due="2026-07-02", known_since="2026-01-01", ladder=[-30])
    at("2026-06-02 09:00")
    reminders.run()
    assert digests.run() == 0
    assert OutboxMessage.objects.filter(state=MailState.DIGEST).count() == 1
    at(NEXT_MONDAY)
    digests.run()
    assert not OutboxMessage.objects.filter(state=MailState.DIGEST).exists()


def in_force_of(director):
    return director.roles[0].organisation.dossiers.get().convention


def test_who_gave_the_digest_up_still_gets_what_was_kept_back(director, at):
    User.objects.filter(pk=director.pk).update(weekly_digest=False)
    at(MONDAY)
    assert digests.run() == 1


def test_who_has_nothing_to_read_gets_nothing(at):
    make_user("national_reader", weekly_digest=True)
    at(MONDAY)
    assert digests.run() == 0


def test_who_reads_each_message_at_once_gets_no_digest(at):
    in_force()
    at(MONDAY)
    assert digests.run() == 0


def test_a_person_whose_digest_cannot_be_written_stops_no_other(director, at, monkeypatch):
    other = make_user("officer")
    agenda = digests.agenda
    monkeypatch.setattr(digests, "agenda", lambda user: 1 / 0 if user.pk == other.pk else agenda(user))
    User.objects.filter(pk=other.pk).update(weekly_digest=True)
    at(MONDAY)
    assert digests.run() == 1
    assert digests_of(director).count() == 1
