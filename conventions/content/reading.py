"""A frozen content prepared for a page: articles in HTML, fiches field by field, amounts. No table is read."""

from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString, mark_safe

from conventions.content.comparison.amounts import AmountTable, tables_of
from conventions.content.comparison.contents import article_title
from conventions.content.comparison.fields import sheet_fields
from conventions.text.wording import Wording


@dataclass(frozen=True)
class ReadArticle:
    key: str
    title: str
    html: SafeString
    departure: bool
    reason: str


@dataclass(frozen=True)
class ReadSheet:
    key: str
    title: str
    rows: list[tuple[str, str]]


@dataclass(frozen=True)
class ReadContent:
    articles: list[ReadArticle]
    sheets: list[ReadSheet]
    tables: list[AmountTable]
    parties: list[dict[str, Any]]


def read(content: dict[str, Any], *, on_paper: bool = False) -> ReadContent:
    """`on_paper`: the convention was signed before the application, which holds only the articles changed since."""
    wording = Wording(values=content["values"], variants=content["variants"])
    return ReadContent(
        articles=[
            ReadArticle(
                row["key"], article_title(row), mark_safe(wording.html(row["body"])), row["departure"], row["reason"]
            )
            for row in content["articles"]
            if row["included"] and (row["departure"] or not on_paper)
        ],
        sheets=[
            ReadSheet(
                row["key"],
                f"{row['code']} – {row['title']}",
                [(label, str(value)) for label, value in sheet_fields(row).items() if value],
            )
            for row in content["sheets"]
        ],
        tables=tables_of(content),
        parties=content["parties"],
    )
