"""French typography for printed documents: people type straight apostrophes and plain spaces.

Only U+00A0 is added: Marianne has no U+202F (narrow no-break space) and no U+2010 (typographic hyphen); a missing glyph
would print as a box and break PDF/A.
"""

import re
from collections.abc import Sequence
from datetime import date
from html import escape

from cpo.lib.dates import MONTHS

from . import french
from .french import NBSP

_EXOTIC = str.maketrans(
    {
        "\u202f": NBSP,
        "\u2007": NBSP,
        "\u2009": NBSP,
        "\u2010": "-",
        "\u2011": "-",
        "\u02bc": "’",
        "\u200b": None,
        "\ufeff": None,
        "\u00ad": None,
    }
)
_RULES = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"(?<=[^\W\d_])'", "’"),  # l'État; not 5'30 nor a quotation mark that opens a word
        (r"« ?(?=\S)|« $", f"«{NBSP}"),
        (r" ?»", f"{NBSP}»"),
        (r" +(?=[:;?!%€](?:\W|$))", NBSP),
        # Missing before a double sign that ends a word; an address (https://, ?page=) or a time (14:30) stays as it is.
        (r"(?<=[^\W_])(?=[;?!:](?:[\s\u00a0]|$))", NBSP),
        (r"(?<=\d) (?=\d{3}(?!\d))", NBSP),
        (r"\b([LRD]\.) (?=\d)", rf"\1{NBSP}"),
        (r"(\b[nN][°º]s?) ?(?=\S)", rf"\1{NBSP}"),
        (r"\b([Aa]rticles?|[Aa]nnexe|[Aa]xe|[Pp]age) (?=[\dIVX])", rf"\1{NBSP}"),
        (rf"\b(\d{{1,2}}|1er) (?=(?:{'|'.join(MONTHS)})\b)", rf"\1{NBSP}"),
        (r"\b(\d{5}) (?=[A-ZÀ-Ý])", rf"\1{NBSP}"),  # a postal code and its town
        (r"(?<=\S) - (?=\S)", f"{NBSP}– "),
        (r"\.\.\.", "…"),
    )
)
# A SIRET is written 3-3-3-5, an IBAN by fours: as a bank and the INSEE print them, and never cut.
_SIRET = re.compile(r"(?<![\w.])(\d{3})[ \u00a0]?(\d{3})[ \u00a0]?(\d{3})[ \u00a0]?(\d{5})(?![\w])")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?:[ \u00a0]?[A-Z0-9]{4}){3,7}(?:[ \u00a0]?[A-Z0-9]{1,3})?(?!\w)")
SHORT_ITEM = 40  # characters: shorter items of a list stand on one line
_END = re.compile(r"(?<!etc)[\s;,.]+$")
_CLOSED = (":", "!", "?", "…", "etc.")
_FIRST = re.compile(r"\b(1)(er|re|ère)\b(?!\w)")


def typographic(text: str) -> str:
    """Return `text` with typographic apostrophes, no-break spaces and dashes, as French requires. Idempotent."""
    text = text.translate(_EXOTIC)
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    text = _IBAN.sub(_by_fours, _SIRET.sub(rf"\1{NBSP}\2{NBSP}\3{NBSP}\4", text))
    return text.replace(f"{NBSP} ", NBSP).replace(f" {NBSP}", NBSP).replace(NBSP * 2, NBSP)


def _by_fours(iban: re.Match[str]) -> str:
    letters = re.sub(r"\s", "", iban[0])
    return NBSP.join(letters[start : start + 4] for start in range(0, len(letters), 4))


def punctuated(items: Sequence[str]) -> list[str]:
    """End each item of a list as French does: « ; » and « . » after phrases, « . » after each sentence."""
    bare = [_END.sub("", item) for item in items]
    sentences = all(item[:1].isupper() and item[1:2].islower() for item in bare)
    last = len(bare) - 1
    ends = ["." if sentences or rank == last else f"{NBSP};" for rank in range(len(bare))]
    return [item + ("" if item.endswith(_CLOSED) else end) for item, end in zip(bare, ends, strict=True)]


def html_text(text: object) -> str:
    """Return escaped and typographic HTML of one line of plain text, with the superscript of « 1er »."""
    return _FIRST.sub(r"\1<sup>\2</sup>", escape(typographic(str(text)), quote=False))


def html_lines(text: object) -> str:
    """Return HTML of plain text in several lines: a paragraph at each empty line, a break at the others."""
    paragraphs = re.split(r"\n\s*\n", str(text).replace("\r\n", "\n").strip())
    parts = ("<br>".join(html_text(line.strip()) for line in paragraph.split("\n")) for paragraph in paragraphs)
    return "".join(f"<p>{part}</p>" for part in parts if part)


def html_value(value: str | Sequence[object]) -> str:
    """Return HTML of a text in several lines, or of a list: the same on a page, on paper and in a DOCX.

    A single line needs no paragraph: the layout engine has fewer boxes to draw. Short items stand on one line.
    """
    if isinstance(value, str):
        html = html_lines(value)
        return html.removeprefix("<p>").removesuffix("</p>") if html.count("<p>") == 1 else html
    items = [str(item) for item in value]
    if len(items) == 1:
        return html_text(items[0])
    if all(len(item) < SHORT_ITEM for item in items):
        return html_text(" · ".join(items))
    return "<ul>" + "".join(f"<li>{html_text(item)}</li>" for item in punctuated(items)) + "</ul>"


def long_date(value: str | date | None) -> str:
    """« 1er janvier 2025 » for a date or its ISO form; "" for no value, the text itself when it is no date."""
    if not value:
        return ""
    if isinstance(value, str):
        try:
            value = date.fromisoformat(value[:10])
        except ValueError:
            return str(value)
    return french.date(value)
