"""Comparison of the name in a certificate with the announced name, and of typed text with printed text."""

import re
import unicodedata

from cpo.lib.wording.accents import plain

# Courtesy titles are ignored: they do not identify a person.
TITLES = {"m", "mr", "mme", "mlle", "monsieur", "madame", "dr", "me", "maitre"}

# Alphabets whose letters look like Latin ones, by the first word of their names in Unicode.
ALPHABETS = {"CYRILLIC": "cyrillique", "GREEK": "grec", "ARMENIAN": "arménien", "CHEROKEE": "chérokî"}


def same_person(announced_name: str, certified_name: str) -> bool:
    """Whether every word of the announced name is in the certified one, in any order.

    « Camille Exemple » matches « EXEMPLE Camille Léa ». Accents, case and hyphens are ignored. The announced name must
    have two words at least.
    """
    announced_words = _words(announced_name)
    return len(announced_words) > 1 and announced_words <= _words(certified_name)


def look_alikes(name: str) -> list[str]:
    """The letters of another alphabet in a name, each with its alphabet: « А (cyrillique) » looks like a Latin A."""
    letters = dict.fromkeys(letter for letter in name if letter.isalpha())
    alphabets = ((letter, unicodedata.name(letter, "").partition(" ")[0]) for letter in letters)
    return [f"« {letter} » ({ALPHABETS[alphabet]})" for letter, alphabet in alphabets if alphabet in ALPHABETS]


def _words(name: str) -> set[str]:
    return {word for word in re.split(r"[^a-z0-9]+", plain(name)) if word} - TITLES


def same_hash(typed_text: str, printed_hash: str) -> bool:
    """Whether the hash typed from the paper is the printed one."""
    return bool(printed_hash) and bare_hash(typed_text) == bare_hash(printed_hash)


def same_typed(typed_text: str, printed_text: str) -> bool:
    """Whether the text typed from the paper is the printed one; case, spaces and dashes are ignored."""
    return bool(printed_text) and bare(typed_text) == bare(printed_text)


def bare(text: str) -> str:
    """Only the letters and digits of a text, in lower case, to compare references and hashes."""
    return re.sub(r"[^0-9a-z]", "", text.lower())


def bare_hash(text: str) -> str:
    """The digits of a hash typed from paper. No hash holds the letters O, L and I: they were read for 0 and 1."""
    return bare(text).translate(_LOOK_ALIKE)


_LOOK_ALIKE = str.maketrans("oli", "011")
