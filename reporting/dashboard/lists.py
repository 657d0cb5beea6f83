"""The list behind each figure of the dashboard: the figure is the total of its rows."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import F, QuerySet

from actions.models import Axis
from arml.models import zone_of
from conventions.enums import ConventionState
from reporting.enums import ReportState

from .board import Selection, reports_in
from .late import days_late


@dataclass(frozen=True)
class FigureList:
    """The rows behind a figure: `queryset` gives dicts (see `_flat`); `label` is the heading of their column `what`."""

    title: str
    queryset: QuerySet[Any, dict[str, Any]]
    has_amount: bool
    label: str
    dated: bool = False  # its rows are late: year, legal day, days since


def figure_list(selection: Selection, measure: str, *, state: str = "", axis: Axis | None = None) -> FigureList:
    """The list behind a figure; `measure`: conventions, montants, axes, rapports, retards."""
    if measure == "montants":
        title = f"Contribution de l’État en {selection.year}, conventions signées"
        contributions = selection.contributions().filter(year=selection.year)
        return FigureList(title, _flat(contributions, "act__convention", F("line"), F("amount")), True, "Ligne")
    if measure == "axes" and axis is not None:
        title = f"Contribution de l’État en {selection.year}, {selection.cycle.axis_label.lower()} {axis.number}"
        resources = selection.state_resources().filter(year=selection.year, sheet__axis=axis)
        return FigureList(
            title, _flat(resources, "programme__act__convention", F("sheet__code"), F("amount")), True, "Fiche"
        )
    if measure == "rapports":
        adjectives = {"received": "reçus", "admissible": "recevables", "late": "en retard"}
        title = f"Comptes rendus {selection.year} {adjectives.get(state, 'attendus')}"
        late = {"legal_day": F("current_due"), "zone": zone_of("convention__dossier")} if state == "late" else {}
        rows = _flat(reports_in(selection, state), "convention", F("state"), None, "year", **late)
        return FigureList(title, rows, False, "État", dated=bool(late))
    if measure == "retards":
        zone = zone_of("convention__dossier")
        rows = _flat(selection.late(), "convention", F("rule__label"), None, "year", legal_day=F("due_on"), zone=zone)
        return FigureList("Échéances en retard", rows, False, "Échéance", dated=True)
    conventions = selection.conventions()
    if state in ConventionState.values:
        conventions = conventions.filter(state=state)
        title = f"Conventions : {ConventionState(state).label.lower()}"
    else:
        title = "Conventions"
    return FigureList(title, _flat(conventions, "", F("state"), None), False, "État")


def _flat(
    queryset: QuerySet[Any], path: str, label: Any, amount: Any, *names: str, **more: Any
) -> QuerySet[Any, dict[str, Any]]:
    prefix = f"{path}__" if path else ""
    columns: dict[str, Any] = {
        "convention_number": F(f"{prefix}number"),
        "arml_name": F(f"{prefix}dossier__beneficiary__short_name"),
        "service_name": F(f"{prefix}dossier__lead__short_name"),
        "what": label,
    }
    if amount is not None:
        columns["euros"] = amount
    return queryset.order_by(f"{prefix}dossier__beneficiary__sort_name", f"{prefix}number", "pk").values(
        *names, **columns, **more
    )


LABELS: dict[str, str] = {
    **dict(ConventionState.choices),
    **dict(ReportState.choices),
    "socle": "socle",
    "complementaire": "complémentaire",
    "specifique": "spécifique",
}


def with_labels(lines: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Replace the codes of a list by their labels; count the days of what is late."""
    return [
        {**line, "what": LABELS.get(line["what"], line["what"])}
        | ({"days": days_late(line["legal_day"], line["zone"])} if line.get("legal_day") else {})
        for line in lines
    ]
