"""What is stored beside what a workbook says: a programme can say itself as a flat « label → words »."""

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


def flat_lines(lines: Iterable[AmountLine]) -> Flat:
    found: Flat = {}
    for line in lines:
        name = (
            f"{line.account}, {line.funder}" if line.funder and line.funder != line.account.label else str(line.account)
        )
        for year, amount in line.amounts.items():
            if amount:
                found[f"{name} : {year}"] = french.euros(amount)
    return found


def flat_indicators(rows: list[IndicatorData]) -> Flat:
    """Label of each value → its words, for the comparison of what is stored and what was typed."""
    found: Flat = {}
    for row in rows:
        found[row.label] = f"{Unit(row.unit).label}, {Direction(row.direction).label}"
        found[f"{row.label} : définition"] = row.definition
        found[f"{row.label} : source"] = row.source
        found[f"{row.label} : référence"] = row.baseline
        for year, target in row.targets.items():
            found[f"{row.label} : cible {year}"] = target_words(target, spoken=True)
    return found
