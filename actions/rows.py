"""The rows of a programme that its pages show: those of its tables, or those of a frozen content.

The person who writes reads the tables; everybody else reads a version (`conventions/content/rows.py` makes the second
kind). Pages take both alike. The rows of a frozen content are instances of the same models that are never saved.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Protocol, TypeVar
from uuid import UUID

from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property

from cpo.lib.hooks import Hook

from .completeness import Content, IndicatorYears, Totals, add_up, listed_sheets, read_content, totals
from .completeness import Line as AmountLine
from .indirect import IndirectCosts, costs_of
from .models import Account, Axis, Expense, Function, Programme, Resource, Sheet, SheetIndicator, Target
from .retained import retain
from .services import SHEET_FIELDS, ProgrammeData, SheetData, stored_indicator, stored_lines

Line = TypeVar("Line", Expense, Resource)
T = TypeVar("T")


@dataclass(frozen=True)
class SheetRows:
    """A fiche with all that belongs to it."""

    sheet: Sheet
    functions: Sequence[Function] = ()
    indicators: Sequence[tuple[SheetIndicator, Sequence[Target]]] = ()
    expenses: Sequence[Expense] = ()
    resources: Sequence[Resource] = ()

    @property
    def indicator_years(self) -> list[IndicatorYears]:
        return [
            IndicatorYears(row.key, row.label, {target.year for target in targets}) for row, targets in self.indicators
        ]


class ProgrammeRows:
    """What pages read. Amounts have their account with its parent; fiches have their axis and objective."""

    frozen = False  # whether they come from a version

    @property
    def axes(self) -> Sequence[Axis]:
        raise NotImplementedError

    @property
    def content(self) -> Content:
        """The fiches, the years of their targets, and the sums."""
        raise NotImplementedError

    @property
    def listed(self) -> Sequence[Sheet]:
        """The fiches with what a list says of them."""
        return self.content.sheets

    @property
    def sums(self) -> Totals:
        raise NotImplementedError

    @property
    def texts(self) -> Iterable[Sheet]:
        """The fiches with their texts, without indicators nor budget."""
        raise NotImplementedError

    @property
    def sheets(self) -> Sequence[SheetRows]:
        raise NotImplementedError

    @property
    def axis_numbers(self) -> Mapping[int, int]:
        """The number of the axis of each fiche, by the id of the fiche, in their order."""
        raise NotImplementedError

    @property
    def expenses(self) -> Sequence[Expense]:
        """All of them, those of the structure too."""
        raise NotImplementedError

    @property
    def resources(self) -> Sequence[Resource]:
        raise NotImplementedError

    @property
    def indirect(self) -> IndirectCosts:
        raise NotImplementedError

    def sheet(self, key: UUID) -> SheetRows | None:
        return next((rows for rows in self.sheets if rows.sheet.key == key), None)


@dataclass
class StoredRows(ProgrammeRows):
    """The tables of a programme. Each part takes a constant number of queries and is read once."""

    programme: Programme

    @cached_property
    def axes(self) -> Sequence[Axis]:  # type: ignore[override]
        return retain(self.programme, self.programme.cycle.axes.all())

    @cached_property
    def content(self) -> Content:  # type: ignore[override]
        return read_content(self.programme)

    @cached_property
    def listed(self) -> Sequence[Sheet]:  # type: ignore[override]
        return listed_sheets(self.programme)

    @cached_property
    def sums(self) -> Totals:  # type: ignore[override]
        return totals(self.programme, self.axis_numbers)

    @property
    def texts(self) -> Iterable[Sheet]:
        return self.programme.sheets.all()

    @cached_property
    def axis_numbers(self) -> Mapping[int, int]:  # type: ignore[override]
        return dict(self.programme.sheets.values_list("pk", "axis__number"))

    @cached_property
    def sheets(self) -> Sequence[SheetRows]:  # type: ignore[override]
        return [self._stored(sheet) for sheet in _sheets(self.programme)]

    @cached_property
    def expenses(self) -> Sequence[Expense]:  # type: ignore[override]
        return self._with_heads(self.programme.expenses.all())

    @cached_property
    def resources(self) -> Sequence[Resource]:  # type: ignore[override]
        return self._with_heads(self.programme.resources.all())

    @cached_property
    def accounts(self) -> Mapping[int, Account]:
        """The nomenclature, by id: a thousand lines share it, where a join would make two accounts for each."""
        accounts = {account.pk: account for account in retain(self.programme, Account.objects.all())}
        for account in accounts.values():
            account.parent = accounts[account.parent_id] if account.parent_id else None
        return accounts

    @property
    def indirect(self) -> IndirectCosts:
        return costs_of(self.programme)

    def sheet(self, key: UUID) -> SheetRows | None:
        sheet = _sheets(self.programme).filter(key=key).first()
        return self._stored(sheet) if sheet else None

    def _stored(self, sheet: Sheet) -> SheetRows:
        retain(self.programme, [sheet.axis])
        retain(self.programme, [sheet.objective])
        indicators = list(sheet.indicators.all())
        retain(self.programme, [row.definition_from for row in indicators])
        return SheetRows(
            sheet,
            functions=list(sheet.functions.all()),
            indicators=[(indicator, list(indicator.targets.all())) for indicator in indicators],
            expenses=self._retained(sheet.expenses.all()),
            resources=self._retained(sheet.resources.all()),
        )

    def _with_heads(self, lines: Iterable[Line]) -> list[Line]:
        """Give the lines their accounts, with the labels that the text retains."""
        lines = list(lines)
        for line in lines:
            line.account = self.accounts[line.account_id]
        return lines

    def _retained(self, lines: Iterable[Line]) -> list[Line]:
        """Give the accounts of the lines the labels that the text retains."""
        lines = list(lines)
        retain(self.programme, [line.account for line in lines])
        return lines


@dataclass
class RemainingRows(ProgrammeRows):
    """`whole`, without the amounts of the years after `until`, which are signed and due no more.

    Texts, indicators and targets are all there.
    """

    whole: ProgrammeRows
    until: int

    @property
    def frozen(self) -> bool:  # type: ignore[override]
        return self.whole.frozen

    @property
    def axes(self) -> Sequence[Axis]:
        return self.whole.axes

    @property
    def texts(self) -> Iterable[Sheet]:
        return self.whole.texts

    @property
    def axis_numbers(self) -> Mapping[int, int]:
        return self.whole.axis_numbers

    @property
    def indirect(self) -> IndirectCosts:
        return self.whole.indirect

    @cached_property
    def content(self) -> Content:  # type: ignore[override]
        return self.whole.content._replace(sums=self.sums)

    @cached_property
    def sums(self) -> Totals:  # type: ignore[override]
        return add_up(map(_line, self.expenses), map(_line, self.resources), self.axis_numbers, self.indirect)

    @cached_property
    def expenses(self) -> Sequence[Expense]:  # type: ignore[override]
        return self._due(self.whole.expenses)

    @cached_property
    def resources(self) -> Sequence[Resource]:  # type: ignore[override]
        return self._due(self.whole.resources)

    @cached_property
    def sheets(self) -> Sequence[SheetRows]:  # type: ignore[override]
        return [self._sheet(rows) for rows in self.whole.sheets]

    def sheet(self, key: UUID) -> SheetRows | None:
        rows = self.whole.sheet(key)
        return self._sheet(rows) if rows else None

    def _sheet(self, rows: SheetRows) -> SheetRows:
        return replace(rows, expenses=self._due(rows.expenses), resources=self._due(rows.resources))

    def _due(self, lines: Iterable[Line]) -> list[Line]:
        return [line for line in lines if line.year <= self.until]


def _line(row: Expense | Resource) -> AmountLine:
    account, funder = row.account, row.funder if isinstance(row, Resource) else ""
    return AmountLine(row.sheet_id, row.year, account.kind, row.amount, account.code, funder)


_AMOUNTS = (
    Prefetch("expenses", Expense.objects.select_related("account")),
    Prefetch("resources", Resource.objects.select_related("account")),
)


def _sheets(programme: Programme) -> QuerySet[Sheet]:
    related = ("functions", "indicators__targets", "indicators__definition_from", *_AMOUNTS)
    return programme.sheets.select_related("axis", "objective").prefetch_related(*related)


def programme_data(rows: ProgrammeRows) -> ProgrammeData:
    """The whole programme as plain values, for its workbook."""
    structure = [[row for row in lines if row.sheet_id is None] for lines in (rows.expenses, rows.resources)]
    return ProgrammeData(
        sheets=tuple(_sheet_data(one) for one in rows.sheets),
        expenses=tuple(stored_lines(structure[0])),
        resources=tuple(stored_lines(structure[1])),
    )


def _sheet_data(rows: SheetRows) -> SheetData:
    return SheetData(
        fields={name: getattr(rows.sheet, name) for name in SHEET_FIELDS},
        key=rows.sheet.key,
        functions=tuple(rows.functions),
        indicators=tuple(stored_indicator(indicator, targets) for indicator, targets in rows.indicators),
        expenses=tuple(stored_lines(rows.expenses)),
        resources=tuple(stored_lines(rows.resources)),
    )


@dataclass(frozen=True)
class Ended:
    """A programme of which nothing is due after the year `until`. `words` say so, with what was signed for those years.

    `signed_number`: the address of the pages that show all that was signed.
    """

    until: int
    words: str
    signed_number: str


class ShownProgramme(Protocol):
    """What an address shows to a person: the programme that it names, and the rows that this person reads."""

    @property
    def programme(self) -> Programme: ...

    @property
    def rows(self) -> ProgrammeRows: ...

    @property
    def planned(self) -> Mapping[int, Decimal]:
        """The State's contribution of each year, in euros."""

    @property
    def years(self) -> Sequence[int]:
        """The years that tables of amounts show."""

    @property
    def ended(self) -> Ended | None:
        """What is due no more, and was signed; None while the programme runs."""

    def kept(self, name: str, compute: Callable[[], T]) -> T:
        """What the content alone determines, computed once for a version or a revision."""

    def drawn(self, name: str, draw: Callable[[], str]) -> str:
        """What is drawn of the content alone: once for a version, which never changes."""


def _without_act(request: HttpRequest, number: str) -> ShownProgramme | None:
    return None


# The programme shown at the address of an act, None when the person may not see it. `conventions/hooks.py` answers.
shown_programme: Hook[[HttpRequest, str], ShownProgramme | None] = Hook(_without_act)
