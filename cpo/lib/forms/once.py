"""A form that creates is posted once: the key that it carries serves once, whatever is clicked or sent again.

The key is a row of the same transaction as what the form creates. A second post waits for the first, then answers the
same address and creates nothing; when the first was refused, its key is free again. What differs from the first post
(the person went back and typed something else) is another form.
"""

import datetime as dt
import hashlib
import secrets
from collections.abc import Callable

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from cpo.lib import clock
from cpo.lib.models import PostedForm

FIELD = "envoi_unique"
KEPT = dt.timedelta(days=30)  # as long as a draft: a page may stay open


def new_key() -> str:
    return secrets.token_urlsafe(16)


def answer(request: HttpRequest, view: Callable[[], HttpResponse]) -> HttpResponse:
    """Return the answer of the view, or that of the same form posted before."""
    with transaction.atomic():
        posted, first = PostedForm.objects.get_or_create(
            digest=_digest(request), defaults={"user": request.user, "at": clock.now()}
        )
        if not first:
            return HttpResponseRedirect(posted.location)
        response = view()
        if transaction.get_connection().needs_rollback:
            return response
        if response.status_code in (302, 303):
            posted.location = response["Location"]
            posted.save(update_fields=["location"])
        else:
            posted.delete()
        return response


def _digest(request: HttpRequest) -> str:
    """Return the identity of what was posted: person, address, key, fields and files."""
    digest = hashlib.sha256()

    def add(*parts: str) -> None:
        for part in parts:
            data = part.encode("utf-8", "surrogatepass")
            digest.update(len(data).to_bytes(8, "big") + data)

    add(str(request.user.pk), request.get_full_path())
    for name, values in sorted(request.POST.lists()):
        if name != "csrfmiddlewaretoken":
            add(name, *values)
    for name, files in sorted(request.FILES.lists()):
        for file in files:
            add(name, file.name or "")
            for piece in file.chunks():
                digest.update(piece)
            file.seek(0)
    return digest.hexdigest()


def purge() -> int:
    """Forget the forms that no open page can post again; return their number."""
    return PostedForm.objects.filter(at__lt=clock.now() - KEPT).delete()[0]
