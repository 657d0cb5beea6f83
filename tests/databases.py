"""The test database of each worker: a copy of the template that the run begins with (tests/template.py).

Where DATABASE_URL names a server, there is no template: each worker migrates and loads for itself.
"""

import os

from django.conf import settings
from django.core.management import call_command
from django.db import connection

from tests import reference

TEMPLATE = os.environ.get("TEST_TEMPLATE", "")


def begin(worker: str) -> None:
    """From here on, this process is on a database of its own."""
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
