"""Characters that no text may hold: they come from a paste, show nothing, and break what is made of the text.

XML (DOCX, XLSX) refuses control characters, PostgreSQL refuses NUL and lone surrogates, and a bidirectional control
makes a reader see another text than the one that is stored. They are removed where text comes in (middleware, forms,
workbooks), and from texts stored earlier where a file is made of them. A form refuses a bidirectional control.
"""

import re
import unicodedata

# Word's soft line end and page break, and NEL, part two lines: to drop them would join two words.
_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
# C0 except tab and line feed, DEL and C1, bidirectional controls, surrogates, and the non-characters of each plane.
_PLANES = "".join(f"{chr(plane * 0x10000 + 0xFFFE)}{chr(plane * 0x10000 + 0xFFFF)}" for plane in range(17))
_FORBIDDEN = re.compile(
    f"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef{_PLANES}]"
)


_BIDIRECTIONAL = re.compile("[\u202a-\u202e\u2066-\u2069]")
# Letters under another code, that no font of ours draws: ligatures, raised, full-width and « mathematical » letters.
# No digit: a number is typed in ASCII, nothing else becomes one (`numbers`).
_RANGES = (
    *("\u02b0-\u02b8", "\u1d2c-\u1d6a", "\u1d9b-\u1dbf", "\u2160-\u217f", "\ufb00-\ufb06"),
    *("\uff01-\uff0f", "\uff1a-\uff5e", "\U0001d400-\U0001d6da"),
)
_LETTERS = re.compile(f"[{''.join(_RANGES)}]")
_OTHERS = str.maketrans(
    {
        **dict.fromkeys("➢➣➤►▶▸‣▪▫■□●○◦◆◇❖❑❒✦\uf0a7\uf0d8\uf076\uf0b7\uf071\uf072\uf075", "•"),
        **dict.fromkeys("\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2008\u200a\u205f\u3000", " "),
        **dict.fromkeys("➔➜➙⇒\uf0e0\uf0e8", "→"),
        "\uf0fc": "✓",
        "\uf0a8": "☐",
        "\uf06f": "☐",
        "\uf0fe": "☑",
        "\u02bc": "’",
        "\u2012": "–",
    }
)


def clean(text: str) -> str:
    """Return a text without those characters, lines parted by « \\n » alone, letters in their usual codes. Idempotent.

    What a paste brings in place of a usual character (a ligature, a bullet of Word, « é » in two codes) becomes it: the
    fonts of our documents draw it, and a search finds it.
    """
    if text.isascii() and text.isprintable():
        return text
    text = _FORBIDDEN.sub("", _LINE_ENDS.sub("\n", text))
    text = _LETTERS.sub(_usual, text).translate(_OTHERS)
    return unicodedata.normalize("NFC", text)


def _usual(letter: re.Match[str]) -> str:
    """The letters that Unicode says this one stands for; itself if it says none."""
    codes = unicodedata.decomposition(letter[0]).split()[1:]
    return "".join(chr(int(code, 16)) for code in codes) or letter[0]


def reverses(text: str) -> bool:
    """Whether a text holds a bidirectional control: a reader sees another text than the one that is stored."""
    return bool(_BIDIRECTIONAL.search(text))
