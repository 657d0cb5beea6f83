"""The State's contribution and the plan of its payments: read by all, written by the State's side."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from cpo.lib.editing import StaleRevision
from cpo.lib.enums import Side
from cpo.lib.forms import DsfrForm

from .. import services
from ..forms.drafting import RevisionForm
from ..forms.money import ContributionForm, instalment_formset, instalments, sums
from ..models import Act
from .creation import add_errors
from .framing import editing_rights, open_act, page, stale

STATE_ONLY = (
    "La contribution et l’échéancier sont saisis par le service de l’État. Proposez un montant dans un échange."
)


@require_http_methods(["GET", "HEAD", "POST"])
def convention_contribution(request: HttpRequest, number: str) -> HttpResponse:
    act = open_act(request, number)
    rights = editing_rights(request.user, act)
    if rights["may_edit"] and rights["actor"].side != Side.STATE:
        rights = {"actor": None, "may_edit": False, "why_not": STATE_ONLY}
    if not rights["may_edit"]:
        if request.method == "POST":
            raise PermissionDenied(rights["why_not"])
        return page(request, "contribution_read", act, "budget", rights | _read(act))
    if request.method == "POST":
        if request.POST.get("form") == "versements":
            return _post_instalments(request, act, rights)
        return _post_contributions(request, act, rights)
    return _show(request, act, rights)


def _read(act: Act) -> dict[str, Any]:
    contributions = list(act.contributions.select_related("service"))
    return {
        "contributions": contributions,
        "several": len({row.service_id for row in contributions}) > 1,
        "instalments": list(act.instalments.all()),
        "sums": sums(act),
        "page_title": "Contribution de l’État",
    }


def _show(
    request: HttpRequest,
    act: Act,
    rights: dict[str, Any],
    form: ContributionForm | None = None,
    formset: Any = None,
    extra: dict[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    form = form or ContributionForm(act=act)
    context: dict[str, Any] = {
        "form": form,
        "formset": formset if formset is not None else instalment_formset(act),
        "revision": act.programme.revision,
        "sums": sums(act),
        "years": act.programme.cycle.years,
        "page_title": "Contribution de l’État",
    }
    return page(request, "contribution", act, "budget", context | rights | (extra or {}), status)


def _post_contributions(request: HttpRequest, act: Act, rights: dict[str, Any]) -> HttpResponse:
    form = ContributionForm(request.POST, act=act)
    if form.is_valid():
        try:
            services.set_contributions(
                act=act, rows=form.contributions(), by=request.user, expected_revision=form.cleaned_data["revision"]
            )
        except ValidationError as error:
            add_errors(form, error)
        except StaleRevision as error:
            current = ContributionForm(act=_fresh(act))
            form.data = form.data.copy()  # type: ignore[attr-defined]
            form.data["revision"] = error.current  # type: ignore[index]
            shown = {name: current[name].value() for name in current.current()}
            extra = stale(act, _as_decimals(form), shown, form.labels())
            return _show(request, act, rights, form, extra=extra, status=409)
        else:
            messages.success(request, "La contribution de l’État est enregistrée.")
            return redirect("convention-contribution", act.convention.number)
    return _show(request, act, rights, form)


def _as_decimals(form: ContributionForm) -> DsfrForm:
    """The same form, its typed amounts read as numbers: « 1 000 » and « 1000,00 » do not differ."""
    return ContributionForm(act=form.act, initial=form.cleaned_data)


def _post_instalments(request: HttpRequest, act: Act, rights: dict[str, Any]) -> HttpResponse:
    formset = instalment_formset(act, request.POST)
    head = RevisionForm(request.POST)
    if formset.is_valid() and head.is_valid():
        try:
            services.set_instalments(
                act=act,
                rows=instalments(formset),
                by=request.user,
                expected_revision=head.cleaned_data["revision"],
            )
        except ValidationError as error:
            add_errors(head, error)
        except StaleRevision:
            saved = [f"{row.year}, {row.label}\u00a0: {row.amount}\u00a0€" for row in _fresh(act).instalments.all()]
            mine = [f"{row.year}, {row.label}\u00a0: {row.amount}\u00a0€" for row in instalments(formset)]
            extra = stale(act, None, {})
            extra["stale"]["rows"] = [{"label": "Échéancier", "theirs": "\n".join(saved), "mine": "\n".join(mine)}]
            return _show(request, act, rights, formset=formset, extra=extra, status=409)
        else:
            messages.success(request, "L’échéancier est enregistré.")
            return redirect("convention-contribution", act.convention.number)
    return _show(request, act, rights, formset=formset, extra={"head": head})


def _fresh(act: Act) -> Act:
    act.programme.refresh_from_db()
    return act
