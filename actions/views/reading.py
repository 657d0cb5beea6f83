"""A fiche as text: on its own page, and on the page to print."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString, mark_safe

from actions.forms.sheets import SHEET_PARTS
from actions.models import Sheet, SheetIndicator, Target
from actions.rows import SheetRows
from actions.services import SHEET_TABLES
from actions.spreadsheet.differences import words
from actions.tables import account_rows, year_sums
from actions.targets import target_words
from cpo.lib.wording.typography import html_value

IN_HEADING = {"axis", "code", "title", "last_year"}
LONG = {
    "context",
    "objectives",
    "description",
    "steps",
    "audience",
    "partners",
    "milestones",
    "human_means",
    "material_means",
    "deliverables",
    "evaluation_method",
    "priorities",
}
# Texts of which each line is an item.
LISTS = {"objectives", "steps", "audience", "partners", "milestones", "human_means", "deliverables", "priorities"}


@dataclass(frozen=True)
class Fact:
    """A field or a table of a fiche, as text, with the number of its open exchanges, None for a reader outside them."""

    name: str
    label: str
    text: str
    exchanges: int | None

    @property
    def html(self) -> SafeString:
        """The text as paper and DOCX give it: prose in its paragraphs and lines, a list as a list."""
        lines = [line.strip() for line in self.text.splitlines() if line.strip()]
        return mark_safe(html_value(lines if self.name in LISTS else self.text))  # it escapes

    @property
    def plain_label(self) -> str:
        return str(Sheet._meta.get_field(self.name).verbose_name)


def read_sheet(rows: SheetRows, open_exchanges: dict[str, int] | None = None) -> dict[str, Any]:
    """Return the context to show a fiche; `open_exchanges`: their number by field, None for a reader outside them."""
    years, expenses, resources = rows.sheet.years, rows.expenses, rows.resources
    return {
        "years": years,
        "parts": read_parts(rows, open_exchanges),
        "tables": {
            name: Fact(name, label.capitalize(), "", None if open_exchanges is None else open_exchanges.get(name, 0))
            for name, label in SHEET_TABLES.items()
        },
        "indicators": [_indicator_row(row, targets, years) for row, targets in rows.indicators],
        "in_kind": [row for row in account_rows([*expenses, *resources], years) if row.in_kind],
        "expense_rows": account_rows(expenses, years),
        "resource_rows": account_rows(resources, years),
        "sums": year_sums(expenses, resources, years),
    }


def read_parts(rows: SheetRows, open_exchanges: dict[str, int] | None = None) -> list[dict[str, Any]]:
    """Return the texts of a fiche, part by part, as labels and words."""
    parts = []
    for anchor, title, names in SHEET_PARTS:
        facts = [
            Fact(
                name,
                _label(name),
                read_field(rows, name),
                None if open_exchanges is None else open_exchanges.get(name, 0),
            )
            for name in names
            if name not in IN_HEADING
        ]
        parts.append(
            {
                "anchor": anchor,
                "title": title,
                "short": [fact for fact in facts if fact.text and fact.name not in LONG],
                "long": [fact for fact in facts if fact.text and fact.name in LONG],
                "blank": [fact for fact in facts if not fact.text],
            }
        )
    return parts


def _label(name: str) -> str:
    label = "années" if name == "first_year" else str(Sheet._meta.get_field(name).verbose_name)
    return label[:1].upper() + label[1:]


def read_field(rows: SheetRows, name: str) -> str:
    sheet = rows.sheet
    if name == "functions":
        return words(rows.functions)
    if name == "nature":
        return str(sheet.get_nature_display()).capitalize()
    if name == "first_year":
        return ", ".join(str(year) for year in sheet.years)
    return words(getattr(sheet, name))


def _indicator_row(indicator: SheetIndicator, targets: Sequence[Target], years: list[int]) -> dict[str, Any]:
    by_year = {target.year: target for target in targets}
    texts = [target_words(by_year[year], spoken=True) if year in by_year else "" for year in years]
    return {"indicator": indicator, "targets": texts}
