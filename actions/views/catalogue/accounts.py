"""Reference pages of the nomenclature, common to all cycles: the list of accounts, and a page for each."""

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render, resolve_url
from django.views.decorators.http import require_http_methods, require_safe

from actions.enums import STATE_ACCOUNT, AccountSide
from actions.forms.catalogue import AccountForm
from actions.models import Account
from actions.services import catalogue as services
from arml.permissions import acting_nationally
from arml.views.territories import trail
from cpo.lib import journal
from cpo.lib.editing import conflicts

from . import FORM, add_changes_message

LIST = {"label": "Comptes des budgets"}


@require_safe
def accounts(request: HttpRequest) -> HttpResponse:
    acting_nationally(request.user)
    rows = list(Account.objects.all())
    sides = [(f"comptes-{side}", side.label, [row for row in rows if row.side == side]) for side in AccountSide]
    return render(request, "reference/accounts.html", {"sides": sides, "breadcrumb": trail(LIST)})


@require_http_methods(FORM)
def account(request: HttpRequest, code: str) -> HttpResponse:
    actor = acting_nationally(request.user)
    one = get_object_or_404(Account.objects.select_related("parent"), code=code)
    form, status = AccountForm(instance=one), 200
    if request.method == "POST":
        outcome = conflicts.save(
            request,
            make=lambda data: AccountForm(data, instance=Account.objects.select_related("parent").get(pk=one.pk)),
            write=lambda form, revision: services.update_account(
                account=one, changes=form.changes, expected_revision=revision, by=actor
            ),
            author=lambda: journal.last(one, "account_changed"),
        )
        if outcome.saved:
            add_changes_message(request, outcome.result)
            return redirect("reference-accounts")
        form, status = outcome.form, outcome.status
    context = {
        "account": one,
        "form": form,
        "fixed": _fixed_values(one, form),
        "why": list(_why(one, form)),
        "breadcrumb": trail({**LIST, "url": resolve_url("reference-accounts")}, {"label": one.code}),
    }
    return render(request, "reference/account.html", context, status=status)


def _fixed_values(account: Account, form: Any) -> list[tuple[str, str]]:
    """Return the values that the page shows but that can't change."""
    facts = [
        ("Compte", account.code),
        ("Sens", account.get_side_display()),
        ("Équilibre", account.get_kind_display()),
        ("Reçoit des montants", "oui" if account.enterable else "non, il reçoit la somme de son détail"),
    ]
    if account.parent:
        facts.insert(1, ("Détail de", str(account.parent)))
    if "label" not in form.fields:
        facts.insert(1, ("Libellé", account.label))
    return facts


def _why(account: Account, form: Any) -> Iterator[str]:
    yield (
        "Les budgets s’additionnent par le code, le sens et l’équilibre d’un compte : "
        "les changer fausserait ceux qui l’emploient."
    )
    if "label" not in form.fields:
        yield (
            "Le libellé de celui-ci est écrit comme financeur dans des budgets : "
            "le changer y séparerait le prévu du reçu."
        )
    if account.code == STATE_ACCOUNT:
        yield "La contribution de l’État s’y compte : il est toujours proposé."
