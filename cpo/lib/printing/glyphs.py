"""Which characters the fonts of a document draw, and what is printed for the others. It loads no layout engine."""

from functools import cache
from pathlib import Path

import dsfr
from django.conf import settings
from fontTools.ttLib import TTFont

from cpo.lib.wording.characters import clean

FREE_FONTS = Path(__file__).resolve().parent / "fonts"
DSFR_DIST = Path(dsfr.__file__).resolve().parent / "static" / "dsfr" / "dist"
UNKNOWN = "?"

# Marianne has no narrow no-break space and no typographic hyphen; common characters replace them.
_SUBSTITUTES = {
    0x202F: "\u00a0",
    0x2007: "\u00a0",
    0x2010: "-",
    0x2011: "-",
    0x2043: "-",
    0x2610: "[ ]",
    0x2611: "[x]",
    0x2612: "[x]",
    0x25AA: "•",
    0x25CF: "•",
    0xF0B7: "•",
    0x2714: "oui",
    0x2713: "oui",
}
# Marianne draws these; Noto Sans, as it ships here, does not.
_WHERE_MISSING = {0x2212: "–", 0x2192: "->", 0x2264: "<=", 0x2265: ">=", 0x2260: "<>"}


def printable(text: str) -> str:
    """Replace the characters that no font can draw: a missing glyph breaks PDF/A and prints as an empty box.

    A text stored before it was cleaned where it comes in is cleaned here: « ﬁ » is « fi », « 1ᵉʳ » is « 1er ».
    """
    text = clean(text)
    unknown = {ord(character) for character in set(text)} - _drawable(settings.STATE_DEPLOYMENT)
    return text.translate({code: _substitute(code) for code in unknown}) if unknown else text


def undrawn(text: str) -> list[str]:
    """The characters of a text that would be printed as « ? », in their order, each once."""
    drawable = _drawable(settings.STATE_DEPLOYMENT)
    return [
        character
        for character in dict.fromkeys(clean(text))
        if ord(character) not in drawable and _substitute(ord(character)) == UNKNOWN
    ]


def _substitute(code: int) -> str:
    # Joiners, direction marks, variation selectors and controls draw nothing: they are removed.
    invisible = code < 0x20 or 0x7F <= code < 0xA0 or 0x200B <= code <= 0x200F or 0x202A <= code <= 0x202E
    if invisible or 0xFE00 <= code <= 0xFE0F or code == 0xFEFF or 0x2060 <= code <= 0x206F:
        return ""
    return _SUBSTITUTES.get(code) or _WHERE_MISSING.get(code) or UNKNOWN


@cache
def _drawable(state: bool) -> frozenset[int]:
    """Return the code points that the fonts of the document can draw, with the line ends and tabs that HTML ignores."""
    paths = [FREE_FONTS / "NotoSans-Regular.ttf"]
    if state:
        paths.append(DSFR_DIST / "fonts" / "Marianne-Regular.woff2")
    code_points = {0x09, 0x0A, 0x0D}
    for path in paths:
        code_points |= set(TTFont(path, lazy=True).getBestCmap())
    # Marianne lacks these. They are replaced on every deployment, to print the same text everywhere.
    return frozenset(code_points - set(_SUBSTITUTES))
