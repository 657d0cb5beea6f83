"""Marks of a value that nobody has settled yet: « (à vérifier) », « (fictif) », « [à compléter : …] ».

They have their place in a draft. No document is opened to signature with one of them.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from .variables import VARIABLES

_WORDS = "à vérifier|à compléter|à préciser|fictifs?|fictives?"
_BRACKETED = re.compile(rf"[(\[]\s*(?:{_WORDS})\b", re.IGNORECASE)
_BARE = re.compile(r"\b(?:à vérifier|à compléter|à préciser)\b", re.IGNORECASE)
CODE = 60  # a value of no more characters is a code or a name; a longer one may say « à compléter » in a sentence


class Mark(NamedTuple):
    """Where a mark stands: `kind` is « value », « article » or « sheet », `key` names it there."""

    kind: str
    key: str
    label: str


def marked(text: str) -> bool:
    """Whether a text holds a mark. The no-break spaces of the typography count as spaces."""
    plain = re.sub(r"\s+", " ", text)
    return bool(_BRACKETED.search(plain) or (len(plain) <= CODE and _BARE.search(plain)))


def marks(content: Mapping[str, Any]) -> Iterator[Mark]:
    """List the marks of what a content prints: values of variables, articles, fiches."""
    for name, value in content["values"].items():
        texts = value if isinstance(value, list) else [value]
        if name in VARIABLES and any(marked(text) for text in texts):
            yield Mark("value", name, VARIABLES[name].label)
    for article in content["articles"]:
        if article["included"] and _BRACKETED.search(article["body"]):
            yield Mark("article", article["key"], article["title"])
    for sheet in content["sheets"]:
        if any(_BRACKETED.search(text) for text in texts_below(sheet)):
            yield Mark("sheet", sheet["key"], f"fiche {sheet['code']}")


def texts_below(value: Any) -> Iterator[str]:
    """All the texts below a value of a content."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from texts_below(one)
    elif isinstance(value, list):
        for one in value:
            yield from texts_below(one)
