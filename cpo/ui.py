"""The badge of each state and the main menu. A badge always has a text: colour alone never carries information."""

from dataclasses import dataclass
from typing import Any

from django.urls import NoReverseMatch, reverse

GREY, INFO, SUCCESS = "", "fr-badge--info fr-badge--no-icon", "fr-badge--success"
WARNING, ERROR = "fr-badge--warning", "fr-badge--error"


def _icon(colour: str, icon: str) -> str:
    return f"{colour} {icon} fr-badge--icon-left".strip()


TURN_MINE = _icon("fr-badge--yellow-tournesol", "fr-icon-user-fill")

# kind -> state -> (French label when the caller gives none, classes)
BADGES: dict[str, dict[str, tuple[str, str]]] = {
    "act": {
        "draft": ("Brouillon", GREY),
        "negotiation": ("En négociation", INFO),
        "signature": ("En signature", _icon("fr-badge--purple-glycine", "fr-icon-pen-nib-line")),
        "active": ("En exécution", SUCCESS),
        "signed": ("Signé", SUCCESS),
        "notified": ("Notifiée", SUCCESS),
        "closed": ("Clôturée", GREY),
        "terminated": ("Résiliée", GREY),
        "abandoned": ("Abandonnée", GREY),
    },
    "turn": {
        "mine": ("La main est à vous", TURN_MINE),
        "sign": ("À vous de signer", TURN_MINE),
        "theirs": ("La main est à l’autre partie", GREY),
    },
    "report": {
        "open": ("Ouvert", GREY),
        "in_progress": ("En cours", GREY),
        "submitted": ("Envoyé", INFO),
        "to_complete": ("À compléter", WARNING),
        "admissible": ("Recevable", SUCCESS),
        "reviewed": ("Revu", SUCCESS),
        "concluded": ("Conclu", SUCCESS),
    },
    "signature": {
        "pending": ("À signer", _icon("fr-badge--yellow-tournesol", "fr-icon-time-line")),
        "signed": ("Signé", SUCCESS),
        "verified": ("Signé et vérifié", SUCCESS),
        "refused": ("Refusé", ERROR),
    },
    "article": {
        "locked": ("Verrouillé", _icon("", "fr-icon-lock-line")),
        "optional": ("Optionnel", "fr-badge--blue-cumulus"),
        "free": ("Libre", "fr-badge--green-menthe"),
    },
    "change": {
        "added": ("Ajoutée", _icon("fr-badge--green-emeraude", "fr-icon-add-line")),
        "modified": ("Modifiée", _icon("fr-badge--blue-cumulus", "fr-icon-edit-line")),
        "removed": ("Supprimée", _icon("fr-badge--pink-tuile", "fr-icon-subtract-line")),
    },
    "article_change": {
        "added": ("Ajouté", _icon("fr-badge--green-emeraude", "fr-icon-add-line")),
        "modified": ("Modifié", _icon("fr-badge--blue-cumulus", "fr-icon-edit-line")),
        "removed": ("Supprimé", _icon("fr-badge--pink-tuile", "fr-icon-subtract-line")),
    },
    "indicator": {"national": ("National", "fr-badge--blue-ecume")},
    "tone": {
        "grey": ("", GREY),
        "info": ("", INFO),
        "success": ("", SUCCESS),
        "warning": ("", WARNING),
        "error": ("", ERROR),
        "mine": ("", TURN_MINE),
    },
}


def badge(state: Any, label: str = "", kind: str = "act") -> dict[str, str]:
    """Return label and classes of a badge. Without `label`: the label of the choice, of the table, or the value."""
    value = str(getattr(state, "value", state) or "")
    ours, classes = BADGES.get(kind, {}).get(value, ("", GREY))
    return {"label": str(label or getattr(state, "label", "") or ours or value), "classes": classes}


def url_or_empty(name: str, *args: Any, **kwargs: Any) -> str:
    """Return the address of a route, "" when it does not exist in this deployment."""
    try:
        return reverse(name, args=args, kwargs=kwargs)
    except NoReverseMatch:
        return ""


@dataclass(frozen=True)
class MenuEntry:
    label: str
    url: str
    current: bool


MENU = (
    ("home", "À faire"),
    ("convention-list", "Conventions"),
    ("report-list", "Comptes rendus"),
    ("dashboard", "Tableau de bord"),
    ("organisation-list", "Organisations"),
)


def main_menu(path: str, *, national: bool, section: str = "") -> list[MenuEntry]:
    """Return the entries whose route exists. `section`: the current route, when the address does not tell it."""
    routes = [*MENU, ("reference-home", "Référentiels")] if national else list(MENU)
    entries = [(name, label, url_or_empty(name)) for name, label in routes]
    matching = [url for _, _, url in entries if url and (path == url or (url != "/" and path.startswith(url)))]
    best = max(matching, key=len, default=None)
    return [MenuEntry(label, url, name == section if section else url == best) for name, label, url in entries if url]
