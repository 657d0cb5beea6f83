"""Where a date is: the zone of one row among several, and the name of the page's when the reader is elsewhere."""

import datetime as dt
from typing import Any

from django import template

from cpo.lib import zones

register = template.Library()


@register.filter
def at_place(value: Any, place: Any) -> Any:
    """{{ row.at|at_place:row.zone|date_fr }}: where a page speaks of several dossiers, each date is of its own."""
    return zones.at(value, place) if isinstance(value, dt.datetime) else value


@register.filter
def zone_name(place: Any) -> str:
    """{{ territory|zone_name }} → « heure de Guadeloupe »."""
    return zones.name_of(place)


@register.simple_tag
def page_zone() -> str:
    """« heure de Guadeloupe », when the dates of the page are not those of the reader's own zone; else nothing."""
    return zones.name_of(zones.of_page()) if zones.of_reader() not in ("", zones.of_page()) else ""
