"""The middlewares of the project, beside those of Django and of the libraries."""

from collections.abc import Callable, Iterator
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, QueryDict
from django.template.response import SimpleTemplateResponse
from django.utils.cache import patch_cache_control

from cpo.lib import zones
from cpo.lib.editing import consequences, drafts
from cpo.lib.forms import once
from cpo.lib.wording.characters import clean, reverses
from cpo.lib.work.snapshot import snapshot

from .views import standalone

NUL = "\0"
SAVED = "saisie_enregistree"


class TypedTextMiddleware:
    """Drop from what was typed or asked the characters that no text may hold; answer 400 to a NUL, which nobody types.

    Here, so that a view that reads `request.POST` or `request.GET` by itself gets the same text as a form.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable[..., HttpResponse], *args: object) -> None:
        # A view with its own upload handler must read the posted data itself.
        posted = () if getattr(view, "fingerprints", False) else (request.POST,)
        if NUL in request.path or any(NUL in text for text in _texts(request.GET, *posted)):
            raise BadRequest("NUL")
        request.GET = _cleaned(request.GET)  # type: ignore[assignment]
        if posted:
            request.POST = _cleaned(request.POST)  # type: ignore[assignment]


class NoStoreMiddleware:
    """Keep what answers a session out of every cache, that of a shared machine included; static files are unaffected.

    The cookie decides, not the person: asking for the person would read the session where the page does not.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if settings.SESSION_COOKIE_NAME in request.COOKIES or settings.SESSION_COOKIE_NAME in response.cookies:
            patch_cache_control(response, private=True, no_store=True)
        return response


class ZoneMiddleware:
    """What a page writes is for the person signed in: an instant of no dossier is in their zone (`cpo.lib.zones`)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with zones.read_by(lambda: request.user):
            return self.get_response(request)


class NotAllowedMiddleware:
    """Show a page for a method that is not allowed (405), instead of Django's empty answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == 405 and not response.content:
            response.content = standalone("405.html")
        return response


class SavedFormMiddleware:
    """Delete the draft of a form that was saved (the answer redirects), on the server and in the browser."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.method != "POST" or response.status_code not in (302, 303) or not request.user.is_authenticated:
            return response
        try:
            draft_key = drafts.read_token(request.POST.get(drafts.FIELD, ""), request.user)
        except drafts.Refused:
            return response
        drafts.discard(draft_key)
        # drafts.js reads this cookie and deletes the copy in the browser.
        response.set_cookie(SAVED, drafts.short_key(draft_key), max_age=600, samesite="Lax", secure=request.is_secure())
        return response


class ConsequencesMiddleware:
    """After a save (the answer redirects), show its side effects after the message of the page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with consequences.gathering() as sentences:
            response = self.get_response(request)
        if response.status_code in (302, 303):
            for sentence in sentences:
                messages.warning(request, sentence)
        return response


class SnapshotMiddleware:
    """Let a page that is read see one moment of the database, whoever writes meanwhile."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        if request.method not in ("GET", "HEAD") or getattr(view, "needs_no_database", False):
            return None
        with snapshot():
            response = view(request, *args, **kwargs)
            if isinstance(response, SimpleTemplateResponse):
                response.render()
        return response


class PostedOnceMiddleware:
    """Let a form that carries a key create once, however often it is posted."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        if request.method != "POST" or getattr(view, "fingerprints", False) or not request.POST.get(once.FIELD):
            return None
        if not request.user.is_authenticated:
            return None
        return once.answer(request, lambda: view(request, *args, **kwargs))


def _cleaned(query: QueryDict) -> QueryDict:
    """Return the same query when nothing was to be dropped. Names and passwords stay: they are not texts."""
    if all(clean(text) == text for _, texts in query.lists() for text in texts):
        return query
    cleaned = query.copy()
    cleaned.reversing = {name for name, texts in query.lists() if any(map(reverses, texts))}  # type: ignore[attr-defined]
    for name, texts in query.lists():
        if "password" not in name:
            cleaned.setlist(name, [clean(text) for text in texts])
    cleaned._mutable = False
    return cleaned


def _texts(*queries: QueryDict) -> Iterator[str]:
    for values in queries:
        for name, texts in values.lists():
            yield name
            yield from texts
