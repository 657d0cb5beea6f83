"""Search and sort French text in one normal form: « L’Œuvre » as « l'oeuvre », É as E, in lower case.

PostgreSQL's `f_plain` and Python's `plain` return the same text (a test compares them). A collation can't do it: the
embedded PostgreSQL has no ICU.
"""

import re
import unicodedata
from typing import Any

from django.db.models import TextField, Transform
from django.db.models.fields import CharField

# As in `f_plain` (cpo/lib/migrations/0007_plain_text.py): spaces and quotation marks, apostrophes, dashes, ligatures.
_SIGNS = str.maketrans(
    dict.fromkeys('\u00a0\u202f\u2009«»“”„"', " ")
    | dict.fromkeys("’‘ʼ", "'")
    | dict.fromkeys("\u2010\u2011\u2012–—\u2212", "-")
    | {"œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "đ": "d", "ł": "l"}
)


class Plain(Transform):
    """`name__plain__contains="île"` finds « Île »: the same immutable SQL function applies to both sides."""

    lookup_name = "plain"
    output_field = TextField()
    bilateral = True

    def as_sql(self, compiler: Any, connection: Any, *args: Any, **kwargs: Any) -> tuple[str, Any]:
        sql, params = compiler.compile(self.lhs)
        return f"f_plain({sql})", params


CharField.register_lookup(Plain)
TextField.register_lookup(Plain)


def plain(text: str) -> str:
    """Return a text without accents, in lower case, with plain signs and single spaces."""
    lowered = unicodedata.normalize("NFD", text.lower().translate(_SIGNS))
    return re.sub(r"\s+", " ", "".join(c for c in lowered if not unicodedata.combining(c))).strip()
