"""Filters and tags for every template: French formats, badges, addresses, errors, components with a body."""

import datetime as dt
import re
from functools import lru_cache
from html import escape
from typing import Any

from django import template
from django.conf import settings
from django.core.paginator import Page
from django.forms.formsets import BaseFormSet
from django.template.context import Context
from django.template.loader import render_to_string
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from cpo import ui
from cpo.lib.editing import consequences
from cpo.lib.forms.base import field_errors
from cpo.lib.wording import french

register = template.Library()
FIRST = re.compile(r"\b1er\b")

# -- French formats ------------------------------------------------------------------------------------------------


@register.filter
def euros(value: Any, style: str = "") -> str:
    """{{ amount|euros }} → 1 234 567 €; {{ gap|euros:"signe" }} → +5 000 €; {{ figure|euros:"court" }} → 4,93 M€."""
    return french.short_euros(value) if style == "court" else french.euros(value, signed=style == "signe")


@register.filter
def number_fr(value: Any, places: int | None = None) -> str:
    return french.number(value, places)


@register.filter
def percent_fr(value: Any, places: int = 1) -> str:
    """{{ 64.3|percent_fr }} → 64,3 %."""
    return french.percent(value, places)


@register.filter
def date_fr(value: Any, style: str = "") -> SafeString:
    """{{ day|date_fr }} → 1<sup>er</sup> janvier 2025; styles « jour », « semaine », « num »."""
    return mark_safe(french.date(value, style).replace("1er", "1<sup>er</sup>"))


@register.filter
def iso_date_fr(value: str) -> SafeString:
    """Like `date_fr`, for the ISO form of a date in a stored content (an instant has no day before it has a place)."""
    return date_fr(dt.date.fromisoformat(value)) if value else SafeString()


@register.filter
def ordinals_fr(text: Any) -> SafeString:
    """A sentence made elsewhere, with « 1er » written as `date_fr` does; what is not safe yet is escaped."""
    return mark_safe(FIRST.sub("1<sup>er</sup>", conditional_escape(text)))


@register.filter
def date_text(value: Any, style: str = "") -> str:
    """Like `date_fr`, without markup: for attributes, titles and e-mails."""
    return french.date(value, style)


@register.filter
def datetime_fr(value: Any, style: str = "") -> SafeString:
    """{{ moment|datetime_fr }} → 12 juin 2026 à 14 h 32; its place is named when the reader is in another one.

    Style « papier »: 12/06/2026 à 14 h 32 (heure de Paris), as a document has no reader.
    """
    paper = style == "papier"
    text = french.datetime(value, "num" if paper else style, named=paper)
    return mark_safe(text.replace("1er", "1<sup>er</sup>"))


@register.filter
def time_fr(value: Any) -> str:
    return french.time(value)


@register.filter
def since(value: Any) -> str:
    """« il y a 10 jours », by the clock of the application."""
    return french.since(value) if isinstance(value, dt.date) else french.NOTHING


@register.filter
def missing(value: Any, words: str = french.NOTHING) -> Any:
    """{{ value|missing }} → « – »; {{ value|missing:"non renseigné" }}. Zero and False are values."""
    return words if value is None or value == "" or value == [] else value


@register.filter
def get_item(mapping: Any, key: Any) -> Any:
    """Return an entry of a dict or list, None when absent."""
    try:
        return mapping[key]
    except (KeyError, IndexError, TypeError):
        return None


@register.filter
def plural_fr(count: Any, forms: str = ",s") -> str:
    """{{ n }} point{{ n|plural_fr }}; {{ n|plural_fr:"est,sont" }}. In French, 0 and 1 are singular, as 1,5."""
    singular, _, plural = forms.rpartition(",")
    try:
        return plural if abs(float(count)) >= 2 else singular
    except (TypeError, ValueError):
        return singular


@register.filter
def lower_first(text: Any) -> str:
    """« Proposer la version » → « proposer la version »; an acronym keeps its capitals."""
    return french.lower_first(text)


@register.filter
def of_fr(name: Any) -> str:
    """{{ organisation.in_sentence|of_fr }} → de la DREETS Bretagne."""
    return french.of(name)


@register.filter
def filesize_fr(size: Any) -> str:
    """412 ko, 1,2 Mo."""
    return french.file_size(size)


@register.filter
def page_numbers(page: Page[Any]) -> list[int | None]:
    """Numbers to draw in the pagination; None stands for an ellipsis."""
    last = page.paginator.num_pages
    displayed = sorted({1, 2, page.number - 1, page.number, page.number + 1, last - 1, last} & set(range(1, last + 1)))
    numbers: list[int | None] = []
    for number in displayed:
        if numbers and number - (numbers[-1] or 0) > 1:
            numbers.append(None)
        numbers.append(number)
    return numbers


