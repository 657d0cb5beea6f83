"""What stands on one line in a printed document: addresses of mail and of the web, names of places with hyphens.

The HTML of a document is marked as a whole, so that no template and no typed text has to think of it. A word longer
than `LONGEST`, or a name longer than `LONGEST_NAME`, may be cut: it would leave the margins.
"""

import re

LONGEST = 60  # characters of the body that the narrowest column of text holds
# Characters that a place to sign or an addressee holds. There an address may be cut (layout/pdf.css).
LONGEST_NAME = 40
_MAIL = r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
_WEB = r"https?://[^\s<>\"«»]*[^\s<>\"«».,;:!?)]"
_PLACE = r"[^\W\d_]+(?:[’'][^\W\d_]+)?(?:-[^\W\d_]+(?:[’'][^\W\d_]+)?)+"
# A link is one already; what stands in the head is no text.
# A space before the end of a line would push what is aligned on the right.
_PARTS = re.compile(rf"(?s)<head>.*?</head>|<a .*?</a>|<[^>]*>|({_MAIL})|({_WEB})|({_PLACE})|\s+(?=<br)")


def unbroken(html: str) -> str:
    """Return the HTML with each of those words in one piece, an address linked, and no space before a `<br>`."""
    return _PARTS.sub(_mark, html)


def _mark(part: re.Match[str]) -> str:
    mail, web, place = part.groups()
    word = mail or web or place
    if not word:
        return part[0].lstrip()
    kept = ' class="uni"' if len(word) <= (LONGEST_NAME if place else LONGEST) else ""
    if place:
        return f"<span{kept}>{word}</span>" if kept and place != place.lower() else word
    return f'<a{kept} href="{"mailto:" if mail else ""}{word}">{word}</a>'
