"""Development and demonstration on one machine: embedded PostgreSQL and Valkey unless an address is given."""

import warnings

from cpo.dev import embedded

from .base import *  # noqa: F403
from .base import BASE_DIR, env

DEBUG = env.bool("DEBUG", default=True)
DEMO = env.bool("DEMO", default=True)
COMPONENTS = True
SECRET_KEY = env("SECRET_KEY", default="development-only-not-a-secret")
ALLOWED_HOSTS = ["*"]

DATABASES = {
    "default": env.db_url_config(env("DATABASE_URL", default="") or embedded.database_url(BASE_DIR))
    | {"ATOMIC_REQUESTS": False, "CONN_MAX_AGE": 0, "OPTIONS": DATABASE_OPTIONS}
}
CELERY_BROKER_URL = env("REDIS_URL", default="") or embedded.broker_url(BASE_DIR)
warnings.filterwarnings("ignore", module="celery.platforms")  # the worker runs as root, as usual in a container
# `make run` serves without DEBUG, to show pages and errors as in production; static files come from their sources.
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = True
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"  # in demo mode the outbox page shows every message
