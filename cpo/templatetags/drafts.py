"""What is typed is kept, and two people on a page lose nothing: the tags that each form holds."""

from typing import Any

from django import template
from django.http import HttpRequest
from django.template.context import Context

from cpo.lib.editing import conflicts, drafts

register = template.Library()


@register.inclusion_tag("components/form_draft.html", takes_context=True)
def form_draft(context: Context, form: str = "travail", alone: bool = False) -> dict[str, Any]:
    """Inside a form: {% form_draft %}, or {% form_draft "options" %} where the page has several. What is typed is kept
    as a private draft (static/js/drafts.js) and offered back when the page is opened again. `alone=True` where what is
    written is new, a message or a convention, or where the two sides may not know of each other: it does not tell who
    else has the page open."""
    request = context["request"]
    posted = _posted(request)
    place = drafts.Place(request.user.pk, posted.path if posted else request.path, form, alone)
    # What is on the page is newer than any draft.
    typed = request.method == "POST" and (posted is None or form == posted.form)
    return {
        "token": drafts.token(place),
        "key": drafts.key(place),
        "draft": None if typed else drafts.of_page(request, place.path).get(form),
        "typed": typed,
        "alone": alone,
        "bar": context.get("with_bar"),
    }


def _posted(request: HttpRequest) -> drafts.Place | None:
    """Which form was sent, and on which page it was shown: a refused message is answered at an address of its own."""
    try:
        return drafts.read_token(request.POST.get(drafts.FIELD, ""), request.user)
    except drafts.Refused:
        return None


@register.inclusion_tag("components/conflict.html", takes_context=True)
def opened(context: Context, *made: Any, name: str = "travail", revision: Any = None) -> dict[str, Any]:
    """Inside a form that several people may save: what it shows now, for the one who saves second, and what is asked
    when both changed the same field (cpo/lib/editing/conflicts/). `made`: the forms and formsets sent together."""
    if revision is None:
        parts = [part for one in made for part in conflicts.parts(one)]
        revision = next(part["revision"].value() for part in parts if "revision" in getattr(part, "fields", ()))
    return {"opened": conflicts.carried(context["request"], name, list(made), revision)}
