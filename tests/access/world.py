"""Fixtures of the walks: the world, in its own database, where each place is created when a test first needs it.

This database is a copy of the test database. Its rows serve all the modules of a process, and no other test sees them.
In a run with several processes, the first that needs the world creates all places, and each process copies them.
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
from django.db import DEFAULT_DB_ALIAS, connection, connections
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
    """Replace the fixture of tests/conftest.py, so that the files last as long as the places."""
    settings.MEDIA_ROOT = _files


@pytest.fixture(scope="module")
def db(django_db_setup: None, django_db_blocker: Any, request: pytest.FixtureRequest, _files: Path) -> Iterator[None]:
    """Replace the fixture of pytest-django, which would roll back after each test the rows that the next ones need."""
    with in_the_world("world", request.config, django_db_blocker, _files):
        yield


@contextmanager
def in_the_world(name: str, config: pytest.Config, blocker: Any, files: Path) -> Iterator[None]:
    """Connect this process to its copy of that name, inside the block."""
    with blocker.unblock(), _connected_to(_database(name, config, blocker, files)):
        yield


@functools.cache
def _database(name: str, config: pytest.Config, blocker: Any, files: Path) -> str:
    """Create the copy once per process, drop it at the end, and return its name."""
    own = connection.settings_dict["NAME"]
    copy_name = f"{own}_{name}"

    def drop() -> None:
        with blocker.unblock():
            databases.drop(copy_name)

    if _whole() is None:
        reference.close_sessions()
        databases.create(copy_name, own)
    else:
        databases.create(copy_name, WHOLE)
        shutil.copytree(_whole_files(), files, dirs_exist_ok=True)
    config.add_cleanup(drop)
    return copy_name


WHOLE = "cpo_world"


@functools.cache
def _whole() -> World | None:
    """The world with all its places, if several processes share it."""
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
    own = connections[DEFAULT_DB_ALIAS]  # the object: the server of the browser may put another in its place
    former = own.settings_dict["NAME"]
    own.close()
    own.settings_dict["NAME"] = name
    own.on_commit = lambda *args, **kwargs: None  # no document to render, no message to send
    try:
        yield
    finally:
        own.close()
        connection.close()
        own.settings_dict["NAME"] = former
        del own.on_commit


@functools.cache
def world_of(name: str) -> World:
    """One world per copy of the database, since a place holds rows that only its copy has."""
    return copy.deepcopy(_whole()) or World()


@pytest.fixture(scope="module")
def world(db: None) -> World:
    """The tests create the places, with their own settings."""
    return world_of("world")


@pytest.fixture(scope="module")
def asker(world: World) -> Iterator[Asker]:
    asker = Asker()
    with plans_kept():
        yield asker
    asker.close()


@contextmanager
def plans_kept() -> Iterator[None]:
    """Let PostgreSQL plan each query once: the walk sends the same queries twenty thousand times."""
    connection.ensure_connection()
    psycopg_connection = connection.connection
    psycopg_connection.prepare_threshold, psycopg_connection.prepared_max = 1, 1000
    with connection.cursor() as cursor:
        cursor.execute("SET plan_cache_mode = force_generic_plan")
    yield
    psycopg_connection.prepare_threshold = None


__all__ = ["_files", "_own_files", "asker", "db", "world"]
