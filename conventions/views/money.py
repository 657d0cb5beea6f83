"""The State's contribution and the plan of its payments: all may read them, only the State's side writes them."""

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from conventions.forms.drafting import RevisionForm
from conventions.forms.money import ContributionForm, instalment_formset, instalments, sums, sums_of
from conventions.models import Act
from conventions.money.totals import by_year
from conventions.pages.act_page import ActPage
from conventions.services.money import set_contributions, set_instalments
from cpo.lib.editing import conflicts
from cpo.lib.enums import Side

from .drafting import add_errors
from .framing import editing_rights, last_writer, open_page, page, read_again

STATE_ONLY = (
    "La contribution et l’échéancier sont saisis par le service de l’État. Proposez un montant dans un échange."
)


@require_http_methods(["GET", "HEAD", "POST"])
def convention_contribution(request: HttpRequest, number: str) -> HttpResponse:
    act_page = open_page(request, number)
    act = act_page.act
    rights = editing_rights(request.user, act, of_amounts=True)
    if rights["may_edit"] and rights["actor"].side != Side.STATE:
        rights = {"actor": None, "may_edit": False, "why_not": STATE_ONLY}
    if not rights["may_edit"]:
        if request.method == "POST":
            raise PermissionDenied(rights["why_not"])
        return page(request, "money/contribution_read", act, "contribution", rights | _read(act_page))
    if request.method == "POST":
        if request.POST.get("form") == "versements":
            return _post_instalments(request, act, rights)
        return _post_contributions(request, act, rights)
    return _show(request, act, rights)


def _read(act_page: ActPage) -> dict[str, Any]:
    contributions, instalments = (act_page.due(name) for name in ("contributions", "instalments"))
    return {
        "ended": act_page.ended,
        "contributions": [row | {"amount": Decimal(row["amount"])} for row in contributions],
        "several": len({row["service"] for row in contributions}) > 1,
        "instalments": [row | {"amount": Decimal(row["amount"])} for row in instalments],
        "sums": sums(act_page.years, by_year(contributions), by_year(instalments)),
        "page_title": "Contribution de l’État",
    }


def _show(
    request: HttpRequest,
    act: Act,
    rights: dict[str, Any],
    form: ContributionForm | None = None,
    formset: Any = None,
    head: RevisionForm | None = None,
    status: int = 200,
) -> HttpResponse:
    form = form or ContributionForm(act=act)
    context: dict[str, Any] = {
        "form": form,
        "formset": formset if formset is not None else instalment_formset(act),
        "head": head or RevisionForm(initial={"revision": act.programme.revision}),
        "sums": sums_of(act),
        "years": act.programme.years,
        "page_title": "Contribution de l’État",
    }
    return page(request, "money/contribution", act, "contribution", context | rights, status)


def _post_contributions(request: HttpRequest, act: Act, rights: dict[str, Any]) -> HttpResponse:
    def write(form: ContributionForm, revision: int) -> None:
        set_contributions(act=act, rows=form.contributions(), by=request.user, expected_revision=revision)

    outcome = conflicts.save(
        request,
        make=lambda data: ContributionForm(data, act=read_again(act)),
        write=write,
        author=lambda: last_writer(act, "la contribution de l’État"),
        form="contribution",
    )
    if outcome.saved:
        messages.success(request, "La contribution de l’État est enregistrée.")
        return redirect("convention-contribution", act.reference)
    if outcome.error:
        add_errors(outcome.form, outcome.error)
    return _show(request, act, rights, outcome.form, status=outcome.status)


def _post_instalments(request: HttpRequest, act: Act, rights: dict[str, Any]) -> HttpResponse:
    def make(data: QueryDict | None) -> tuple[Any, RevisionForm]:
        fresh = read_again(act)
        return instalment_formset(fresh, data), RevisionForm(data, initial={"revision": fresh.programme.revision})

    def write(forms: tuple[Any, RevisionForm], revision: int) -> None:
        set_instalments(act=act, rows=instalments(act, forms[0]), by=request.user, expected_revision=revision)

    outcome = conflicts.save(
        request,
        make=make,
        write=write,
        author=lambda: last_writer(act, "l’échéancier des versements"),
        form="versements",
    )
    if outcome.saved:
        messages.success(request, "L’échéancier est enregistré.")
        return redirect("convention-contribution", act.reference)
    formset, head = outcome.form
    if outcome.error:
        add_errors(head, outcome.error)
    return _show(request, act, rights, formset=formset, head=head, status=outcome.status)
