"""What could not be sent is listed with its reason for the national administration, which sends it again."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from arml.services import invite
from cpo.lib import clock
from cpo.lib.actor import SYSTEM
from cpo.lib.enums import MailState
from cpo.lib.mail.emails import deliver
from cpo.lib.models import JournalEntry, OutboxMessage
from reporting.services import emails
from reporting.todo.national import national_tasks
from tests.factories.arml import ServiceFactory, make_user

pytestmark = pytest.mark.django_db
UNREACHABLE = "a@" + "é" * 60 + ".fr"


def message(rank: int = 0, **fields: Any) -> OutboxMessage:
    values = {"to": f"a{rank}@exemple.example", "subject": f"Objet {rank}", "state": MailState.FAILED, "attempts": 12}
    values |= {"template": "invitation", "body": "Le lien secret", "error": "Refusé : 550", "created_at": clock.now()}
    return OutboxMessage.objects.create(message_id=f"<{rank}@exemple.example>", **values | fields)


@pytest.fixture
def page(client: Client) -> Client:
    client.force_login(make_user("national_admin"))
    return client


URL = "/referentiels/courriels-non-remis/"


def test_the_page_says_what_did_not_leave_why_and_nothing_of_what_was_written(page: Client) -> None:
    assert "Tous les courriels sont partis" in page.get(URL).content.decode()
    message(1)
    message(2, state=MailState.WAITING, attempts=1, error="Serveur absent")
    message(3, state=MailState.WAITING, attempts=0)
    message(4, state=MailState.SENT)
    text = page.get(URL).content.decode()
    for words in ("Objet 1", "a1@exemple.example", "Refusé\u00a0: 550", "En échec", "Objet 2", "Serveur absent"):
        assert words in text.replace(" :", "\u00a0:") or words in text
    assert "Objet 3" not in text and "Objet 4" not in text
    assert "Le lien secret" not in text


def test_one_message_or_all_leave_again_and_the_journal_tells_who_asked(page: Client) -> None:
    first, second, sent = message(1), message(2), message(3, state=MailState.SENT)
    assert page.post(URL, {"message": first.pk}).status_code == 302
    first.refresh_from_db(), second.refresh_from_db()
    assert (first.state, first.attempts, second.state) == (MailState.WAITING, 0, MailState.FAILED)
    assert "a1@exemple.example" in JournalEntry.objects.latest("pk").sentence
    assert page.post(URL, {"tous": "oui"}).status_code == 302
    assert not OutboxMessage.objects.filter(state=MailState.FAILED).exists()
    assert deliver() == 2
    sent.refresh_from_db()
    assert sent.state == MailState.SENT and sent.attempts == 12, "what left does not leave twice"


@pytest.mark.parametrize("posted", [{}, {"message": "²"}, {"message": "9" * 19}, {"message": "0"}])
def test_a_post_that_names_no_message_sends_none(page: Client, posted: dict[str, str]) -> None:
    row = message(1)
    page.post(URL, posted)
    row.refresh_from_db()
    assert row.state == MailState.FAILED


def test_nobody_else_reads_or_sends_them(client: Client) -> None:
    row = message(1)
    for role in ("manager", "national_reader", "director"):
        user = make_user(role)
        client.force_login(user)
        assert client.get(URL).status_code == client.post(URL, {"tous": "oui"}).status_code == 403
        with pytest.raises(PermissionDenied):
            emails.try_again(message=row.pk, by=user)
        assert not [task for task in national_tasks(user) if "courriel" in task.title]


@pytest.mark.parametrize(("count", "title"), [(1, "1 courriel n’a pas pu"), (3, "3 courriels n’ont pas pu")])
def test_the_national_administration_is_told_at_home(count: int, title: str) -> None:
    admin = make_user("national_admin")
    assert not [task for task in national_tasks(admin) if "courriel" in task.title]
    for rank in range(count):
        message(rank)
    (task,) = [task for task in national_tasks(admin) if "courriel" in task.title]
    assert task.title.startswith(title) and task.url == reverse("undelivered-messages")


def test_the_organisation_says_which_invitation_did_not_reach_its_person(client: Client) -> None:
    service = ServiceFactory()
    manager = make_user("manager", service)
    values = {"first_name": "A", "last_name": "B", "organisation": service, "role": "officer", "by": SYSTEM}
    invite(email="lue@exemple.example", **values)
    invite(email="perdue@exemple.example", **values)
    OutboxMessage.objects.filter(to__startswith="perdue").update(state=MailState.FAILED)
    client.force_login(manager)
    text = client.get(reverse("organisation-detail", args=[service.key])).content.decode()
    assert text.count("Message non remis") == 1
    OutboxMessage.objects.filter(to__startswith="perdue").update(state=MailState.SENT)
    assert "Message non remis" not in client.get(reverse("organisation-detail", args=[service.key])).content.decode()


def test_an_invitation_whose_message_fails_is_found_from_the_page(page: Client) -> None:
    """The whole way: an address stored before it was checked, its delivery, the page."""
    message(1, to=UNREACHABLE, state=MailState.WAITING, attempts=0, error="")
    assert deliver() == 0
    assert "L’adresse n’est pas utilisable" in page.get(URL).content.decode()
