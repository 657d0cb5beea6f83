"""Parties and signatories, territories and co-signing services, cofunders."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from cpo.lib.editing import StaleRevision
from cpo.lib.enums import Side
from cpo.lib.forms import DsfrForm

from .. import services
from ..enums import PartyRole
from ..forms.drafting import CofunderForm, PartyForm, TerritoriesForm
from ..models import Act, Party
from ..services.parties import may_set
from .creation import add_errors
from .framing import editing_rights, open_act, page, stale


@require_http_methods(["GET", "HEAD", "POST"])
def convention_parties(request: HttpRequest, number: str) -> HttpResponse:
    """Several small forms on one page; `form` of the post says which one is sent."""
    act = open_act(request, number)
    rights = editing_rights(request.user, act)
    parties = list(act.parties.select_related("organisation", "delegation", "signatory", "act__programme"))
    if request.method == "POST":
        if not rights["may_edit"]:
            raise PermissionDenied(rights["why_not"])
        return _post(request, act, parties, rights)
    return _show(request, act, parties, rights)


def _show(
    request: HttpRequest,
    act: Act,
    parties: list[Party],
    rights: dict[str, Any],
    sent: DsfrForm | None = None,
    extra: dict[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page, with the form that was sent in the place of a fresh one."""
    actor = rights["actor"]
    state = actor is not None and actor.side == Side.STATE
    lines = []
    for party in parties:
        form = None
        if actor is not None and may_set(actor, party):
            kept = isinstance(sent, PartyForm) and sent.party.pk == party.pk
            form = sent if kept else PartyForm(party=party)
        lines.append({"party": party, "form": form, "removable": state and party.role == PartyRole.COFUNDER})
    initial = {"revision": act.programme.revision}
    context: dict[str, Any] = {
        "lines": lines,
        "revision": act.programme.revision,
        "forms": [sent] if sent else [],
        "state_side": state,
    }
    if state:
        context["perimeter"] = sent if isinstance(sent, TerritoriesForm) else TerritoriesForm(act=act)
        context["cofunder"] = (
            sent if isinstance(sent, CofunderForm) else CofunderForm(prefix="cofinanceur", initial=initial)
        )
    context |= rights | (extra or {}) | {"page_title": "Parties et signataires"}
    return page(request, "parties", act, "synthese", context, status)


def _post(request: HttpRequest, act: Act, parties: list[Party], rights: dict[str, Any]) -> HttpResponse:
    name = request.POST.get("form", "")
    sent = _sent(request, act, parties, name)
    if name.startswith("retirer-") or sent.is_valid():
        try:
            _save(request, act, parties, name, sent)
        except ValidationError as error:
            add_errors(sent, error)
        except StaleRevision as error:
            return _stale(request, act, rights, sent, error)
        else:
            messages.success(request, "C’est enregistré.")
            return redirect(f"{reverse('convention-parties', args=[act.convention.number])}#{_anchor(name)}")
    return _show(request, act, parties, rights, sent)


def _anchor(name: str) -> str:
    return name if name.startswith("partie-") else "perimetre"


def _party(parties: list[Party], name: str) -> Party:
    pk = name.rpartition("-")[2]
    party = next((party for party in parties if str(party.pk) == pk), None)
    if party is None:
        raise Http404
    return party


def _sent(request: HttpRequest, act: Act, parties: list[Party], name: str) -> Any:
    if name.startswith("partie-"):
        return PartyForm(request.POST, party=_party(parties, name))
    if name == "perimetre":
        return TerritoriesForm(request.POST, act=act)
    return CofunderForm(request.POST if name == "cofinanceur" else None, prefix="cofinanceur")


def _save(request: HttpRequest, act: Act, parties: list[Party], name: str, sent: Any) -> None:
    data = getattr(sent, "cleaned_data", {})
    common: dict[str, Any] = {"by": request.user, "expected_revision": data.get("revision")}
    if name.startswith("partie-"):
        party = _party(parties, name)
        services.set_party(
            party=party,
            signatory_name=data["signatory_name"],
            capacity=data["capacity"],
            signatory=data["signatory"],
            by_delegation=data.get("by_delegation", False),
            delegation=data.get("delegation"),
            signs=party.signs,
            **common,
        )
    elif name.startswith("retirer-"):
        services.remove_party(party=_party(parties, name), **common)
    elif name == "perimetre":
        services.set_territories(
            act=act, territories=list(data["territories"]), cosigners=list(data["cosigners"]), **common
        )
    else:
        services.add_party(act=act, organisation=data["organisation"], signs=data["signs"], **common)


def _stale(request: HttpRequest, act: Act, rights: dict[str, Any], sent: Any, error: StaleRevision) -> HttpResponse:
    """Both are shown: what is saved now, and the form as typed, ready to be sent again."""
    act.refresh_from_db()
    act.programme.refresh_from_db()
    parties = list(act.parties.select_related("organisation", "delegation", "signatory", "act__programme"))
    current: dict[str, Any] = {}
    if isinstance(sent, PartyForm):
        party = _party(parties, f"partie-{sent.party.pk}")
        current = {"signatory_name": party.signatory_name, "capacity": party.capacity}
    sent.data = sent.data.copy()
    sent.data[sent.add_prefix("revision")] = error.current
    return _show(request, act, parties, rights, sent, stale(act, sent, current), 409)
