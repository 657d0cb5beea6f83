"""The text of a grid of examination → its questions. One question a line; a bad line is told with its number.

# Pièces                          a heading
[oui-non !] Les comptes sont-ils approuvés ?   « non » blocks; without « ! », it warns
[note] Qualité de l’évaluation    a mark from 0 to 4
[texte] Points à reprendre        words
"""

import re
from dataclasses import dataclass

from reporting.models import FilledGrid, Report

LINE = re.compile(r"\[(oui-non|note|texte)( !)?\]\s+(\S.*)")
YES_NO, MARK, TEXT = "oui-non", "note", "texte"
YES, NO, NOT_APPLICABLE = "oui", "non", "sans_objet"
MARKS = ("0", "1", "2", "3", "4")
MOST = 80  # questions


@dataclass(frozen=True)
class Question:
    """`key`: its place in the text, which never changes once published. `heading`: the last one above."""

    key: str
    kind: str
    label: str
    heading: str = ""
    blocking: bool = False


def questions(text: str) -> list[Question]:
    """The questions of a grid; lines that are not understood are left out (see `faults`)."""
    rows: list[Question] = []
    heading = ""
    for line in _lines(text):
        if line.startswith("#"):
            heading = line.lstrip("# ")
        elif match := LINE.fullmatch(line):
            kind, blocking, label = match.groups()
            rows.append(Question(f"q{len(rows) + 1}", kind, label, heading, bool(blocking)))
    return rows


def faults(text: str) -> list[str]:
    """What is wrong of the text of a grid, in French, line by line."""
    found = []
    for number, line in enumerate(map(str.strip, text.splitlines()), start=1):
        match = LINE.fullmatch(line)
        if line and not line.startswith("#") and match is None:
            found.append(
                f"Ligne {number} : commencez par « # », « [oui-non] », « [oui-non !] », « [note] » ou « [texte] »."
            )
        elif match and match.group(2) and match.group(1) != YES_NO:
            found.append(f"Ligne {number} : seule une question par oui ou non peut bloquer.")
    rows = questions(text)
    if not found and not 1 <= len(rows) <= MOST:
        found.append(f"Une grille a d’une à {MOST} questions.")
    return found


def negative_answers(grid: FilledGrid) -> list[Question]:
    """The questions that are answered « non », those that block and those that warn."""
    return [
        question
        for question in questions(grid.version.text)
        if question.kind == YES_NO and grid.answers.get(question.key, {}).get("value") == NO
    ]


def standing(report: Report) -> list[FilledGrid]:
    """The last grid of each moment that was filled about a report: a new sending clears no answer by itself."""
    last = {grid.moment: grid for grid in report.grids.select_related("version").order_by("round")}
    return list(last.values())


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]
