"""CSV export of any list: UTF-8 with a byte order mark, and semicolons, as a French Excel expects."""

import csv
import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.http import StreamingHttpResponse

from cpo.lib.work.snapshot import from_one_snapshot

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Column:
    """A heading and the source of its values: a path of keys or attributes with dots, or a function of the row."""

    title: str
    source: str | Callable[[Any], Any]

    def value(self, row: Any) -> Any:
        if callable(self.source):
            return self.source(row)
        for name in self.source.split("."):
            row = row.get(name) if isinstance(row, dict) else getattr(row, name, None)
        return row


def cell(value: Any) -> str:
    """Write a value for a French spreadsheet. A text can't become a formula (OWASP, CSV injection).

    Days are in ISO form, instants with the offset of their place, which the column gives (`zones.at`): a file is read
    by programs, and far from the page, after the reader's zone is forgotten.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, Decimal | float):
        return str(value).replace(".", ",")
    if isinstance(value, dt.datetime):
        if not isinstance(value.tzinfo, ZoneInfo):
            raise ValueError(f"{value} was put in no place: give it one with zones.at")
        return value.isoformat(timespec="seconds")
    if isinstance(value, dt.date):
        return value.isoformat()
    text = str(value)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


class _Echo:
    def write(self, value: str) -> str:
        return value


def csv_lines(columns: list[Column], rows: Iterable[Any]) -> Iterator[str]:
    writer = csv.writer(_Echo(), delimiter=";")
    yield "\ufeff" + writer.writerow([column.title for column in columns])
    for row in rows:
        yield writer.writerow([cell(column.value(row)) for column in columns])


def csv_response(name: str, columns: list[Column], rows: Iterable[Any]) -> StreamingHttpResponse:
    """Stream a list as a file; the caller has filtered the rows by the rights of the person."""
    response = StreamingHttpResponse(
        from_one_snapshot(csv_lines(columns, rows)), content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
