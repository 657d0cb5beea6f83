"""Start a PostgreSQL cluster for each test run, so that two runs at the same time share nothing.

pytest loads this module with `-p` (see pyproject.toml), because a conftest.py would come after pytest-django has read
the settings. The workers of pytest-xdist are children of the process that starts the cluster, and find its address in
DATABASE_URL. The cluster is a copy of one that holds the template database (tests/template.py).
"""

import os
import shutil
import sys
from pathlib import Path

os.environ["DJANGO_SETTINGS_MODULE"] = "cpo.settings.test"  # before the `cpo` package creates its Celery application
# Each process would take ten seconds to compile the tests with their assertions, so the bytecode is always stored.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

from cpo.dev import embedded
from tests import template

sys.dont_write_bytecode = False

own: embedded.Cluster | None = None  # the cluster of this process, if it started one


def start() -> embedded.Cluster:
    state = embedded.state_folder(template.ROOT)
    folder = state / "template"
    with embedded.Lock(state / "template.lock").exclusive():
        if not template.up_to_date(folder):
            _make(folder)
        return embedded.throw_away(template.ROOT, like=folder / "data")


def _make(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    cluster = embedded.throw_away(template.ROOT)
    try:
        made_from = template.make(cluster.url)
        cluster.pause()
        folder.mkdir(mode=0o711)
        embedded.copy_data(cluster.data, folder / "data")
        template.write(folder, made_from)  # last, so that an interrupted run leaves no valid template
    finally:
        cluster.leave()


if not os.environ.get("DATABASE_URL"):
    own = start()
    os.environ["DATABASE_URL"] = own.url
    os.environ["TEST_TEMPLATE"] = template.NAME
    shared = own.home / "shared"  # see tests/shared.py
    shared.mkdir()
    os.environ["TEST_SHARED"] = str(shared)
