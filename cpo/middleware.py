"""What every request goes through, beside the middlewares of Django and of the libraries."""

from collections.abc import Callable, Iterator

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse

NUL = "\0"


class RefuseNulMiddleware:
    """No keyboard types the character NUL and PostgreSQL stores none: whoever sends it gets a 400, not a failure."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *args: object) -> None:
        if NUL in request.path or any(NUL in text for text in _sent(request)):
            raise BadRequest("NUL")


def _sent(request: HttpRequest) -> Iterator[str]:
    for values in (request.GET, request.POST):
        for name, texts in values.lists():
            yield name
            yield from texts
