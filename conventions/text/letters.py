"""The letters of a service: the closed list of their variables, the national texts that ship, what is wrong of a text.

The Markdown is that of the articles (`wording`). The values are given by `conventions/documents/letters.py`; an upper
application adds its own (`letter_facts` there).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from conventions.enums import LetterKind, VariableType
from cpo.lib.loading import path
from cpo.lib.wording.french import lower_first

from .variables import Source, Variable
from .wording import NAME, Value, Wording, faults

FILE = "lettres.md"
BLOCK = re.compile(r"^::: lettre nature=(\w+)\nObjet\u00a0: (.*)\n\n((?:.*\n)*?):::$", re.MULTILINE)


def _text(name: str, label: str, *, optional: bool = False) -> Variable:
    return Variable(name, VariableType.TEXT, Source.CONVENTION, label, optional=optional)


def _list(name: str, label: str, *, optional: bool = False) -> Variable:
    return Variable(name, VariableType.LIST, Source.CONVENTION, label, optional=optional)


_ALL = (
    _text("numero_convention", "numéro de la convention"),
    _text("annees_convention", "années de la convention"),
    _text("association_nom", "nom de l’association, article compris"),
    _text("association_nom_court", "nom court de l’association, article compris"),
    _text("representant_nom", "personne qui représente l’association", optional=True),
    _text("representant_qualite", "sa qualité", optional=True),
    _text("service_nom", "nom du service, article compris"),
    _text("service_nom_court", "nom court du service, article compris"),
    _text("service_courriel", "adresse électronique du service"),
    _text("prefet_qualite", "titre du préfet, article compris"),
    _text("agent_nom", "agent qui suit le dossier"),
    _text("agent_courriel", "adresse électronique de cet agent"),
    _text("date_lettre", "date de la lettre"),
    _text("date_reponse", "quinze jours après la date de la lettre, reporté au jour ouvré suivant"),
    _text("date_signature", "date de la dernière signature de la convention"),
    _text("date_notification", "date de la notification de la convention"),
    _text("date_effet", "prise d’effet de la convention"),
    _text("date_fin", "terme de la convention"),
    _text("contribution_totale", "contribution de l’État sur toute la durée"),
    _text("contribution_totale_lettres", "ce montant, en toutes lettres"),
    _text("annee", "année de la lettre"),
    _text("contribution_annee", "contribution de l’État pour cette année"),
    _text("contribution_annee_lettres", "ce montant, en toutes lettres"),
    _list("liste_contributions_annees", "contribution de chaque année"),
    _text("manquements", "manquements constatés, d’une mise en demeure"),
    _list("liste_echeances_retard", "ce que l’association doit et dont le jour est passé"),
    _text("annee_compte_rendu", "année du compte rendu qui attend des pièces"),
    _list("liste_pieces_manquantes", "pièces de ce compte rendu qui manquent"),
    _list("liste_precisions", "précisions demandées et sans réponse", optional=True),
    _text("reunion_titre", "intitulé de la prochaine réunion"),
    _text("reunion_date", "date de la prochaine réunion"),
    _text("reunion_horaires", "ses horaires", optional=True),
    _text("reunion_lieu", "son lieu"),
    _text("reunion_ordre_du_jour", "son ordre du jour", optional=True),
    _text("annee_conclue", "dernière année conclue"),
    _text("avis", "avis d’ensemble sur cette année", optional=True),
    _text("conclusion", "conclusion de cette année"),
    _text("recommandations", "recommandations pour la suite", optional=True),
    _list("liste_decisions", "décisions du dialogue de gestion", optional=True),
    _text("proposition_annee_suivante", "phrase sur la contribution proposée ensuite, s’il y en a une", optional=True),
    _text("annee_suivante", "année qui suit l’année conclue"),
    _text("montant_annee_suivante", "montant retenu pour l’année suivante"),
    _text("montant_annee_suivante_lettres", "ce montant, en toutes lettres"),
)
VARIABLES: dict[str, Variable] = {variable.name: variable for variable in _ALL}


@dataclass(frozen=True)
class LetterText:
    subject: str
    body: str


def shipped_letters() -> dict[str, LetterText]:
    """The national texts of `lettres.md`, by kind."""
    file = path(FILE)
    return _read(file, file.stat().st_mtime_ns)


@cache
def _read(file: Path, mtime: int) -> dict[str, LetterText]:
    blocks = BLOCK.findall(file.read_text(encoding="utf-8"))
    return {LetterKind(kind): LetterText(subject.strip(), body.strip()) for kind, subject, body in blocks}


def text_faults(text: str) -> list[str]:
    """What is wrong of a text, each with the number of its line: « Ligne 3 : la variable « x » n’existe pas… »."""
    lines = text.splitlines()
    several = len(lines) > 1
    return [
        f"Ligne {rank}\u00a0: {lower_first(message)}" if several else message
        for rank, line in enumerate(lines, start=1)
        for message in faults(line, known=VARIABLES)
    ]


def one_line(text: str) -> str:
    """The text of an object, on one line; its no-break spaces are kept."""
    return re.sub(r"[ \t\r\n]+", " ", text).strip(" ")


def wording(values: Mapping[str, Value], *, proof: bool = False) -> Wording:
    """The wording of a letter. `proof`: a preview, where an unknown name is marked."""
    return Wording(values=values, proof=proof, known=VARIABLES)


def used(*texts: str) -> list[Variable]:
    """The variables that the texts name, each once."""
    names = dict.fromkeys(name for text in texts for name in NAME.findall(text))
    return [VARIABLES[name] for name in names if name in VARIABLES]


def missing(values: Mapping[str, Value], *texts: str) -> list[Variable]:
    """The variables that the texts name, that have no value and must have one."""
    return [one for one in used(*texts) if not (one.optional or values.get(one.name))]


def plain(text: str, values: Mapping[str, Value]) -> str:
    """A line of text with its values, without mark-up; a value that lacks stands in brackets."""

    def put(match: re.Match[str]) -> str:
        value = values.get(match[1], "")
        words = value if isinstance(value, str) else ", ".join(value)
        variable = VARIABLES.get(match[1])
        return words or (f"[à compléter\u00a0: {variable.label}]" if variable else match[0])

    return NAME.sub(put, text)
