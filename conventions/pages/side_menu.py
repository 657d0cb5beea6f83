"""The side menu of a convention's pages: the tabs that are useful in its state, for this reader."""

from typing import Any

from conventions import permissions as may
from conventions.enums import ConventionState as State
from conventions.models import Act
from cpo.lib.actor import Actor

from .act_page import ActPage
from .waiting import route

TABS = (
    ("synthese", "Synthèse", "convention-detail"),
    ("articles", "Articles", "convention-articles"),
    ("parties", "Parties et signataires", "convention-parties"),
    ("informations", "Informations du texte", "convention-values"),
    ("programme", "Programme", "programme-detail"),
    ("contribution", "Contribution de l’État", "convention-contribution"),
    ("budget", "Budget et financements", "programme-budget"),
    ("versements", "Versements", "convention-payments"),
    ("controles", "Contrôles", "convention-controls"),
    ("versions", "Versions et échanges", "convention-versions"),
    ("documents", "Documents et signatures", "convention-documents"),
    ("rapports", "Comptes rendus", "convention-reports"),
    ("reunions", "Réunions et décisions", "convention-meetings"),
    ("lettres", "Lettres", "convention-letters"),
    ("evaluation", "Évaluation", "convention-evaluation"),
    ("actes", "Avenants et actes", "convention-acts"),
    ("fin", "Fin de la convention", "convention-ending"),
    ("journal", "Journal", "convention-journal"),
)
OF_DRAFTING = {"parties": "synthese", "informations": "synthese", "contribution": "budget"}  # else part of these tabs
OF_CONVENTION = (
    "versements",
    "controles",
    "rapports",
    "reunions",
    "lettres",
    "evaluation",
    "actes",
    "fin",
)  # these tabs are the same for all the acts of the convention


def side_menu(page: ActPage, tab: str) -> list[dict[str, Any]]:
    act = page.act
    threads = page.thread_count or None
    article_count, sheet_count = page.sizes
    counts_by_tab: dict[str, tuple[int | None, str]] = {
        "articles": (article_count or None, ""),
        "programme": (sheet_count, "fiches" if sheet_count > 1 else "fiche"),
        "versions": (threads, "échange ouvert" if threads == 1 else "échanges ouverts"),
    }
    hidden = _hidden(act, page.actors)
    current = OF_DRAFTING.get(tab, tab) if tab in hidden else tab
    menu = []
    for key, label, name in TABS:
        count, words = counts_by_tab.get(key, (None, ""))
        address = route(name, act.convention.number if key in OF_CONVENTION else page.number)
        if address and key not in hidden:
            menu.append(
                {"label": label, "url": address, "count": count, "count_text": words, "current": key == current}
            )
    return menu


def _hidden(act: Act, actors: list[Actor]) -> set[str]:
    """Return the tabs to hide: what begins with the signature, before it; the end, before it or an abandonment."""
    first = act.number == 0
    hidden = set() if act.state in Act.OPEN else set(OF_DRAFTING)
    hidden |= {"actes"} if first and act.state != State.ACTIVE else set()
    begun = may.reads_negotiation(actors) and (not first or act.state == State.ACTIVE)
    hidden |= set() if begun else {"versements", "controles", "reunions", "lettres", "evaluation"}
    ended = not first or act.state in (State.ACTIVE, State.ABANDONED)
    return hidden if ended and may.reads_negotiation(actors) else hidden | {"fin"}
