"""What every request goes through, beside the middlewares of Django and of the libraries."""

from collections.abc import Callable, Iterator

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, QueryDict

from cpo.lib.editing import consequences, drafts

from .views import standalone

NUL = "\0"
SAVED = "saisie_enregistree"


class RefuseNulMiddleware:
    """No keyboard types the character NUL and PostgreSQL stores none: whoever sends it gets a 400, not a failure."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable[..., HttpResponse], *args: object) -> None:
        # A view that takes files in its own way looks at what is posted before anybody reads it.
        posted = () if getattr(view, "fingerprints", False) else (request.POST,)
        if NUL in request.path or any(NUL in text for text in _texts(request.GET, *posted)):
            raise BadRequest("NUL")


class NotAllowedMiddleware:
    """A person who asks for an address in a way that it does not take reads a page, not Django's empty answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == 405 and not response.content:
            response.content = standalone("405.html")
        return response


class SavedFormMiddleware:
    """A form that was saved (its page redirects) has no draft any more, on the server nor in the browser."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.method != "POST" or response.status_code not in (302, 303) or not request.user.is_authenticated:
            return response
        try:
            place = drafts.read_token(request.POST.get(drafts.FIELD, ""), request.user)
        except drafts.Refused:
            return response
        drafts.discard(place)
        # Read by drafts.js, which then forgets its own copy: only a script can.
        response.set_cookie(SAVED, drafts.key(place), max_age=600, samesite="Lax", secure=request.is_secure())
        return response


class ConsequencesMiddleware:
    """A form that was saved (its page redirects) says what saving undid elsewhere, after the message of its page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with consequences.gathering() as sentences:
            response = self.get_response(request)
        if response.status_code in (302, 303):
            for sentence in sentences:
                messages.warning(request, sentence)
        return response


def _texts(*sent: QueryDict) -> Iterator[str]:
    for values in sent:
        for name, texts in values.lists():
            yield name
            yield from texts
