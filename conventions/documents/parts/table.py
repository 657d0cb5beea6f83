"""Tables of a printed document, and their HTML.

Headings are simple (one row, one column), so that a screen reader gives the right headings of each cell. Merged
headings do not guarantee it. A column of amounts is as wide as its longest amount: none is ever cut.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from html import unescape

from django.template.loader import get_template
from django.utils.safestring import SafeString, mark_safe

from cpo.lib.wording import french
from cpo.lib.wording.typography import html_text

AMOUNT, TARGET = "montant", "cible"  # columns whose width follows their cells
PAGE = 170.0  # millimetres between the margins
WIDTHS = {"etroite": 20.0, "date": 32.0, "large": 45.0}  # as in layout/pdf.css, in millimetres
LABEL = 45.0  # what the columns of text need at least, in millimetres
# Of a table as usual, and of a dense one (layout/pdf.css): size of an em and padding of a cell, in millimetres.
USUAL, DENSE = (3.0, 3.3), (2.54, 1.7)
_NARROWEST = {USUAL: 19.0, DENSE: 15.2}
_WIDEST_TARGET = 34.0


@dataclass(frozen=True)
class Column:
    """`width` is a class of layout/pdf.css (etroite, montant, large); an empty one takes the remaining width.

    `size`, in millimetres, is that of a column of amounts in a table.
    """

    label: str
    numeric: bool = False
    width: str = ""
    size: float = 0.0

    @property
    def col(self) -> SafeString:
        """The element that gives the column its width."""
        if self.size:
            return SafeString(f'<col style="width:{self.size:.1f}mm">')
        return SafeString(f'<col class="{self.width}">' if self.width else "<col>")

    @property
    def cells(self) -> str:
        """The class of the cells: figures on the right, amounts in one piece."""
        return "n somme" if self.width == AMOUNT else "n" if self.numeric else ""


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
    columns, style = _fitted(columns, table_rows, style)
    return Table(text(caption), columns, table_rows, style, text(note) if note else None)


def label_width(columns: Sequence[Column]) -> float:
    """What is left to the columns of text once the others have their width, in millimetres."""
    return PAGE - sum(column.size or WIDTHS.get(column.width, 0.0) for column in columns)


def _fitted(columns: Sequence[Column], rows: Sequence[Row], style: str) -> tuple[Sequence[Column], str]:
    """Give each column of amounts the width of its longest amount; a table that lacks room becomes dense."""
    if not any(column.width in (AMOUNT, TARGET) for column in columns):
        return columns, style
    dense = "dense" in style.split()
    sized = _sized(columns, rows, DENSE if dense else USUAL)
    if not dense and label_width(sized) < LABEL:
        return _sized(columns, rows, DENSE), f"dense {style}".strip()
    return sized, style


def _sized(columns: Sequence[Column], rows: Sequence[Row], measure: tuple[float, float]) -> list[Column]:
    em, padding = measure
    longest = [0.0] * len(columns)
    for row in rows:
        for rank, cell in enumerate(row.cells, start=1):
            longest[rank] = max([longest[rank], *map(_ems, _unbroken(columns[rank], cell))])
    sizes = [round(max(_NARROWEST[measure], ems * em + padding), 1) for ems in longest]
    sizes = [
        min(size, _WIDEST_TARGET) if column.width == TARGET else size
        for size, column in zip(sizes, columns, strict=True)
    ]
    return [
        replace(column, size=size) if column.width in (AMOUNT, TARGET) else column
        for size, column in zip(sizes, columns, strict=True)
    ]


def _unbroken(column: Column, cell: str) -> list[str]:
    """What stands on one line in a cell: an amount, or each word of a target."""
    return [cell] if column.width == AMOUNT else unescape(cell).split()


def _ems(text: str) -> float:
    """The width in ems of an amount, or nearly that of a word, in the widest of our fonts: Marianne, bold."""
    return sum(0.27 if character in ",.\u00a0’'" else 0.6 for character in text)


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
