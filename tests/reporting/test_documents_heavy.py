"""The documents of a year with the longest amounts and words: nothing cut, nothing beyond its place or the margins."""

import itertools
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conventions.documents.ending import render_ending
from conventions.documents.letters import render_letter
from reporting import documents as reports
from tests.heavy import ADDRESS, AMOUNT
from tests.lib.test_pdf import read
from tests.reporting.test_documents import (
    CONCLUSION,
    EVALUATED,
    FICHE,
    FINANCIAL,
    FORM,
    HELD,
    LETTER,
    NOTICE,
    OF_SERVICE,
    PARTIES,
    SENT,
)

pytestmark = pytest.mark.pdf

NB = "\u00a0"
LEFT, RIGHT = 56.6, 595.3 - 56.6  # points: the margins are 20 mm
LONG = "anticonstitutionnellementinterministériellement" * 3
PASTED = "Le \ufb01nancement \u27a2 1\u1d49\u02b3 \ufb02ux\u00a0; "  # stored before it was cleaned where it comes in
TEXTS = {
    "title", "narrative", "comment", "label", "text", "summary", "agenda", "conclusion", "recommendations", "reasons",
    "governance", "subject",
}  # fmt: skip
SUMS = {
    "actual", "forecast", "budget", "before", "now", "retained", "conventioned", "committed", "paid", "spent", "amount",
    "next_amount",
}  # fmt: skip
WORD = re.compile(r'<word xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="[\d.]+">(.*?)</word>')


def heavy(value: Any, key: str = "") -> Any:
    if isinstance(value, dict):
        return {name: heavy(item, name) for name, item in value.items()}
    if isinstance(value, list):
        return [heavy(item) for item in value]
    if key in SUMS and value not in (None, ""):
        return AMOUNT
    return f"{PASTED}{value} {LONG}" if key in TEXTS and value else value


def fiches() -> list[Any]:
    return [heavy(FICHE) | {"code": f"{rank}-A", "key": f"{rank:032x}"} for rank in range(1, 7)]


MAIL = "coordination.regionale@association-des-missions.example"  # nearly the longest that is not cut in a text
NAME = "Anne-Marie-Bernadette-Clotilde-Dorothée-Éléonore-Françoise-Geneviève"
LETTERS: Any = OF_SERVICE | {
    "subject": PASTED + LONG, "body": f"{PASTED}{LONG}", "service": OF_SERVICE["service"] | {"email": MAIL},
    "addressee": [NAME, f"1 rue de l’Exemple, {MAIL}"],
}  # fmt: skip
NOTIFIED: Any = LETTER | {
    "notice": NOTICE | {"breaches": f"{PASTED}{LONG}"},
    "parties": [party | {"signatory_name": NAME, "address": f"au 1 rue, {MAIL}, {ADDRESS}"} for party in PARTIES],
}


KINDS: dict[str, Callable[[], bytes]] = {
    "accuse": lambda: reports.render(heavy(SENT)),
    "crf": lambda: reports.render_finance(heavy(FINANCIAL) | {"sheets": fiches()}),
    "formulaire": lambda: reports.render_form(heavy(FORM) | {"sheets": fiches()}),
    "releve": lambda: reports.render_minutes(heavy(HELD)),
    "conclusion": lambda: reports.render_conclusion(heavy(CONCLUSION)),
    "evaluation": lambda: reports.render_evaluation(heavy(EVALUATED)),
    "lettre": lambda: render_letter(LETTERS),
    "mise en demeure": lambda: render_ending(NOTIFIED),
    "mise en demeure de l’association": lambda: render_ending(
        NOTIFIED | {"notice": NOTIFIED["notice"] | {"association": True}}
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_cut_nor_laid_over_its_neighbour_nor_printed_as_a_question_mark(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "d.pdf"
    path.write_bytes(KINDS[kind]())
    boxes = subprocess.run(["pdftotext", "-bbox", path, "-"], check=True, capture_output=True, text=True).stdout
    for page in boxes.split("<page ")[1:]:
        words = [(float(x), float(y), float(end), word) for x, y, end, word in WORD.findall(page)]
        assert [word for word in words if word[0] < LEFT or word[2] > RIGHT] == []
        beside = itertools.pairwise(words)
        assert [pair for pair in beside if pair[0][1] == pair[1][1] and pair[0][0] < pair[1][0] < pair[0][2] - 1] == []
    text = read(path.read_bytes(), tmp_path).replace(NB, " ")
    lines = [line.strip() for line in text.splitlines()]
    assert [line for line in lines if re.search(r"\d \d{3},$|^,\d\d\b|^(€\s*)+$|(?<![\d ]) ?999,99", line)] == []
    assert "financement •" in " ".join(text.split()) and "?" not in text


def test_what_introduces_a_table_stands_on_its_page(tmp_path: Path) -> None:
    for data, opening, caption in (
        (KINDS["formulaire"](), "Avancement (", "Indicateurs de la fiche"),
        (reports.render_finance(FINANCIAL), "Déjà déclaré en 2024", "Par compte"),
    ):
        pages = [page for page in read(data, tmp_path).replace(NB, " ").split("\f") if opening in page]
        assert pages and all(caption in page.rpartition(opening)[2] for page in pages)


def test_the_two_places_to_sign_of_the_minutes_stand_side_by_side(tmp_path: Path) -> None:
    assert re.search("Pour l’association +Pour l’administration", read(KINDS["releve"](), tmp_path))


@pytest.mark.parametrize("kind", ["lettre", "mise en demeure"])
def test_a_letter_leaves_room_to_sign_under_the_name(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "d.pdf"
    path.write_bytes(KINDS[kind]())
    boxes = subprocess.run(["pdftotext", "-bbox", path, "-"], check=True, capture_output=True, text=True).stdout
    words = [(float(top), word) for _, top, _, word in WORD.findall(boxes)]
    rank = next(rank for rank, (_, word) in enumerate(words) if word == "Vérifier")
    assert words[rank - 1][1] == f"janvier{NB}2025" or words[rank - 1][1] == "2025"
    assert words[rank][0] - words[rank - 1][0] > 16 * 72 / 25.4
