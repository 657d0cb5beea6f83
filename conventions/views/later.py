"""The acts of a convention: their list, opening one, its object and dates, the text in force on a day."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views import View
from django.views.decorators.http import require_http_methods, require_safe

from conventions import permissions as may
from conventions import workflow
from conventions.content.comparison import cached, compare, summary
from conventions.content.freeze import build_content
from conventions.content.reading import read
from conventions.documents import production
from conventions.enums import ENDED, ActKind, ConventionState, DocumentPurpose
from conventions.forms.later import AmendmentForm, DayForm, PaperActForm, TermsForm, YearForm
from conventions.guards.adaptations import late_words
from conventions.guards.later import base_version
from conventions.later.in_force import act_in_force, applied_acts, signed_version
from conventions.later.opening import blocking_act, years_of
from conventions.models import Act, Version
from conventions.pages.other_texts import address_of
from conventions.services.later import set_terms
from cpo.lib import clock
from cpo.lib.editing import conflicts
from cpo.lib.forms.base import DsfrForm
from cpo.lib.workflow import Refused

from .common import actors, get_act, refusal_page, work_page
from .drafting import add_errors
from .framing import editing_rights, last_writer, open_act, open_page, page, read_again

PURPOSES = {
    ActKind.ANNUAL: "Par exemple : fixer la contribution de l’année, après le dialogue de gestion.",
    ActKind.ADAPTATION: "Par exemple : une hausse des achats compensée par une baisse des déplacements.",
}


@dataclass(frozen=True)
class ActLine:
    act: Act
    status: str  # "current", "last", "coming", "past", "open", "ended"
    number: str  # the address of its pages

    @property
    def label(self) -> str:
        words = {
            "current": "Texte en vigueur",
            "last": "Dernier texte en vigueur",
            "coming": "À venir",
            "past": "Modifié depuis",
            "ended": "Sans suite",
        }
        return words.get(self.status) or self.act.state_words

    @property
    def badge(self) -> tuple[str, str]:
        """State and kind of its badge (see `state_badge`)."""
        if self.status == "current":
            return ConventionState.ACTIVE, "act"
        if self.status == "open":
            return self.act.state, "act"
        return ("info" if self.status == "coming" else "grey"), "tone"


def _lines(act: Act, *, negotiation: bool) -> list[ActLine]:
    """Return the acts that the person may read, newest first."""
    today = clock.today(act.dossier.time_zone)
    current = act_in_force(act.convention, today)
    acts = act.convention.acts.order_by("-number")
    if not negotiation:
        acts = acts.filter(state=ConventionState.ACTIVE)
    rows = list(acts)
    return [ActLine(one, _status(one, current, today), address_of(one) if rows[1:] else one.reference) for one in rows]


def _status(act: Act, current: Act | None, today: dt.date) -> str:
    if act.state == ConventionState.ABANDONED:
        return "ended"
    if act.state != ConventionState.ACTIVE:
        return "open"
    if act == current:
        return "last" if act.convention.state in ENDED else "current"
    return "coming" if act.effective_on > today else "past"


@require_safe
def convention_acts(request: HttpRequest, number: str) -> HttpResponse:
    act = open_act(request, number)
    if act.number:
        return redirect("convention-acts", act.convention.number)
    people = actors(request, act)
    context = {
        "lines": _lines(act, negotiation=may.reads_negotiation(people)),
        "day_form": DayForm(initial={"au": clock.today(act.dossier.time_zone)}),
        "signed": act.state == ConventionState.ACTIVE,
        "blocking": blocking_act(act, ActKind.AMENDMENT) if may.reads_negotiation(people) else None,
    }
    return page(request, "later/acts", act, "actes", context)


class OpenActView(View):
    """The page that opens an act; each kind has its own form."""

    name = ""
    kind = ActKind.AMENDMENT
    next_words = "modifiez ce qui doit changer"
    act: Act

    def dispatch(self, request: HttpRequest, number: str) -> HttpResponse:
        self.act = get_act(request, number)
        try:
            self.option = workflow.ACT.attempt(self.name, self.act, request.user)
        except Refused as error:
            return refusal_page(request, self.act, error)
        return super().dispatch(request)

    def form(self, data: QueryDict | None = None) -> Any:
        if self.kind == ActKind.AMENDMENT:
            return AmendmentForm(data)
        return YearForm(data, years=years_of(self.act, self.kind), purpose_help=PURPOSES[self.kind])

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page(request, self.form())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = self.form(request.POST)
        if not form.is_valid():
            return self.page(request, form)
        try:
            workflow.apply(self.name, self.act, by=request.user, data=self.data(form))
        except Refused as error:
            return self.page(request, form, refusal=error, status=409)
        new_act = self.act.convention.acts.latest("number")
        messages.success(request, f"{new_act.name} : le texte signé est recopié, {self.next_words}.")
        return redirect("convention-detail", new_act.reference)

    def data(self, form: Any) -> dict[str, Any]:
        return {"terms": form.terms}

    def late(self) -> list[str]:
        """Say of each year that is offered whether its adaptation would be late."""
        years = years_of(self.act, self.kind) if self.kind == ActKind.ADAPTATION else []
        return [words for year in years if (words := late_words(self.act.convention.text, year))]

    def page(
        self, request: HttpRequest, form: DsfrForm, *, refusal: Refused | None = None, status: int = 200
    ) -> HttpResponse:
        context = work_page(self.act, "convention-acts", "Avenants et actes") | {
            "form": form,
            "refusal": refusal,
            "option": self.option,
            "late": self.late(),
        }
        return render(request, "conventions/later/act_open.html", context, status=status)


class OpenPaperActView(OpenActView):
    """An avenant or an annual act that was signed on paper: its own form names its kind."""

    name = "open_paper_act"
    next_words = "saisissez ce que l’acte change, puis déposez son original"

    def form(self, data: QueryDict | None = None) -> PaperActForm:
        return PaperActForm(data, first=self.act)

    def data(self, form: PaperActForm) -> dict[str, Any]:
        return {"terms": form.terms, "kind": form.cleaned_data["kind"]}


open_paper_act = OpenPaperActView.as_view()
open_amendment = OpenActView.as_view(name="open_amendment", kind=ActKind.AMENDMENT)
open_annual = OpenActView.as_view(name="open_annual", kind=ActKind.ANNUAL)
open_adaptation = OpenActView.as_view(name="open_adaptation", kind=ActKind.ADAPTATION)


@require_http_methods(["GET", "HEAD", "POST"])
def act_terms(request: HttpRequest, number: str) -> HttpResponse:
    """Show the object and the dates of an act, to read or to write."""
    act = open_act(request, number)
    if not act.number:
        raise Http404
    rights = editing_rights(request.user, act, of_amounts=True)
    if request.method == "POST" and not rights["may_edit"]:
        raise PermissionDenied(rights["why_not"])
    terms = open_page(request, number).terms
    context: dict[str, Any] = rights | {"form": TermsForm(act=act), "terms": terms, "page_title": "Objet et dates"}
    if request.method == "POST":
        outcome = conflicts.save(
            request,
            make=lambda data: TermsForm(data, act=read_again(act)),
            write=lambda form, revision: _write(request, act, form, revision),
            author=lambda: last_writer(act, "l’objet et les dates"),
        )
        if outcome.saved:
            messages.success(request, "L’objet et les dates sont enregistrés.")
            return redirect("act-terms", number)
        if outcome.error:
            add_errors(outcome.form, outcome.error)
        context["form"] = outcome.form
        return page(request, "later/act_terms", act, "synthese", context, outcome.status)
    return page(request, "later/act_terms", act, "synthese", context)


def _write(request: HttpRequest, act: Act, form: TermsForm, revision: int) -> None:
    values = {name: value for name, value in form.cleaned_data.items() if name != "revision"}
    set_terms(act=act, by=request.user, expected_revision=revision, **values)


@require_safe
def consolidated_text(request: HttpRequest, number: str) -> HttpResponse:
    """Show the convention as changed by the acts in force on a day (today by default)."""
    act = get_act(request, number)
    form = DayForm(request.GET if "au" in request.GET else None)
    today = clock.today(act.dossier.time_zone)
    day = (form.cleaned_data.get("au") if form.is_bound and form.is_valid() else None) or today
    in_force = act_in_force(act.convention, day)
    version = signed_version(in_force) if in_force else None
    context = work_page(act, "convention-acts", "Avenants et actes") | {
        "day": day,
        "form": form if form.is_bound else DayForm(initial={"au": day}),
        "in_force": in_force,
        "past_term": in_force is not None and day > in_force.ends_on,
        "version": version,
        "content": read(version.content) if version else None,
        "applied": [(one, address_of(one)) for one in applied_acts(in_force)] if in_force else [],
        "pdf_url": _pdf_url(in_force, version, may.reads_negotiation(actors(request, act))) if in_force else "",
    }
    return render(request, "conventions/later/consolidated.html", context)


def _pdf_url(act: Act, version: Version | None, negotiation: bool) -> str:
    """Return the address of the document: that of the convention, or the consolidated one after a later act.

    When the consolidated one is not produced yet, only the readers of the negotiation get the page that produces it.
    """
    if act.number == 0 or version is None:
        return reverse("convention-document", args=[act.reference])
    document = production.current_document(version.pk, DocumentPurpose.CONSOLIDATED)
    if document:
        return reverse("document-file", args=[act.reference, document.pk])
    if not negotiation:
        return ""
    page_of = reverse("render-progress", args=[act.reference, version.number])
    return f"{page_of}?usage={DocumentPurpose.CONSOLIDATED}"


@require_safe
def act_changes(request: HttpRequest, number: str) -> HttpResponse:
    """Compare an act with the signed text that it starts from.

    The side that writes the act sees its live content, the others its latest version.
    """
    act = get_act(request, number)
    if not act.number:
        raise Http404
    before = base_version(act)
    people = actors(request, act)
    live = may.reads_live(people, act.turn)
    version = None if live else act.versions.order_by("-number").first()
    comparison = None
    if live:
        comparison = compare(before.content, build_content(act))
    elif version:
        comparison = cached.between(before, version)
    context = work_page(act, "convention-detail", act.name) | {
        "before": before,
        "version": version,
        "comparison": comparison,
        "confirms_amounts": act.kind == ActKind.ANNUAL and comparison is not None and not comparison.count,
        "summary": summary.lines(comparison) if comparison else [],
    }
    return render(request, "conventions/later/act_changes.html", context)
