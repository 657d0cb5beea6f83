"""Settings shared by every environment. Closed by default: a view needs a signed-in user unless it says otherwise."""

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

# Demo mode: fictitious data, one-click accounts, the e-mails that left shown at /demo/courriels/.
DEMO = env.bool("DEMO", default=False)
DEMO_PASSWORD = "demo-cpo-2025"  # refused by DemoBackend unless DEMO is on

# The deployment is the State's: Marianne font and State block mark. Off: an OFL font and a neutral header.
STATE_DEPLOYMENT = env.bool("STATE_DEPLOYMENT", default=True)
SITE_NAME = "Conventions État-ARML"
SITE_URL = env("SITE_URL", default="http://127.0.0.1:8000")
SUPPORT_NAME = env("SUPPORT_NAME", default="Assistance Conventions État-ARML")
SUPPORT_EMAIL = env("SUPPORT_EMAIL", default="assistance@conventions.example")
# What only the operator knows; the legal pages say of each that it is to be completed until it is given.
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
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "cpo.middleware.NotAllowedMiddleware",
    "cpo.middleware.RefuseNulMiddleware",
    "axes.middleware.AxesMiddleware",
    "cpo.middleware.SavedFormMiddleware",
    "cpo.middleware.ConsequencesMiddleware",
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

LANGUAGE_CODE = "fr"
# Values travel beside the text of a query: PostgreSQL can then keep the plans of those that come back (prod.py).
DATABASE_OPTIONS = {"server_side_binding": True}

TIME_ZONE = "Europe/Paris"
USE_I18N = True
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
FIXTURE_ROOT = BASE_DIR / "fixtures"

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
# Stored files hold evidence: never served from a public address, always streamed through a view that checks rights.
MEDIA_ROOT = Path(env("MEDIA_ROOT", default=str(BASE_DIR / "media")))
STORAGES = {
    "default": default_storage(),
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
UPLOAD_MAX_BYTES = 20_000_000  # decimal megabytes, as pages show sizes
CLAMAV_URL = env("CLAMAV_URL", default="")  # tcp://host:3310; none, files are not scanned
# The public page that verifies documents: how much of a file it reads (and keeps nothing of), how often it answers.
VERIFY_MAX_BYTES = 100_000_000
VERIFY_PER_MINUTE = 60
# Reverse proxies that this deployment trusts to say in X-Forwarded-For whom they answer.
PROXIES = env.int("PROXIES", default=0)
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
# Signatures by certificate: the folder of the authorities that are trusted (docs/signature.md); none, none is verified.
SIGNATURE_TRUST_ROOTS = env("SIGNATURE_TRUST_ROOTS", default="")
# A certificate whose revocation nothing tells: said beside the signature (souple), or refused (stricte).
SIGNATURE_REVOCATION = env("SIGNATURE_REVOCATION", default="souple")
# The seal (cachet) of the notified document: a key in a PKCS#12 file, or one held by a PKCS#11 device; none, no seal.
SIGNATURE_SEAL = {
    "pkcs12": env("SIGNATURE_SEAL_PKCS12", default=""),
    "passphrase": env("SIGNATURE_SEAL_PASSPHRASE", default=""),
    "library": env("SIGNATURE_SEAL_PKCS11_LIBRARY", default=""),
    "token": env("SIGNATURE_SEAL_PKCS11_TOKEN", default=""),
    "key": env("SIGNATURE_SEAL_PKCS11_KEY", default=""),
    "pin": env("SIGNATURE_SEAL_PKCS11_PIN", default=""),
}
FORM_DRAFT_DAYS = 30  # what was typed and never saved is offered back, then forgotten
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

# Every message goes through the outbox (cpo.lib.mail.emails), whose worker hands it to this backend.
EMAIL_CONFIG = env.email_url("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", default="Conventions État-ARML <ne-pas-repondre@conventions.example>")
