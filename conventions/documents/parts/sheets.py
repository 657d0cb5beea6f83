"""The fiches actions and indicators of a version: annexe I, annexe III."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import TextChoices
from django.template.loader import get_template
from django.utils.safestring import SafeString, mark_safe

from actions.enums import SheetNature, Unit
from conventions.content.held import in_words
from conventions.money.eligible import cash, eligible_lines
from cpo.lib.wording import french
from cpo.lib.wording.typography import html_text, html_value, long_date

from . import budgets
from .table import Column, Table, amount_cells, amount_columns, make_table

Content = Mapping[str, Any]

NOT_APPLICABLE = "sans objet"


@dataclass(frozen=True)
class SheetView:
    """A fiche as `conventions/pdf/_fiche.html` prints it; `axis_line` names its axis and objective."""

    heading: SafeString
    axis_line: SafeString
    fields: Sequence[tuple[str, SafeString]]
    tables: Sequence[Table]


def sheets_html(content: Content) -> str:
    """Every fiche, in the order of the axes and codes, each on a page of its own."""
    template = get_template("conventions/pdf/_fiche.html")
    axes = [axis["number"] for axis in content["axes"]]
    ordered = sorted(content["sheets"], key=lambda sheet: (axes.index(sheet["axis"]), sheet["code"]))
    return "".join(template.render({"sheet": sheet_view(sheet, content)}) for sheet in ordered)


def sheet_view(sheet: Content, content: Content) -> SheetView:
    sheet = in_words(sheet, content)
    axis = next(axis for axis in content["axes"] if axis["number"] == sheet["axis"])
    objective = next((goal for goal in axis["objectives"] if goal["number"] == sheet.get("objective")), None)
    axis_line = (
        f"{content['cycle'].get('axis_label') or 'Axe'} {axis['number']} : {axis.get('short_label') or axis['label']}"
    )
    if objective:
        axis_line += f" · objectif {objective['number']} : {french.lower_first(objective['label'])}"
    heading = f"Fiche {sheet['code']} – {sheet['title']}"
    return SheetView(_safe(html_text(heading)), _safe(html_text(axis_line)), _fields(sheet), _tables(sheet, content))


def _fields(sheet: Content) -> list[tuple[str, SafeString]]:
    pilot = ", ".join(part for part in (sheet.get("pilot_name"), sheet.get("pilot_role")) if part)
    candidates: list[tuple[str, Any]] = [
        ("Nature", _label(SheetNature, sheet.get("nature")).capitalize()),
        ("Période", _period(sheet)),
        ("Pilote", pilot),
        ("Fonctions", sheet.get("functions")),
        ("Contexte", sheet.get("context")),
        ("Objectifs", sheet.get("objectives")),
        ("Description", sheet.get("description")),
        ("Étapes", sheet.get("steps")),
        ("Public", sheet.get("audience")),
        ("Territoire", sheet.get("territory")),
        ("Partenaires", sheet.get("partners")),
        ("Moyens humains", _human_means(sheet)),
        ("Moyens matériels", sheet.get("material_means")),
        ("Calendrier", _milestones(sheet.get("milestones") or [])),
        ("Livrables", sheet.get("deliverables")),
        ("Évaluation", sheet.get("evaluation_method")),
        ("Priorités", sheet.get("priorities")),
        ("Critère du label", sheet.get("label_criterion")),
    ]
    return [(label, _field(value)) for label, value in candidates if value]


def _field(value: Any) -> SafeString:
    if isinstance(value, str):
        return _safe(html_value(value))
    items = [item.get("label") or item.get("code") if isinstance(item, Mapping) else item for item in value]
    return _safe(html_value(items))


def _period(sheet: Content) -> str:
    if sheet.get("starts_on") and sheet.get("ends_on"):
        return f"du {long_date(sheet['starts_on'])} au {long_date(sheet['ends_on'])}"
    return ", ".join(map(str, sheet.get("years") or []))


def _human_means(sheet: Content) -> list[str]:
    """The people who work on the action, then full-time equivalents: one for each year, or the same for all."""
    means = sheet.get("human_means") or []
    parts = means.splitlines() if isinstance(means, str) else list(means)
    fte = sheet.get("fte") or {}
    if isinstance(fte, Mapping):
        yearly = {year: french.figure(value) for year, value in sorted(fte.items()) if value not in (None, "")}
        same = len(yearly) > 1 and len(set(yearly.values())) == 1
        figures = (
            f"{next(iter(yearly.values()))} par an"
            if same
            else " ; ".join(f"{figure} en {year}" for year, figure in yearly.items())
        )
    else:
        figures = f"{french.figure(fte)} par an"
    return [*(part for part in parts if part.strip()), *([f"ETP : {figures}"] if figures else [])]


def _milestones(value: Mapping[str, str] | Sequence[str]) -> list[str]:
    if isinstance(value, Mapping):
        return [f"{quarter} : {what}" for quarter, what in value.items() if what]
    return list(value)


def _tables(sheet: Content, content: Content) -> list[Table]:
    years = sheet.get("years") or content["cycle"]["years"]
    accounts = budgets.Accounts(content)
    tables = [indicator_table("Indicateurs et cibles", [(None, sheet)], content["cycle"]["years"])]
    resources = sheet.get("resources", [])
    expenses = eligible_lines(sheet)
    if expenses:
        rows = budgets.account_rows(expenses, accounts, years)
        rows.append(("total", "Coût de l'action", amount_cells(budgets.total(expenses), years)))
        tables.append(make_table("Charges de l'action, en euros", amount_columns("Compte", years), rows))
    cash_resources = cash(resources)
    if cash_resources:
        groups = budgets.group_by(
            cash_resources, lambda line: (line["account"], line.get("funder") or accounts.label(line["account"]))
        )
        rows = [
            ("", funder, list(amount_cells(budgets.total(groups[account, funder]), years)))
            for account, funder in sorted(groups, key=lambda key: (accounts.rank(key[0]), key[1]))
        ]
        rows.append(("total", "Total des produits", amount_cells(budgets.total(cash_resources), years)))
        rows += [
            ("detail", f"{accounts.label(root)} (hors total)", list(amount_cells(budgets.total(lines), years)))
            for root, lines in budgets.group_by(
                budgets.in_kind_lines(resources), lambda line: accounts.root(line["account"])
            ).items()
        ]
        tables.append(make_table("Financement de l'action, en euros", amount_columns("Financeur", years), rows))
    return tables


def summary_table(content: Content) -> Table:
    """Annexe I: actions by axis and objective, pilot and years."""
    columns = [Column("Action"), Column("Pilote", width="large"), Column("Années", width="date")]
    rows: list[tuple[str, str, list[Any]]] = []
    label = content["cycle"].get("axis_label") or "Axe"
    for axis in content["axes"]:
        rows.append(("section", f"{label} {axis['number']} : {axis['label']}", []))
        sheets = [sheet for sheet in content["sheets"] if sheet["axis"] == axis["number"]]
        for goal in axis["objectives"]:
            goal_sheets = [sheet for sheet in sheets if sheet.get("objective") == goal["number"]]
            if goal_sheets:
                rows.append(("sous-section", f"{goal['number']} {goal['label']}", []))
                rows += [_summary_row(sheet) for sheet in goal_sheets]
        numbers = {goal["number"] for goal in axis["objectives"]}
        rows += [_summary_row(sheet) for sheet in sheets if sheet.get("objective") not in numbers]
        if not sheets:
            rows.append(("detail", "Aucune action au titre de cet axe", [" ", " "]))
    return make_table("Sommaire des actions", columns, rows)


def _summary_row(sheet: Content) -> tuple[str, str, list[Any]]:
    pilot = sheet.get("pilot_role") or sheet.get("pilot_name")
    years = sheet.get("years") or []
    span = (
        f"{years[0]}-{years[-1]}"
        if len(years) > 1 and years[-1] - years[0] == len(years) - 1
        else ", ".join(map(str, years))
    )
    return "detail", f"{sheet['code']} {sheet['title']}", [pilot, span]


def indicator_table(caption: str, groups: Sequence[tuple[str | None, Content]], years: Sequence[int]) -> Table:
    """The baseline and yearly targets of each indicator; `groups`: pairs of a heading (or None) and a fiche."""
    width = "cible"
    columns = [
        Column("Indicateur"),
        Column("Unité", width="etroite"),
        Column("Départ", numeric=True, width=width),
        *(Column(f"Cible {year}", numeric=True, width=width) for year in years),
    ]
    rows: list[tuple[str, str, list[Any]]] = []
    for heading, sheet in groups:
        if heading:
            rows.append(("section", heading, []))
        for indicator in sheet.get("indicators", []):
            name = f"{indicator.get('code') or ''} {indicator['label']}".strip()
            if indicator.get("national"):
                name += " (national)"
            targets = indicator.get("targets") or {}
            cells = [_target(targets.get(str(year)), year, sheet) for year in years]
            unit = _label(Unit, indicator.get("unit"))
            rows.append(("", name, [unit, french.figure(indicator.get("baseline")), *cells]))
    return make_table(caption, columns, rows)


def all_indicators(content: Content) -> Table:
    groups = [(f"{sheet['code']} {sheet['title']}", sheet) for sheet in content["sheets"]]
    return indicator_table("Indicateurs, valeurs de départ et cibles", groups, content["cycle"]["years"])


def _target(target: Mapping[str, Any] | None, year: int, sheet: Content) -> str:
    if target is None:
        return NOT_APPLICABLE if year not in (sheet.get("years") or [year]) else ""
    if target.get("not_applicable"):
        return NOT_APPLICABLE
    return french.figure(target.get("value")) or str(target.get("text") or "")


def _label(choices: type[TextChoices], value: str | None) -> str:
    return str(choices(value).label) if value in choices.values else value or ""


def _safe(html: str) -> SafeString:
    return mark_safe(html)  # built from html_text, which escapes
