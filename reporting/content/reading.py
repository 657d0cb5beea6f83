"""A frozen content as the pages of a sending show it. No table is read."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from actions.models import Account
from reporting import figures
from reporting.content.freeze import Content


@dataclass
class ReadSheet:
    """A fiche's part: its content, and its charges with their total."""

    content: Content
    total: figures.Sum


def sheets(content: Content) -> list[ReadSheet]:
    return [ReadSheet(sheet, _sum(sheet["expenses"])) for sheet in content["sheets"]]


def finance(content: Content) -> figures.Finance:
    part = content["finance"]
    return figures.Finance(*(_sum(part[name]) for name in ("expenses", "resources", "uses", "sources")))


def attachments(content: Content, *, confidential: bool) -> list[Content]:
    """The documents that were joined; those of a confidential type only for who opens them."""
    return [row for row in content["attachments"] if confidential or not row["confidential"]]


def lines(rows: list[Content]) -> list[figures.Line]:
    return [_line(row) for row in rows]


def _sum(rows: list[Content]) -> figures.Sum:
    return figures.Sum(lines(rows))


def _line(row: dict[str, Any]) -> figures.Line:
    return figures.Line(
        Account(code=row["account"], label=row["label"], kind=row["kind"]),
        row["funder"],
        Decimal(row["forecast"]),
        None if row["actual"] is None else Decimal(row["actual"]),
        row["comment"],
    )
