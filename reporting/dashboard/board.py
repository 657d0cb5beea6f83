"""The figures of the dashboard: each is a total over a list that the same filter opens (`rows`).

Everything starts from what the person may see; only signed amounts and submitted reports are added up; a missing value
is never zero. A constant number of queries, whatever the number of conventions.
"""

import datetime as dt
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeVar

from django.db import connection
from django.db.models import BooleanField, Count, ExpressionWrapper, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.functional import cached_property

from actions.models import Cycle, Resource
from arml.models import Dossier, Territory, User, sees_all
from conventions.enums import ENDED, ConventionState
from conventions.models import Act, Contribution, Convention, SignedTotal
from conventions.money import totals
from cpo.lib import clock
from cpo.lib.wording import french
from reporting.enums import ReminderState
from reporting.models import Deadline, Reminder, Report
from reporting.permissions import PUBLISHED, WRITABLE

STEPS = {
    ConventionState.DRAFT: 1,
    ConventionState.NEGOTIATION: 2,
    ConventionState.SIGNATURE: 3,
    ConventionState.ACTIVE: 4,
    ConventionState.CLOSED: 5,
}
ALL_SHOWN, LATE_SHOWN = 20, 10  # more than a cycle has associations; beyond, the page links to the list
_written: dict[tuple[Any, ...], tuple[str, Any]] = {}
Rows = TypeVar("Rows", bound="QuerySet[Any, Any]")


@dataclass(frozen=True)
class Scope:
    """What the dashboard is about: a person's view, a cycle, a year, and a territory or None for all of them."""

    user: User
    cycle: Cycle
    year: int
    territory: Territory | None = None

    def within(self, rows: Rows, path: str = "") -> Rows:
        """Keep the rows whose convention, at the end of `path`, is of this cycle and territory and visible."""
        if self.everything:
            return rows.filter(**{f"{path}__cycle" if path else "cycle": self.cycle})
        return rows.filter(**{f"{path}__pk__among" if path else "pk__among": self._ids})

    @property
    def everything(self) -> bool:
        return sees_all(self.user) and self.territory is None

    @cached_property
    def found(self) -> list[tuple[int, str, int]]:
        """The conventions of a part of the country with their state, once for each of their territories."""
        found = Convention.objects.visible_to(self.user).filter(cycle=self.cycle)
        if self.territory:
            local = Dossier.territories.through.objects.filter(territory=self.territory).values("dossier_id")
            found = found.filter(dossier__in=local)
        return list(found.order_by().values_list("pk", "state", "dossier__territories"))

    @cached_property
    def _ids(self) -> list[int]:
        return list({pk for pk, _state, _territory in self.found})

    def read(self, name: str, build: Callable[[], QuerySet[Any, Any]]) -> list[Any]:
        """The rows of `build()`, a values_list. Its SQL depends on the cycle, the year and the day alone, but for the
        conventions of a part of the country, one array: it is written once a day, which costs more than most of these
        queries."""
        key = (name, self.everything, self.cycle.pk, self.year, clock.today())
        if key not in _written:
            if len(_written) > 200:
                _written.clear()
            _written[key] = build().query.sql_with_params()
        sql, values = _written[key]
        with connection.cursor() as cursor:
            cursor.execute(sql, [self._ids if isinstance(value, list) else value for value in values])
            return cursor.fetchall()

    def conventions(self) -> QuerySet[Convention]:
        return self.within(Convention.objects.all())

    def contributions(self) -> QuerySet[Contribution]:
        """The State's money in the last text signed of each convention."""
        return totals.contributions(self._signed())

    def state_resources(self) -> QuerySet[Resource]:
        """The same money as the fiches receive it, hence by axis."""
        return totals.state_resources(self._signed())

    def _signed(self) -> QuerySet[Act]:
        return self.within(Act.objects.filter(latest=True), "convention").order_by()

    def sums(self) -> totals.Sums:
        """Both added up, by year and axis."""
        found = SignedTotal.objects.filter(convention=None, cycle=self.cycle)
        return totals.stored_sums(found if self.everything else self.within(SignedTotal.objects.all(), "convention"))

    def reports(self) -> QuerySet[Report]:
        return self.within(Report.objects.all(), "convention")

    def late(self) -> QuerySet[Deadline]:
        late = Deadline.objects.filter(met_on=None, cancelled_on=None, due_on__lt=clock.today())
        if self.everything:
            return late.filter(rule__cycle=self.cycle)  # a rule is of the cycle of its conventions: a shorter way
        return self.within(late, "convention")

    def link(self, measure: str, **more: Any) -> str:
        """The list that adds up to a figure."""
        query = {"mesure": measure, "annee": self.year, **more}
        if self.territory:
            query["territoire"] = self.territory.code
        # plain words and numbers: nothing to escape
        return f"{self._list}?{'&'.join(f'{name}={value}' for name, value in query.items())}"

    @cached_property
    def _list(self) -> str:
        return reverse("dashboard-list")


def current_cycle(user: User, key: str = "") -> Cycle | None:
    """The cycle asked for, else the newest."""
    cycles = Cycle.objects.prefetch_related("axes")
    return (cycles.filter(key=key).first() if key else None) or cycles.first()


def default_year(cycle: Cycle) -> int:
    return min(max(clock.today().year, cycle.first_year), cycle.last_year)


def by_state(scope: Scope) -> list[dict[str, Any]]:
    """How many conventions stand in each state."""
    if scope.everything:
        counts = dict(
            scope.read("states", lambda: scope.conventions().values_list("state").annotate(n=Count("pk")).order_by())
        )
    else:
        counts = Counter({pk: state for pk, state, _territory in scope.found}.values())
    whole = sum(counts.values())
    return [
        {
            "state": state,
            "label": state.label,
            "step": STEPS.get(state),
            "count": counts.get(state, 0),
            "share": 100 * counts.get(state, 0) / whole if whole else 0,
            "url": scope.link("conventions", etat=state.value),
        }
        for state in ConventionState
        if state in STEPS or counts.get(state)
    ]


