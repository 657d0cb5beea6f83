"""Uploading a PDF signed outside with a certificate."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views import View

from conventions import workflow
from conventions.evidence import Report
from conventions.forms.signing import SignedFileForm
from conventions.guards.signing import depositable_parties, signing_document
from conventions.models import Act, Document
from conventions.pages.signatures import signature_lines
from conventions.services.signing import certificate
from conventions.services.signing.browser import StepRefused
from conventions.views.common import get_act, refusal_page, url, work_page
from cpo.lib.wording import french
from cpo.lib.workflow import Refused

from .common import signed_words


class DepositView(View):
    """The page to download the file to sign, and to upload it signed, for verification."""

    act: Act
    document: Document

    def dispatch(self, request: HttpRequest, number: str) -> HttpResponse:
        self.act = get_act(request, number)
        try:
            option = workflow.ACT.attempt("deposit_signature", self.act, request.user)
        except Refused as error:
            return refusal_page(request, self.act, error)
        document = signing_document(self.act)
        if document is None:
            return refusal_page(request, self.act, Refused("Le document à signer est en cours de production."))
        self.document = document
        self.parties = depositable_parties(self.act, option.actor)
        return super().dispatch(request)

    def form(self, *args: Any, **kwargs: Any) -> SignedFileForm:
        return SignedFileForm(*args, parties=self.parties, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponse:
        party_pk = request.GET.get("partie", "")
        party = next((p for p in self.parties if str(p.pk) == party_pk), None)
        if party is None and len(self.parties) == 1:
            party = self.parties[0]
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
