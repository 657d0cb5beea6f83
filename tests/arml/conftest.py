"""Fixtures that read the e-mails sent to accounts."""

import re
from collections.abc import Callable

import pytest

from cpo.lib.models import OutboxMessage


@pytest.fixture
def mails() -> Callable[[str], list[OutboxMessage]]:
    """`mails("a@b.example")`: the messages to this address, oldest first."""
    return lambda to: list(OutboxMessage.objects.filter(to=to).order_by("id"))


@pytest.fixture
def path_in() -> Callable[[OutboxMessage, str], str]:
    """`path_in(mail, "/invitation/")`: the path of the link that begins so in a message, without its host."""

    def find(mail: OutboxMessage, start: str) -> str:
        match = re.search(rf"https?://[^/\s]+({re.escape(start)}\S*)", mail.body)
        assert match, mail.body
        return match.group(1)

    return find
