"""Word-by-word comparison: deleted, inserted and moved text, readable without colour."""

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby

EQUAL, DELETE, INSERT, GAP = "equal", "delete", "insert", "gap"
LEFT, ARRIVED = "left", "arrived"  # the same words, at their former and at their new position
# An amount written with spaces is one word: « 965 000 » → « 975 000 », not « 965 » → « 975 ».
_TOKEN = re.compile(r"\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?:,\d+)?|\d+(?:,\d+)?|[^\W\d_]+|\s+|.", re.DOTALL)
_WORD = re.compile(r"\w")
CONTEXT = 80  # characters kept around a change in a long text
ALIKE = 0.7  # share of common words from which two paragraphs are the same one, edited or moved
UNLIKE = 0.3  # share below which one was deleted and another inserted
RUN, RUN_CHARACTERS = 4, 20  # a run of fewer words or characters may be in two places by chance


@dataclass(frozen=True)
class Piece:
    """A run of text, with what happened to it.

    Unchanged ("equal"), deleted ("delete"), inserted ("insert"), moved from here ("left") or to here ("arrived"), or
    not displayed ("gap").
    """

    op: str
    text: str = ""


def word_diff(before: str, after: str) -> list[Piece]:
    """Return the pieces that lead from one text to the other; `before_side` and `after_side` spell both."""
    if before == after:
        return [Piece(EQUAL, after)] if after else []
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    # Most texts have the same beginning and end: skip them before the search.
    first = _common_prefix_length(old, new)
    head, old, new = "".join(old[:first]), old[first:], new[first:]
    last = _common_prefix_length(old[::-1], new[::-1])
    tail, old, new = "".join(old[len(old) - last :]), old[: len(old) - last], new[: len(new) - last]
    runs = [(head, head)] if head else []
    # Spaces are junk: a match that starts from a space would be slow and meaningless.
    for _, i1, i2, j1, j2 in SequenceMatcher(str.isspace, old, new, autojunk=False).get_opcodes():
        runs.append(("".join(old[i1:i2]), "".join(new[j1:j2])))
    return list(_pieces(_absorb_glue([*runs, (tail, tail)] if tail else runs)))


def _common_prefix_length(one: list[str], other: list[str]) -> int:
    """Count the equal tokens at the start."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((n for n, (first, second) in pairs if first != second), min(len(one), len(other)))


def _absorb_glue(runs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Join an unchanged space or comma between two changed words with them."""
    result: list[tuple[str, str]] = []
    for position, (old, new) in enumerate(runs):
        inside = 0 < position < len(runs) - 1
        glue = old == new and inside and not _WORD.search(old)
        if result and (result[-1][0] != result[-1][1]) and (old != new or glue):
            result[-1] = (result[-1][0] + old, result[-1][1] + new)
        else:
            result.append((old, new))
    return result


def _pieces(runs: Iterable[tuple[str, str]]) -> Iterator[Piece]:
    for old, new in runs:
        if old == new:
            yield Piece(EQUAL, old)
            continue
        if old:
            yield Piece(DELETE, old)
        if new:
            yield Piece(INSERT, new)


# -- Paragraphs ------------------------------------------------------------------------------------------------------


def changed_paragraphs(before: str, after: str) -> list[list[Piece]]:
    """Return the paragraphs that differ, word by word; one « gap » replaces each run of identical ones."""
    return _gaps(_align(_paragraphs(before), _paragraphs(after)))


def changed_lines(before: str, after: str) -> list[Piece]:
    """Compare a field of one or several lines; unchanged lines are included."""
    lines = _align(before.split("\n"), after.split("\n"))
    with_ends = [_with_line_end(pieces) for pieces in lines[:-1] if pieces]
    runs = groupby((piece for pieces in [*with_ends, *lines[-1:]] for piece in pieces), key=lambda piece: piece.op)
    return shorten([Piece(op, "".join(piece.text for piece in run)) for op, run in runs])


