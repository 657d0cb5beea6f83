"""The text of a convention signed on paper, as far as the application holds it: parties, quoted articles, annexes."""

from collections.abc import Mapping
from typing import Any

from django.utils.safestring import SafeString

from cpo.lib.wording.typography import html_text

from .later import Part
from .parties import party_line
from .table import text

Content = Mapping[str, Any]
ORIGINAL = (
    "Cette convention a été signée sur papier. Son texte est celui de l'original numérisé, que l'application conserve "
    "et qui seul fait foi avec les actes qui l'ont modifié.",
    "Sont donnés ici ce qui en a été saisi, parties, fiches, montants et dates, "
    "et les articles que des actes ultérieurs ont cités pour les modifier.",
)
ANNEXES = (
    ("annexe_programme", "Annexe – Programme d'actions", ("tableau_sommaire_actions", "fiches_actions")),
    (
        "annexe_budgets",
        "Annexe – Budgets et financements",
        ("tableau_budget_comptes", "tableau_couts_actions", "tableau_financeurs", "tableau_echeancier"),
    ),
    ("annexe_indicateurs", "Annexe – Indicateurs", ("tableau_indicateurs",)),
)


def opening_parts(content: Content) -> list[Part]:
    """The title, what the document is, the parties."""
    number, cycle = content["convention"]["number"], content["cycle"]["label"]
    return [
        Part("titre", "titre", text(content["act"]["title"]), _paragraphs(f"N° {number} ({cycle})")),
        Part("original", "visas", text("Le texte est celui de l'original numérisé"), _paragraphs(*ORIGINAL)),
        parties_part(content),
    ]


def parties_part(content: Content) -> Part:
    """The parties, without the words of the national model, which the original may not have."""
    lines = "".join(f"<li>{html_text(party_line(party))}</li>" for party in content["parties"])
    return Part("parties", "parties", text("Parties"), SafeString(f"<ul>{lines}</ul>"))


def annex_parts(tables: Mapping[str, str]) -> list[Part]:
    return [
        Part(key, "annexe", text(heading), SafeString("".join(tables[name] for name in names)))
        for key, heading, names in ANNEXES
    ]


def _paragraphs(*rows: str) -> SafeString:
    return SafeString("".join(f"<p>{html_text(row)}</p>" for row in rows))
