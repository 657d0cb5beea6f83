"""Production refuses to start with a setting of development; each variable that it reads is documented and passed."""

import os
import re
import runpy
import subprocess
import sys
from pathlib import Path

import environ
import pytest
import yaml
from django.test import Client

from cpo.settings.database import time_limits
from cpo.settings.required import problems

pytestmark = pytest.mark.filterwarnings("ignore:.*found in sys.modules:RuntimeWarning")  # read again on purpose

ROOT = Path(__file__).resolve().parent.parent.parent
WHOLE = {
    "SECRET_KEY": "uN7_4dYxq0sVb2Kc9LrT-eZ1wJ6hGmP3aQfXiBnO8CyEtRkUvSlMd5",
    "DATABASE_URL": "postgres://cpo:secret@base/cpo",
    "REDIS_URL": "redis://courtier:6379/0",
    "ALLOWED_HOSTS": "conventions.domaine.fr",
    "SITE_URL": "https://conventions.domaine.fr",
    "EMAIL_URL": "smtp+tls://cpo:secret@messagerie.domaine.fr:587",
    "DEFAULT_FROM_EMAIL": "Conventions <ne-pas-repondre@domaine.fr>",
    "SUPPORT_EMAIL": "assistance@domaine.fr",
    "MEDIA_ROOT": "/srv/fichiers",
}


def start(environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Load the settings of production in a process of its own."""
    environment = environment | {"PATH": "/usr/bin:/bin", "PYTHONIOENCODING": "utf-8"}
    command = [sys.executable, "-c", "import cpo.settings.prod"]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def test_production_starts_with_what_it_needs() -> None:
    answer = start(WHOLE)
    assert (answer.returncode, answer.stderr) == (0, "")


def test_one_message_says_all_that_is_missing() -> None:
    answer = start({})
    assert answer.returncode != 0
    assert "L’application ne démarre pas\u00a0: 9 réglage(s)" in answer.stderr
    for name in WHOLE:
        assert f"\n- {name}" in answer.stderr, name


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", "abcd"),
        ("SECRET_KEY", WHOLE["SECRET_KEY"][:49]),
        ("SECRET_KEY", "abca" * 20),
        ("SECRET_KEY", "django-insecure-" + WHOLE["SECRET_KEY"]),
        ("EMAIL_URL", "consolemail://"),
        ("EMAIL_URL", "dummymail://"),
        ("EMAIL_URL", "smtp://"),
        ("SITE_URL", "http://127.0.0.1:8000"),
        ("SITE_URL", "https://127.0.0.1"),
        ("SITE_URL", "https://localhost"),
        ("SITE_URL", "https://[::1]"),
        ("SITE_URL", "https://[oups"),
        ("SITE_URL", "http://conventions.domaine.fr"),
        ("SITE_URL", "https://conventions.example"),
        ("SITE_URL", "https://ailleurs.domaine.fr"),
        ("ALLOWED_HOSTS", " , "),
        ("DEFAULT_FROM_EMAIL", "Conventions <ne-pas-repondre@conventions.example>"),
        ("SUPPORT_EMAIL", "assistance@conventions.example"),
        ("DATABASE_URL", "sqlite:///base"),
        ("REDIS_URL", "memory://"),
        ("MEDIA_ROOT", ""),
        ("SIGNATURE_REVOCATION", "strict"),
    ],
)
def test_a_value_that_serves_nobody_is_refused_alone(name: str, value: str) -> None:
    found = list(problems(WHOLE | {name: value}))
    assert len(found) == 1
    assert found[0].startswith(name)


def test_a_value_at_the_edge_is_accepted() -> None:
    edge = {"SECRET_KEY": WHOLE["SECRET_KEY"][:50], "ALLOWED_HOSTS": ".domaine.fr", "SIGNATURE_REVOCATION": "stricte"}
    assert not list(problems(WHOLE | edge))


def test_a_bucket_replaces_the_folder_and_needs_its_keys() -> None:
    bucket = WHOLE | {"MEDIA_ROOT": "", "S3_BUCKET": "cpo", "S3_ACCESS_KEY": "a", "S3_SECRET_KEY": "b"}
    assert not list(problems(bucket))
    assert [line[:13] for line in problems(bucket | {"S3_SECRET_KEY": ""})] == ["S3_ACCESS_KEY"]


def test_a_demonstration_sends_nothing_and_needs_no_mail_server() -> None:
    assert not list(problems(WHOLE | {"DEMO": "1", "EMAIL_URL": "dummymail://", "SUPPORT_EMAIL": ""}))


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The names of the variables that the settings of production read."""
    names: set[str] = set()
    real = environ.Env.get_value

    def get_value(self: environ.Env, var: str, *args: object, **kwargs: object) -> object:
        names.add(var)
        return real(self, var, *args, **kwargs)

    monkeypatch.setattr(environ.Env, "get_value", get_value)
    for name, value in (WHOLE | {"S3_BUCKET": "cpo", "S3_ACCESS_KEY": "a", "S3_SECRET_KEY": "b"}).items():
        monkeypatch.setenv(name, value)
    for module in ("base", "logging", "storage", "prod"):
        runpy.run_module(f"cpo.settings.{module}")
    names |= set(re.findall(r"\$\{(\w+)", (ROOT / "Procfile").read_text()))
    return names


def test_each_variable_that_the_settings_read_is_documented_and_passed(read: set[str]) -> None:
    assert {"SECRET_KEY", "LEGAL_HOST", "S3_PREFIX", "LOG_LEVEL", "PROXIES", "WEB_CONCURRENCY"} <= read
    manual = (ROOT / "docs" / "exploitation.md").read_text(encoding="utf-8")
    rows = [line for line in manual.splitlines() if line.startswith("| `")]
    documented = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    assert not read - documented, "docs/exploitation.md"
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    assert not read - set(re.findall(r"^#?(\w+)=", example, re.MULTILINE)), ".env.example"


def test_every_process_of_the_compose_file_gets_the_whole_environment() -> None:
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))["services"]
    ours = [service for service in services.values() if "build" in service]
    assert len(ours) == 4
    for service in ours:
        assert service["env_file"] == ".env"
        assert set(service["environment"]) == {"DATABASE_URL", "REDIS_URL", "MEDIA_ROOT"}, "the rest comes from .env"


