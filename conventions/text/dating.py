"""Dates that the text takes from a pièce of the dossier: they are typed once, with the pièce."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from arml.models import Attachment
from conventions.models import Act
from cpo.lib.forms.fields import parse_french_date

# The variable of the model, and the type of document that gives its date.
FROM_PIECES = {
    "date_deliberation": "deliberation_autorisation",
    "date_deliberation_region": "deliberation_region",
    "date_demande_subvention": "demande_subvention",
}
DELEGATION = "delegation_signature_etat"


def piece_dates(act: Act) -> dict[str, dt.date]:
    """Return the date of each variable that a pièce gives.

    A later act keeps the dates of the text that it changes, so pièces given since do not move them.
    """
    if act.number:
        return {}
    dates = _dates(act, FROM_PIECES.values())
    return {name: dates[kind] for name, kind in FROM_PIECES.items() if kind in dates}


def _dates(act: Act, kinds: Any) -> dict[str, dt.date]:
    pieces = Attachment.objects.current().filter(dossier=act.convention.dossier_id, kind__key__in=list(kinds))
    rows = pieces.filter(file__isnull=False, dated__isnull=False).order_by("added_at", "pk")
    return {key: dated for key, dated in rows.values_list("kind__key", "dated") if dated}


def dates_printed(content: Mapping[str, Any]) -> dict[str, str]:
    """Return, as `Act.values` stores them, the dates that a signed content prints."""
    dates = {}
    for name in FROM_PIECES:
        try:
            dates[name] = parse_french_date(content["values"].get(name, "")).isoformat()
        except ValueError:
            continue  # the text does not print it
    return dates
