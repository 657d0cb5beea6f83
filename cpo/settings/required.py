"""What a production deployment must be given. A value of development would send secrets or legal files nowhere.

The start is refused with every missing or wrong value in one message, so that the operator corrects them at once.
"""

from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from django.http.request import validate_host

KEY_LENGTH = 50  # Django's own (security.W009)
KEY_SIGNS = 5
LOCAL = ("localhost", "127.0.0.1", "0.0.0.0", "::1")  # noqa: S104 - names that are refused
FICTITIOUS = (".example", ".invalid", ".test", ".localhost")
MAILERS = ("smtp", "smtps", "smtp+tls", "smtp+ssl")  # the others only write the messages down
YES = ("1", "true", "on", "ok", "y", "yes")
REVOCATION = ("souple", "stricte")


def require(environ: Mapping[str, str]) -> None:
    """Raise ImproperlyConfigured with all that is missing or wrong."""
    if found := list(problems(environ)):
        lines = "\n".join(f"- {line}" for line in found)
        raise ImproperlyConfigured(
            f"L’application ne démarre pas\u00a0: {len(found)} réglage(s) à corriger (docs/exploitation.md).\n{lines}"
        )


def problems(environ: Mapping[str, str]) -> Iterator[str]:
    """Yield one French line per setting that is missing or wrong."""
    given = {name: value.strip() for name, value in environ.items() if value.strip()}
    yield from _secret(given.get("SECRET_KEY", ""))
    yield from _servers(given)
    yield from _address(given)
    yield from _mail(given)
    yield from _files(given)
    if given.get("SIGNATURE_REVOCATION", REVOCATION[0]) not in REVOCATION:
        yield "SIGNATURE_REVOCATION\u00a0: écrivez «\u00a0souple\u00a0» ou «\u00a0stricte\u00a0»."


def _secret(key: str) -> Iterator[str]:
    if len(key) < KEY_LENGTH or len(set(key)) < KEY_SIGNS or key.startswith("django-insecure-"):
        yield (
            f"SECRET_KEY\u00a0: il faut au moins {KEY_LENGTH} caractères tirés au hasard, par exemple avec "
            "«\u00a0python3 -c 'import secrets; print(secrets.token_urlsafe(50))'\u00a0»."
        )


def _servers(given: Mapping[str, str]) -> Iterator[str]:
    if urlsplit(given.get("DATABASE_URL", "")).scheme not in ("postgres", "postgresql"):
        yield "DATABASE_URL\u00a0: il faut l’adresse d’une base, «\u00a0postgres://utilisateur:motdepasse@hôte/base\u00a0»."
    if urlsplit(given.get("REDIS_URL", "")).scheme not in ("redis", "rediss", "unix", "sentinel"):
        yield "REDIS_URL\u00a0: il faut l’adresse du courtier, «\u00a0redis://hôte:6379/0\u00a0»."


def _address(given: Mapping[str, str]) -> Iterator[str]:
    hosts = [host.strip() for host in given.get("ALLOWED_HOSTS", "").split(",") if host.strip()]
    if not hosts:
        yield "ALLOWED_HOSTS\u00a0: il faut au moins un nom servi, par exemple «\u00a0conventions.gouv.fr\u00a0»."
    site = given.get("SITE_URL", "")
    name = _host(site)
    if not site.startswith("https://") or not name:
        yield "SITE_URL\u00a0: il faut l’adresse publique, qui commence par «\u00a0https://\u00a0»."
    elif name in LOCAL or name.endswith(FICTITIOUS):
        yield f"SITE_URL\u00a0: les liens mèneraient à «\u00a0{name}\u00a0», que personne n’atteint."
    elif hosts and not validate_host(name, hosts):
        yield f"SITE_URL\u00a0: «\u00a0{name}\u00a0» n’est pas dans ALLOWED_HOSTS, ses pages répondraient 400."


def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def _mail(given: Mapping[str, str]) -> Iterator[str]:
    if given.get("DEMO", "").lower() in YES:
        return  # messages are read at /demo/courriels/
    address = given.get("EMAIL_URL", "")
    if urlsplit(address).scheme not in MAILERS or not _host(address):
        yield (
            "EMAIL_URL\u00a0: il faut un serveur, «\u00a0smtp+tls://utilisateur:motdepasse@hôte:587\u00a0»\u00a0; "
            "sans lui, les liens personnels seraient écrits dans les journaux du serveur."
        )
    for name in ("DEFAULT_FROM_EMAIL", "SUPPORT_EMAIL"):
        domain = given.get(name, "").rpartition("@")[2].strip("> ")
        if not domain or domain.endswith(FICTITIOUS):
            yield f"{name}\u00a0: il faut une adresse électronique qui existe."


def _files(given: Mapping[str, str]) -> Iterator[str]:
    if "S3_BUCKET" not in given and "MEDIA_ROOT" not in given:
        yield "MEDIA_ROOT ou S3_BUCKET\u00a0: il faut dire où sont gardés les pièces et les documents signés."
    if "S3_BUCKET" in given and not {"S3_ACCESS_KEY", "S3_SECRET_KEY"} <= set(given):
        yield "S3_ACCESS_KEY et S3_SECRET_KEY\u00a0: il faut les deux avec S3_BUCKET."
