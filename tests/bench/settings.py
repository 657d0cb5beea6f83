"""Settings of the bench: as in production for what affects times, with a temporary database."""

import tempfile
import warnings
from pathlib import Path

from cpo.settings.base import *  # noqa: F403
from cpo.settings.base import DATABASE_OPTIONS, TEMPLATES, env

SECRET_KEY = "bench-only-not-a-secret"
DEBUG = False
ALLOWED_HOSTS = ["testserver"]
ROOT_URLCONF = "tests.bench.urls"
DATABASES = {
    "default": env.db_url_config(env("DATABASE_URL"))
    | {"CONN_MAX_AGE": 0, "OPTIONS": DATABASE_OPTIONS | {"prepare_threshold": 5}}
}
TEMPLATES[0]["DIRS"].append(Path(__file__).resolve().parent / "templates")
CELERY_TASK_ALWAYS_EAGER = True
CELERY_BROKER_URL = "memory://"
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
LOGGING = {"version": 1, "disable_existing_loggers": True}
MEDIA_ROOT = Path(tempfile.mkdtemp(prefix="cpo-bench-"))
warnings.filterwarnings("ignore", message="No directory at")  # static files are neither collected nor measured
