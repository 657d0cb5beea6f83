"""Find rows by words, and mark these in what is shown: for the search of the header and for the filters of lists."""

import difflib
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, TypeVar

from django.db.models import Q, QuerySet
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from .accents import plain, searched

Rows = TypeVar("Rows", bound="QuerySet[Any, Any]")
SHORTEST, MOST_WORDS, LONGEST = 2, 6, 100
MISSPELT = 5  # letters: a shorter word with an error is another word
LIKE = 0.8  # for the marks: the share of letters in common, of a word found in spite of an error


def words_of(text: str) -> list[str]:
    """The words to search for, of two letters or more; « Île-de-France » is one, whose parts follow each other."""
    words = (searched(word).strip() for word in plain(text[:LONGEST]).split())
    return [word for word in words if len(word) >= SHORTEST][:MOST_WORDS]


def matching(rows: Rows, fields: Sequence[str], words: Sequence[str], *, close: bool = False) -> Rows:
    """Filter the rows where each word is in one of the fields; `close`: or resembles one of their words."""
    for word in words:
        rows = rows.filter(word_in(fields, word, close=close))
    return rows


def word_in(fields: Sequence[str], word: str, *, close: bool = False) -> Q:
    clause = Q(pk__in=[])
    for name in fields:
        clause |= Q(**{f"{name}__searched__contains": word})
        if close and len(word) >= MISSPELT and word.isalpha():
            clause |= Q(**{f"{name}__searched__resembles": word})
    return clause


def found(rows: Rows, fields: Sequence[str], text: str) -> Rows:
    """Filter a list by what a person typed: as it is, else all its words, else what resembles them."""
    phrase, words = searched(text).strip(), words_of(text)
    if not phrase:
        return rows
    for wanted in ([phrase], words):
        narrowed = matching(rows, fields, wanted)
        if not words or narrowed.exists():
            return narrowed
    return matching(rows, fields, words, close=True)


def marked(text: object, words: Sequence[str]) -> SafeString:
    """Escape a text, with <mark> around the words found, and around those that resemble a word that is not there."""
    source = str(text)
    letters = [(searched_letter(letter), rank) for rank, letter in enumerate(source)]
    plain_text = "".join(part for part, _ in letters)
    ranks = [rank for part, rank in letters for _ in part]
    spans = []
    for word in words:
        places = [match.span() for match in re.finditer(re.escape(word), plain_text)]
        spans += places or _alike(word, plain_text)
    chosen = {rank for first, last in spans for rank in range(ranks[first], ranks[last - 1] + 1)}
    html, inside = "", False
    for rank, letter in enumerate(source):
        if (rank in chosen) != inside:
            inside = not inside
            html += "<mark>" if inside else "</mark>"
        html += escape(letter)
    return mark_safe(html + ("</mark>" if inside else ""))


@lru_cache(maxsize=4096)
def searched_letter(letter: str) -> str:
    """One letter as `searched` writes it; a space stays one, a mark that combines with the letter before is nothing."""
    return searched(f"a{letter}a")[1:-1]


def _alike(word: str, plain_text: str) -> list[tuple[int, int]]:
    if len(word) < MISSPELT or not word.isalpha():
        return []
    there = {match.group(): match.span() for match in re.finditer(r"[a-z]+", plain_text)}
    return [there[near] for near in difflib.get_close_matches(word, there, n=1, cutoff=LIKE)]
