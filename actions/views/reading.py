"""A fiche as text: on its own page, and on the page to print."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch, prefetch_related_objects

from actions.forms.sheets import SHEET_PARTS
from actions.models import Expense, Resource, Sheet, SheetIndicator
from actions.services import SHEET_TABLES
from actions.spreadsheet.differences import words
from actions.tables import account_rows, year_sums
from actions.targets import target_words

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


@dataclass(frozen=True)
class Fact:
    """A field or a table of a fiche, as text, with the number of its open exchanges, None for a reader outside them."""

    name: str
    label: str
    text: str
    exchanges: int | None

    @property
    def lines(self) -> list[str]:
        return self.text.splitlines()

    @property
    def plain_label(self) -> str:
        return str(Sheet._meta.get_field(self.name).verbose_name)


# Two queries, for one fiche or for all.
AMOUNTS = (
    Prefetch("expenses", Expense.objects.select_related("account")),
    Prefetch("resources", Resource.objects.select_related("account")),
)


def read_sheet(sheet: Sheet, open_exchanges: dict[str, int] | None = None) -> dict[str, Any]:
    """Return the context to show a fiche; `open_exchanges`: their number by field, None for a reader outside them."""
    years = sheet.years
    prefetch_related_objects([sheet], *AMOUNTS)
    expenses, resources = sheet.expenses.all(), sheet.resources.all()
    return {
        "years": years,
        "parts": read_parts(sheet, open_exchanges),
        "tables": {
            name: Fact(name, label.capitalize(), "", None if open_exchanges is None else open_exchanges.get(name, 0))
            for name, label in SHEET_TABLES.items()
        },
        "indicators": [_indicator_row(row, years) for row in sheet.indicators.all()],
        "in_kind": [row for row in account_rows([*expenses, *resources], years) if row.in_kind],
        "expense_rows": account_rows(expenses, years),
        "resource_rows": account_rows(resources, years),
        "sums": year_sums(expenses, resources, years),
    }


def read_parts(sheet: Sheet, open_exchanges: dict[str, int] | None = None) -> list[dict[str, Any]]:
    """Return the texts of a fiche, part by part, as labels and words."""
    parts = []
    for anchor, title, names in SHEET_PARTS:
        facts = [
            Fact(
                name,
                _label(name),
                read_field(sheet, name),
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


def read_field(sheet: Sheet, name: str) -> str:
    if name == "functions":
        return words(sheet.functions.all())
    if name == "nature":
        return str(sheet.get_nature_display()).capitalize()
    if name == "first_year":
        return ", ".join(str(year) for year in sheet.years)
    return words(getattr(sheet, name))


def _indicator_row(indicator: SheetIndicator, years: list[int]) -> dict[str, Any]:
    by_year = {target.year: target for target in indicator.targets.all()}
    texts = [target_words(by_year[year], spoken=True) if year in by_year else "" for year in years]
    return {"indicator": indicator, "targets": texts}
