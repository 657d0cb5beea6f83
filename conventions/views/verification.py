"""The public page that says what a document is. It writes nothing and does not store the file that a person drops."""

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from conventions.documents import recognition
from conventions.forms.verification import FileForm, TypedForm
from conventions.pages.verification import answer
from cpo.lib.files.fingerprints import fingerprint_uploads
from cpo.lib.work.throttle import too_many

FORM_BYTES = 100_000  # what a browser sends in addition to the file


@fingerprint_uploads
@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """POST: identify a file. GET with `reference` and `empreinte`, as in the QR code: identify a document by them."""
    typed = TypedForm(request.GET if {"reference", "empreinte"} & set(request.GET) else None)
    if request.method != "POST" and not typed.is_bound:
        return _page(request)
    if too_many(request, "verification", most=settings.VERIFY_PER_MINUTE):
        return _page(request, too_many=True, status=429)
    if request.method != "POST":
        if not typed.is_valid():
            return _page(request, typed=typed)
        reference, sha256 = typed.cleaned_data["reference"], typed.cleaned_data["empreinte"]
        finding = recognition.identify_typed(reference, sha256)
        return _page(request, typed=typed, **_answer(finding, from_file=False))
    if int(request.META.get("CONTENT_LENGTH") or 0) > settings.VERIFY_MAX_BYTES + FORM_BYTES:
        return _page(request, too_large=True, status=413)
    form = FileForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, form=form)
    upload = form.cleaned_data["file"]
    finding = recognition.identify_file(upload.fingerprint)
    facts = {"name": upload.name, "sha256": upload.fingerprint.sha256}
    return _page(request, **facts, **_answer(finding, from_file=True))


def _answer(finding: recognition.Finding | None, *, from_file: bool) -> dict[str, Any]:
    words = answer(finding, from_file=from_file) if finding else None
    return {"answered": True, "from_file": from_file, "finding": finding, "answer": words}


def _page(
    request: HttpRequest,
    *,
    form: FileForm | None = None,
    typed: TypedForm | None = None,
    status: int = 200,
    **context: Any,
) -> HttpResponse:
    template_context = {
        "form": form or FileForm(),
        "typed": typed or TypedForm(),
        "most": settings.VERIFY_MAX_BYTES,
        **context,
    }
    response = render(request, "conventions/pieces/verify.html", template_context, status=status)
    if status == 429:
        response["Retry-After"] = "60"
    return response
