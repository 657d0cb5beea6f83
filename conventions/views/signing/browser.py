"""Signing in the browser, in three steps: password, document, one-time code."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views import View

from arml.enums import OrganisationKind
from arml.models import presidency_warning
from conventions import permissions as may
from conventions import workflow
from conventions.enums import ConventionState, VisaDecision
from conventions.forms.signing import CodeForm, PasswordForm
from conventions.guards.parties import delegation_problem
from conventions.guards.signing import party_to_sign, signing_document
from conventions.models import Act, Document, Party, SigningAttempt
from conventions.pages.signatures import signature_lines
from conventions.services.signing import browser
from conventions.services.signing.browser import StepRefused
from conventions.views.common import actors, get_act, refusal_page, url, work_page
from conventions.views.signing.common import signed_words
from cpo.lib import clock, journal
from cpo.lib.actor import Actor
from cpo.lib.files import stored as stored_files
from cpo.lib.journal import key as root_key
from cpo.lib.mail.emails import unsent_to
from cpo.lib.wording import french
from cpo.lib.workflow import Refused

SESSION_KEY = "signing_attempt"


class SignView(View):
    """One page for the three steps. The attempt is a row of the database; the session holds its key."""

    act: Act
    party: Party
    document: Document | None

    def dispatch(self, request: HttpRequest, number: str) -> HttpResponse:
        self.act = get_act(request, number)
        try:
            option = workflow.ACT.attempt("sign", self.act, request.user)
        except Refused as error:
            return refusal_page(request, self.act, self._why(request, error))
        party = party_to_sign(self.act, option.actor)
        assert party is not None  # noqa: S101  `may_sign_now` has just checked it
        self.party, self.document = party, signing_document(self.act)
        return super().dispatch(request)

    def _why(self, request: HttpRequest, error: Refused) -> Refused:
        own = self.act.documents.filter(signatures__party__signatory=request.user.pk, signatures__voided_at=None)
        if self.act.state == ConventionState.NEGOTIATION and (reason := self._reopening_words()):
            return Refused(reason)
        if own.exists():
            return Refused(
                f"Vous avez déjà signé {self.act.name_in_sentence} : "
                "le document est sur la page « Documents et signatures »."
            )
        return error

    def _reopening_words(self) -> str:
        """Say why the document to sign was annulled, when the act went back to negotiation."""
        back = journal.last(self.act, "reopen", "withdraw_signature")
        if back is None:
            return ""
        day = french.datetime(back.at)
        return (
            f"Le document à signer a été annulé le {day}. {back.sentence} Motif : {back.comment.strip()} "
            "Une nouvelle version est à accepter par les deux parties avant de signer."
        )

    def attempt(self, request: HttpRequest) -> SigningAttempt | None:
        attempt = browser.current_attempt(request.session.get(SESSION_KEY), self.act, request.user)
        if attempt is None or self.document is None or attempt.document_id != self.document.pk:
            return None
        return attempt if attempt.party_id == self.party.pk else None

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page(request)

    def post(self, request: HttpRequest) -> HttpResponse:
        steps = {"identite": self.identify, "ouvrir": self.open, "code": self.code, "signer": self.sign}
        step = steps.get(request.POST.get("etape", ""))
        if step is None:
            return self.page(request)
        try:
            return step(request)
        except Refused as error:
            self.read_again(request)
            return self.page(request, refusal=error, status=409)

    def read_again(self, request: HttpRequest) -> None:
        self.act = get_act(request, self.act.reference)
        self.document = signing_document(self.act)

    def identify(self, request: HttpRequest) -> HttpResponse:
        form = PasswordForm(request.POST)
        if form.is_valid():
            try:
                attempt = browser.begin(
                    self.act,
                    self.party,
                    by=request.user,
                    password=form.cleaned_data["password"],
                    request=request,
                    document=self.document,
                )
            except StepRefused as error:
                form.add_error(error.field, error.message)
            else:
                request.session[SESSION_KEY] = attempt.pk
                return redirect(request.path + "#etape-2")
        return self.page(request, password_form=form)

    def open(self, request: HttpRequest) -> HttpResponse:
        attempt = self.required_attempt(request)
        stored = browser.open_document(attempt)
        return stored_files.serve(request, stored, name=f"{self.file_name}.pdf", inline=True)

    def code(self, request: HttpRequest) -> HttpResponse:
        attempt = self.required_attempt(request)
        try:
            self.send_code(attempt)
        except StepRefused as error:
            return self.page(request, step_error=error)
        messages.success(request, f"Un code à six chiffres vient de partir à {request.user.email}.")
        return redirect(request.path + "#etape-3")

    def sign(self, request: HttpRequest) -> HttpResponse:
        attempt = self.required_attempt(request)
        form = self.code_form(request.POST)
        if form.is_valid():
            data = form.cleaned_data
            try:
                words, address = self.confirm(attempt, data["code"], data["sha256"])
            except StepRefused as error:
                form.add_error("code", error.message)
            else:
                request.session.pop(SESSION_KEY, None)
                messages.success(request, words)
                return redirect(address)
        return self.page(request, code_form=form)

    # What is signed: the text of an act; `reporting.views.meetings.signing` says it for the minutes of a meeting.

    @property
    def file_name(self) -> str:
        return self.act.reference

    @property
    def name(self) -> str:
        """« la convention »."""
        return self.act.name_in_sentence

    @property
    def capacity(self) -> str:
        return self.party.capacity

    def send_code(self, attempt: SigningAttempt) -> None:
        browser.send_code(attempt)

    def confirm(self, attempt: SigningAttempt, code: str, sha256: str) -> tuple[str, str]:
        """Sign; return the message and the page that follow."""
        act = browser.confirm(attempt, code, shown_sha256=sha256)
        return signed_words(act), url(act, "convention-documents")

    def subject(self, request: HttpRequest) -> dict[str, Any]:
        """The context of the page that depends on what is signed."""
        version = self.document.version.number if self.document and self.document.version else ""
        return work_page(self.act, "convention-documents", "Documents et signatures") | {
            "badges": [(self.act.state, "act", ""), ("sign", "turn", "")],
            "signed_title": f"{self.act.name} ({self.act.reference}), version {version}",
            "problem": delegation_problem(self.act, self.party, clock.today(self.act.dossier.time_zone)),
            "warning": presidency_warning(self.party.organisation, clock.today(self.act.dossier.time_zone)),
            "lines": signature_lines(self.act, self.document, request.user),
            "before": before_signing(self.act, actors(request, self.act)),
        }

    def required_attempt(self, request: HttpRequest) -> SigningAttempt:
        attempt = self.attempt(request)
        if attempt is None:
            raise Refused(
                "Le document à signer a changé, ou trop de temps a passé : identifiez-vous à nouveau (étape 1)."
            )
        return attempt

    def code_form(self, data: Any = None) -> CodeForm:
        consent = f"J’ai lu le document et je signe {self.name} ({self.act.reference}), en qualité de {self.capacity}"
        sha256 = self.document.file.sha256 if self.document else ""
        return CodeForm(data, consent=consent, initial={"sha256": sha256})

    def page(self, request: HttpRequest, *, status: int = 200, **extra: Any) -> HttpResponse:
        attempt = self.attempt(request)
        exhausted = attempt is not None and attempt.wrong_codes >= browser.MAX_WRONG_CODES
        forms = {
            "password_form": extra.get("password_form") or PasswordForm(),
            "code_form": extra.get("code_form") or self.code_form(),
        }
        context = self.subject(request) | {
            "signed_name": self.name,
            "capacity": self.capacity,
            "party": self.party,
            "document": self.document,
            "attempt": None if exhausted else attempt,
            "exhausted": exhausted,
            "code_failed": bool(attempt)
            and request.user.email in unsent_to("code_signature", root=root_key(self.act.dossier)),
            "forms": list(forms.values()),
            "refusal": extra.get("refusal"),
            "step_error": extra.get("step_error"),
        }
        return render(request, "conventions/signing/sign.html", context | forms, status=status)


def before_signing(act: Act, people: list[Actor]) -> list[str]:
    """Return one line for each check made before the signature: acceptance, visas. Only the State reads its visas."""
    lines = []
    version = act.versions.proposed().order_by("-number").defer("content").first()
    if version:
        acceptance = version.acceptances.filter(cancelled_at=None).order_by("-at").first()
        if acceptance:
            lines.append(f"Version {version.number} acceptée par les deux parties le {french.date(acceptance.at)}")
        visas = version.visas.filter(decision=VisaDecision.GIVEN, organisation__kind=OrganisationKind.STATE_SERVICE)
        for visa in visas.select_related("by", "organisation") if may.reads_state_visas(people) else ():
            lines.append(f"Visa {french.of(visa.organisation.in_sentence)}, {visa.by}, le {french.date(visa.at)}")
    return lines


sign = SignView.as_view()
