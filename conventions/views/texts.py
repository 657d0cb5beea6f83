"""Information that the wording needs: typed values, drafting options."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from cpo.lib.editing import StaleRevision
from cpo.lib.enums import Side

from .. import services
from ..forms.texts import OptionsForm, ValuesForm, initial_values
from ..models import Act
from ..values import as_list, printed, proposals
from .creation import add_errors
from .framing import editing_rights, open_act, page, stale


@require_http_methods(["GET", "HEAD", "POST"])
def convention_values(request: HttpRequest, number: str) -> HttpResponse:
    act = open_act(request, number)
    rights = editing_rights(request.user, act)
    if not rights["may_edit"]:
        if request.method == "POST":
            raise PermissionDenied(rights["why_not"])
        return page(request, "values_read", act, "synthese", rights | _facts(act))
    side = rights["actor"].side
    variables = services.editable_variables(act, side)
    posted = request.POST if request.method == "POST" else None
    which = request.POST.get("form", "")
    form = ValuesForm(posted if which == "informations" else None, act=act, variables=variables)
    options = OptionsForm(posted if which == "options" else None, act=act) if side == Side.STATE else None
    context: dict[str, Any] = {"form": form, "options": options, "forms": [form, options] if options else [form]}
    context |= rights | {"page_title": "Informations du texte"}
    sent = options if which == "options" and options else form
    if posted is not None and sent.is_valid():
        try:
            _save(request, act, sent)
        except ValidationError as error:
            add_errors(sent, error)
        except StaleRevision as error:
            act.refresh_from_db()
            current = initial_values(act, variables) if sent is form else dict(act.options)
            sent.data = sent.data.copy()  # type: ignore[attr-defined]
            sent.data[sent.add_prefix("revision")] = error.current  # type: ignore[index]
            current = {name: value for name, value in current.items() if name in sent.fields}
            return page(request, "values", act, "synthese", context | stale(act, sent, current), 409)
        else:
            messages.success(request, "Les informations sont enregistrées.")
            return redirect("convention-values", number)
    return page(request, "values", act, "synthese", context)


def _save(request: HttpRequest, act: Act, sent: Any) -> None:
    common = {"by": request.user, "expected_revision": sent.cleaned_data["revision"]}
    if isinstance(sent, OptionsForm):
        services.set_options(act=act, options=sent.chosen, **common)
    else:
        values = {name: value for name, value in sent.cleaned_data.items() if name != "revision"}
        services.set_values(act=act, values=values, **common)


def _facts(act: Act) -> dict[str, Any]:
    """What is printed, for those who only read."""
    proposed = proposals(act)
    facts = []
    for variable in services.editable_variables(act):
        value = act.values.get(variable.name) or proposed.get(variable.name, "")
        text = ", ".join(as_list(value)) if variable.type == "list" else printed(value, variable.type)
        facts.append((variable.label[:1].upper() + variable.label[1:], text))
    return {"facts": facts, "page_title": "Informations du texte"}
