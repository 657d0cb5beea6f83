"""A form that creates is posted once: the key that it carries serves once, whatever is clicked or sent again.

The key is a row of the same transaction as what the form creates. A second post waits for the first, then answers the
same address and creates nothing; when the first was refused, its key is free again. What differs from the first post
(the person went back and typed something else) is another form.
"""

import datetime as dt
import hashlib
import secrets
from collections.abc import Callable

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from cpo.lib import clock
from cpo.lib.models import PostedForm

FIELD = "envoi_unique"
KEPT = dt.timedelta(days=30)  # as long as a draft: a page may stay open


def new_key() -> str:
    return secrets.token_urlsafe(16)


def answer(request: HttpRequest, view: Callable[[], HttpResponse]) -> HttpResponse:
    """Return the answer of the view, or that of the same form posted before."""
    digest = _digest(request)
    with transaction.atomic():
        with connection.cursor() as cursor:  # the same form waits here until the first post has committed
            cursor.execute("SELECT pg_advisory_xact_lock(%s::bigint)", [_lock_number(digest)])
        if posted := PostedForm.objects.filter(digest=digest).first():
            return HttpResponseRedirect(posted.location)
        response = view()
        if response.status_code in (302, 303) and not connection.needs_rollback:
            PostedForm.objects.create(digest=digest, user=request.user, location=response["Location"], at=clock.now())
        return response


def _lock_number(digest: str) -> int:
    return int.from_bytes(bytes.fromhex(digest)[:8], "big", signed=True)


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
