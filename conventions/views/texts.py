"""The page of the information that the text needs: the values of variables, and the drafting options."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_http_methods

from conventions.forms.texts import OptionsForm, ValuesForm, words
from conventions.models import Act
from conventions.pages.act_page import ActPage
from conventions.services.drafting import set_options
from conventions.services.texts import editable_variables, printed_variables, set_values
from conventions.text.dating import FROM_PIECES, piece_dates
from conventions.text.wording import Wording
from cpo.lib.editing import conflicts
from cpo.lib.enums import Side

from .drafting import add_errors
from .framing import editing_rights, last_writer, open_page, page, read_again


@require_http_methods(["GET", "HEAD", "POST"])
def convention_values(request: HttpRequest, number: str) -> HttpResponse:
    act_page = open_page(request, number)
    act = act_page.act
    rights = editing_rights(request.user, act)
    if not rights["may_edit"]:
        if request.method == "POST":
            raise PermissionDenied(rights["why_not"])
        return page(request, "text/values_read", act, "informations", rights | _facts(act_page))
    side = rights["actor"].side
    variables = editable_variables(act, side)
    which = request.POST.get("form", "")
    form = ValuesForm(act=act, variables=variables)
    options = OptionsForm(act=act) if side == Side.STATE else None
    context: dict[str, Any] = {"dated": _dated(act)}
    context |= {"form": form, "options": options, "forms": [form, options] if options else [form]}
    context |= rights | {"page_title": "Informations du texte"}
    if request.method != "POST":
        return page(request, "text/values", act, "informations", context)
    posts_options = which == "options" and options is not None

    def make(data: QueryDict | None) -> ValuesForm | OptionsForm:
        fresh = read_again(act)
        return OptionsForm(data, act=fresh) if posts_options else ValuesForm(data, act=fresh, variables=variables)

    outcome = conflicts.save(
        request,
        make=make,
        write=lambda bound_form, revision: _write(request, act, bound_form, revision),
        author=lambda: last_writer(act, "les options de rédaction" if posts_options else "les informations"),
        form="options" if posts_options else "informations",
    )
    if outcome.saved:
        messages.success(request, "Les informations sont enregistrées.")
        return redirect("convention-values", number)
    if outcome.error:
        add_errors(outcome.form, outcome.error)
    context["options" if posts_options else "form"] = outcome.form
    context["forms"] = [context["form"], context["options"]] if options else [context["form"]]
    return page(request, "text/values", act, "informations", context, outcome.status)


def _write(request: HttpRequest, act: Act, bound_form: Any, revision: int) -> None:
    common = {"by": request.user, "expected_revision": revision}
    if isinstance(bound_form, OptionsForm):
        set_options(act=act, options=bound_form.options, **common)
    else:
        values = {name: value for name, value in bound_form.cleaned_data.items() if name != "revision"}
        set_values(act=act, values=values, **common)


def _read(act_page: ActPage, name: str) -> str:
    """Return a value as the document prints it: a text of several lines has its paragraphs and its lists."""
    value = act_page.values.get(name, "")
    if isinstance(value, list):
        return ", ".join(value)
    # It escapes.
    return mark_safe(Wording(values={name: value}).block(name)) if "\n" in value else value


def _dated(act: Act) -> list[dict[str, Any]]:
    """Return the dates that pièces give to the text: they are read here, and typed with the pièce."""
    dates = piece_dates(act)
    return [
        {"words": words(variable), "day": dates[variable.name], "kind": FROM_PIECES[variable.name]}
        for variable in printed_variables(act)
        if variable.name in dates
    ]


def _facts(act_page: ActPage) -> dict[str, Any]:
    """Return the values as they are printed, for those who may only read."""
    facts = []
    for variable in printed_variables(act_page.text):
        text = _read(act_page, variable.name)
        facts.append((variable.label[:1].upper() + variable.label[1:], text))
    return {"facts": facts, "page_title": "Informations du texte"}
