"""Lists with their filters, page and order in the URL; the entries of a side menu."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import template
from django.forms.utils import flatatt
from django.http import QueryDict
from django.template.context import Context
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

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


_STATES = {
    "ok": '<span class="fr-icon-checkbox-circle-fill cpo-ok fr-icon--sm" aria-hidden="true"></span> ',
    "missing": '<span class="fr-icon-error-warning-line cpo-alerte fr-icon--sm" aria-hidden="true"></span> ',
    "returned": '<span class="fr-icon-arrow-go-back-line cpo-alerte fr-icon--sm" aria-hidden="true"></span> ',
}


@register.simple_tag
def side_entries(items: Iterable[Mapping[str, Any]]) -> SafeString:
    """The entries of components/sidemenu.html, without a template for each: a report has one for each of its fiches."""
    return mark_safe("\n".join(_side_entry(item) for item in items))


def _side_entry(item: Mapping[str, Any]) -> str:
    state, label = item.get("state", ""), conditional_escape(item["label"])
    active, here = (" fr-sidemenu__item--active", ' aria-current="page"') if item.get("current") else ("", "")
    if words := conditional_escape(item.get("state_text") or ""):
        label += f'<span class="{"fr-sr-only" if state == "ok" else "fr-text--sm cpo-alerte"}">&nbsp;: {words}</span>'
    if (count := item.get("count")) is not None:
        if words := conditional_escape(item.get("count_text") or ""):
            label += f' <span class="cpo-discret" aria-hidden="true">({count})</span>'
            label += f'<span class="fr-sr-only">, {count} {words}</span>'
        else:
            label += f' <span class="cpo-discret">({count})</span>'
    return (
        f'<li class="fr-sidemenu__item{active}"><a class="fr-sidemenu__link" href="{conditional_escape(item["url"])}"'
        f"{here}><span>{_STATES.get(state, '')}{label}</span></a></li>"
    )
