"""Put the reference data in the test database, and restore it after the tests that really commit.

Django empties every table after a transactional or browser test. Loading the data again would take a second each time.
So the loaded rows are stored in a separate schema, and copied back in a few milliseconds.
"""

from typing import Any

from django.apps import apps
from django.core.management import call_command, get_commands
from django.db import connection
from django.test import TransactionTestCase

SNAPSHOT = "test_snapshot"
KEPT = {"django_migrations"}


def load() -> None:
    """Load the reference data, then copy all rows of the database to the separate schema."""
    if "load_reference" in get_commands():
        call_command("load_reference", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute(f"DROP SCHEMA IF EXISTS {SNAPSHOT} CASCADE; CREATE SCHEMA {SNAPSHOT}")
        for table in tables():
            cursor.execute(f'SELECT EXISTS (SELECT 1 FROM public."{table}")')
            if cursor.fetchone()[0]:
                cursor.execute(f'CREATE TABLE {SNAPSHOT}."{table}" AS TABLE public."{table}"')


def restore() -> None:
    """Empty all tables and copy the stored rows back. `replica` skips foreign key checks and freeze triggers."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT tablename FROM pg_tables WHERE schemaname = '{SNAPSHOT}'")
        snapshot_tables = {name for (name,) in cursor.fetchall()}
        script = ["BEGIN", "SET LOCAL session_replication_role = replica"]
        script += [f'DELETE FROM public."{table}"' for table in tables()]
        script += [_put_back(table, columns(cursor, table)) for table in sorted(snapshot_tables)]
        cursor.execute(";\n".join([*script, "COMMIT"]))
    connection.close()


def _put_back(table: str, names: str) -> str:
    return f'INSERT INTO public."{table}" ({names}) OVERRIDING SYSTEM VALUE SELECT {names} FROM {SNAPSHOT}."{table}"'


def columns(cursor: Any, table: str) -> str:
    """The columns of a table, without the generated ones, which PostgreSQL computes."""
    cursor.execute(
        "SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute "
        f"WHERE attrelid = 'public.\"{table}\"'::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''"
    )
    return str(cursor.fetchone()[0])


def tables() -> list[str]:
    return [name for name in connection.introspection.django_table_names(only_existing=True) if name not in KEPT]


def close_sessions() -> None:
    """Close every session on the test database, since PostgreSQL neither copies nor drops a database in use. The server
    of the browser tests has one thread per connection, and such a thread may leave a session open."""
    own = connection.settings_dict["NAME"]
    connection.close()
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s", [own])


def replace_flush() -> None:
    def teardown(self: TransactionTestCase) -> None:
        if apps.ready:
            restore()

    TransactionTestCase._fixture_teardown = teardown  # type: ignore[method-assign]
