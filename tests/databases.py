"""The test database of each worker: a copy of the template database (tests/template.py).

If DATABASE_URL names a server, there is no template: each worker runs the migrations and loads the reference data.
"""

import os

from django.conf import settings
from django.core.management import call_command
from django.db import connection

from tests import reference

TEMPLATE = os.environ.get("TEST_TEMPLATE", "")


def begin(worker: str) -> None:
    """Connect this process to its own database."""
    name = "_".join(filter(None, ("test", connection.settings_dict["NAME"], worker)))
    create(name, TEMPLATE)
    connection.close()
    settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = name
    if not TEMPLATE:
        call_command("migrate", verbosity=0, interactive=False)
        reference.load()


def end() -> None:
    reference.close_sessions()
    drop(connection.settings_dict["NAME"])


def create(name: str, template: str) -> None:
    drop(name)
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{name}"' + (f' TEMPLATE "{template}"' if template else ""))


def drop(name: str) -> None:
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')
