"""Pages that belong to no application: static pages, errors, health, and the gallery of components."""

import errno
import sys
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import Error, InterfaceError, OperationalError, connection
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseForbidden, HttpResponseServerError, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from cpo.lib.editing import drafts
from cpo.lib.files.stored import Unreadable
from cpo.lib.forms import once
from cpo.lib.wording import french

from . import gallery
from .lib import clock

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)
FORBIDDEN = "Votre rôle ne permet pas cette action."


@login_not_required
@require_safe
@never_cache
def health(request: HttpRequest) -> JsonResponse:
    """Answer 200 when the database answers, 503 otherwise. Says nothing more: the address is public."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return JsonResponse({"statut": "indisponible"}, status=503)
    return JsonResponse({"statut": "ok"})


health.needs_no_database = True  # it says itself that the database is away


@login_not_required
@require_safe
def static_page(request: HttpRequest, page: str) -> HttpResponse:
    return render(request, f"pages/{page}.html")


@login_not_required
@require_safe
def components(request: HttpRequest, page: str = "gallery") -> HttpResponse:
    """Show every component in its states, for developers and for automatic accessibility checks. Not in production."""
    if not settings.COMPONENTS:
        raise Http404
    return render(request, f"components/{page}.html", gallery.PAGES[page](request))


components.needs_no_database = True


@login_not_required
@require_POST
def form_draft(request: HttpRequest) -> HttpResponse:
    """Store a draft, delete it, or only record that the person has the page open.

    Answers JSON: at (time of day), others (names). From the list of drafts, redirects to this list. 401 when the
    session is over (the browser keeps the text until the next sign-in), 400 for a token or a text that does not belong
    to a page shown to this person.
    """
    if not request.user.is_authenticated:
        return JsonResponse({}, status=401)
    try:
        draft_key = drafts.read_token(request.POST.get(drafts.FIELD, ""), request.user)
        if request.POST.get("action") == "effacer":
            drafts.discard(draft_key)
        elif "raw" in request.POST:
            drafts.keep(draft_key, request.POST["raw"], title=request.POST.get("title", ""))
    except drafts.Refused:
        return JsonResponse({}, status=400)
    if "liste" in request.POST:
        messages.success(request, "La saisie est effacée.")
        return redirect("home")
    drafts.record_visit(draft_key)
    return JsonResponse({"at": french.time(clock.now()), "others": drafts.other_visitors(draft_key)})


def standalone(name: str, **context: Any) -> str:
    """Render a page without request: it uses neither session nor database, which may be down."""
    base = {"SITE_NAME": settings.SITE_NAME, "STATE_DEPLOYMENT": settings.STATE_DEPLOYMENT, "DEMO": False}
    return render_to_string(name, base | {"support_email": settings.SUPPORT_EMAIL} | context)


@login_not_required
def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return HttpResponse(standalone("400.html"), status=400)


@login_not_required
def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Show the message of the exception, which is written for the person."""
    reason = str(exception or "").strip() or FORBIDDEN
    try:
        return render(request, "403.html", {"reason": reason, "typed": drafts.unsaved_prose(request)}, status=403)
    except Error:
        return HttpResponseForbidden(standalone("403.html", reason=reason))


@login_not_required
def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer the same whether the page does not exist or is not visible to the person."""
    try:
        return render(request, "404.html", {"typed": drafts.unsaved_prose(request)}, status=404)
    except Error:
        return HttpResponse(standalone("404.html"), status=404)


@login_not_required
def server_error(request: HttpRequest) -> HttpResponse:
    """Say that the service is away for a moment when it is (503), else that something unexpected happened (500)."""
    error = sys.exc_info()[1]
    if isinstance(error, Unreadable):
        return HttpResponse(standalone("503_file.html"), status=503)
    if error is None or not _away(error):
        return HttpResponseServerError(standalone("500.html"))
    response = HttpResponse(standalone("503.html", **_posted(request)), status=503)
    response["Retry-After"] = "30"
    return response


def _away(error: BaseException) -> bool:
    """Whether the database or the disk can't answer now, and may in a moment."""
    if isinstance(error, OSError):
        return error.errno in FULL
    read_only = getattr(error.__cause__, "sqlstate", "") == "25006"  # a replica that took over answers so
    return isinstance(error, OperationalError | InterfaceError) or read_only


def _posted(request: HttpRequest) -> dict[str, Any]:
    """Return what the person typed, to send it again from the page or to copy it; never a password, never a file."""
    if request.method != "POST":
        return {"address": request.get_full_path()}
    try:
        pairs = [(name, value) for name, values in request.POST.lists() for value in values]
        files = bool(request.FILES)
    except (OSError, ValueError):  # what was sent could not be read
        return {"address": request.get_full_path(), "files": True}
    again = not files and not any("password" in name for name, _ in pairs)
    hidden = ("csrfmiddlewaretoken", drafts.FIELD, once.FIELD)
    typed = drafts.prose(pair for pair in pairs if pair[0] not in hidden and "password" not in pair[0])
    return {"action": request.get_full_path(), "pairs": pairs if again else [], "files": files, "typed": typed}
