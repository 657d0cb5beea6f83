"""The world of the walks, as fixtures: in a database of its own, where every place is made when first asked for.

A copy of the test database, beside it: what is made there serves all the modules of a process, and nobody else sees it.
In a run of several processes the first that needs the world makes all its places at once, and each takes a copy.
"""

import copy
import functools
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import override_settings

from tests import databases, reference, shared

from .places import CONVENTIONS, REPORTS, World
from .walk import Asker


@pytest.fixture(scope="module")
def _files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    files = tmp_path_factory.getbasetemp() / "world"
    files.mkdir(exist_ok=True)
    return files


@pytest.fixture(autouse=True)
def _own_files(settings: Any, _files: Path) -> None:
    """In the place of the one of tests/conftest.py: the files of the places last as long as they do."""
    settings.MEDIA_ROOT = _files


@pytest.fixture(scope="module")
def db(django_db_setup: None, django_db_blocker: Any, request: pytest.FixtureRequest, _files: Path) -> Iterator[None]:
    """In the place of pytest-django's, which takes back at the end of each test what the next ones need here."""
    with in_the_world("world", request.config, django_db_blocker, _files):
        yield


@contextmanager
def in_the_world(name: str, config: pytest.Config, blocker: Any, files: Path) -> Iterator[None]:
    """The connection of this process is, inside, on its copy of that name."""
    with blocker.unblock(), _connected_to(_database(name, config, blocker, files)):
        yield


@functools.cache
def _database(name: str, config: pytest.Config, blocker: Any, files: Path) -> str:
    """The name of the copy, made once per process and dropped at the end."""
    own = connection.settings_dict["NAME"]
    copied = f"{own}_{name}"

    def drop() -> None:
        with blocker.unblock():
            databases.drop(copied)

    if _whole() is None:
        reference.close_sessions()
        databases.create(copied, own)
    else:
        databases.create(copied, WHOLE)
        shutil.copytree(_whole_files(), files, dirs_exist_ok=True)
    config.add_cleanup(drop)
    return copied


WHOLE = "cpo_world"


@functools.cache
def _whole() -> World | None:
    """The world with all its places, where several processes share it."""
    if shared.FOLDER is None or "PYTEST_XDIST_WORKER" not in os.environ:
        return None
    world, numbers = shared.once("world", _make_whole)
    numbers.move_factories_on()
    return world


def _whole_files() -> Path:
    assert shared.FOLDER is not None
    return shared.FOLDER / "world-files"


def _make_whole() -> tuple[World, shared.Numbers]:
    databases.create(WHOLE, databases.TEMPLATE)
    with _connected_to(WHOLE), override_settings(MEDIA_ROOT=_whole_files()):
        _whole_files().mkdir()
        world = World()
        for name in (*CONVENTIONS, *REPORTS):
            world.place(name)
        return world, shared.Numbers.now()


@contextmanager
def _connected_to(name: str) -> Iterator[None]:
    own = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = name
    connection.on_commit = lambda *args, **kwargs: None  # no document to render, no message to send
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = own
        del connection.on_commit


@functools.cache
def world_of(name: str) -> World:
    """One for each copy: a place holds what was made beside it there."""
    return copy.deepcopy(_whole()) or World()


@pytest.fixture(scope="module")
def world(db: None) -> World:
    """Places are made inside tests, under the settings of each."""
    return world_of("world")


@pytest.fixture(scope="module")
def asker(world: World) -> Iterator[Asker]:
    asker = Asker()
    with plans_kept():
        yield asker
    asker.close()


@contextmanager
def plans_kept() -> Iterator[None]:
    """The same queries are asked twenty thousand times: PostgreSQL plans each of them once."""
    connection.ensure_connection()
    held = connection.connection
    held.prepare_threshold, held.prepared_max = 1, 1000
    with connection.cursor() as cursor:
        cursor.execute("SET plan_cache_mode = force_generic_plan")
    yield
    held.prepare_threshold = None


__all__ = ["_files", "_own_files", "asker", "db", "world"]
