"""What is stored beside what a workbook says: a programme can say itself as a flat « label → words »."""

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import models

from cpo.lib import french

EMPTY = "non renseigné"
Flat = dict[str, str]  # label of a field → its value in words


@dataclass(frozen=True)
class Difference:
    """One field on which what is stored now and what the person typed differ."""

    label: str
    stored: str
    typed: str


def words(value: Any) -> str:
    """A value as one reads it; empty when nothing is there."""
    if value is None or value == "":
        return ""
    if isinstance(value, dt.date):
        return french.date(value)
    if isinstance(value, Decimal):
        return french.number(value)
    if isinstance(value, models.Model):
        return str(value)
    if isinstance(value, Iterable) and not isinstance(value, str):
        return ", ".join(words(item) for item in value)
    return str(value)


def differences(stored: Mapping[str, str], typed: Mapping[str, str]) -> list[Difference]:
    """Fields that differ, in the order of the form; those that only one side has come too."""
    labels = [*typed, *(label for label in stored if label not in typed)]
    return [
        Difference(label, stored.get(label) or EMPTY, typed.get(label) or EMPTY)
        for label in labels
        if _plain(stored.get(label)) != _plain(typed.get(label))
    ]


def fingerprint(stored: Mapping[str, str]) -> str:
    """Tells whether the element that a page shows changed since: another fiche may change without harm."""
    filled = {label: _plain(text) for label, text in stored.items() if text}
    return hashlib.sha256(json.dumps(filled, sort_keys=True).encode()).hexdigest()[:16]


def _plain(text: str | None) -> str:
    return (text or "").replace("\r\n", "\n").strip()
