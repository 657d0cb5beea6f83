"""What is typed is kept, and two people on a page lose nothing: the tags that each form holds."""

from typing import Any

from django import template
from django.http import HttpRequest
from django.template.context import Context

from cpo.lib import conflicts, drafts
from cpo.lib.models import FormDraft

register = template.Library()


@register.inclusion_tag("components/form_draft.html", takes_context=True)
def form_draft(context: Context, form: str = "travail") -> dict[str, Any]:
    """Inside a form: {% form_draft %}, or {% form_draft "options" %} where the page has several. What is typed is kept
    as a private draft (static/js/drafts.js) and offered back when the page is opened again."""
    request = context["request"]
    place = drafts.Place(request.user.pk, request.path, form)
    typed = request.method == "POST" and form == _posted(request, form)  # what is on the page is newer than any draft
    return {
        "token": drafts.token(place),
        "key": drafts.key(place),
        "draft": None if typed else _kept(request).get(form),
        "typed": typed,
        "bar": context.get("with_bar"),
    }


def _posted(request: HttpRequest, form: str) -> str:
    """Which form of the page was sent: the drafts of the others stay as they are."""
    try:
        return drafts.read_token(request.POST.get(drafts.FIELD, ""), request.user).form
    except drafts.Refused:
        return form


def _kept(request: HttpRequest) -> dict[str, FormDraft]:
    """The drafts of the page, by form: read once for all its forms."""
    if not hasattr(request, "form_drafts"):
        request.form_drafts = drafts.kept(request.user, request.path)  # type: ignore[attr-defined]
    found: dict[str, FormDraft] = request.form_drafts  # type: ignore[attr-defined]
    return found


@register.inclusion_tag("components/conflict.html", takes_context=True)
def opened(context: Context, *made: Any, name: str = "travail", revision: Any = None) -> dict[str, Any]:
    """Inside a form that several people may save: what it shows now, for the one who saves second, and what is asked
    when both changed the same field (cpo/lib/conflicts/). `made`: the forms and formsets that are sent together."""
    if revision is None:
        parts = [part for one in made for part in conflicts.parts(one)]
        revision = next(part["revision"].value() for part in parts if "revision" in getattr(part, "fields", ()))
    return {"opened": conflicts.carried(context["request"], name, list(made), revision)}
