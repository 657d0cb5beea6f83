"""Lists with their filters, page and order in the URL."""

from typing import Any

from django import template
from django.forms.utils import flatatt
from django.http import QueryDict
from django.template.context import Context
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag(takes_context=True)
def querystring(context: Context, **changes: Any) -> str:
    """Return the current query with changes: {% querystring page=2 %}. None removes; a new filter resets the page."""
    request = context.get("request")
    query = request.GET.copy() if request else QueryDict(mutable=True)
    if "page" not in changes:
        query.pop("page", None)
    for key, value in changes.items():
        query.pop(key, None)
        if value not in (None, ""):
            query.setlist(key, list(value) if isinstance(value, list | tuple) else [str(value)])
    return f"?{query.urlencode()}"


_ORDERS = {
    "ascending": ("arrow-up-s-line", ", trié par ordre croissant, inverser"),
    "descending": ("arrow-down-s-line", ", trié par ordre décroissant, inverser"),
    "": ("arrow-up-down-line", ", trier"),
}


@register.simple_tag(takes_context=True)
def sort_header(context: Context, key: str, label: str, classes: str = "", parameter: str = "tri") -> SafeString:
    """Header of a sortable column, inside <thead><tr>: {% sort_header "montant" "Montant" "fr-cell--right" %}.

    The order is kept in the URL: ?tri=montant, then ?tri=-montant.
    """
    request = context.get("request")
    current = request.GET.get(parameter, "") if request else ""
    state = {key: "ascending", f"-{key}": "descending"}.get(current, "")
    url = querystring(context, **{parameter: f"-{key}" if state == "ascending" else key})
    icon, spoken = _ORDERS[state]
    attributes = flatatt({name: value for name, value in (("class", classes), ("aria-sort", state)) if value})
    template = (
        '<th scope="col"{}><a class="cpo-tri" href="{}">{}<span class="fr-icon--sm fr-icon-{}" aria-hidden="true">'
        '</span><span class="fr-sr-only">{}</span></a></th>'
    )
    return format_html(template, attributes, url, label, icon, spoken)
