"""A frozen content as rows of a programme, for pages that also show live tables; only `Function` is read."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from django.utils.functional import cached_property

from actions import completeness
from actions.indirect import IndirectCosts
from actions.models import (
    Account,
    Axis,
    Expense,
    Function,
    IndicatorDefinition,
    Objective,
    Resource,
    Sheet,
    SheetIndicator,
    Target,
)
from actions.rows import ProgrammeRows, SheetRows
from cpo.lib.wording.numbers import parse_french_decimal

Json = Mapping[str, Any]


@dataclass
class FrozenRows(ProgrammeRows):
    """The rows of a version. They have no row of their own in the tables: their ids are ranks in the content."""

    source: Json

    frozen = True

    @cached_property
    def axes(self) -> Sequence[Axis]:  # type: ignore[override]
        return [
            Axis(pk=row["number"], number=row["number"], label=row["label"], short_label=row["short_label"])
            for row in self.source["axes"]
        ]

    @cached_property
    def content(self) -> completeness.Content:  # type: ignore[override]
        sheets = list(self._sheets.values())
        indicators = {
            self._sheets[row["key"]].pk: [
                completeness.IndicatorYears(UUID(one["key"]), one["label"], {int(year) for year in one["targets"]})
                for one in row["indicators"]
            ]
            for row in self.source["sheets"]
        }
        return completeness.Content(sheets, indicators, self.sums)

    @property
    def texts(self) -> Iterable[Sheet]:
        return self._sheets.values()

    @cached_property
    def axis_numbers(self) -> Mapping[int, int]:  # type: ignore[override]
        return {rank: row["axis"] for rank, row in enumerate(self.source["sheets"], start=1)}

    @cached_property
    def sheets(self) -> Sequence[SheetRows]:  # type: ignore[override]
        return [self._rows(self._sheets[row["key"]], row) for row in self.source["sheets"]]

    def sheet(self, key: UUID) -> SheetRows | None:
        """Make this fiche alone."""
        ranked = enumerate(self.source["sheets"], start=1)
        return next((self._rows(self._sheet(rank, row), row) for rank, row in ranked if row["key"] == str(key)), None)

    @cached_property
    def expenses(self) -> Sequence[Expense]:  # type: ignore[override]
        of_sheets = [row for rows in self.sheets for row in rows.expenses]
        return [*of_sheets, *self._expenses(None, self.source["structure"]["expenses"])]

    @cached_property
    def resources(self) -> Sequence[Resource]:  # type: ignore[override]
        of_sheets = [row for rows in self.sheets for row in rows.resources]
        return [*of_sheets, *self._resources(None, self.source["structure"]["resources"])]

    @property
    def indirect(self) -> IndirectCosts:
        typed = str(self.source["values"].get("taux_charges_indirectes", "")).rstrip("% \u00a0\u202f")
        try:
            rate = parse_french_decimal(typed) if typed else None
        except (ValueError, InvalidOperation):
            rate = None
        return IndirectCosts(self.source["options"].get("charges_indirectes", ""), rate)

    @cached_property
    def _axis(self) -> dict[int, Axis]:
        return {axis.number: axis for axis in self.axes}

    @cached_property
    def _objectives(self) -> dict[tuple[int, str], Objective]:
        return {
            (row["number"], one["number"]): Objective(
                axis=self._axis[row["number"]], number=one["number"], label=one["label"]
            )
            for row in self.source["axes"]
            for one in row["objectives"]
        }

    @cached_property
    def _sheets(self) -> dict[str, Sheet]:
        return {row["key"]: self._sheet(rank, row) for rank, row in enumerate(self.source["sheets"], start=1)}

    def _sheet(self, rank: int, row: Json) -> Sheet:
        texts = {name: "\n".join(row[name]) if name in _LINES else row[name] for name in _TEXTS}
        return Sheet(
            pk=rank,
            rank=rank,
            key=UUID(row["key"]),
            axis=self._axis[row["axis"]],
            objective=self._objectives.get((row["axis"], row["objective"])),
            nature=row["nature"],
            first_year=row["years"][0],
            last_year=row["years"][-1],
            fte=Decimal(row["fte"]) if row["fte"] else None,
            starts_on=_day(row["starts_on"]),
            ends_on=_day(row["ends_on"]),
            **texts,
        )

    def _rows(self, sheet: Sheet, row: Json) -> SheetRows:
        return SheetRows(
            sheet,
            functions=[self._functions[code] for code in row["functions"] if code in self._functions],
            indicators=[_indicator(one) for one in row["indicators"]],
            expenses=self._expenses(sheet, row["expenses"]),
            resources=self._resources(sheet, row["resources"]),
        )

    @cached_property
    def _functions(self) -> dict[str, Function]:
        return {function.code: function for function in Function.objects.all()}

    @cached_property
    def _accounts(self) -> dict[str, Account]:
        rows = {row["code"]: row for row in self.source["accounts"]}
        accounts = {
            code: Account(pk=rank, rank=rank, code=code, label=row["label"], side=row["side"], kind=row["kind"])
            for rank, (code, row) in enumerate(rows.items(), start=1)
        }
        for code, account in accounts.items():
            account.parent = accounts.get(rows[code]["parent"])
        return accounts

    def _expenses(self, sheet: Sheet | None, lines: Iterable[Json]) -> list[Expense]:
        return [Expense(sheet=sheet, **self._line(line)) for line in lines]

    def _resources(self, sheet: Sheet | None, lines: Iterable[Json]) -> list[Resource]:
        return [Resource(sheet=sheet, funder=line["funder"], **self._line(line)) for line in lines]

    def _line(self, line: Json) -> dict[str, Any]:
        return {
            "account": self._accounts[line["account"]],
            "year": line["year"],
            "amount": Decimal(line["amount"]),
        }

    @cached_property
    def sums(self) -> completeness.Totals:  # type: ignore[override]
        """Added up from the content itself: a page of totals makes no instance for a line."""
        accounts = {row["code"]: row["kind"] for row in self.source["accounts"]}

        def lines(name: str) -> Iterable[completeness.Line]:
            owners = [(rank, row[name]) for rank, row in enumerate(self.source["sheets"], start=1)]
            for owner, rows in [*owners, (None, self.source["structure"][name])]:
                for row in rows:
                    amount, code = Decimal(row["amount"]), row["account"]
                    yield completeness.Line(owner, row["year"], accounts[code], amount, code, row.get("funder", ""))

        return completeness.add_up(lines("expenses"), lines("resources"), self.axis_numbers, self.indirect)


_TEXTS = (
    *("code", "title", "context", "objectives", "description", "steps", "audience", "territory", "partners"),
    *("human_means", "material_means", "milestones", "deliverables", "evaluation_method", "pilot_name", "pilot_role"),
    *("priorities", "label_criterion"),
)
_LINES = ("objectives", "steps", "audience", "partners", "milestones", "deliverables", "priorities")


def _day(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def _indicator(row: Json) -> tuple[SheetIndicator, list[Target]]:
    definition = IndicatorDefinition(code=row["code"], national=row["national"]) if row["code"] else None
    indicator = SheetIndicator(
        key=UUID(row["key"]),
        definition_from=definition,
        **{name: row[name] for name in ("label", "definition", "unit", "type", "direction", "source", "baseline")},
    )
    return indicator, [_target(int(year), value) for year, value in row["targets"].items()]


def _target(year: int, value: Json) -> Target:
    number = Decimal(value["value"]) if "value" in value else None
    return Target(
        year=year, number=number, text=value.get("text", ""), not_applicable=value.get("not_applicable", False)
    )