def test_the_example_is_refused_until_it_is_completed() -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    given = dict(re.findall(r"^(\w+)=(.*)$", example, re.MULTILINE))
    decided = {name: WHOLE[name] for name in ("DATABASE_URL", "REDIS_URL", "MEDIA_ROOT")}
    assert [line[:10] for line in problems(given | decided)] == ["SECRET_KEY"]


def test_the_first_deployment_is_written_in_its_order() -> None:
    manual = (ROOT / "docs" / "exploitation.md").read_text(encoding="utf-8")
    steps = ["cp .env.example .env", "collectstatic", "migrate --noinput", "load_reference", "create_first_admin"]
    places = [manual.index(step, manual.index("### La première fois")) for step in steps]
    assert places == sorted(places)


def test_the_gallery_of_components_is_for_developers(client: Client, settings) -> None:  # type: ignore[no-untyped-def]
    settings.COMPONENTS = False
    for path in ("/composants/", "/composants/convention/", "/composants/travail/"):
        assert client.get(path).status_code == 404


def test_the_gallery_is_closed_unless_settings_open_it() -> None:
    assert runpy.run_module("cpo.settings.base")["COMPONENTS"] is False
    assert "COMPONENTS" not in (ROOT / "cpo" / "settings" / "prod.py").read_text(encoding="utf-8")


# -- The database -----------------------------------------------------------------------------------------------------


RESTART = """
import django, threading
django.setup()
from django.core.signals import request_finished, request_started
from django.db import connection
pids, start, killed, answers = [], threading.Barrier(7), threading.Barrier(7), []

def request():
    request_started.send(None, environ={})
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
    request_finished.send(None)
    return pid

def thread():
    pids.append(request())
    assert request() in pids, "the connection is kept"
    start.wait()
    killed.wait()
    answers.extend(request() for _ in range(5))

threads = [threading.Thread(target=thread) for _ in range(6)]
for one in threads: one.start()
start.wait()
with connection.cursor() as cursor:
    cursor.execute("SELECT count(pg_terminate_backend(pid)) FROM unnest(%s::int[]) pid", [pids])
killed.wait()
for one in threads: one.join()
assert not set(answers) & set(pids)
print(len(answers), "answered")
"""
ENDLESS = """
import django
django.setup()
from django.db import OperationalError, connection
try:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(20)")
except OperationalError as error:
    print(error)
"""


def in_production(code: str, **given: str) -> str:
    """What a script prints with the settings of production and the PostgreSQL of the tests."""
    address = os.environ["DATABASE_URL"]
    environment = WHOLE | {"DATABASE_URL": address, "DJANGO_SETTINGS_MODULE": "cpo.settings.prod", "PATH": "/usr/bin"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment | given, capture_output=True, text=True, check=False
    )
    return done.stdout + done.stderr


def test_after_postgresql_comes_back_no_request_gets_a_dead_connection() -> None:
    assert in_production(RESTART) == "30 answered\n"


def test_a_statement_without_end_is_cancelled() -> None:
    assert "statement timeout" in in_production(ENDLESS, STATEMENT_TIMEOUT="1")


def test_nobody_waits_without_end_for_a_server_that_is_away() -> None:
    limits = time_limits(60)
    assert (limits["connect_timeout"], limits["options"]) == (5, "-c statement_timeout=60s")
    assert "options" not in time_limits(0), "a pooler refuses them"
