"""The fiches of an act, with their indicators, targets and amounts, as plain data of its content."""

from decimal import Decimal
from typing import Any

from django.db.models import Prefetch

from actions.models import Programme, Sheet, SheetIndicator
from actions.retained import retain
from conventions.models import Act


def iso(day: Any) -> str | None:
    return day.isoformat() if day else None


def sheets_of(act: Act) -> list[Sheet]:
    sheets = list(
        act.programme.sheets.select_related("axis", "objective").prefetch_related(
            "functions",
            Prefetch(
                "indicators",
                SheetIndicator.objects.select_related("definition_from").prefetch_related("targets"),
            ),
        )
    )
    retain(act.programme, [row.definition_from for sheet in sheets for row in sheet.indicators.all()])
    return sheets


# A programme may have a thousand lines: values are read, in the order of the arguments of the functions below.
EXPENSE = ("sheet_id", "account__code", "year", "amount")
RESOURCE = ("sheet_id", "account__code", "funder", "year", "amount")


def functions_of(programme: Programme, sheets: list[Sheet]) -> list[dict[str, str]]:
    """The functions of the « cadre de référence » that the fiches name by their codes."""
    functions = {function.pk: function for sheet in sheets for function in sheet.functions.all()}
    rows = retain(programme, functions.values())
    return [{"code": row.code, "label": row.label} for row in sorted(rows, key=lambda row: row.code)]


def expense_row(sheet: int | None, account: str, year: int, amount: Decimal) -> dict[str, Any]:
    return {"sheet": sheet, "line": {"account": account, "year": year, "amount": str(amount)}}


def resource_row(sheet: int | None, account: str, funder: str, year: int, amount: Decimal) -> dict[str, Any]:
    return {"sheet": sheet, "line": {"account": account, "funder": funder, "year": year, "amount": str(amount)}}


def sheet_row(sheet: Sheet, expenses: list[dict[str, Any]], resources: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "key": str(sheet.key),
        "code": sheet.code,
        "title": sheet.title,
        "axis": sheet.axis.number,
        "objective": sheet.objective.number if sheet.objective else "",
        "functions": [function.code for function in sheet.functions.all()],
        "nature": sheet.nature,
        "nature_label": sheet.get_nature_display(),
        "years": sheet.years,
        "context": sheet.context,
        "objectives": _lines(sheet.objectives),
        "description": sheet.description,
        "steps": _lines(sheet.steps),
        "audience": _lines(sheet.audience),
        "territory": sheet.territory,
        "partners": _lines(sheet.partners),
        "human_means": sheet.human_means,
        "fte": str(sheet.fte) if sheet.fte is not None else "",
        "material_means": sheet.material_means,
        "starts_on": iso(sheet.starts_on),
        "ends_on": iso(sheet.ends_on),
        "milestones": _lines(sheet.milestones),
        "deliverables": _lines(sheet.deliverables),
        "evaluation_method": sheet.evaluation_method,
        "pilot_name": sheet.pilot_name,
        "pilot_role": sheet.pilot_role,
        "priorities": _lines(sheet.priorities),
        "label_criterion": sheet.label_criterion,
        "indicators": [_indicator(indicator) for indicator in sheet.indicators.all()],
        "expenses": [row["line"] for row in expenses if row["sheet"] == sheet.pk],
        "resources": [row["line"] for row in resources if row["sheet"] == sheet.pk],
    }


def _indicator(indicator: SheetIndicator) -> dict[str, Any]:
    return {
        "key": str(indicator.key),
        "code": indicator.definition_from.code if indicator.definition_from else "",
        "national": indicator.is_national,
        "label": indicator.label,
        "definition": indicator.definition,
        "unit": indicator.unit,
        "type": indicator.type,
        "direction": indicator.direction,
        "direction_label": indicator.get_direction_display(),
        "source": indicator.source,
        "baseline": indicator.baseline,
        "targets": {str(target.year): _target(target) for target in indicator.targets.all()},
    }


def _target(target: Any) -> dict[str, Any]:
    if target.not_applicable:
        return {"not_applicable": True}
    return {"value": str(target.number)} if target.number is not None else {"text": target.text}


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]
