"""Settings shared by every environment. Every view requires a signed-in user unless it is marked otherwise."""

from pathlib import Path

import environ

from .celery import *  # noqa: F403
from .logging import *  # noqa: F403
from .security import *  # noqa: F403
from .storage import default_storage

env = environ.Env()
BASE_DIR = Path(__file__).resolve().parent.parent.parent

SECRET_KEY = env("SECRET_KEY", default="")
DEBUG = False
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

# Demo mode: fictitious data, sign-in in one click, sent e-mails visible at /demo/courriels/.
DEMO = env.bool("DEMO", default=False)
COMPONENTS = False  # the gallery of components, /composants/, is for developers
DEMO_PASSWORD = "demo-cpo-2025"  # refused by DemoBackend unless DEMO is on

# On for a deployment of the State: Marianne font and State block mark. Off: an OFL font and a neutral header.
STATE_DEPLOYMENT = env.bool("STATE_DEPLOYMENT", default=True)
SITE_NAME = "Conventions État-ARML"
SITE_URL = env("SITE_URL", default="http://127.0.0.1:8000")
SUPPORT_NAME = env("SUPPORT_NAME", default="Assistance Conventions État-ARML")
SUPPORT_EMAIL = env("SUPPORT_EMAIL", default="assistance@conventions.example")
# Facts that only the operator knows. The legal pages show « à compléter » for each one that is not set.
LEGAL = {
    name: env(f"LEGAL_{name.upper()}", default="")
    for name in ("publisher", "director", "host", "licence", "controller", "basis", "retention")
}
# « partiellement conforme » or « totalement conforme » only with an audit (RGAA 4.1).
ACCESSIBILITY_LEVEL = env("ACCESSIBILITY_LEVEL", default="non conforme")

INSTALLED_APPS = [
    "cpo.lib",
    "arml",
    "actions",
    "conventions",
    "reporting",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "django.forms",
    "widget_tweaks",
    "dsfr",
    "crispy_forms",
    "csp",
    "axes",
    "pgtrigger",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "cpo.middleware.NoStoreMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "cpo.middleware.ZoneMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "cpo.middleware.NotAllowedMiddleware",
    "cpo.middleware.TypedTextMiddleware",
    "axes.middleware.AxesMiddleware",
    "cpo.middleware.SavedFormMiddleware",
    "cpo.middleware.ConsequencesMiddleware",
    "cpo.middleware.PostedOnceMiddleware",  # the last two call the view
    "cpo.middleware.SnapshotMiddleware",
]

ROOT_URLCONF = "cpo.urls"
WSGI_APPLICATION = "cpo.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "cpo.context.site",
            ],
            "builtins": [
                "cpo.templatetags.cpo",
                "cpo.templatetags.comparison",
                "cpo.templatetags.drafts",
                "cpo.templatetags.lists",
                "cpo.templatetags.once",
                "cpo.templatetags.places",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
CRISPY_ALLOWED_TEMPLATE_PACKS = ["crispy_dsfr"]
CRISPY_TEMPLATE_PACK = "crispy_dsfr"

AUTH_USER_MODEL = "arml.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "arml.auth.DemoBackend", "arml.auth.EmailBackend"]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "login"

# Per process: a dozen values for each revision or version that is read (docs/adr/0020), some 10 kB on average.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "OPTIONS": {"MAX_ENTRIES": 1_000}}}

LANGUAGE_CODE = "fr"
# Parameters are sent apart from the text of a query, so that PostgreSQL can reuse its plan (prod.py).
DATABASE_OPTIONS = {"server_side_binding": True}

TIME_ZONE = "Europe/Paris"
USE_I18N = True
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
FIXTURE_ROOT = BASE_DIR / "fixtures"

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
# Stored files have legal value: no public address serves them, only views that check rights.
MEDIA_ROOT = Path(env("MEDIA_ROOT", default=str(BASE_DIR / "media")))
STORAGES = {
    "default": default_storage(),
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
UPLOAD_MAX_BYTES = 20_000_000  # decimal megabytes, as pages show sizes
CLAMAV_URL = env("CLAMAV_URL", default="")  # tcp://host:3310; without it, files are not scanned
# Limits of the public page that verifies documents: size of a file (which is not stored), requests per minute.
VERIFY_MAX_BYTES = 100_000_000
VERIFY_PER_MINUTE = 60
# Number of reverse proxies whose X-Forwarded-For this deployment trusts.
PROXIES = env.int("PROXIES", default=0)
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
# Signatures by certificate: the folder of trusted authorities (docs/signature.md); without it, none is verified.
SIGNATURE_TRUST_ROOTS = env("SIGNATURE_TRUST_ROOTS", default="")
# A certificate whose revocation status is unknown is accepted with a warning (souple) or refused (stricte).
SIGNATURE_REVOCATION = env("SIGNATURE_REVOCATION", default="souple")
# The seal (cachet) of the notified document: a key in a PKCS#12 file or in a PKCS#11 device; without it, no seal.
SIGNATURE_SEAL = {
    "pkcs12": env("SIGNATURE_SEAL_PKCS12", default=""),
    "passphrase": env("SIGNATURE_SEAL_PASSPHRASE", default=""),
    "library": env("SIGNATURE_SEAL_PKCS11_LIBRARY", default=""),
    "token": env("SIGNATURE_SEAL_PKCS11_TOKEN", default=""),
    "key": env("SIGNATURE_SEAL_PKCS11_KEY", default=""),
    "pin": env("SIGNATURE_SEAL_PKCS11_PIN", default=""),
}
# The timestamp authority (RFC 3161) that dates the seal, or the signed copy without a seal; without it, no timestamp.
SIGNATURE_TIMESTAMP_URL = env("SIGNATURE_TIMESTAMP_URL", default="")
FORM_DRAFT_DAYS = 30  # an unsaved draft is offered again during this time, then deleted
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

# Every message goes through the outbox (cpo.lib.mail.emails), whose worker sends it with this backend.
EMAIL_CONFIG = env.email_url("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", default="Conventions État-ARML <ne-pas-repondre@conventions.example>")
