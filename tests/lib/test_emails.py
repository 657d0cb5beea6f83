"""The outbox: a row in the transaction of the event, delivery at least once with one Message-ID, held digests."""

import socket
from email import message_from_bytes

import pytest
from aiosmtpd.controller import Controller
from django.db import IntegrityError, transaction

from cpo.lib import clock
from cpo.lib.enums import MailState
from cpo.lib.mail import emails
from cpo.lib.mail.emails import MAX_ATTEMPTS, deliver, fill, message_id
from cpo.lib.models import EmailTemplate, OutboxMessage
from cpo.lib.work.waking import without_waking
from tests.factories.arml import UserFactory

pytestmark = pytest.mark.django_db


class Server:
    """A real SMTP server that refuses the first deliveries."""

    def __init__(self, refusals):
        self.refusals, self.received, self.attempts = refusals, [], []

    async def handle_DATA(self, server, session, envelope):  # noqa: N802  the name that aiosmtpd calls
        message = message_from_bytes(envelope.content)
        self.attempts.append(message["Message-ID"])
        if len(self.attempts) <= self.refusals:
            return "451 4.3.0 Please try again later"
        self.received.append(message)
        return "250 OK"


@pytest.fixture
def smtp(settings):
    controllers = []

    def start(refusals=0):
        handler = Server(refusals)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        controller = Controller(handler, hostname="127.0.0.1", port=port)
        controller.start()
        controllers.append(controller)
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST = "127.0.0.1"
        settings.EMAIL_PORT = port
        return handler

    yield start
    for controller in controllers:
        controller.stop()


@pytest.fixture
def template():
    return EmailTemplate.objects.create(
        key="essai", subject="Bonjour {{ prenom_destinataire }}", body="Voici : {{ lien }}\n{{ motif }}", immediate=True
    )


def write(to="camille@exemple.example", **context):
    return emails.write("essai", [to], {"lien": "https://exemple.example/", "motif": "", **context})[0]


def test_a_delivery_that_fails_is_tried_again_under_the_same_message_id(smtp, template, at):
    server = smtp(refusals=1)
    at("2026-06-30 08:05")
    message = write()
    assert deliver() == 0
    message.refresh_from_db()
    assert (message.state, message.attempts, message.sent_at) == (MailState.WAITING, 1, None)
    assert deliver() == 0, "the next attempt waits a minute"
    at("2026-06-30 08:07")
    assert deliver() == 1
    message.refresh_from_db()
    assert (message.state, message.attempts) == (MailState.SENT, 2)
    assert server.attempts == [message.message_id] * 2
    assert [email["Message-ID"] for email in server.received] == [message.message_id]
    assert deliver() == 0


def test_the_wait_runs_from_the_last_attempt_whenever_the_message_was_written(smtp, template, at):
    """After a long outage of ours, or once it was sent again by hand, it was tried every minute and soon given up."""
    smtp(refusals=99)
    at("2026-06-30 08:00")
    message = write()
    at("2026-07-02 08:00")
    for minute, attempts in ((0, 1), (2, 2), (3, 2), (5, 3), (8, 3), (10, 4)):
        at(f"2026-07-02 08:{minute:02d}")
        deliver()
        message.refresh_from_db()
        assert message.attempts == attempts, minute
    OutboxMessage.objects.update(state=MailState.FAILED)
    emails.try_again(OutboxMessage.objects.all())
    for minute, attempts in ((11, 1), (13, 2), (14, 2), (16, 3)):
        at(f"2026-07-02 08:{minute}")
        deliver()
        message.refresh_from_db()
        assert message.attempts == attempts, minute


def test_a_server_out_of_reach_loses_nothing_for_a_day(template, settings, at):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", 9, 1
    at("2026-06-30 08:00")
    message = write()
    for hour in range(24):
        at(f"2026-06-{30:02d} {hour:02d}:00" if hour >= 8 else f"2026-07-01 {hour:02d}:00")
        deliver()
    message.refresh_from_db()
    assert message.state == MailState.WAITING
    assert message.attempts < MAX_ATTEMPTS


@pytest.mark.parametrize("demo", [False, True])
def test_a_secret_is_forgotten_once_sent_unless_in_the_demonstration(demo, template, settings, smtp):
    settings.DEMO = demo
    server = smtp(refusals=1)
    context = {"lien": "https://x/c0de/", "motif": ""}
    (message,) = emails.write("essai", ["a@exemple.example"], context, secrets=["c0de"])
    deliver()
    message.refresh_from_db()
    assert "https://x/c0de/" in message.body, "the next attempt needs it"
    OutboxMessage.objects.update(retry_at=clock.now())
    assert deliver() == 1
    message.refresh_from_db()
    assert "https://x/c0de/" in server.received[0].get_payload()[0].get_payload(decode=True).decode()
    assert ("c0de" in message.body, "c0de" in message.secrets) == (demo, demo)
    assert "https://x/" in message.body, "the rest of the body stays"


def test_after_the_last_attempt_the_message_is_said_to_have_failed(template, settings, at):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", 9, 1
    message = write()
    OutboxMessage.objects.update(attempts=MAX_ATTEMPTS - 1)
    deliver()
    message.refresh_from_db()
    assert message.state == MailState.FAILED


def test_one_failure_does_not_hold_the_others_up(template, settings, smtp):
    server = smtp(refusals=1)
    write("premier@exemple.example")
    write("second@exemple.example")
    assert deliver() == 1
    assert [message["To"] for message in server.received] == ["second@exemple.example"]


