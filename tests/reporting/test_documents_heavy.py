"""The documents of a year with the longest amounts and words: nothing cut, nothing beyond its place or the margins."""

import itertools
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conventions.documents.letters import render_letter
from reporting import documents as reports
from tests.heavy import AMOUNT
from tests.lib.test_pdf import read
from tests.reporting.test_documents import CONCLUSION, EVALUATED, FICHE, FINANCIAL, FORM, HELD, OF_SERVICE, SENT

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


KINDS: dict[str, Callable[[], bytes]] = {
    "accuse": lambda: reports.render(heavy(SENT)),
    "crf": lambda: reports.render_finance(heavy(FINANCIAL) | {"sheets": fiches()}),
    "formulaire": lambda: reports.render_form(heavy(FORM) | {"sheets": fiches()}),
    "releve": lambda: reports.render_minutes(heavy(HELD)),
    "conclusion": lambda: reports.render_conclusion(heavy(CONCLUSION)),
    "evaluation": lambda: reports.render_evaluation(heavy(EVALUATED)),
    "lettre": lambda: render_letter(OF_SERVICE | {"subject": PASTED + LONG, "body": f"{PASTED}{LONG}"}),
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