def _with_line_end(pieces: list[Piece]) -> list[Piece]:
    """Add the end of a line, on each side that has the line."""
    *head, last = pieces
    if last.op != EQUAL and before_side(pieces) and after_side(pieces):
        return [*pieces, Piece(EQUAL, "\n")]
    return [*head, Piece(last.op, last.text + "\n")]


def _align(old: list[str], new: list[str]) -> list[list[Piece]]:
    """Compare paragraph by paragraph, in the order of the new text; a moved paragraph is at both positions."""
    partner = _partners(old, new)
    moved = set(partner.values())
    result: list[list[Piece]] = []
    # An old paragraph is identified by its rank, a new one by the rank of its partner or by a unique number.
    ranks = [partner.get(j, -1 - j) for j in range(len(new))]
    for op, i1, i2, j1, j2 in SequenceMatcher(None, list(range(len(old))), ranks, autojunk=False).get_opcodes():
        if op == "equal":
            result += itertools.starmap(word_diff, zip(old[i1:i2], new[j1:j2], strict=True))
            continue
        result += [[Piece(LEFT, old[i])] for i in range(i1, i2) if i in moved]
        alone = [old[i] for i in range(i1, i2) if i not in moved]
        for j in range(j1, j2):
            if j in partner:
                result.append(_mark_arrived(word_diff(old[partner[j]], new[j])))
            else:
                result.append(_replacement(alone.pop(0), new[j]) if alone else word_diff("", new[j]))
        result += [word_diff(text, "") for text in alone]
    return with_moves(result)


def _paragraphs(text: str) -> list[str]:
    return [" ".join(part.split(" ")).strip() for part in re.split(r"\n+", text) if part.strip()]


def _partners(old: list[str], new: list[str]) -> dict[int, int]:
    """Map each new paragraph to the old one that it comes from: the identical one, else the most similar."""
    partners: dict[int, int] = {}
    for op, i1, i2, j1, _ in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if op == "equal":
            partners |= {j1 + step: i1 + step for step in range(i2 - i1)}
    matched = set(partners.values())
    words = {i: _bag(old[i]) for i in range(len(old)) if i not in matched}
    others = {j: _bag(new[j]) for j in range(len(new)) if j not in partners}
    alike = ((_likeness(words[i], others[j]), -abs(i - j), -i, -j) for i in words for j in others)
    for _, _, i, j in sorted((row for row in alike if row[0] >= ALIKE), reverse=True):
        if -i not in matched and -j not in partners:
            partners[-j] = -i
            matched.add(-i)
    return partners


_WORDS = re.compile(r"\w+")


def _likeness(one: Counter[str], other: Counter[str]) -> float:
    total = one.total() + other.total()
    return 2 * (one & other).total() / total if total else 0


def _bag(text: str) -> Counter[str]:
    return Counter(_WORDS.findall(text))


def _replacement(old: str, new: str) -> list[Piece]:
    """Compare a paragraph with the one it replaces, word by word unless they share too few words."""
    if _likeness(_bag(old), _bag(new)) < UNLIKE:
        return list(_pieces([(old, new)]))
    return word_diff(old, new)


def _mark_arrived(pieces: list[Piece]) -> list[Piece]:
    """Mark a moved paragraph, with its changes."""
    return [Piece(ARRIVED, piece.text) if piece.op == EQUAL else piece for piece in pieces]


def _gaps(paragraphs: list[list[Piece]]) -> list[list[Piece]]:
    result: list[list[Piece]] = []
    for same, group in groupby(paragraphs, key=lambda pieces: all(piece.op == EQUAL for piece in pieces)):
        result += [[Piece(GAP)]] if same else [shorten(pieces) for pieces in group]
    return result


# -- Moved words -----------------------------------------------------------------------------------------------------


