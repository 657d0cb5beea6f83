"""Word by word: what was taken out and put in, readable without colour."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher

EQUAL, DELETE, INSERT, GAP = "equal", "delete", "insert", "gap"
# An amount written with spaces is one word: « 965 000 » → « 975 000 », not « 965 » → « 975 ».
_TOKEN = re.compile(r"\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?:,\d+)?|\d+(?:,\d+)?|[^\W\d_]+|\s+|.", re.DOTALL)
_WORD = re.compile(r"\w")
CONTEXT = 80  # characters kept around a change in a long text


@dataclass(frozen=True)
class Piece:
    """A run of text: kept ("equal"), taken out ("delete"), put in ("insert"), or left out of the display ("gap")."""

    op: str
    text: str = ""


def word_diff(before: str, after: str) -> list[Piece]:
    """Return the pieces that lead from one text to the other; their kept and deleted ones spell `before`."""
    if before == after:
        return [Piece(EQUAL, after)] if after else []
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    runs: list[tuple[str, str]] = []
    for op, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if op == "equal":
            runs.append(("".join(old[i1:i2]), "".join(old[i1:i2])))
        else:
            runs.append(("".join(old[i1:i2]), "".join(new[j1:j2])))
    return list(_pieces(_absorbed(runs)))


def _absorbed(runs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """A space or a comma kept between two changed words is read with them."""
    result: list[tuple[str, str]] = []
    for position, (old, new) in enumerate(runs):
        inside = 0 < position < len(runs) - 1
        glue = old == new and inside and not _WORD.search(old)
        if result and (result[-1][0] != result[-1][1]) and (old != new or glue):
            result[-1] = (result[-1][0] + old, result[-1][1] + new)
        else:
            result.append((old, new))
    return result


def _pieces(runs: Iterable[tuple[str, str]]) -> Iterable[Piece]:
    for old, new in runs:
        if old == new:
            yield Piece(EQUAL, old)
            continue
        if old:
            yield Piece(DELETE, old)
        if new:
            yield Piece(INSERT, new)


def changed_paragraphs(before: str, after: str) -> list[list[Piece]]:
    """The paragraphs that differ, word by word; one « gap » stands for each run of identical ones."""
    old, new = _paragraphs(before), _paragraphs(after)
    result: list[list[Piece]] = []
    for op, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if op == "equal":
            result.append([Piece(GAP)])
            continue
        for position in range(max(i2 - i1, j2 - j1)):
            left = old[i1 + position] if i1 + position < i2 else ""
            right = new[j1 + position] if j1 + position < j2 else ""
            result.append(shortened(word_diff(left, right)))
    return result


def _paragraphs(text: str) -> list[str]:
    return [" ".join(part.split(" ")).strip() for part in re.split(r"\n+", text) if part.strip()]


def shortened(pieces: list[Piece], context: int = CONTEXT) -> list[Piece]:
    """Cut the middle of long kept runs, at a space, so that the change can be found."""
    result: list[Piece] = []
    for position, piece in enumerate(pieces):
        if piece.op != EQUAL or len(piece.text) <= 3 * context:
            result.append(piece)
            continue
        if position:
            result.append(Piece(EQUAL, piece.text[:context].rpartition(" ")[0]))
        result.append(Piece(GAP))
        if position < len(pieces) - 1:
            result.append(Piece(EQUAL, piece.text[-context:].partition(" ")[2]))
    return result


def before_side(pieces: Iterable[Piece]) -> list[Piece]:
    """What the left column shows."""
    return [piece for piece in pieces if piece.op != INSERT]


def after_side(pieces: Iterable[Piece]) -> list[Piece]:
    """What the right column shows."""
    return [piece for piece in pieces if piece.op != DELETE]
