"""Tables of a printed document, and their HTML.

Headings are simple (one row, one column), so that a screen reader gives the right headings of each cell. Merged
headings do not guarantee it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.template.loader import get_template
from django.utils.safestring import SafeString, mark_safe

from cpo.lib.wording import french
from cpo.lib.wording.typography import html_text


@dataclass(frozen=True)
class Column:
    """`width` is a class of layout/pdf.css (etroite, montant, large); an empty one takes the remaining width."""

    label: str
    numeric: bool = False
    width: str = ""


@dataclass(frozen=True)
class Row:
    """`kind`: empty, section, sous-section (headings over rows), detail, sous-total, total. Texts are HTML."""

    head: SafeString
    cells: Sequence[SafeString] = ()
    kind: str = ""
    columns: Sequence[Column] = ()

    @property
    def spans(self) -> bool:
        return self.kind in ("section", "sous-section")

    @property
    def pairs(self) -> Iterable[tuple[Column, SafeString]]:
        return zip(self.columns[1:], self.cells, strict=True)


@dataclass(frozen=True)
class Table:
    caption: SafeString
    columns: Sequence[Column]
    rows: Sequence[Row]
    style: str = ""
    note: SafeString | None = None

    def html(self) -> str:
        return get_template("conventions/pdf/_table.html").render({"table": self})


def text(value: object) -> SafeString:
    """HTML of one line of plain text; a dash without text."""
    return mark_safe(html_text(value)) if value not in (None, "") else SafeString(french.NOTHING)


def money(value: Decimal | None) -> SafeString:
    """An amount without « € » (captions say « en euros »); a dash without amount, so that it is not read as zero."""
    return SafeString(french.euros(value).removesuffix("\u00a0€"))


def make_table(
    caption: str,
    columns: Sequence[Column],
    rows: Iterable[tuple[str, str, Sequence[object]]],
    *,
    style: str = "",
    note: str = "",
) -> Table:
    """Table from (kind, head, cells). A Decimal is an amount, a SafeString is HTML, anything else is plain text."""
    table_rows = [
        Row(
            head=head if isinstance(head, SafeString) else text(head),
            cells=[_cell(cell) for cell in cells],
            kind=kind,
            columns=columns,
        )
        for kind, head, cells in rows
    ]
    return Table(text(caption), columns, table_rows, style, text(note) if note else None)


def _cell(cell: object) -> SafeString:
    if isinstance(cell, SafeString):
        return cell
    return money(cell) if isinstance(cell, Decimal) else text(cell)


def amount_columns(first: str, years: Sequence[int]) -> list[Column]:
    """A column of labels, a column of amounts for each year, and a column for their total."""
    return [
        Column(first),
        *(Column(str(year), numeric=True, width="montant") for year in years),
        *([Column("Total", numeric=True, width="montant")] if len(years) > 1 else []),
    ]


def amount_cells(by_year: dict[int, Decimal], years: Sequence[int]) -> list[Decimal | None]:
    """Amounts of `years` and their total, in the order of `amount_columns`."""
    cells: list[Decimal | None] = [by_year.get(year) for year in years]
    if len(years) > 1:
        cells.append(sum((by_year.get(year, Decimal(0)) for year in years), Decimal(0)))
    return cells
