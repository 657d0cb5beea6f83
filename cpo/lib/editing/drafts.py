"""What is typed is kept within seconds, without being saved: a lost session, tab or connection loses nothing.

A page that was shown to somebody carries a signed token for each of its forms; only the token opens the draft, so that
nobody can write to, or learn who is on, a page that they did not see. Content changes on saving alone: a draft cancels
no acceptance and is read by its author only.
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
from cpo.lib.models import FormDraft, PageVisit

SALT = "cpo.lib.drafts"
FIELD = "saisie"  # name of the hidden input that carries the token
MAXIMUM = 500_000  # characters of a draft: a budget of sixty lines takes some 20,000
STILL_HERE = dt.timedelta(seconds=75)  # two tellings and a half
SECRET = ("csrfmiddlewaretoken", FIELD)


class Place(NamedTuple):
    """A form of a page, for a person. `alone`: what the page will write exists for nobody else yet, so that who else
    has the page open is nobody's business."""

    user: int
    path: str
    form: str
    alone: bool = False


class Refused(Exception):
    """What was sent is not a draft of this form; the message is for the log."""


def key(place: Place) -> str:
    """The name of a place for the browser: fits a cookie and says nothing."""
    return hashlib.sha256(json.dumps(place).encode()).hexdigest()[:16]


def token(place: Place) -> str:
    return signing.dumps(list(place), salt=SALT, compress=True)


def read_token(text: str, user: Any) -> Place:
    """Raises Refused when the token was not made for this person or is older than a session."""
    try:
        place = Place(*signing.loads(text, salt=SALT, max_age=settings.FORM_DRAFT_DAYS * 86_400))
    except (signing.BadSignature, TypeError, ValueError) as error:
        raise Refused(str(error)) from error
    if place.user != user.pk:
        raise Refused("the token is another person's")
    return place


def kept(user: Any, path: str) -> dict[str, FormDraft]:
    """What a person typed on a page, by form."""
    return {draft.form: draft for draft in waiting(user).filter(path=path)}


def of_page(request: HttpRequest, path: str) -> dict[str, FormDraft]:
    """The drafts of the page, by form: read once for all its forms."""
    if not hasattr(request, "form_drafts"):
        request.form_drafts = kept(request.user, path)  # type: ignore[attr-defined]
    found: dict[str, FormDraft] = request.form_drafts  # type: ignore[attr-defined]
    return found


def waiting(user: Any) -> QuerySet[FormDraft]:
    """All that the person typed and never saved, the latest first."""
    oldest = clock.now() - dt.timedelta(days=settings.FORM_DRAFT_DAYS)
    return FormDraft.objects.filter(user=user, updated_at__gte=oldest)


def prose(pairs: Iterable[Sequence[str]]) -> list[str]:
    """Among what was typed, what one would not like to write again: texts of several words."""
    return [value for name, value in pairs if name not in SECRET and len(value.split()) > 1]


def written(request: HttpRequest) -> list[str]:
    """What the person wrote on a page that closed meanwhile: a colleague gave the turn to the other side, removed the
    fiche, resolved the exchange."""
    user = getattr(request, "user", None)  # refused before the session was even read
    if user is None or not user.is_authenticated:
        return []
    if request.method == "POST":
        sent = request.POST.lists() if FIELD in request.POST else ()
        return prose((name, value) for name, values in sent for value in values)
    return prose(pair for draft in kept(user, request.path).values() for pair in draft.raw)


def keep(place: Place, text: str, *, title: str) -> FormDraft:
    """Keep what was typed: `text` is JSON, a list of [name, value]. Raises Refused."""
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
    raw = [pair for pair in raw if pair[0] not in SECRET]
    values = {"raw": raw, "title": title.replace("\0", "")[:200], "updated_at": clock.now()}
    return FormDraft.objects.update_or_create(user_id=place.user, path=place.path, form=place.form, defaults=values)[0]


def discard(place: Place) -> None:
    _of(place).delete()


def _of(place: Place) -> QuerySet[FormDraft]:
    return FormDraft.objects.filter(user_id=place.user, path=place.path, form=place.form)


def here(place: Place) -> None:
    """The person has the page open."""
    if place.alone:
        return
    PageVisit.objects.update_or_create(user_id=place.user, path=place.path, defaults={"seen_at": clock.now()})


def others(place: Place) -> list[str]:
    """Names of the other people who have the page open."""
    if place.alone:
        return []
    visits = PageVisit.objects.filter(path=place.path, seen_at__gte=clock.now() - STILL_HERE)
    return [str(visit.user) for visit in visits.exclude(user_id=place.user).select_related("user").order_by("pk")]


def purge() -> int:
    """Forget the drafts that nobody took up again, and the visits that are over; how many drafts."""
    now = clock.now()
    PageVisit.objects.filter(seen_at__lt=now - dt.timedelta(hours=1)).delete()
    oldest = now - dt.timedelta(days=settings.FORM_DRAFT_DAYS)
    return FormDraft.objects.filter(updated_at__lt=oldest).delete()[0]
