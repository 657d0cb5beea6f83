"""The page of the parties: signatories, territories, co-signing services, cofunders."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from actions.retained import retain
from conventions.content.freeze import party_row
from conventions.enums import PartyRole
from conventions.forms.drafting import CofunderForm, PartyForm, TerritoriesForm
from conventions.models import Act, Party
from conventions.services.drafting import set_territories
from conventions.services.parties import add_party, may_set, remove_party, set_party
from cpo.lib.editing import conflicts
from cpo.lib.enums import Side
from cpo.lib.forms.base import DsfrForm
from cpo.lib.wording import french

from .drafting import add_errors
from .framing import editing_rights, last_writer, open_page, page, read_again


@require_http_methods(["GET", "HEAD", "POST"])
def convention_parties(request: HttpRequest, number: str) -> HttpResponse:
    """The page has several small forms; the field `form` of a post says which one it is."""
    act_page = open_page(request, number)
    act = act_page.act
    rights = editing_rights(request.user, act, of_amounts=True)
    if not rights["may_edit"]:
        if request.method == "POST":
            raise PermissionDenied(rights["why_not"])
        lines = [row | {"role_label": PartyRole(row["role"]).label} for row in act_page.part("parties")]
        context = {"lines": lines, "page_title": "Parties et signataires"}
        return page(request, "parties_read", act, "parties", context | rights)
    parties = _parties(act)
    if request.method == "POST":
        return _post(request, act, parties, rights)
    return _show(request, act, parties, rights)


def _show(
    request: HttpRequest,
    act: Act,
    parties: list[Party],
    rights: dict[str, Any],
    bound_form: DsfrForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """Render the page. `bound_form`, the form that was posted, replaces the fresh one."""
    actor = rights["actor"]
    state = actor is not None and actor.side == Side.STATE
    lines = []
    for party in parties:
        form = None
        if actor is not None and may_set(actor, party):
            is_posted = isinstance(bound_form, PartyForm) and bound_form.party.pk == party.pk
            form = bound_form if is_posted else PartyForm(party=party)
        removable = state and party.role == PartyRole.COFUNDER
        retain(act.programme, [party.organisation])
        lines.append({"party": party, "row": party_row(party), "form": form, "removable": removable})
    initial = {"revision": act.programme.revision}
    context: dict[str, Any] = {
        "lines": lines,
        "revision": act.programme.revision,
        "forms": [bound_form] if bound_form else [],
        "state_side": state,
    }
    if state:
        context["perimeter"] = bound_form if isinstance(bound_form, TerritoriesForm) else TerritoriesForm(act=act)
        context["cofunder"] = (
            bound_form
            if isinstance(bound_form, CofunderForm)
            else CofunderForm(prefix="cofinanceur", act=act, initial=initial)
        )
    context |= rights | {"page_title": "Parties et signataires"}
    return page(request, "parties", act, "parties", context, status)


def _post(request: HttpRequest, act: Act, parties: list[Party], rights: dict[str, Any]) -> HttpResponse:
    name = request.POST.get("form", "")
    back = f"{reverse('convention-parties', args=[act.reference])}#{_anchor(name)}"
    if name.startswith("retirer-"):
        try:
            remove_party(party=_party(parties, name), by=request.user, expected_revision=None)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            messages.success(request, "C’est enregistré.")
        return redirect(back)

    def make(data: QueryDict | None) -> Any:
        fresh = read_again(act)
        return _bound_form(fresh, data, _parties(fresh), name)

    outcome = conflicts.save(
        request,
        make=make,
        write=lambda bound_form, revision: _write(request, act, parties, bound_form, revision),
        author=lambda: last_writer(act, _element(parties, name)),
        form=name,
    )
    if outcome.saved:
        messages.success(request, "C’est enregistré.")
        return redirect(back)
    if outcome.error:
        add_errors(outcome.form, outcome.error)
    return _show(request, act, parties, rights, outcome.form, outcome.status)


def _parties(act: Act) -> list[Party]:
    return list(act.parties.select_related("organisation", "delegation", "signatory", "act__programme"))


def _element(parties: list[Party], name: str) -> str:
    """Return the name that the journal gives to what the form changes."""
    if name.startswith("partie-"):
        return f"le signataire {french.of(_party(parties, name).organisation.in_sentence)}"
    return "les territoires et services" if name == "perimetre" else "les parties"


def _anchor(name: str) -> str:
    return name if name.startswith("partie-") else "perimetre"


def _party(parties: list[Party], name: str) -> Party:
    pk = name.rpartition("-")[2]
    party = next((party for party in parties if str(party.pk) == pk), None)
    if party is None:
        raise Http404
    return party


def _bound_form(act: Act, data: QueryDict | None, parties: list[Party], name: str) -> Any:
    if name.startswith("partie-"):
        return PartyForm(data, party=_party(parties, name))
    if name == "perimetre":
        return TerritoriesForm(data, act=act)
    posted = data if name == "cofinanceur" else None
    return CofunderForm(posted, prefix="cofinanceur", act=act, initial={"revision": act.programme.revision})


def _write(request: HttpRequest, act: Act, parties: list[Party], bound_form: Any, revision: int) -> None:
    data = bound_form.cleaned_data
    common: dict[str, Any] = {"by": request.user, "expected_revision": revision}
    if isinstance(bound_form, PartyForm):
        set_party(
            party=bound_form.party,
            signatory_name=data["signatory_name"],
            capacity=data["capacity"],
            signatory=data["signatory"],
            by_delegation=data.get("delegation") is not None,
            delegation=data.get("delegation"),
            signs=data.get("signs", bound_form.party.signs),
            **common,
        )
    elif isinstance(bound_form, TerritoriesForm):
        set_territories(act=act, territories=list(data["territories"]), cosigners=list(data["cosigners"]), **common)
    else:
        add_party(act=act, organisation=data["organisation"], signs=data["signs"], **common)
