"""Production: secrets and local values come from the environment; the start fails when one is missing or wrong."""

from .base import *  # noqa: F403
from .base import DATABASE_OPTIONS, env
from .database import time_limits
from .required import require
from .storage import COMPRESSED

require(env.ENVIRON)
SECRET_KEY = env("SECRET_KEY")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS")
DATABASES = {
    "default": env.db_url_config(env("DATABASE_URL"))
    | {
        # One connection a thread, tried before each request and opened anew at once when PostgreSQL was away. The pool
        # of psycopg waits one second, two, four… after each dead connection, and gives up: a server has few threads.
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": DATABASE_OPTIONS
        | time_limits(env.int("STATEMENT_TIMEOUT", default=60))
        | {
            # PostgreSQL reuses the plan of a query from its fifth execution on a connection.
            "prepare_threshold": 5 if env.bool("PREPARED_STATEMENTS", default=True) else None,
        },
    }
}
CELERY_BROKER_URL = env("REDIS_URL")
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
PROXIES = env.int("PROXIES", default=1)
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
SECURE_HSTS_SECONDS = 31536000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
STORAGES = STORAGES | {"staticfiles": COMPRESSED}