def with_moves(paragraphs: list[list[Piece]]) -> list[list[Piece]]:
    """Mark the runs of words that were deleted at one position and inserted unchanged at another."""
    deletions = [(p, k) for p, pieces in enumerate(paragraphs) for k, piece in enumerate(pieces) if piece.op == DELETE]
    insertions = [(p, k) for p, pieces in enumerate(paragraphs) for k, piece in enumerate(pieces) if piece.op == INSERT]
    if not deletions or not insertions:
        return paragraphs
    tokens = {
        position: _TOKEN.findall(paragraphs[position[0]][position[1]].text) for position in (*deletions, *insertions)
    }
    starts: dict[tuple[str, ...], list[tuple[tuple[int, int], int]]] = {}
    for position in insertions:
        for run, start in _runs(tokens[position]):
            starts.setdefault(run, []).append((position, start))
    spans: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for position in deletions:
        free = 0
        for run, start in _runs(tokens[position]):
            if start < free:
                continue
            length, there, at = max(
                (
                    (_common_length(tokens[position], start, tokens[other], at), other, at)
                    for other, at in starts.get(run, [])
                ),
                default=(0, position, 0),
            )
            overlaps = any(first < at + length and at < last for first, last in spans.get(there, []))
            if not length or overlaps or len("".join(tokens[position][start : start + length])) < RUN_CHARACTERS:
                continue
            free = start + length
            spans.setdefault(position, []).append((start, free))
            spans.setdefault(there, []).append((at, at + length))
    return [
        [part for k, piece in enumerate(pieces) for part in _split(piece, tokens.get((p, k), []), spans.get((p, k)))]
        for p, pieces in enumerate(paragraphs)
    ]


def _runs(tokens: list[str]) -> Iterator[tuple[tuple[str, ...], int]]:
    """Return each run of a few words, with the position of its first token."""
    words = [(token, position) for position, token in enumerate(tokens) if _WORD.search(token)]
    for first in range(len(words) - RUN + 1):
        yield tuple(word for word, _ in words[first : first + RUN]), words[first][1]


def _common_length(one: list[str], i: int, other: list[str], j: int) -> int:
    """Count the equal tokens from i and j on, up to the last word; 0 when there are too few words."""
    length = 0
    while i + length < len(one) and j + length < len(other) and one[i + length] == other[j + length]:
        length += 1
    while length and not _WORD.search(one[i + length - 1]):
        length -= 1
    return length if sum(bool(_WORD.search(token)) for token in one[i : i + length]) >= RUN else 0


def _split(piece: Piece, tokens: list[str], spans: list[tuple[int, int]] | None) -> Iterator[Piece]:
    """Split a piece into its moved runs and the rest; a single space or comma joins its neighbour."""
    if not spans:
        yield piece
        return
    moved = LEFT if piece.op == DELETE else ARRIVED
    parts: list[Piece] = []
    end = 0
    for first, last in [*sorted(spans), (len(tokens), len(tokens))]:
        for op, text in ((piece.op, "".join(tokens[end:first])), (moved, "".join(tokens[first:last]))):
            if parts and text and op == piece.op and not _WORD.search(text):
                parts[-1] = Piece(parts[-1].op, parts[-1].text + text)
            elif text:
                parts.append(Piece(op, text))
        end = last
    if len(parts) > 1 and not _WORD.search(parts[0].text):
        parts[:2] = [Piece(parts[1].op, parts[0].text + parts[1].text)]
    yield from parts


# -- Display ---------------------------------------------------------------------------------------------------------


def shorten(pieces: list[Piece], context: int = CONTEXT) -> list[Piece]:
    """Cut the middle of long unchanged runs, at a space, so that the changes are easy to find."""
    result: list[Piece] = []
    for position, piece in enumerate(pieces):
        if piece.op == LEFT and len(piece.text) > 2 * context:  # shown in full at its new position
            result += [Piece(LEFT, piece.text[:context].rpartition(" ")[0]), Piece(GAP)]
            continue
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
    """Return the pieces of the left column."""
    return [piece for piece in pieces if piece.op not in (INSERT, ARRIVED)]


def after_side(pieces: Iterable[Piece]) -> list[Piece]:
    """Return the pieces of the right column."""
    return [piece for piece in pieces if piece.op not in (DELETE, LEFT)]
