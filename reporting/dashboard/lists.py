"""The list behind each figure of the dashboard: rows that add up to it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import F, QuerySet

from actions.models import Axis
from conventions.enums import ConventionState
from reporting.enums import ReportState

from .board import Scope, reports_in


@dataclass(frozen=True)
class ListOf:
    """The rows that add up to a figure: `queryset` of dicts number, arml, service, label, amount; `has_amount`."""

    title: str
    queryset: QuerySet[Any, dict[str, Any]]
    has_amount: bool
    label: str


def rows(scope: Scope, measure: str, *, state: str = "", axis: Axis | None = None) -> ListOf:
    """Return the list behind a figure: measures conventions, montants, axes, rapports, retards."""
    if measure == "montants":
        title = f"Contribution de l’État en {scope.year}, conventions signées"
        contributions = scope.contributions().filter(year=scope.year)
        return ListOf(title, _flat(contributions, "act__convention", F("line"), F("amount")), True, "Ligne")
    if measure == "axes" and axis is not None:
        title = f"Contribution de l’État en {scope.year}, {scope.cycle.axis_label.lower()} {axis.number}"
        found = scope.state_resources().filter(year=scope.year, sheet__axis=axis)
        return ListOf(title, _flat(found, "programme__act__convention", F("sheet__code"), F("amount")), True, "Fiche")
    if measure == "rapports":
        words = {"received": "reçus", "admissible": "recevables", "late": "en retard"}
        title = f"Comptes rendus {scope.year} {words.get(state, 'attendus')}"
        return ListOf(title, _flat(reports_in(scope, state), "convention", F("state"), None), False, "État")
    if measure == "retards":
        return ListOf(
            "Échéances en retard", _flat(scope.late(), "convention", F("rule__label"), None), False, "Échéance"
        )
    found_conventions = scope.conventions()
    if state in ConventionState.values:
        found_conventions = found_conventions.filter(state=state)
        title = f"Conventions : {ConventionState(state).label.lower()}"
    else:
        title = "Conventions"
    return ListOf(title, _flat(found_conventions, "", F("state"), None), False, "État")


def _flat(found: QuerySet[Any], path: str, label: Any, amount: Any) -> QuerySet[Any, dict[str, Any]]:
    prefix = f"{path}__" if path else ""
    columns: dict[str, Any] = {
        "convention_number": F(f"{prefix}number"),
        "arml_name": F(f"{prefix}dossier__beneficiary__short_name"),
        "service_name": F(f"{prefix}dossier__lead__short_name"),
        "what": label,
    }
    if amount is not None:
        columns["euros"] = amount
    return found.order_by(f"{prefix}dossier__beneficiary__sort_name", f"{prefix}number", "pk").values(**columns)


LABELS: dict[str, str] = {
    **dict(ConventionState.choices),
    **dict(ReportState.choices),
    "socle": "socle",
    "complementaire": "complémentaire",
    "specifique": "spécifique",
}


def labelled(lines: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Write the codes of a list in words."""
    return [{**line, "what": LABELS.get(line["what"], line["what"])} for line in lines]
