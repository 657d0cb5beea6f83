"""The world of a test module, as fixtures: one open transaction, in which every place is made when first asked for."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction

from .places import World
from .walk import Asker


@pytest.fixture(scope="module")
def _files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("media")


@pytest.fixture(autouse=True)
def _own_files(settings: Any, _files: Path) -> None:
    """In the place of the one of tests/conftest.py: the files of the places last as long as they do."""
    settings.MEDIA_ROOT = _files


@pytest.fixture(scope="module")
def db(django_db_setup: None, django_db_blocker: Any, _files: Path) -> Iterator[None]:
    """In the place of pytest-django's, which takes back at the end of each test what the next ones need here."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def world(db: None) -> World:
    """Places are made inside tests, under the settings of each; nothing of them remains after the module."""
    return World()


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