def by_territory(scope: Scope) -> dict[int, str]:
    """The furthest state reached in each territory, by its id: for each state, one convention is enough."""
    if not scope.everything:
        steps = {state.value: step for state, step in STEPS.items()}
        known = sorted((steps[state], territory, state) for _pk, state, territory in scope.found if state in steps)
        return {territory: state for _step, territory, state in known}

    def build() -> QuerySet[Any, Any]:
        there = scope.conventions().filter(dossier__territories=OuterRef("pk")).order_by()
        reached = [Subquery(there.filter(state=state).values("state")[:1]) for state in reversed(STEPS)]
        rows = Territory.objects.order_by().annotate(reached=Coalesce(*reached, Value("")))
        return rows.values_list("pk", "reached")

    return dict(scope.read("territories", build))


def money(scope: Scope) -> list[dict[str, Any]]:
    """The State's contribution per year, in all and by axis, of the signed conventions."""
    sums = scope.sums()
    return [
        {
            "year": year,
            "firm": year == scope.cycle.first_year,
            "total": sums.get((year, None)),
            "url": scope.link("montants", annee=year),
            "axes": [
                {"amount": sums.get((year, axis.pk)), "url": scope.link("axes", annee=year, axe=axis.number)}
                for axis in scope.cycle.axes.all()
            ],
        }
        for year in scope.cycle.years
    ]


def report_counts(scope: Scope) -> list[dict[str, Any]]:
    """Reports of each year: due, received, admissible, late."""
    counts: dict[int, Counter[str]] = {}

    def build() -> QuerySet[Any, Any]:
        overdue = ExpressionWrapper(Q(due_on__lt=clock.today()), BooleanField())
        rows = scope.reports().annotate(late=overdue).values_list("year", "state", "late")
        return rows.annotate(n=Count("pk")).order_by()

    for year, state, late, number in scope.read("reports", build):
        waiting = state in WRITABLE
        which = {"due": True, "received": not waiting, "admissible": state in PUBLISHED, "late": waiting and late}
        counts.setdefault(year, Counter()).update({key: number for key in REPORT_FILTERS if which[key]})
    return [
        {
            "year": year,
            **{key: counts[year][key] for key in REPORT_FILTERS},
            "urls": {key: scope.link("rapports", annee=year, etat=key) for key in REPORT_FILTERS},
        }
        for year in sorted(counts)
    ]


REPORT_FILTERS = ("due", "received", "admissible", "late")


def reports_in(scope: Scope, which: str) -> QuerySet[Report]:
    """The reports behind one of the counts of `report_counts`."""
    found = scope.reports().filter(year=scope.year)
    if which == "received":
        return found.exclude(state__in=WRITABLE)
    if which == "admissible":
        return found.filter(state__in=PUBLISHED)
    if which == "late":
        return found.filter(state__in=WRITABLE, due_on__lt=clock.today())
    return found


def conventions_table(scope: Scope, limit: int = ALL_SHOWN) -> list[dict[str, Any]]:
    """One line per convention: state, whose turn since when, the year's contribution when signed.

    In two steps: the first conventions by name of their association, then what their acts add to it.
    """

    def build() -> QuerySet[Any, Any]:
        found = scope.conventions().order_by("dossier__beneficiary__sort_name", "number")
        names = ("number", "state", "dossier__beneficiary__short_name", "dossier__lead__short_name")
        return found.values_list("pk", *names)[:limit]

    first = scope.read("conventions", build)
    signed = Contribution.objects.filter(act__convention=OuterRef("convention"), act__latest=True, year=scope.year)
    amount = signed.order_by().values("act")
    acts = Act.objects.filter(convention__in=[row[0] for row in first], number=0).order_by()
    by_convention = {
        convention: rest
        for convention, *rest in acts.values_list(
            "convention", "turn_since", "programme__side", Subquery(amount.annotate(s=Sum("amount")).values("s"))
        )
    }
    return [_line(*row, *by_convention[pk]) for pk, *row in first]


def _line(
    number: str, state: str, arml: str, service: str, turn_since: dt.datetime | None, side: str, amount: Decimal | None
) -> dict[str, Any]:
    since = french.day_of(turn_since)
    return {
        "number": number,
        "arml": arml,
        "state": state,
        "url": reverse("convention-detail", args=[number]),
        "step": STEPS.get(ConventionState(state)),
        "turn": {"state": service, "beneficiary": arml}.get(side) if state == ConventionState.NEGOTIATION else None,
        "turn_days": (clock.today() - since).days if since else None,
        "amount": (amount or Decimal(0)) if state in (ConventionState.ACTIVE, *ENDED) else None,
    }


def late_lines(scope: Scope, limit: int = LATE_SHOWN) -> list[dict[str, Any]]:
    """Overdue deadlines, the oldest first, with the last reminder sent."""

    def build() -> QuerySet[Any, Any]:
        sent = Reminder.objects.filter(deadline=OuterRef("pk"), state=ReminderState.SENT).order_by("-created_at")
        lines = scope.late().order_by("due_on", "convention__number")
        number, arml = "convention__number", "convention__dossier__beneficiary__short_name"
        last = Subquery(sent.values("created_at")[:1])
        return lines.values_list("due_on", "year", number, arml, "rule__label", last)[:limit]

    today = clock.today()
    names = ("due_on", "year", "number", "arml", "label", "last")
    lines = [dict(zip(names, row, strict=True)) for row in scope.read("late", build)]
    return [line | {"days": (today - line["due_on"]).days} for line in lines]
