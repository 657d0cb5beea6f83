"""The tab « Versements » of a convention, and the pages that commit, propose, certify, order, pay and void."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from arml.permissions import capacities
from conventions.models import Convention
from conventions.views.common import refusal_page
from conventions.views.drafting import add_errors
from cpo.lib import clock, zones
from cpo.lib.forms.base import DsfrForm
from cpo.lib.workflow import Option, Refused
from reporting import permissions as may
from reporting.forms.payments import STEP_FORMS, CommitmentForm, ProposalForm, ReasonForm, ReleaseForm, today_for
from reporting.guards.payments import unsettled
from reporting.models import Payment
from reporting.money.balance import schedule_of
from reporting.money.reading import with_money
from reporting.pages.payments import PaymentsPage, steps
from reporting.services import payments as services
from reporting.workflow.payments import PAYMENT, apply

NOT_FOUND = "Cette page n’existe pas, ou ne vous est pas ouverte."
DONE = {
    "propose": "Le versement est proposé. La personne responsable du service en est informée.",
    "certify": "Le service fait est certifié.",
    "order": "Le mandatement est enregistré.",
    "pay": "Le paiement est enregistré. L’association en est informée.",
    "void": "Le versement est annulé\u00a0; il reste lisible, avec son motif.",
}


def _convention(request: HttpRequest, number: str) -> Convention:
    """The convention with its money. Raises Http404 when the person may not see it, or only observes it."""
    convention = with_money(Convention.objects.visible_to(request.user)).filter(number=number).first()
    if convention is None or not may.reads_payments(capacities(request.user, convention.dossier)):
        raise Http404(NOT_FOUND)
    zones.set_page(convention.dossier)
    return convention


@require_safe
def convention_payments(request: HttpRequest, number: str) -> HttpResponse:
    page = PaymentsPage(_convention(request, number), request.user)
    context = {"number": number, "tab": "versements", "nav_section": "convention-list", "money": page}
    return render(request, "reporting/payments.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def commitment_add(request: HttpRequest, number: str) -> HttpResponse:
    convention = _convention(request, number)
    if refusal := _refusal(request, convention):
        return refusal
    form = CommitmentForm(_posted(request), convention=convention)
    return _form_page(
        request,
        convention,
        form,
        lambda: services.record_commitment(convention=convention, by=request.user, **form.commitment()),
        title="Enregistrer un engagement",
        text="L’engagement est celui de Chorus. Il ne se modifie pas\u00a0: une erreur s’annule, avec son motif\u00a0; "
        "une hausse ou une baisse s’enregistre à côté, sur le même numéro.",
        done="L’engagement est enregistré.",
    )


@require_http_methods(["GET", "HEAD", "POST"])
def commitment_void(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    convention = _convention(request, number)
    row = next((one for one in convention.commitments.all() if one.pk == pk), None)
    if row is None:
        raise Http404(NOT_FOUND)
    if refusal := _refusal(request, convention):
        return refusal
    if row.voided:
        return refusal_page(request, convention.act, Refused("Cet engagement est déjà annulé."))
    form = ReasonForm(_posted(request))
    return _form_page(
        request,
        convention,
        form,
        lambda: services.void_commitment(commitment=row, by=request.user, reason=form.cleaned_data["reason"]),
        title="Annuler un engagement",
        text=f"{services.words(row)}. Il ne comptera plus, et restera lisible avec son motif.",
        done="L’engagement est annulé.",
    )


@require_http_methods(["GET", "HEAD", "POST"])
def balance_release(request: HttpRequest, number: str, year: int) -> HttpResponse:
    convention = _convention(request, number)
    if year not in {row.year for row in convention.text.instalments.all()}:
        raise Http404(NOT_FOUND)
    if services.releaser(request.user, convention) is None:
        raise PermissionDenied(services.MANAGER_ONLY)
    reason = services.closed_to_money(convention)
    if reason or not list(unsettled(convention, year)):
        return refusal_page(request, convention.act, Refused(reason or f"Le solde {year} n’est pas bloqué."))
    form = ReleaseForm(_posted(request))
    return _form_page(
        request,
        convention,
        form,
        lambda: services.release_balance(
            convention=convention, year=year, by=request.user, reason=form.cleaned_data["reason"]
        ),
        title=f"Débloquer le solde {year}",
        text=f"Le compte rendu {year - 1} n’est pas recevable\u00a0: l’article 6.4 retient le solde. "
        "Le débloquer est une décision de la personne responsable du service\u00a0; "
        "l’administration centrale en lit le motif.",
        done=f"Le solde {year} est débloqué.",
    )


@require_http_methods(["GET", "HEAD", "POST"])
def payment_propose(request: HttpRequest, number: str, year: int, rank: int) -> HttpResponse:
    convention = _convention(request, number)
    lines = schedule_of(convention)
    line = next((one for one in lines if (one.year, one.rank) == (year, rank)), None)
    if line is None:
        raise Http404(NOT_FOUND)
    if refusal := _refusal(request, convention):
        return refusal
    if line.next is None:
        return refusal_page(request, convention.act, Refused("Rien ne reste à proposer de ce versement."))
    line.next.convention = convention
    return _step(request, convention, line.next, "propose")


@require_http_methods(["GET", "HEAD", "POST"])
def payment_transition(request: HttpRequest, number: str, pk: int, name: str) -> HttpResponse:
    convention = _convention(request, number)
    payment = next((one for one in convention.payments.all() if one.pk == pk), None)
    if payment is None or name not in STEP_FORMS:
        raise Http404(NOT_FOUND)
    payment.convention = convention
    return _step(request, convention, payment, name)


def _step(request: HttpRequest, convention: Convention, payment: Payment, name: str) -> HttpResponse:
    """The page of a transition: what follows, what is missing, its form."""
    try:
        option = PAYMENT.attempt(name, payment, request.user)
    except Refused as error:
        return refusal_page(request, convention.act, error)
    if not option.ready:
        return refusal_page(
            request, convention.act, Refused(f"{payment}\u00a0: ce versement est bloqué.", option.blocking)
        )
    form = _step_form(request, payment, name)

    def write() -> None:
        data = form.data_of_step()
        apply(name, payment, by=request.user, comment=data.pop("reason", ""), data=data)

    return _form_page(
        request,
        convention,
        form,
        write,
        title=option.transition.label,
        done=DONE[name],
        option=option,
        payment=payment,
        steps=steps(payment),
    )


def _step_form(request: HttpRequest, payment: Payment, name: str) -> Any:
    data = _posted(request)
    if name == "propose":
        return ProposalForm(data, payment=payment)
    return STEP_FORMS[name](data, initial=today_for(name, clock.today(payment.convention.dossier.time_zone)))


def _posted(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _form_page(
    request: HttpRequest,
    convention: Convention,
    form: DsfrForm,
    write: Callable[[], Any],
    *,
    title: str,
    done: str,
    text: str = "",
    option: Option | None = None,
    **more: Any,
) -> HttpResponse:
    """Show a form, write what it says, come back to the tab; a refusal is told on its own page."""
    if request.method == "POST" and form.is_valid():
        try:
            write()
        except ValidationError as error:
            add_errors(form, error)
        except Refused as error:
            return refusal_page(request, convention.act, error)
        else:
            messages.success(request, done)
            return redirect(reverse("convention-payments", args=[convention.number]))
    context = {
        "number": convention.number,
        "tab": "versements",
        "nav_section": "convention-list",
        "form": form,
        "page_title": title,
        "text": text,
        "option": option,
        "draft": f"argent-{option.transition.name if option else request.resolver_match.url_name}",
        **more,
    }
    return render(request, "reporting/payment_form.html", context)


def _refusal(request: HttpRequest, convention: Convention) -> HttpResponse | None:
    """Refuse a person who may not keep the money (403), or a state that takes none (409)."""
    if services.money_keeper(request.user, convention) is None:
        raise PermissionDenied(services.NOT_YOURS)
    reason = services.closed_to_money(convention)
    return refusal_page(request, convention.act, Refused(reason)) if reason else None
