"""Search and sort French text in one normal form: « L’Œuvre » as « l'oeuvre », É as E, in lower case.

PostgreSQL's `f_plain` and Python's `plain` return the same text (a test compares them). A collation can't do it: the
embedded PostgreSQL has no ICU.
"""

import re
import unicodedata
from typing import Any

from django.db.models import Lookup, TextField, Transform
from django.db.models.fields import CharField

RESEMBLANCE = 0.4  # « Bretgane » and « Bretagne »: 0.44. So are « labelisation » and « valorisation », two other words:
ERRORS = 2  # of letters; two letters in each other's place are two errors

# As in `f_plain` (cpo/lib/migrations/0007_plain_text.py): spaces and quotation marks, apostrophes, dashes; then what
# PostgreSQL's `unaccent` does to the signs of European languages (a property test draws texts from them).
_SIGNS = str.maketrans(
    dict.fromkeys('\u00a0\u202f\u2009«»“”„"', " ")
    | dict.fromkeys("’‘ʼ‛′", "'")
    | dict.fromkeys("\u2010\u2011\u2012–—―\u2212\u00ad", "-")
    | {"œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "đ": "d", "ł": "l", "ð": "d", "þ": "th", "ħ": "h", "ı": "i"}
    | {"ĳ": "ij", "ĸ": "q", "ŀ": "l", "ŉ": "'n", "ŋ": "n", "ŧ": "t", "ſ": "s"}
    | {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"}
    | {"ª": "a", "º": "o", "¼": " 1/4", "½": " 1/2", "¾": " 3/4", "×": "*", "÷": "/", "±": "+/-", "µ": "μ"}
    | {"¡": "!", "¿": "?", "©": "(C)", "®": "(R)", "‖": "||", "‚": ",", "‟": '"', "″": '"', "‹": "<", "›": ">"}
    | {"․": ".", "‥": "..", "…": "...", "‼": "!!", "⁄": "/", "⁅": "[", "⁆": "]", "⁇": "??", "⁈": "?!", "⁉": "!?"}
    | {"⁎": "*"}
)


class Plain(Transform):
    """`name__plain__contains="île"` finds « Île »: the same immutable SQL function applies to both sides."""

    lookup_name = "plain"
    output_field = TextField()
    bilateral = True

    def as_sql(self, compiler: Any, connection: Any, *args: Any, **kwargs: Any) -> tuple[str, Any]:
        sql, params = compiler.compile(self.lhs)
        return f"f_plain({sql})", params


class Searched(Transform):
    """`name__searched__contains=word`: as `plain`, and a hyphen is a space (« Île de France », « île-de-France »)."""

    lookup_name = "searched"
    output_field = TextField()
    bilateral = True

    def as_sql(self, compiler: Any, connection: Any, *args: Any, **kwargs: Any) -> tuple[str, Any]:
        sql, params = compiler.compile(self.lhs)
        return f"translate(f_plain({sql}), '-', ' ')", params


class Resembles(Lookup):  # type: ignore[type-arg]  # Django's own is not generic at run time
    """`name__searched__resembles=word`: a word of the text is this one but for a letter or two.

    pg_trgm leaves few texts, whose words fuzzystrmatch then compares one by one.
    """

    lookup_name = "resembles"

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        text, parameters = self.process_lhs(compiler, connection)
        word, word_parameters = self.process_rhs(compiler, connection)
        near = f"word_similarity({word}, {text}) >= {RESEMBLANCE}"
        words = f"regexp_split_to_table({text}, '[^[:alnum:]]+') AS one"
        # Longer words than the function takes are no words of a language.
        close = f"length(one) < 100 AND levenshtein_less_equal(one, {word}, {ERRORS}) <= {ERRORS}"
        sql = f"(CASE WHEN {near} THEN EXISTS (SELECT 1 FROM {words} WHERE {close}) ELSE false END)"  # noqa: S608
        return sql, (*word_parameters, *parameters, *parameters, *word_parameters)


for field in (CharField, TextField):
    field.register_lookup(Plain)
    field.register_lookup(Searched)
TextField.register_lookup(Resembles)


def plain(text: str) -> str:
    """Return a text without accents, in lower case, with plain signs and single spaces."""
    lowered = unicodedata.normalize("NFD", text.lower().translate(_SIGNS))
    return re.sub(r"\s+", " ", "".join(c for c in lowered if not unicodedata.combining(c))).strip()


def searched(text: str) -> str:
    """The same as the lookup `searched`, in Python."""
    return plain(text).replace("-", " ")
