"""Handing in a PDF signed outside with a certificate, and what a worker found in it."""

from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from conventions import permissions as may
from conventions.enums import DepositAnswer
from conventions.forms.signing import SignedFileForm
from conventions.guards.signing import depositable_parties
from conventions.models import SignedDeposit
from conventions.pages.signatures import signature_lines
from conventions.services.signing import deposits
from conventions.services.signing.browser import StepRefused
from conventions.services.signing.subjects import subject_of
from conventions.views.common import actors, get_act, url, work_page
from cpo.lib.wording import french
from cpo.lib.wording.numbers import whole_number
from cpo.lib.workflow import Refused

from .common import SignedFileView, signed_words


class DepositView(SignedFileView):
    """The page to download the file to sign, and to hand it in signed; a worker then checks it.

    With `depot`, the refused deposit whose file is handed in again, with the reason that was asked for.
    """

    transition = "deposit_signature"
    find_parties = depositable_parties

    def form(self, *args: Any, **kwargs: Any) -> SignedFileForm:
        return SignedFileForm(*args, parties=self.parties, kept=self.kept() is not None, **kwargs)

    def kept(self) -> SignedDeposit | None:
        """The deposit that the address names, if only a reason is missing and this person may give it."""
        pk = whole_number(self.request.GET.get("depot", ""))
        rows = self.document.deposits.filter(
            answer=DepositAnswer.REFUSED, field="override_reason", party__in=self.parties
        )
        return rows.filter(pk=pk).first() if pk else None

    def get(self, request: HttpRequest) -> HttpResponse:
        kept = self.kept()
        party = kept.party if kept else self.chosen_party(request)
        base = self.document.signed_file
        initial = {"sha256": base.sha256} | ({"party": party.pk} if party else {})
        return self.page(request, self.form(initial=initial))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = self.form(request.POST, request.FILES)
        if not form.is_valid():
            return self.page(request, form)
        try:
            deposit = self.receive(request, form)
        except StepRefused as error:
            form.add_error(error.field if error.field in form.fields else None, error.message)
            return self.page(request, form)
        except Refused as error:
            return self.page(request, form, refusal=error, status=409)
        return redirect(url(self.document.act, "convention-signed-deposit", pk=deposit.pk))

    def receive(self, request: HttpRequest, form: SignedFileForm) -> SignedDeposit:
        data, kept = form.cleaned_data, self.kept()
        if kept and not data.get("file"):
            return deposits.explain(kept, data["override_reason"], by=request.user)
        return deposits.receive(
            self.document.act,
            data["party"],
            data["file"],
            by=request.user,
            document=self.document,
            shown_sha256=data["sha256"],
            override_reason=data["override_reason"],
        )

    def page(
        self, request: HttpRequest, form: SignedFileForm, *, refusal: Refused | None = None, status: int = 200
    ) -> HttpResponse:
        base = self.document.signed_file
        # After a refusal the page gives the present file to sign, which may be another one.
        form.data = form.data | {"sha256": base.sha256} if form.is_bound else form.data
        kept = self.kept()
        context = self.subject(request) | {
            "form": form,
            "refusal": refusal,
            "document": self.document,
            "base": base,
            "base_detail": french.file_size(base.size),
            "max_bytes": settings.UPLOAD_MAX_BYTES,
            "kept": kept,
            "differs": kept is not None or "override_reason" in form.errors or bool(form.data.get("override_reason")),
        }
        return render(request, "conventions/signing/deposit_signature.html", context, status=status)

    def subject(self, request: HttpRequest) -> dict[str, Any]:
        """The context that depends on what is signed; `reporting.views.signing` says it for the papers of the year."""
        version = self.document.version
        return work_page(self.act, "convention-documents", "Documents et signatures") | {
            "signed_title": f"version {version.number}" if version else "",
            "file_url": url(self.act, "convention-document"),
            "cancel_url": url(self.act, "convention-documents"),
            "lines": signature_lines(self.act, self.document, request.user),
        }


@require_safe
def signed_deposit(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """What becomes of a deposit: being checked (JSON: for the page's script), accepted, refused and why, replaced."""
    act = get_act(request, number)
    rows = SignedDeposit.objects.select_related("document__file", "party__organisation", "by", "file")
    deposit = get_object_or_404(rows, document__act=act, pk=pk)
    own = deposit.by_id == request.user.pk
    if not own and not may.reads_deposits(actors(request, act), deposit.party.organisation_id):
        raise PermissionDenied(may.NOT_THEIR_DEPOSIT)
    job = deposits.last_job(deposit)
    if not request.accepts("text/html"):
        return JsonResponse(_progress(request, deposit, job))
    subject = subject_of(deposit.document)
    page, name = subject.back()
    again = subject.deposit_address()
    context = work_page(act, "convention-documents", "Documents et signatures") | {
        "back": {"url": page, "label": name},
        "deposit": deposit,
        "detail": french.file_size(deposit.file.size),
        "job": job,
        "signed": signed_words(act, "") if deposit.answer == DepositAnswer.ACCEPTED and act.in_signature else "",
        "deposit_url": again,
        "again": f"{again}?depot={deposit.pk}",
    }
    return render(request, "conventions/signing/signed_deposit.html", context)


def _progress(request: HttpRequest, deposit: SignedDeposit, job: Any) -> dict[str, Any]:
    """Return what static/js/progress.js shows; the page tells the answer, and a job that stopped."""
    done = deposit.answer != DepositAnswer.PENDING or job is None or job.stopped
    return {
        "title": "Vérification terminée" if done else "Le fichier est en cours de vérification",
        "percent": 100 if done else job.percent,
        "done": done,
        "url": request.path if done else "",
    }


deposit_signature = DepositView.as_view()
