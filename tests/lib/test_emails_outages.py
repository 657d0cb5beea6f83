"""A real mail server on loopback that refuses, delays, drops or is away, in any order: no message is lost.

A server that took a message and could not say so gets it again, under the same Message-ID.
"""

import asyncio
import datetime as dt
import socket
from collections.abc import Iterator
from email import message_from_bytes
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.db import transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from cpo.lib import clock
from cpo.lib.enums import MailState
from cpo.lib.mail import emails
from cpo.lib.models import EmailTemplate, OutboxMessage

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
START = dt.datetime(2026, 6, 30, 8, tzinfo=dt.UTC)
PATIENCE = 0.3  # seconds before a delivery gives up
ILLS = ("refuses", "is_slow", "drops_before", "drops_after", "takes_it")


class Server:
    """What it does with each message, in order; then it takes everything."""

    def __init__(self) -> None:
        self.ills: list[str] = []
        self.taken: list[str] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802  the name that aiosmtpd calls
        ill = self.ills.pop(0) if self.ills else "takes_it"
        if ill == "refuses":
            return "451 4.3.0 Please try again later"
        if ill == "drops_before":
            server.transport.abort()
            return "421 gone"
        self.taken.append(message_from_bytes(envelope.content)["Message-ID"])
        if ill == "drops_after":
            server.transport.abort()
        if ill == "is_slow":
            await asyncio.sleep(2 * PATIENCE)
        return "250 OK"


@pytest.fixture
def server(settings: Any) -> Iterator[Server]:
    handler = Server()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", port, PATIENCE
    yield handler
    controller.stop()


@examples(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(ills=st.lists(st.sampled_from(ILLS), max_size=8), count=st.integers(1, 3), away=st.integers(0, 2))
def test_no_message_is_lost_whatever_the_server_does(
    ills: list[str], count: int, away: int, server: Server, settings: Any
) -> None:
    with transaction.atomic():
        EmailTemplate.objects.create(key="essai", subject="Bonjour", body="Voici.", immediate=True)
        server.ills, server.taken = list(ills), []
        port, now = settings.EMAIL_PORT, START
        with clock.set_to(now):
            written = [
                row.message_id for row in emails.write("essai", [f"{n}@essai.example" for n in range(count)], {})
            ]
        for attempt in range(emails.MAX_ATTEMPTS - 1):
            settings.EMAIL_PORT = 9 if attempt < away else port
            with clock.set_to(now):
                emails.deliver()
            _said_as_it_is(server)
            now += dt.timedelta(minutes=2**attempt + 1)
        settings.EMAIL_PORT = port
        assert set(server.taken) == set(written)
        assert set(OutboxMessage.objects.values_list("state", flat=True)) == {MailState.SENT}
        again = sum(ill in ("drops_after", "is_slow") for ill in ills)
        assert len(server.taken) <= count + again, "one that was taken and said so is not sent again"
        transaction.set_rollback(True)


def _said_as_it_is(server: Server) -> None:
    """« envoyé » is said of what the server took, and the other messages wait with their reason."""
    for row in OutboxMessage.objects.all():
        if row.state == MailState.SENT:
            assert row.message_id in server.taken
        else:
            assert (row.state, bool(row.error)) == (MailState.WAITING, True)
