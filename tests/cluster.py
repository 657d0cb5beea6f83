"""A PostgreSQL cluster for each test run, before Django reads its settings: two runs at once never meet.

Loaded with `-p` (see pyproject.toml), as a conftest.py would come after pytest-django has read the settings. The
workers of pytest-xdist are children of the process that started the cluster and find its address in DATABASE_URL.
"""

import os
from pathlib import Path

os.environ["DJANGO_SETTINGS_MODULE"] = "cpo.settings.test"  # before the `cpo` package makes its Celery application

from cpo.dev import embedded

if not os.environ.get("DATABASE_URL"):
    os.environ["DATABASE_URL"] = embedded.throw_away(Path(__file__).resolve().parent.parent).url
