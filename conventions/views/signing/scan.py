"""Recording the scan of an original signed on paper."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views import View

from conventions import workflow
from conventions.forms.signing import OriginalForm
from conventions.guards.signing import recordable_parties, signing_document
from conventions.models import Act, Document
from conventions.pages.signatures import signature_lines
from conventions.services.signing.scan import Original, OriginalMismatch, record_original
from conventions.views.common import get_act, refusal_page, url, work_page
from cpo.lib.files import stored as stored_files
from cpo.lib.workflow import Refused


class RecordView(View):
    """The page to upload the scan of an original signed on paper, and to compare it with the document to sign."""

    act: Act
    document: Document

    def dispatch(self, request: HttpRequest, number: str) -> HttpResponse:
        self.act = get_act(request, number)
        try:
            option = workflow.ACT.attempt("record_signature", self.act, request.user)
        except Refused as error:
            return refusal_page(request, self.act, error)
        document = signing_document(self.act)
        if document is None:
            return refusal_page(request, self.act, Refused("Le document à signer est en cours de production."))
        self.document = document
        self.parties = recordable_parties(self.act, option.actor)
        return super().dispatch(request)

    def form(self, *args: Any, **kwargs: Any) -> OriginalForm:
        from django.utils import timezone

        produced_on = timezone.localtime(self.document.created_at).date()
        return OriginalForm(*args, parties=self.parties, produced_on=produced_on, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponse:
        party_pk = request.GET.get("partie", "")
        party = next((p for p in self.parties if str(p.pk) == party_pk), None)
        if party is None and len(self.parties) == 1:
            party = self.parties[0]
        initial = (
            {"party": party.pk, "signatory_name": party.signatory_name, "capacity": party.capacity} if party else {}
        )
        return self.page(request, self.form(initial=initial))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = self.form(request.POST, request.FILES)
        if not form.is_valid():
            return self.page(request, form)
        data = dict(form.cleaned_data)
        party, (content, media_type) = data.pop("party"), data.pop("file")
        try:
            pages = stored_files.pdf_pages(content)
            original = Original(scan=stored_files.store(content, media_type), pages=pages, **data)
            act = record_original(self.act, party, original, by=request.user, document=self.document)
        except OriginalMismatch as error:
            for difference in error.differences:
                form.add_error(difference.field, f"{difference.fact} {difference.advice}")
            return self.page(request, form, differs=True)
        except Refused as error:
            return self.page(request, form, refusal=error, status=409)
        messages.success(request, f"L’original signé pour {party.organisation.in_sentence} est enregistré.")
        return redirect(url(act, "convention-documents"))

    def page(
        self,
        request: HttpRequest,
        form: OriginalForm,
        *,
        refusal: Refused | None = None,
        differs: bool = False,
        status: int = 200,
    ) -> HttpResponse:
        context = work_page(self.act, "convention-documents", "Documents et signatures") | {
            "form": form,
            "refusal": refusal,
            "differs": differs or bool(form.data.get("override_reason")),
            "document": self.document,
            "lines": signature_lines(self.act, self.document, request.user),
        }
        return render(request, "conventions/signing/record_signature.html", context, status=status)


record_signature = RecordView.as_view()
