"""The head and side menu of a convention, for pages of any application."""

from typing import Any

from django import template
from django.http import Http404
from django.template.context import Context

from conventions.agreement import accepting_sides
from conventions.enums import ConventionState
from conventions.later.in_force import originals
from conventions.models import Act
from conventions.pages import act_page, frame
from conventions.pages.other_texts import address_of
from conventions.reads import reads
from cpo.lib import zones
from cpo.lib.enums import Side
from cpo.lib.wording import french

register = template.Library()
NOT_FOUND = "Cette convention n’existe pas, ou ne vous est pas ouverte."


@register.simple_tag(takes_context=True)
def convention_frame(context: Context, number: Any = None) -> Any:
    """{% convention_frame number as frame %}: the `Frame` of a convention, read once per request.

    `tab` of the context marks the entry of the side menu. Without number, the context itself stands for the frame
    (the gallery of components).
    """
    if not number:
        return context.flatten()
    request = context["request"]
    cached = getattr(request, "convention_frame", None)
    if cached is None or cached.number != number:
        page = getattr(request, "act_page", None)
        if page is None or page.number != number:
            page = act_page.find_page(request.user, number)
        if page is None:
            raise Http404(NOT_FOUND)
        zones.set_page(page.act.dossier)
        cached = frame.build(page, context.get("tab", ""), context.get("page_title", ""))
        request.convention_frame = cached
    return cached


@register.inclusion_tag("conventions/text/_paper.html")
def paper_originals(act: Act) -> dict[str, Any]:
    """{% paper_originals act %}, instead of the articles of a convention signed on paper: the scans that hold them."""
    return {"originals": [(french.of(one.name_in_sentence), address_of(one)) for one in originals(act)]}


@register.inclusion_tag("conventions/negotiation/_at_stake.html", takes_context=True)
def acceptances_at_stake(context: Context) -> dict[str, Any]:
    """{% acceptances_at_stake %}, above a form of content: what saving it would undo, once a side has accepted."""
    act = context.get("act") or getattr(context.get("programme"), "act", None)
    if act is None or act.state != ConventionState.NEGOTIATION:
        return {}
    act.reads = reads(act)
    accepted = accepting_sides(act)
    if not accepted:
        return {}
    dossier = act.programme.dossier  # read with the programme; the convention's would be read again
    one = dossier.lead if accepted == {Side.STATE} else dossier.beneficiary
    name = "Les deux parties ont" if len(accepted) > 1 else f"{one.in_sentence[:1].upper()}{one.in_sentence[1:]} a"
    return {"version": act.reads.latest_version, "accepted_by": name, "both": len(accepted) > 1}