@register.filter
def dsfr_classes(classes: str) -> str:
    """Classes of a crispy button without those of Bootstrap."""
    return " ".join(name for name in str(classes).split() if name not in ("btn", "btn-primary", "btn-inverse"))


@register.filter
def dsfr_attrs(attributes: str) -> SafeString:
    """Attributes of a crispy StrictButton, its Bootstrap class replaced."""
    return mark_safe(str(attributes).replace('class="btn', 'class="fr-btn'))


# -- Addresses and the signed-in person ----------------------------------------------------------------------------


@register.simple_tag
def nav_url(name: str, *args: Any, **kwargs: Any) -> str:
    """Return the address of a route, "" when it does not exist: {% nav_url 'search' as url %}{% if url %}…."""
    return ui.url_or_empty(name, *args, **kwargs)


@register.simple_tag(takes_context=True)
def main_menu(context: Context) -> list[ui.MenuEntry]:
    request = context.get("request")
    user = context.get("user")
    national = bool(user and hasattr(user, "has_role") and user.has_role("national_admin"))
    return ui.main_menu(getattr(request, "path", ""), national=national, section=context.get("nav_section", ""))


@register.simple_tag(takes_context=True)
def who_am_i(context: Context) -> str:
    """« Camille Exemple – directrice, ARML Bretagne »; with several roles, the first one and the number of others."""
    user = context.get("user")
    roles = list(getattr(user, "roles", None) or [])
    if not roles:
        return str(user or "")
    first = roles[0]
    more = f" (+ {len(roles) - 1})" if len(roles) > 1 else ""
    return f"{user} – {first.title or first.get_role_display()}, {first.organisation}{more}"


@register.simple_tag
def constant(name: str) -> SafeString:
    """{% constant "layout/_footer.html" %}: render once per process a template that is the same on every page."""
    if settings.DEBUG:  # to see edits at once
        return mark_safe(render_to_string(name, _deployment()))
    return _constant(name, settings.ROOT_URLCONF, **_deployment())


def _deployment() -> dict[str, Any]:
    return {"STATE_DEPLOYMENT": settings.STATE_DEPLOYMENT, "SITE_NAME": settings.SITE_NAME, "DEMO": settings.DEMO}


@lru_cache(maxsize=50)
def _constant(name: str, urlconf: str, **context: Any) -> SafeString:
    return mark_safe(render_to_string(name, context))


# -- States, figures, errors ---------------------------------------------------------------------------------------


@register.simple_tag
def state_badge(state: Any, label: str = "", kind: str = "act", small: bool = False, tag: str = "p") -> SafeString:
    """{% state_badge act.state %}, {% state_badge "mine" kind="turn" %}, {% state_badge "info" "Mot" kind="tone" %}."""
    return _render_component("badge", small=bool(small), tag=tag, **ui.badge(state, label, kind))


@register.simple_tag(takes_context=True)
def reference_consequence(context: Context, row: Any) -> SafeString:
    """{% reference_consequence axis %}, above the form of reference data: which texts keep its present value."""
    return format_html('<p class="fr-text--sm cpo-discret">{}</p>', consequences.of_reference(row, context["user"]))


@register.simple_tag
def gauge(value: Any, maximum: Any = 100, tone: str = "", labelled_by: str = "") -> SafeString:
    """A bar from 0 to `maximum`, nothing for a missing value; decorative unless `labelled_by` is the id of its text."""
    if value is None or value == "":
        return _render_component("gauge", width="", tone=tone, labelled_by=labelled_by)
    try:
        share = max(0.0, min(100.0, 100 * float(value or 0) / float(maximum or 100)))
    except (TypeError, ValueError, ZeroDivisionError):
        share = 0.0
    return _render_component("gauge", width=f"{share:.2f}", tone=tone, labelled_by=labelled_by)


@lru_cache(maxsize=1000)
def _render_component(name: str, **context: Any) -> SafeString:
    """Render a small component once for all its repetitions: its template uses only these values."""
    return mark_safe(render_to_string(f"components/{name}.html", context))


@register.simple_tag
def missing_lines(items: Any, soft: Any = False) -> SafeString:
    """Render the lines of components/missing_list.html without a template for each: there may be a hundred."""
    lines = []
    for item in items:
        text, url = FIRST.sub("1<sup>er</sup>", escape(item.text)), escape(item.url)
        icon = _WARNING if soft or item.severity != "error" else _BLOCKING
        lines.append(f'<li>{icon}<a href="{url}">{text}</a></li>' if url else f"<li>{icon}{text}</li>")
    return mark_safe("\n  ".join(lines))


