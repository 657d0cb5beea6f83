"""A frozen content prepared for a page: articles in HTML, fiches field by field, amounts. No table is read."""

from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString, mark_safe

from conventions.content.comparison.amounts import AmountTable, tables_of
from conventions.content.comparison.contents import article_title
from conventions.content.comparison.fields import sheet_fields
from conventions.content.held import articles_of, sheets_in_words
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


def read(content: dict[str, Any]) -> ReadContent:
    wording = Wording(values=content["values"], variants=content["variants"])
    return ReadContent(
        articles=[
            ReadArticle(
                row["key"], article_title(row), mark_safe(wording.html(row["body"])), row["departure"], row["reason"]
            )
            for row in articles_of(content)
            if row["included"]
        ],
        sheets=[
            ReadSheet(
                row["key"],
                f"{row['code']} – {row['title']}",
                [(label, str(value)) for label, value in sheet_fields(row).items() if value],
            )
            for row in sheets_in_words(content)
        ],
        tables=tables_of(content),
        parties=content["parties"],
    )
