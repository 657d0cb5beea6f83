"""Characters that no text may hold: they come from a paste, show nothing, and break what is made of the text.

XML (DOCX, XLSX) refuses control characters, PostgreSQL refuses NUL and lone surrogates, and a bidirectional control
makes a reader see another text than the one that is stored. They are removed where text comes in (middleware, forms,
workbooks), and from texts stored earlier where a file is made of them.
"""

import re

# Word's soft line end and page break, and NEL, part two lines: to drop them would join two words.
_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
# C0 except tab and line feed, DEL and C1, bidirectional controls, surrogates, and the non-characters of each plane.
_PLANES = "".join(f"{chr(plane * 0x10000 + 0xFFFE)}{chr(plane * 0x10000 + 0xFFFF)}" for plane in range(17))
_FORBIDDEN = re.compile(
    f"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef{_PLANES}]"
)


def clean(text: str) -> str:
    """Return a text without those characters, its lines parted by « \\n » alone. Idempotent."""
    if text.isascii() and text.isprintable():
        return text
    return _FORBIDDEN.sub("", _LINE_ENDS.sub("\n", text))
