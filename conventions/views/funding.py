"""The funding plan: what is requested, granted and paid; and the facts, which both sides record and void."""

import re
from itertools import chain
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from arml.permissions import capacities
from conventions import permissions as may
from conventions.forms.funding import FundingForm, VoidFundingForm, initial_values
from conventions.forms.pieces import FORMATS
from conventions.models import Act, FundingFact
from conventions.money.plan import COLUMNS, facts_of, money_of_state, plan
from conventions.pages.waiting import route
from conventions.services.funding import NOT_YOURS, closed_to_facts, funding_recorder, record_funding, void_funding
from cpo.lib.files import stored
from cpo.lib.files.exports import csv_response
from cpo.lib.wording.numbers import whole_number
from cpo.lib.workflow import Refused

from .common import refusal_page
from .drafting import add_errors
from .framing import open_act, open_page, page


@require_safe
def convention_funding(request: HttpRequest, number: str) -> HttpResponse:
    act_page = open_page(request, number)
    act = act_page.act
    facts = facts_of(act)
    recorder = funding_recorder(request.user, act) is not None
    closed = closed_to_facts(act.convention.state)
    reads_payments = may.reads_negotiation(act_page.actors)
    known = [*facts.valid(), *(money_of_state(act) if reads_payments else [])]
    years = sorted({*act_page.years, *(fact.year for fact in known)})  # a shorter term hides no payment
    context: dict[str, Any] = {
        "ended": act_page.ended,
        "plan": plan(act_page.rows, years, known),
        "payments_url": route("convention-payments", act.convention.number) if reads_payments else "",
        "page_obj": Paginator(facts, 30).get_page(request.GET.get("page")),
        "may_record": recorder and not closed,
        "why_not": "" if recorder and not closed else closed if recorder else NOT_YOURS,
        "reads_files": may.reads_funding_files(capacities(request.user, act.dossier)),
        "page_title": "Plan de financement",
    }
    return page(request, "money/funding", act, "budget", context)


@require_safe
def convention_funding_csv(request: HttpRequest, number: str) -> StreamingHttpResponse:
    """Every fact, then what the State committed and paid, for who reads payments."""
    act = open_act(request, number)
    money = money_of_state(act) if may.reads_negotiation(capacities(request.user, act.dossier)) else []
    rows = chain(facts_of(act).iterator(chunk_size=500), money)
    return csv_response(f"financements-{number}.csv", COLUMNS, rows)


@require_http_methods(["GET", "HEAD", "POST"])
def funding_record(request: HttpRequest, number: str) -> HttpResponse:
    act_page = open_page(request, number)
    act = act_page.act
    if refusal := _refusal(request, act):
        return refusal
    posted = request.method == "POST"
    wrong = _fact_to_replace(act, request.GET.get("corrige", ""))
    form = FundingForm(
        request.POST if posted else None,
        request.FILES if posted else None,
        act=act_page.text,
        initial=initial_values(wrong) if wrong else {"line": request.GET.get("financeur", "")},
    )
    if posted and form.is_valid():
        try:
            fact = record_funding(act=act_page.text, by=request.user, **form.fact())
        except ValidationError as error:
            add_errors(form, error)
        except Refused as error:
            return refusal_page(request, act, error)
        else:
            messages.success(request, "Le financement est enregistré.")
            return redirect(f"{reverse('convention-funding', args=[number])}#fait-{fact.pk}")
    context: dict[str, Any] = {
        "form": form,
        "wrong": wrong,
        "formats": FORMATS,
        "max_bytes": settings.UPLOAD_MAX_BYTES,
        "page_title": "Enregistrer un financement",
    }
    return page(request, "money/funding_record", act, "budget", context)


@require_http_methods(["GET", "HEAD", "POST"])
def funding_void(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    act = open_act(request, number)
    fact = get_object_or_404(facts_of(act), pk=pk)
    if refusal := _refusal(request, act):
        return refusal
    if fact.voided:
        return refusal_page(request, act, Refused("Ce financement est déjà annulé."))
    form = VoidFundingForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            void_funding(fact=fact, by=request.user, reason=form.cleaned_data["reason"])
        except ValidationError as error:
            add_errors(form, error)
        except Refused as error:
            return refusal_page(request, act, error)
        else:
            messages.success(request, "Le financement est annulé ; il reste dans la liste, avec son motif.")
            if "correct" in request.POST:
                return redirect(f"{reverse('funding-record', args=[number])}?corrige={pk}")
            return redirect(f"{reverse('convention-funding', args=[number])}#fait-{pk}")
    context = {"form": form, "fact": fact, "page_title": "Annuler un financement"}
    return page(request, "money/funding_void", act, "budget", context)


def _fact_to_replace(act: Act, pk: str) -> FundingFact | None:
    """Return the voided fact that the new one replaces."""
    return facts_of(act).filter(pk=whole_number(pk), voided_at__isnull=False).first()


@require_safe
def funding_file(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """Serve the file of a fact. Observers may read the amounts, but not the files."""
    act = open_act(request, number)
    fact = get_object_or_404(facts_of(act), pk=pk, file__isnull=False)
    if not may.reads_funding_files(capacities(request.user, act.dossier)):
        raise Http404
    name = re.sub(r"[^\w.\- ]", "_", fact.file_name) or "piece"
    return stored.serve(request, fact.file, name=name)  # type: ignore[return-value]


def _refusal(request: HttpRequest, act: Act) -> HttpResponse | None:
    """Refuse a person who may not record facts (403), or a state that takes none (the 409 page is returned)."""
    if funding_recorder(request.user, act) is None:
        raise PermissionDenied(NOT_YOURS)
    reason = closed_to_facts(act.convention.state)
    return refusal_page(request, act, Refused(reason)) if reason else None
