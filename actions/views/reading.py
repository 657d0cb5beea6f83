"""A fiche as one reads it: on its own page, and among the others on the page that is printed."""

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
    """A field of a fiche, or one of its tables, as one reads it; `talks`: its open exchanges, None for who takes no
    part in them."""

    name: str
    label: str
    text: str
    talks: int | None

    @property
    def lines(self) -> list[str]:
        return self.text.splitlines()

    @property
    def plain_label(self) -> str:
        return str(Sheet._meta.get_field(self.name).verbose_name)


# In two queries, for one fiche as for all of them.
AMOUNTS = (
    Prefetch("expenses", Expense.objects.select_related("account")),
    Prefetch("resources", Resource.objects.select_related("account")),
)


def read_sheet(sheet: Sheet, talks: dict[str, int] | None = None) -> dict[str, Any]:
    """Everything that is read of a fiche; `talks`: its open exchanges by field, None for who takes no part in them."""
    years = sheet.years
    prefetch_related_objects([sheet], *AMOUNTS)
    expenses, resources = sheet.expenses.all(), sheet.resources.all()
    return {
        "years": years,
        "parts": read_parts(sheet, talks),
        "tables": {
            name: Fact(name, label.capitalize(), "", None if talks is None else talks.get(name, 0))
            for name, label in SHEET_TABLES.items()
        },
        "indicators": [_indicator_row(row, years) for row in sheet.indicators.all()],
        "in_kind": [row for row in account_rows([*expenses, *resources], years) if row.in_kind],
        "expense_rows": account_rows(expenses, years),
        "resource_rows": account_rows(resources, years),
        "sums": year_sums(expenses, resources, years),
    }


def read_parts(sheet: Sheet, talks: dict[str, int] | None = None) -> list[dict[str, Any]]:
    """The texts of a fiche as one reads them: label and words, part by part."""
    found = []
    for anchor, title, names in SHEET_PARTS:
        facts = [
            Fact(name, _label(name), read_field(sheet, name), None if talks is None else talks.get(name, 0))
            for name in names
            if name not in IN_HEADING
        ]
        found.append(
            {
                "anchor": anchor,
                "title": title,
                "short": [fact for fact in facts if fact.text and fact.name not in LONG],
                "long": [fact for fact in facts if fact.text and fact.name in LONG],
                "blank": [fact for fact in facts if not fact.text],
            }
        )
    return found


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
    found = {target.year: target for target in indicator.targets.all()}
    texts = [target_words(found[year], spoken=True) if year in found else "" for year in years]
    return {"indicator": indicator, "targets": texts}