_WARNING = '<span class="fr-icon-error-warning-line cpo-alerte fr-icon--sm" aria-hidden="true"></span>'
_BLOCKING = (
    '<span class="fr-icon-close-circle-line cpo-ko fr-icon--sm" aria-hidden="true"></span>'
    '<span class="fr-sr-only">Bloquant : </span>'
)


def _forms_in(context: Context) -> list[Any]:
    forms: list[Any] = []
    for name in ("form", "formset", "forms", "formsets"):
        value = context.get(name)
        if isinstance(value, dict):
            value = list(value.values())
        if isinstance(value, list | tuple):
            forms += value
        elif value is not None:
            forms.append(value)
    return [item for item in forms if isinstance(item, BaseFormSet) or hasattr(item, "non_field_errors")]


@register.simple_tag(takes_context=True)
def error_prefix(context: Context) -> str:
    """Return « Erreur : », to start the title, when a form of the page (form, formset, forms, formsets) is invalid."""
    return "Erreur : " if field_errors(*_forms_in(context)) else ""


@register.inclusion_tag("components/error_summary.html", takes_context=True)
def error_summary(context: Context, *sources: Any) -> dict[str, Any]:
    """{% error_summary form formset %}; without arguments, the forms of the context."""
    return {"errors": field_errors(*(sources or _forms_in(context)))}


@register.simple_tag
def cell_input(field: Any, labelled_by: str, described_by: str = "") -> SafeString:
    """Render the bare input of a grid cell, labelled by its row and column headers (ids separated by a space)."""
    attrs = {"aria-labelledby": labelled_by}
    ids = " ".join(part for part in (described_by, field.error_id if field.errors else "") if part)
    if ids:
        attrs["aria-describedby"] = ids
    errors = "".join(format_html('<span class="fr-error-text">{}</span>', message) for message in field.errors)
    block = format_html('<span id="{}">{}</span>', field.error_id, mark_safe(errors)) if errors else ""
    return format_html("{}{}", field.as_widget(attrs=attrs), block)


# -- Components with a body ----------------------------------------------------------------------------------------


def _component(name: str, content: str, **context: Any) -> SafeString:
    return mark_safe(render_to_string(f"components/{name}.html", {"content": content, **context}))


@register.simple_block_tag
def alert(content: str, tone: str = "info", title: str = "", level: int = 2, **extra: Any) -> SafeString:
    """{% alert tone="warning" title="…" %}<p>…</p>{% endalert %} (components/alert.html)."""
    return _component(
        "alert", content, tone=tone, title=title, level=level, id=extra.get("id", ""), role=extra.get("role", "")
    )


@register.simple_block_tag
def callout(content: str, title: str = "", level: int = 2, tone: str = "") -> SafeString:
    """{% callout title="…" %}<p>…</p>{% endcallout %} (components/callout.html)."""
    return _component("callout", content, title=title, level=level, tone=tone)


@register.simple_block_tag
def table(content: str, caption: str, id: str = "", **options: Any) -> SafeString:
    """{% table caption="…" %}<thead>…</thead><tbody>…</tbody>{% endtable %} (components/table.html)."""
    return _component(
        "table", content, caption=caption, id=id, **{"shown": False, "dense": True, "classes": ""} | options
    )


@register.simple_block_tag
def blank_state(content: str, title: str) -> SafeString:
    """{% blank_state title="Aucune fiche" %}<p>why</p> and the first action{% endblank_state %}.

    Its name does not begin with `empty`, which djlint confuses with the `{% empty %}` of a loop."""
    return _component("empty_state", content, title=title)


@register.simple_block_tag
def modal(content: str, id: str, title: str, confirm: str = "", tone: str = "") -> SafeString:
    """{% modal id="m" title="…" confirm="Résilier la convention" %}<p>…</p>{% endmodal %} (components/modal.html)."""
    return _component("modal", content, id=id, title=title, confirm=confirm, tone=tone)


@register.simple_tag
def legal(name: str) -> str:
    """{% legal "host" %}: a fact given by the operator of this deployment (settings.LEGAL)."""
    return settings.LEGAL[name] or "à compléter par le service exploitant"


@register.simple_tag
def accessibility_level() -> str:
    return settings.ACCESSIBILITY_LEVEL


@register.simple_tag
def support() -> dict[str, str]:
    return {"name": settings.SUPPORT_NAME, "email": settings.SUPPORT_EMAIL}
