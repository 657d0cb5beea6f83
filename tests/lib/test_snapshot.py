"""A page reads one moment of the database, whoever writes between two of its statements."""

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import InternalError, OperationalError, connection, connections, transaction
from django.test import Client
from django.urls import reverse

from actions.models import Sheet, SheetIndicator
from arml.models import User
from conventions.models import Act
from cpo.lib.files.exports import Column, csv_response
from cpo.lib.work.snapshot import snapshot
from tests.factories import scenarios
from tests.factories.conventions import add_sheet
from tests.factories.scenarios import Scene

pytestmark = pytest.mark.django_db(transaction=True)


def elsewhere(write: Callable[[], Any]) -> None:
    """Write and commit in another connection."""

    def run() -> None:
        try:
            write()
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()


@contextmanager
def colleague(write: Callable[[], Any], before: int) -> Iterator[list[int]]:
    """While this runs, somebody writes just before the statement of this rank. Gives the number of statements."""
    count = [0]

    def look(execute: Callable[..., Any], *args: Any) -> Any:
        if count[0] == before:
            count[0] += 1
            elsewhere(write)
        else:
            count[0] += 1
        return execute(*args)

    with connection.execute_wrapper(look):
        yield count


def marks(page: str) -> set[str]:
    return set(re.findall(r"\b(?:ANCIEN|NOUVEAU)\b", page))


def read_under_writing(client: Client, address: str, write: Callable[[int], Any]) -> list[str]:
    """The page, read once for each of its statements, with a colleague who writes just before that one."""
    pages, rank = [], 0
    while True:
        with colleague(lambda rank=rank: write(rank), before=rank) as count:  # type: ignore[misc]
            answer = client.get(address)
        assert answer.status_code == 200, rank
        pages.append(answer.content.decode())
        rank += 1
        if rank >= count[0]:
            return pages


@pytest.fixture
def scene() -> Scene:
    return scenarios.in_negotiation()


def test_a_page_never_shows_half_of_what_a_colleague_wrote(scene: Scene) -> None:
    client = Client()
    client.force_login(scene.director)
    sheet = scene.act.programme.sheets.get()

    def rename(rank: int) -> None:
        word = ("NOUVEAU", "ANCIEN")[rank % 2]
        with transaction.atomic():
            Sheet.objects.filter(pk=sheet.pk).update(title=word)
            SheetIndicator.objects.filter(sheet=sheet).update(label=word)

    rename(1)
    address = reverse("sheet-detail", kwargs={"number": scene.number, "key": sheet.key})
    pages = read_under_writing(client, address, rename)
    assert len(pages) > 8
    assert [len(marks(page)) for page in pages] == [1] * len(pages)


@pytest.mark.parametrize("name", ["programme-detail", "convention-detail", "programme-budget"])
def test_no_page_fails_when_a_colleague_adds_or_removes_a_fiche_meanwhile(scene: Scene, name: str) -> None:
    client = Client()
    client.force_login(scene.director)

    def change(rank: int) -> None:
        if rank % 2:
            Sheet.objects.filter(programme=scene.act.programme_id, code="2-B").delete()
        else:
            add_sheet(Act.objects.get(pk=scene.act.pk), code="2-B")

    assert len(read_under_writing(client, reverse(name, kwargs={"number": scene.number}), change)) > 8


def test_a_file_that_is_sent_while_it_is_read_is_of_one_moment(scene: Scene) -> None:
    def rows() -> Iterator[dict[str, Any]]:
        for _ in range(2):
            yield {"title": Sheet.objects.get(programme=scene.act.programme_id).title}

    Sheet.objects.update(title="ANCIEN")
    response = csv_response("liste.csv", [Column("Titre", "title")], rows())
    lines = iter(response.streaming_content)
    next(lines)
    assert next(lines) == b"ANCIEN\r\n"
    elsewhere(lambda: Sheet.objects.update(title="NOUVEAU"))
    assert list(lines) == [b"ANCIEN\r\n"]
    assert Sheet.objects.get(programme=scene.act.programme_id).title == "NOUVEAU"


def test_postgresql_refuses_to_write_while_a_page_is_read(scene: Scene) -> None:
    with pytest.raises(InternalError, match="read-only"), snapshot():
        User.objects.update(first_name="x")
    with pytest.raises((InternalError, OperationalError)), snapshot():
        list(User.objects.select_for_update())


def test_what_follows_a_page_may_write(scene: Scene) -> None:
    """The connection is kept for the next request."""
    with snapshot():
        User.objects.first()
    assert User.objects.filter(pk=scene.director.pk).update(first_name="Dominique") == 1
    with transaction.atomic(), snapshot():  # the transaction that is open decides
        User.objects.filter(pk=scene.director.pk).update(first_name="Camille")
    assert User.objects.get(pk=scene.director.pk).first_name == "Camille"
