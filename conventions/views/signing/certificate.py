"""Uploading a PDF signed outside with a certificate."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from conventions.evidence import Report
from conventions.forms.signing import SignedFileForm
from conventions.guards.signing import depositable_parties
from conventions.pages.signatures import signature_lines
from conventions.services.signing import certificate
from conventions.services.signing.browser import StepRefused
from conventions.views.common import url, work_page
from cpo.lib.wording import french
from cpo.lib.workflow import Refused

from .common import SignedFileView, signed_words


class DepositView(SignedFileView):
    """The page to download the file to sign, and to upload it signed, for verification."""

    transition = "deposit_signature"
    find_parties = depositable_parties

    def form(self, *args: Any, **kwargs: Any) -> SignedFileForm:
        return SignedFileForm(*args, parties=self.parties, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponse:
        party = self.chosen_party(request)
        base = self.document.signed_file
        initial = {"sha256": base.sha256} | ({"party": party.pk} if party else {})
        return self.page(request, self.form(initial=initial))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = self.form(request.POST, request.FILES)
        if not form.is_valid():
            return self.page(request, form)
        data = form.cleaned_data
        try:
            act = certificate.record_signed_file(
                self.act,
                data["party"],
                data["file"],
                by=request.user,
                document=self.document,
                shown_sha256=data["sha256"],
                override_reason=data["override_reason"],
            )
        except StepRefused as error:
            form.add_error(error.field, error.message)
            return self.page(request, form, report=getattr(error, "report", None))
        except Refused as error:
            return self.page(request, form, refusal=error, status=409)
        messages.success(request, signed_words(act, "Le PDF signé est vérifié et enregistré."))
        return redirect(url(act, "convention-documents"))

    def page(
        self,
        request: HttpRequest,
        form: SignedFileForm,
        *,
        refusal: Refused | None = None,
        report: Report | None = None,
        status: int = 200,
    ) -> HttpResponse:
        base = self.document.signed_file
        # After a refusal the page gives the present file to sign, which may be another one.
        form.data = form.data | {"sha256": base.sha256} if form.is_bound else form.data
        context = work_page(self.act, "convention-documents", "Documents et signatures") | {
            "form": form,
            "refusal": refusal,
            "report": report,
            "document": self.document,
            "base": base,
            "base_detail": french.file_size(base.size),
            "max_bytes": settings.UPLOAD_MAX_BYTES,
            "differs": "override_reason" in form.errors or bool(form.data.get("override_reason")),
            "lines": signature_lines(self.act, self.document, request.user),
        }
        return render(request, "conventions/signing/deposit_signature.html", context, status=status)


deposit_signature = DepositView.as_view()
