"""Tests: a PostgreSQL cluster of their own (started by tests/conftest.py, its address in DATABASE_URL), no broker."""

from .base import *  # noqa: F403
from .base import DATABASE_OPTIONS, env

SECRET_KEY = "tests-only-not-a-secret"
DEMO = True
COMPONENTS = True
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
DATABASES = {"default": env.db_url_config(env("DATABASE_URL")) | {"CONN_MAX_AGE": 0, "OPTIONS": DATABASE_OPTIONS}}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
CELERY_TASK_ALWAYS_EAGER = True
CELERY_TASK_EAGER_PROPAGATES = True
CELERY_BROKER_URL = "memory://"
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
AXES_ENABLED = False
SIGNATURE_TRUST_ROOTS = str(BASE_DIR / "tests" / "conventions" / "data" / "autorites")
WHITENOISE_AUTOREFRESH = True
CSRF_COOKIE_AGE = None  # tests run in 2026: a browser with the real clock would drop a dated cookie
