"""The world of the walks, as fixtures: in a database of its own, where every place is made when first asked for.

A copy of the test database, beside it: what is made there serves all the modules of a process, and nobody else sees it.
"""

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tests import reference

from .places import World
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
def db(django_db_setup: None, django_db_blocker: Any, request: pytest.FixtureRequest) -> Iterator[None]:
    """In the place of pytest-django's, which takes back at the end of each test what the next ones need here."""
    with django_db_blocker.unblock(), _connected_to(_database(request.config, django_db_blocker)):
        yield


@functools.cache
def _database(config: pytest.Config, blocker: Any) -> str:
    """The name of the copy, made once per process and dropped at the end."""
    own = connection.settings_dict["NAME"]
    copy = f"{own}_world"

    def drop() -> None:
        with blocker.unblock(), connection._nodb_cursor() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{copy}"')

    drop()
    reference.close_sessions()
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{copy}" TEMPLATE "{own}"')
    config.add_cleanup(drop)
    return copy


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
def _world() -> World:
    return World()


@pytest.fixture(scope="module")
def world(db: None) -> World:
    """Places are made inside tests, under the settings of each."""
    return _world()


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
