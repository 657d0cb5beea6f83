"""The tags that each form contains: the draft of its text, and the snapshot for the merge."""

from typing import Any

from django import template
from django.http import HttpRequest
from django.template.context import Context

from cpo.lib.editing import conflicts, drafts

register = template.Library()


@register.inclusion_tag("components/form_draft.html", takes_context=True)
def form_draft(context: Context, form: str = "travail", alone: bool = False) -> dict[str, Any]:
    """Inside a form: {% form_draft %}, or {% form_draft "options" %} when the page has several.

    Typed text is stored as a private draft (static/js/drafts.js) and offered when the page is opened again.
    `alone=True` does not tell who else has the page open: for a new message or convention, or when the two sides may
    not know of each other.
    """
    request = context["request"]
    posted = _posted_key(request)
    draft_key = drafts.DraftKey(request.user.pk, posted.path if posted else request.path, form, alone)
    # The posted text is newer than any draft.
    has_new_text = request.method == "POST" and (posted is None or form == posted.form)
    return {
        "token": drafts.token(draft_key),
        "key": drafts.short_key(draft_key),
        "draft": None if has_new_text else drafts.of_page(request, draft_key.path).get(form),
        "typed": has_new_text,
        "alone": alone,
        "reader": request.user,
        "bar": context.get("with_bar"),
    }


def _posted_key(request: HttpRequest) -> drafts.DraftKey | None:
    """Return the key of the posted form: a refused message is posted to another address than that of its page."""
    try:
        return drafts.read_token(request.POST.get(drafts.FIELD, ""), request.user)
    except drafts.Refused:
        return None


@register.inclusion_tag("components/conflict.html", takes_context=True)
def form_snapshot(context: Context, *page_forms: Any, name: str = "travail", revision: Any = None) -> dict[str, Any]:
    """Inside a form that several people may save: the snapshot for the merge (cpo/lib/editing/conflicts/).

    It renders the questions when both changed the same field. `page_forms`: the forms and formsets sent together.
    """
    if revision is None:
        parts = [part for one in page_forms for part in conflicts.parts(one)]
        revision = next(part["revision"].value() for part in parts if "revision" in getattr(part, "fields", ()))
    return {"snapshot": conflicts.snapshot_of_page(context["request"], name, list(page_forms), revision)}