UNSENDABLE = ["a@" + "é" * 60 + ".fr", "a@x..fr", "a\n@exemple.example", "", "a@" + "b" * 64 + ".example"]


@pytest.mark.parametrize("address", UNSENDABLE)
def test_a_message_that_can_never_be_sent_fails_alone_at_once_with_its_reason(address, template, smtp):
    server = smtp()
    bad, good = write(address), write("second@exemple.example")
    assert deliver() == 1
    assert [message["To"] for message in server.received] == ["second@exemple.example"]
    bad.refresh_from_db(), good.refresh_from_db()
    assert (bad.state, bad.attempts) == (MailState.FAILED, 1)
    assert "pas utilisable (" in bad.error
    assert (good.state, good.error) == (MailState.SENT, "")
    assert deliver() == 0, "it is not tried again by itself"


def test_an_error_that_nobody_expected_is_counted_kept_and_tried_again(template, smtp, monkeypatch):
    server = smtp()
    bad = write("premier@exemple.example")
    write("second@exemple.example")
    send = emails.EmailMultiAlternatives.send
    monkeypatch.setattr(
        emails.EmailMultiAlternatives,
        "send",
        lambda self: 1 / 0 if "premier" in self.to[0] else send(self, fail_silently=False),
    )
    assert deliver() == 1
    bad.refresh_from_db()
    assert (bad.state, bad.attempts) == (MailState.WAITING, 1)
    assert bad.error == "L’envoi a échoué (ZeroDivisionError : division by zero)"
    assert len(server.received) == 1


def test_the_reason_of_the_server_is_kept_until_the_message_leaves(template, smtp):
    smtp(refusals=1)
    message = write()
    deliver()
    message.refresh_from_db()
    assert "Please try again later" in message.error
    OutboxMessage.objects.update(retry_at=clock.now())
    deliver()
    message.refresh_from_db()
    assert (message.state, message.error) == (MailState.SENT, "")


@pytest.mark.django_db(transaction=True)
def test_a_message_that_kills_its_worker_has_its_attempt_counted(smtp, monkeypatch):
    """Nobody catches SystemExit or a kill: the count is committed before the sending."""
    server = smtp()
    EmailTemplate.objects.create(key="essai", subject="Bonjour", body="Voici", immediate=True)
    with without_waking():  # in a test that commits, the delivery follows the commit
        bad = write("premier@exemple.example")
        write("second@exemple.example")
    send = emails.EmailMultiAlternatives.send

    def killing(self):
        if "premier" in self.to[0]:
            raise SystemExit
        return send(self)

    monkeypatch.setattr(emails.EmailMultiAlternatives, "send", killing)
    with pytest.raises(SystemExit):
        deliver()
    bad.refresh_from_db()
    assert (bad.state, bad.attempts) == (MailState.WAITING, 1)
    assert deliver() == 1, "the next run goes on with the others"
    assert [message["To"] for message in server.received] == ["second@exemple.example"]


def test_the_subject_is_one_line_whatever_was_typed(template, smtp):
    server = smtp()
    EmailTemplate.objects.update(subject="Bonjour {{ motif }}")
    write(motif="un\rdeux\u2028trois\x0bquatre")
    assert deliver() == 1
    assert server.received[0]["Subject"] == "Bonjour un deux trois quatre"


def test_a_message_leaves_with_the_transaction_of_its_event_or_not_at_all(template):
    with transaction.atomic():
        write()
        transaction.set_rollback(True)
    assert not OutboxMessage.objects.exists()


def test_a_line_whose_variables_are_all_empty_is_dropped(template):
    assert "\n\n" not in write().body.split("\n\n-- ")[0]
    assert "Parce que" in write(motif="Parce que").body


def test_a_name_with_its_article_takes_a_capital_at_the_head_of_a_line():
    text = fill("{{ a }} écrit à {{ a }}.\n{{ link }}", {"a": "l’ARML Bretagne", "link": "lien"})
    assert text == "L’ARML Bretagne écrit à l’ARML Bretagne.\nlien"


def test_an_unknown_variable_is_an_error(template):
    with pytest.raises(KeyError):
        fill("{{ inconnue }}", {})


@pytest.mark.parametrize(
    ("digest", "immediate", "state"),
    [
        (False, True, MailState.WAITING),
        (False, False, MailState.WAITING),
        (True, True, MailState.WAITING),
        (True, False, MailState.DIGEST),
    ],
)
def test_who_chose_the_digest_gets_at_once_only_what_cannot_wait(template, digest, immediate, state):
    EmailTemplate.objects.update(immediate=immediate)
    assert write(UserFactory(weekly_digest=digest)).state == state


def test_a_given_identifier_is_written_once(template):
    identifier = message_id("recapitulatif-1")
    emails.write("essai", ["a@exemple.example"], {"lien": "x", "motif": ""}, identifier=identifier)
    with pytest.raises(IntegrityError), transaction.atomic():
        emails.write("essai", ["a@exemple.example"], {"lien": "x", "motif": ""}, identifier=identifier)


def test_a_message_leaves_as_text_and_html_and_wants_no_automatic_answer(template, smtp, settings):
    server = smtp()
    write(motif="1 < 2")
    deliver()
    (message,) = server.received
    assert (message["Auto-Submitted"], message["Reply-To"]) == ("auto-generated", settings.SUPPORT_EMAIL)
    text, html = (part.get_payload(decode=True).decode() for part in message.get_payload())
    assert [part.get_content_type() for part in message.get_payload()] == ["text/plain", "text/html"]
    assert "1 < 2" in text
    assert "1 &lt; 2" in html
    assert '<a href="https://exemple.example/"' in html
    assert "{{" not in html
