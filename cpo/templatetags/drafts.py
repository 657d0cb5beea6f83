"""What is typed in the forms of a page is kept: the tag that each form holds."""

from typing import Any

from django import template
from django.http import HttpRequest
from django.template.context import Context

from cpo.lib import drafts
from cpo.lib.models import FormDraft

register = template.Library()


@register.inclusion_tag("components/form_draft.html", takes_context=True)
def form_draft(context: Context, form: str = "travail") -> dict[str, Any]:
    """Inside a form: {% form_draft %}, or {% form_draft "options" %} where the page has several. What is typed is kept
    as a private draft (static/js/drafts.js) and offered back when the page is opened again."""
    request = context["request"]
    place = drafts.Place(request.user.pk, request.path, form)
    typed = request.method == "POST"  # refused or being completed: what is on the page is newer than any draft
    return {
        "token": drafts.token(place),
        "key": drafts.key(place),
        "draft": None if typed else _kept(request).get(form),
        "typed": typed,
        "bar": context.get("with_bar"),
    }


def _kept(request: HttpRequest) -> dict[str, FormDraft]:
    """The drafts of the page, by form: read once for all its forms."""
    if not hasattr(request, "form_drafts"):
        request.form_drafts = drafts.kept(request.user, request.path)  # type: ignore[attr-defined]
    found: dict[str, FormDraft] = request.form_drafts  # type: ignore[attr-defined]
    return found
