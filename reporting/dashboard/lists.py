"""The list behind each figure of the dashboard: the figure is the total of its rows."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import F, QuerySet

from actions.models import Axis, IndicatorDefinition
from arml.models import zone_of
from conventions.enums import ConventionState
from reporting.content.aggregation import Aggregate
from reporting.enums import ReportState
from reporting.permissions import PUBLISHED

from .board import Selection, reports_in
from .indicators import OF_VALUE, asked, found, sign, total
from .late import days_late


@dataclass(frozen=True)
class FigureList:
    """The rows behind a figure: `queryset` gives dicts (see `_flat`); `label` is the heading of their column `what`."""

    title: str
    queryset: QuerySet[Any, dict[str, Any]]
    has_amount: bool
    label: str
    dated: bool = False  # its rows are late: year, legal day, days since
    measured: bool = False  # its rows are values of a national indicator
    definition: IndicatorDefinition | None = None  # the one whose values add up

    @property
    def unit(self) -> str:
        return sign(self.definition.unit) if self.definition else ""

    def aggregate(self, year: int) -> Aggregate | None:
        """What the values add up to: no total of several indicators."""
        if self.definition is None:
            return None
        return total(year, self.definition.aggregation, self.definition.unit, self.queryset)


def figure_list(
    selection: Selection, measure: str, *, state: str = "", axis: Axis | None = None, indicator: int | None = None
) -> FigureList:
    """The list behind a figure; `measure`: conventions, montants, axes, rapports, retards, indicateurs."""
    if measure == "indicateurs":
        return _values(selection, found(selection, indicator))
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


def _values(selection: Selection, definition: IndicatorDefinition | None) -> FigureList:
    """The values of a national indicator, or of all of them."""
    title = f"{definition.label}, {selection.year}" if definition else f"Indicateurs nationaux {selection.year}"
    columns = ("report__state", "report__convention", "of_label", "of_unit", *(f"said_{name}" for name in OF_VALUE))
    rows = _flat(asked(selection, definition), "report__convention", F("sheet__code"), None, *columns)
    return FigureList(title, rows, False, "Fiche", measured=True, definition=definition)


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
        | ({"said": _said(line), "sign": sign(line["of_unit"])} if "said_number" in line else {})
        for line in lines
    ]


def _said(line: dict[str, Any]) -> str:
    """What stands where a value has no number: each of the reasons is another one."""
    if line["report__state"] not in PUBLISHED:
        return "compte rendu pas encore recevable"
    if line["said_not_applicable"]:
        return "sans objet"
    return line["said_text"] or ("non renseigné" if line["said_number"] is None else "")
