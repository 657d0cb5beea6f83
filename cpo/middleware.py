"""The middlewares of the project, beside those of Django and of the libraries."""

from collections.abc import Callable, Iterator

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, QueryDict

from cpo.lib import zones
from cpo.lib.editing import consequences, drafts

from .views import standalone

NUL = "\0"
SAVED = "saisie_enregistree"


class RefuseNulMiddleware:
    """Answer 400 to a request with a NUL character: PostgreSQL can't store it, and no keyboard types it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable[..., HttpResponse], *args: object) -> None:
        # A view with its own upload handler must read the posted data itself.
        posted = () if getattr(view, "fingerprints", False) else (request.POST,)
        if NUL in request.path or any(NUL in text for text in _texts(request.GET, *posted)):
            raise BadRequest("NUL")


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


def _texts(*queries: QueryDict) -> Iterator[str]:
    for values in queries:
        for name, texts in values.lists():
            yield name
            yield from texts
