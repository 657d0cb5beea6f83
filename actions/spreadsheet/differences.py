"""Compare the stored programme with a workbook: both become a flat mapping « label → words »."""

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import models

from actions.enums import Direction, Unit
from actions.services import AmountLine, IndicatorData
from actions.targets import target_words
from cpo.lib.wording import french

EMPTY = "non renseigné"
Flat = dict[str, str]  # label of a field → its value in words


@dataclass(frozen=True)
class Difference:
    """A field that differs between the stored programme and the workbook."""

    label: str
    current: str
    imported: str


def words(value: Any) -> str:
    """Return a value as text; "" for no value."""
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


def differences(current: Mapping[str, str], imported: Mapping[str, str]) -> list[Difference]:
    """Return the fields that differ, in the order of the form, including those that only one side has."""
    labels = [*imported, *(label for label in current if label not in imported)]
    return [
        Difference(label, current.get(label) or EMPTY, imported.get(label) or EMPTY)
        for label in labels
        if _plain(current.get(label)) != _plain(imported.get(label))
    ]


def fingerprint(flat: Mapping[str, str]) -> str:
    """Return a hash of the content that a page shows, to detect a change."""
    texts = {label: _plain(text) for label, text in flat.items() if text}
    return hashlib.sha256(json.dumps(texts, sort_keys=True).encode()).hexdigest()[:16]


def _plain(text: str | None) -> str:
    return (text or "").replace("\r\n", "\n").strip()


def flat_lines(lines: Iterable[AmountLine]) -> Flat:
    flat: Flat = {}
    for line in lines:
        name = (
            f"{line.account}, {line.funder}" if line.funder and line.funder != line.account.label else str(line.account)
        )
        for year, amount in line.amounts.items():
            if amount:
                flat[f"{name} : {year}"] = french.euros(amount)
    return flat


def flat_indicators(rows: list[IndicatorData]) -> Flat:
    """Map the label of each value to its words."""
    flat: Flat = {}
    for row in rows:
        flat[row.label] = f"{Unit(row.unit).label}, {Direction(row.direction).label}"
        flat[f"{row.label} : définition"] = row.definition
        flat[f"{row.label} : source"] = row.source
        flat[f"{row.label} : référence"] = row.baseline
        for year, target in row.targets.items():
            flat[f"{row.label} : cible {year}"] = target_words(target, spoken=True)
    return flat
