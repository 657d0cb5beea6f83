"""Drafts: typed text is stored within seconds, so that a lost session, tab or connection loses nothing.

A page carries a signed token for each of its forms. Only this token opens the draft: nobody can write a draft for a
page that they did not see, or learn who has it open. A draft is no content: it cancels no acceptance, and only its
author reads it.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from django.conf import settings
from django.core import signing
from django.db.models import QuerySet
from django.http import HttpRequest

from cpo.lib import clock
from cpo.lib.forms import once
from cpo.lib.models import FormDraft, PageVisit
from cpo.lib.wording.characters import clean

SALT = "cpo.lib.drafts"
FIELD = "saisie"  # name of the hidden input that carries the token
MAXIMUM = 500_000  # characters of a draft: a budget of sixty lines takes some 20,000
STILL_HERE = dt.timedelta(seconds=75)  # two and a half periods of static/js/drafts.js
SECRET = ("csrfmiddlewaretoken", FIELD, once.FIELD)


class DraftKey(NamedTuple):
    """The identity of a draft: a person, a page and a form.

    `alone`: the page writes something new that nobody else can see yet, so it does not tell who else has it open.
    """

    user: int
    path: str
    form: str
    alone: bool = False


class Refused(Exception):
    """The posted data is not a draft of this form; the message is for the log."""


def short_key(draft_key: DraftKey) -> str:
    """Return a name of the draft for the browser: short enough for a cookie, and opaque."""
    return hashlib.sha256(json.dumps(draft_key).encode()).hexdigest()[:16]


def token(draft_key: DraftKey) -> str:
    return signing.dumps(list(draft_key), salt=SALT, compress=True)


def read_token(text: str, user: Any) -> DraftKey:
    """Return the key of a token. Raises Refused when it is another person's, too old or not signed."""
    try:
        draft_key = DraftKey(*signing.loads(text, salt=SALT, max_age=settings.FORM_DRAFT_DAYS * 86_400))
    except (signing.BadSignature, TypeError, ValueError) as error:
        raise Refused(str(error)) from error
    if draft_key.user != user.pk:
        raise Refused("the token is another person's")
    return draft_key


def by_form(user: Any, path: str) -> dict[str, FormDraft]:
    """Return the drafts of a person on a page, by form."""
    return {draft.form: draft for draft in waiting(user).filter(path=path)}


def of_page(request: HttpRequest, path: str) -> dict[str, FormDraft]:
    """Return the drafts of the page, by form; read once per request for all its forms."""
    if not hasattr(request, "form_drafts"):
        request.form_drafts = by_form(request.user, path)  # type: ignore[attr-defined]
    drafts: dict[str, FormDraft] = request.form_drafts  # type: ignore[attr-defined]
    return drafts


def waiting(user: Any) -> QuerySet[FormDraft]:
    """Return all the drafts of the person that were never saved, the latest first."""
    oldest = clock.now() - dt.timedelta(days=settings.FORM_DRAFT_DAYS)
    return FormDraft.objects.filter(user=user, updated_at__gte=oldest)


def prose(pairs: Iterable[Sequence[str]]) -> list[str]:
    """Return the typed texts of several words, which a person would not like to write again."""
    return [value for name, value in pairs if name not in SECRET and len(value.split()) > 1]


def unsaved_prose(request: HttpRequest) -> list[str]:
    """Return the texts typed on a page that closed meanwhile.

    For example, a colleague gave the turn to the other side, removed the fiche or resolved the exchange.
    """
    user = getattr(request, "user", None)  # absent when a middleware refused the request before the session
    if user is None or not user.is_authenticated:
        return []
    if request.method == "POST":
        fields = request.POST.lists() if FIELD in request.POST else ()
        return prose((name, value) for name, values in fields for value in values)
    return prose(pair for draft in by_form(user, request.path).values() for pair in draft.raw)


def keep(draft_key: DraftKey, text: str, *, title: str) -> FormDraft:
    """Store a draft: `text` is JSON, a list of [name, value]. Raises Refused."""
    if len(text) > MAXIMUM:
        raise Refused("too long")
    try:
        raw = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Refused(str(error)) from error
    pairs = isinstance(raw, list) and all(
        isinstance(pair, list) and len(pair) == 2 and all(isinstance(part, str) and "\0" not in part for part in pair)
        for pair in raw
    )
    if not pairs:
        raise Refused("not pairs of name and value")
    raw = [[clean(part) for part in pair] for pair in raw if pair[0] not in SECRET]  # JSON can spell any character
    values = {"raw": raw, "title": clean(title)[:200], "updated_at": clock.now()}
    return FormDraft.objects.update_or_create(
        user_id=draft_key.user, path=draft_key.path, form=draft_key.form, defaults=values
    )[0]


def discard(draft_key: DraftKey) -> None:
    _of(draft_key).delete()


def _of(draft_key: DraftKey) -> QuerySet[FormDraft]:
    return FormDraft.objects.filter(user_id=draft_key.user, path=draft_key.path, form=draft_key.form)


def record_visit(draft_key: DraftKey) -> None:
    """Record that the person has the page open."""
    if draft_key.alone:
        return
    PageVisit.objects.update_or_create(user_id=draft_key.user, path=draft_key.path, defaults={"seen_at": clock.now()})


def other_visitors(draft_key: DraftKey) -> list[str]:
    """Return the names of the other people who have the page open."""
    if draft_key.alone:
        return []
    visits = PageVisit.objects.filter(path=draft_key.path, seen_at__gte=clock.now() - STILL_HERE)
    return [str(visit.user) for visit in visits.exclude(user_id=draft_key.user).select_related("user").order_by("pk")]


def purge() -> int:
    """Delete the old drafts and the visits that are over; return the number of drafts deleted."""
    now = clock.now()
    PageVisit.objects.filter(seen_at__lt=now - dt.timedelta(hours=1)).delete()
    oldest = now - dt.timedelta(days=settings.FORM_DRAFT_DAYS)
    return FormDraft.objects.filter(updated_at__lt=oldest).delete()[0]
