"""The amounts of a version: sums by account, action, funder and year, and the tables of annexe II."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from actions.enums import STATE_ACCOUNT, in_kind
from conventions.money.eligible import cash, eligible_lines
from cpo.lib.money import share
from cpo.lib.wording import french
from cpo.lib.wording.numbers import whole_number
from cpo.lib.wording.typography import long_date

from .table import Column, Table, amount_cells, amount_columns, label_width, make_table

Content = Mapping[str, Any]
Line = Mapping[str, Any]
ByYear = dict[int, Decimal]


class Accounts:
    """The chart of accounts of a version as a tree: « 64-SOC » is a child of « 64 »."""

    def __init__(self, content: Content) -> None:
        self.order = {account["code"]: rank for rank, account in enumerate(content.get("accounts", []))}
        self._by_code = {account["code"]: account for account in content.get("accounts", [])}

    def root(self, code: str) -> str:
        parent = self._by_code.get(code, {}).get("parent")
        return self.root(parent) if parent else code

    def label(self, code: str) -> str:
        """« 60 – Achats »; only the label for a code that is no account of the chart (« 74-ETAT », « IND »)."""
        label = self._by_code.get(code, {}).get("label") or code
        return f"{code} – {label}" if whole_number(code) is not None and label != code else str(label)

    def rank(self, code: str) -> tuple[int, str]:
        return self.order.get(code, len(self.order)), code


def total(lines: Iterable[Line]) -> ByYear:
    """Sum of lines by year. A year without line is absent, so that it is not printed as zero."""
    sums: ByYear = defaultdict(Decimal)
    for line in lines:
        sums[int(line["year"])] += Decimal(line["amount"])
    return dict(sums)


def group_by(lines: Iterable[Line], key: Any) -> dict[Any, list[Line]]:
    groups: dict[Any, list[Line]] = defaultdict(list)
    for line in lines:
        groups[key(line)].append(line)
    return dict(groups)


def sheet_lines(content: Content, side: str) -> list[Line]:
    """All `expenses` or `resources` of the fiches, without those of the structure, which are not eligible."""
    return [line for sheet in content.get("sheets", []) for line in sheet.get(side, [])]


def in_kind_lines(lines: Iterable[Line]) -> list[Line]:
    return [line for line in lines if in_kind(line["account"])]


def state_share(lines: Iterable[Line]) -> list[Line]:
    return [line for line in lines if line["account"] == STATE_ACCOUNT]


def account_rows(lines: Sequence[Line], accounts: Accounts, years: Sequence[int]) -> list[tuple[str, str, list[Any]]]:
    """A row for each account, with a row for each of its sub-accounts if it has some."""
    rows: list[tuple[str, str, list[Any]]] = []
    roots = group_by(lines, lambda line: accounts.root(line["account"]))
    for root in sorted(roots, key=accounts.rank):
        rows.append(("", accounts.label(root), amount_cells(total(roots[root]), years)))
        details = group_by(roots[root], lambda line: line["account"])
        if set(details) != {root}:
            rows += [
                ("detail", accounts.label(code), amount_cells(total(details[code]), years))
                for code in sorted(details, key=accounts.rank)
            ]
    return rows


def account_tables(content: Content) -> list[Table]:
    """Charges and produits by account and year, then contributions in kind, then the charges of the structure."""
    years, accounts = content["cycle"]["years"], Accounts(content)
    expenses, resources = sheet_lines(content, "expenses"), sheet_lines(content, "resources")
    tables = []
    for caption, lines, label in (
        ("Charges du programme, en euros", expenses, "Total des charges : coût éligible du programme"),
        ("Produits du programme, en euros", resources, "Total des produits"),
    ):
        cash_lines = cash(lines)
        rows = account_rows(cash_lines, accounts, years)
        rows.append(("total", label, amount_cells(total(cash_lines), years)))
        tables.append(make_table(caption, amount_columns("Compte", years), rows))
    kind_rows = [row for lines in (expenses, resources) for row in account_rows(in_kind_lines(lines), accounts, years)]
    if kind_rows:
        caption = "Contributions volontaires en nature, en euros, pour information"
        tables.append(make_table(caption, amount_columns("Compte", years), kind_rows))
    return tables + _global_budget(content, accounts, expenses)


def _global_budget(content: Content, accounts: Accounts, expenses: Sequence[Line]) -> list[Table]:
    structure = cash(content.get("structure", {}).get("expenses", []))
    if not structure:
        return []
    years = content["cycle"]["years"]
    eligible = cash(expenses)
    rows = [
        ("", "Coût éligible du programme", amount_cells(total(eligible), years)),
        ("", "Charges de structure non affectées au programme", amount_cells(total(structure), years)),
        ("total", "Budget global de l'association", amount_cells(total([*eligible, *structure]), years)),
    ]
    return [make_table("Du programme au budget global, en euros", amount_columns("Ensemble", years), rows)]


COST, STATE = "Coût", "État"
NARROWEST_ACTION = 34.0  # millimetres: with less, a table becomes two


def cost_tables(content: Content) -> list[Table]:
    """Cost and State contribution of each action: one table, or one of each when their amounts are too long."""
    both = cost_table(content)
    if label_width(both.columns) >= NARROWEST_ACTION:
        return [both]
    return [
        cost_table(content, "Coût des actions, en euros", (COST,)),
        cost_table(content, "Contribution de l'État aux actions, en euros", (STATE,)),
    ]


def cost_table(
    content: Content,
    caption: str = "Coût et contribution de l'État, en euros",
    shown: Sequence[str] = (COST, STATE),
) -> Table:
    """What `shown` names, for each action, by axis and year."""
    years = content["cycle"]["years"]
    periods = [*(str(year) for year in years), "total"]
    columns = [Column("Action"), *(Column(f"{name} {period}", True, "montant") for period in periods for name in shown)]
    rows: list[tuple[str, str, list[Any]]] = []
    axis_label = content["cycle"].get("axis_label") or "Axe"
    for axis in content["axes"]:
        sheets = [sheet for sheet in content["sheets"] if sheet["axis"] == axis["number"]]
        if sheets:
            rows.append(("section", f"{axis_label} {axis['number']} : {axis.get('short_label') or axis['label']}", []))
            rows += [("", f"{sheet['code']} {sheet['title']}", _costs([sheet], years, shown)) for sheet in sheets]
            rows.append(("sous-total", f"Total {axis_label.lower()} {axis['number']}", _costs(sheets, years, shown)))
    rows.append(("total", "Programme", _costs(content["sheets"], years, shown)))
    cost, state = _costs(content["sheets"], years)[-2:]
    note = f"Part de l'État dans le coût total éligible : {french.percent(share(state, cost))}."
    return make_table(caption, columns, rows, style="dense discret", note=note if STATE in shown else "")


def _costs(sheets: Sequence[Content], years: Sequence[int], shown: Sequence[str] = (COST, STATE)) -> list[Any]:
    """The amounts of each year, then their total, for each of `shown`."""
    sums = {
        COST: total(line for sheet in sheets for line in eligible_lines(sheet)),
        STATE: total(line for sheet in sheets for line in state_share(sheet.get("resources", []))),
    }
    amounts = [sums[name].get(year) for year in years for name in shown]
    return [*amounts, *(sum(sums[name].values(), Decimal(0)) for name in shown)]


def funder_table(content: Content) -> Table:
    """The amounts of each funder by year, for the fiches; the status of each year when it is known."""
    years, accounts = content["cycle"]["years"], Accounts(content)
    lines = cash(sheet_lines(content, "resources"))
    groups = group_by(lines, lambda line: (line["account"], line.get("funder") or accounts.label(line["account"])))
    with_status = any(line.get("status") for line in lines)
    columns = amount_columns("Financeur", years)
    if with_status:
        columns.append(Column("Statut", width="date"))
    rows: list[tuple[str, str, list[Any]]] = []
    for account, funder in sorted(groups, key=lambda key: (accounts.rank(key[0]), key[1])):
        cells: list[Any] = list(amount_cells(total(groups[account, funder]), years))
        rows.append(("", funder, [*cells, _statuses(groups[account, funder])] if with_status else cells))
    whole: list[Any] = list(amount_cells(total(lines), years))
    rows.append(("total", "Total des produits", [*whole, " "] if with_status else whole))
    return make_table("Financements par financeur et par année, en euros", columns, rows, style="discret")


def _statuses(lines: Iterable[Line]) -> str:
    """« acquis 2025, 2026 ; sollicité 2027 »."""
    years = {
        status: sorted({line["year"] for line in status_lines})
        for status, status_lines in group_by(
            (line for line in lines if line.get("status")), lambda line: line["status"]
        ).items()
    }
    return " ; ".join(f"{status} {', '.join(map(str, years[status]))}" for status in years)


def instalment_table(content: Content) -> Table:
    """Payments of the State: condition and expected date, with the total of each year."""
    columns = [
        Column("Versement", width="large"),
        Column("Condition"),
        Column("Date prévue", width="date"),
        Column("Montant", numeric=True, width="montant"),
    ]
    rows: list[tuple[str, str, list[Any]]] = []
    lines = sorted(content.get("instalments", []), key=lambda line: (line["year"], line.get("rank") or 0))
    for year, year_lines in group_by(lines, lambda line: line["year"]).items():
        for line in year_lines:
            label = f"{year}, {line.get('label') or 'versement ' + str(line.get('rank', ''))}"
            rows.append(("", label, [line.get("condition"), long_date(line.get("due_on")), Decimal(line["amount"])]))
        rows.append(("sous-total", f"Total {year}", [" ", " ", total(year_lines)[int(year)]]))
    rows.append(("total", "Ensemble", [" ", " ", sum(total(lines).values(), Decimal(0))]))
    return make_table("Versements de l'État, en euros", columns, rows, style="discret")
