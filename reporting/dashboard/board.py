"""The figures of the dashboard. Each is the total of a list, which the page opens with the same filter (`lists`).

Figures count only what the person may see, signed amounts and submitted reports; a missing value is never zero. The
number of queries does not depend on the number of conventions.
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
from arml.models import Dossier, Scope, Territory, User, sees_all, within_scope, zone_of
from conventions.enums import ENDED, ConventionState
from conventions.later.in_force import in_force_today, texts_to_come
from conventions.later.term import last_years, not_covering, shown_years
from conventions.models import Act, Contribution, Convention, SignedTotal
from conventions.money import totals
from cpo.lib import clock, zones
from reporting.figures import is_late, with_due
from reporting.figures import late as late_reports
from reporting.models import Deadline, Report
from reporting.permissions import PUBLISHED, WRITABLE

STEPS = {
    ConventionState.DRAFT: 1,
    ConventionState.NEGOTIATION: 2,
    ConventionState.SIGNATURE: 3,
    ConventionState.ACTIVE: 4,
    ConventionState.CLOSED: 5,
}
REACHED = {ConventionState.TERMINATED: 0, **STEPS}  # what the map says of a territory
CONVENTION_LIMIT = 20  # a cycle has fewer associations; the page links to the whole list
_sql_cache: dict[tuple[Any, ...], tuple[str, Any]] = {}
Rows = TypeVar("Rows", bound="QuerySet[Any, Any]")


@dataclass(frozen=True)
class Selection:
    """What the dashboard counts: the conventions of a cycle that a person sees, a year, a territory (None: all)."""

    user: User
    cycle: Cycle
    year: int
    territory: Territory | None = None

    def within(self, rows: Rows, path: str = "") -> Rows:
        """Filter rows by their convention, found at `path`: visible to the person, of this cycle and territory."""
        if self.everything:
            return rows.filter(**{f"{path}__cycle" if path else "cycle": self.cycle})
        return rows.filter(**{f"{path}__pk__among" if path else "pk__among": self._ids})

    @property
    def everything(self) -> bool:
        return sees_all(self.user) and self.territory is None

    @cached_property
    def convention_rows(self) -> list[tuple[int, str, int]]:
        """(convention, state, territory) of the conventions selected; one row for each territory of a convention."""
        conventions = Convention.objects.visible_to(self.user).filter(cycle=self.cycle)
        if self.territory:
            local = Dossier.territories.through.objects.filter(territory=self.territory).values("dossier_id")
            conventions = conventions.filter(dossier__in=local)
        return list(conventions.order_by().values_list("pk", "state", "dossier__territories"))

    @cached_property
    def _ids(self) -> list[int]:
        return list({pk for pk, _state, _territory in self.convention_rows})

    @cached_property
    def observes(self) -> bool:
        """Whether the person only observes some of these conventions: their deadlines and some reports are closed."""
        return not self.everything and Scope.of(self.user).observes

    @property
    def sees_drafts(self) -> bool:
        """Whether the person sees every convention of their territories, drafts included."""
        return self.everything or bool(Scope.of(self.user).services)

    @cached_property
    def _followed_ids(self) -> list[int]:
        if not self.observes:
            return self._ids
        followed = within_scope(Convention.objects.all(), self.user, observed=None)
        return list(self.within(followed).order_by().values_list("pk", flat=True))

    def read(self, name: str, build: Callable[[], QuerySet[Any, Any]]) -> list[Any]:
        """The rows of `build()`, a values_list, with its SQL cached under `name`.

        Building the SQL costs more than running most of these queries. It depends only on the cycle, the year and the
        days of all zones; the ids of the conventions are one array, replaced at each call.
        """
        if self.observes:
            return list(build())
        key = (name, self.everything, self.cycle.pk, self.year, tuple(zones.days().values()))
        if key not in _sql_cache:
            if len(_sql_cache) > 200:
                _sql_cache.clear()
            _sql_cache[key] = build().query.sql_with_params()
        sql, values = _sql_cache[key]
        with connection.cursor() as cursor:
            cursor.execute(sql, [self._ids if isinstance(value, list) else value for value in values])
            return cursor.fetchall()

    def conventions(self) -> QuerySet[Convention]:
        return self.within(Convention.objects.all())

    def contributions(self) -> QuerySet[Contribution]:
        """The State's contributions in the text in force of each convention, until the year when it was terminated."""
        return totals.contributions(self.signed_texts()).exclude(totals.after_the_end("act__convention"))

    def state_resources(self) -> QuerySet[Resource]:
        """The same contributions as resources of the fiches, which have an axis."""
        return totals.state_resources(self.signed_texts()).exclude(totals.after_the_end("programme__act__convention"))

    def signed_texts(self) -> QuerySet[Act]:
        """The texts in force today of the signed conventions."""
        acts = Act.objects.filter(in_force_today(self._texts_to_come))
        return self.within(acts, "convention").order_by()

    @cached_property
    def last_years(self) -> dict[int, int]:
        """For how many of the signed conventions each year is the last."""
        return last_years(self.signed_texts())

    @cached_property
    def years(self) -> list[int]:
        """The years that the dashboard shows: those of the cycle, and those that an extension in force adds."""
        return shown_years(self.cycle, self.last_years)

    @cached_property
    def _texts_to_come(self) -> dict[int, int]:
        return texts_to_come()

    def sums(self) -> totals.Sums:
        """Totals of both, by year and axis."""
        national_totals = SignedTotal.objects.filter(convention=None, cycle=self.cycle)
        rows = national_totals if self.everything else self.within(SignedTotal.objects.all(), "convention")
        sums = totals.stored_sums(rows)
        if texts := self._texts_to_come:  # the stored totals are those of the last signed texts
            for act, sign in ((Q(pk__in=texts.values()), 1), (Q(latest=True, convention__in=texts), -1)):
                acts = self.within(Act.objects.filter(act), "convention")
                totals.add(sums, totals.sums(totals.contributions(acts), totals.state_resources(acts)), sign)
        if self._terminated:
            contributions = totals.contributions(self.signed_texts()).filter(totals.after_the_end("act__convention"))
            resources = totals.state_resources(self.signed_texts())
            resources = resources.filter(totals.after_the_end("programme__act__convention"))
            totals.add(sums, totals.sums(contributions, resources), -1)
        return sums

    @cached_property
    def _terminated(self) -> bool:
        return self.within(Convention.objects.filter(state=ConventionState.TERMINATED)).exists()

    def reports(self) -> QuerySet[Report]:
        """The reports that the person may open."""
        reports = self.within(Report.objects.all(), "convention")
        if not self.observes:
            return reports
        return reports.filter(Q(state__in=PUBLISHED) | Q(convention__pk__among=self._followed_ids))

    def late(self) -> QuerySet[Deadline]:
        """Those that the person may open: none of a convention that they only observe."""
        late = Deadline.objects.late()
        if self.everything:
            return late.filter(rule__cycle=self.cycle)  # same cycle as the convention's, with one join less
        return late.filter(convention__pk__among=self._followed_ids)

    def link(self, measure: str, **more: Any) -> str:
        """Address of the list behind a figure."""
        query = {"mesure": measure, "annee": self.year, **more}
        if self.territory:
            query["territoire"] = self.territory.code
        # plain words and numbers: nothing to escape
        return f"{self._list}?{'&'.join(f'{name}={value}' for name, value in query.items())}"

    @cached_property
    def _list(self) -> str:
        return reverse("dashboard-list")


def current_cycle(user: User, key: str = "") -> Cycle | None:
    """The cycle with this key, else the newest."""
    cycles = Cycle.objects.prefetch_related("axes")
    return (cycles.filter(key=key).first() if key else None) or cycles.first()


def default_year(years: list[int]) -> int:
    """The present year, else the nearest of those that the dashboard shows."""
    return min(max(zones.today().year, years[0]), years[-1])


def by_state(selection: Selection) -> list[dict[str, Any]]:
    """Number of conventions in each state."""
    if selection.everything:
        counts = dict(
            selection.read(
                "states", lambda: selection.conventions().values_list("state").annotate(n=Count("pk")).order_by()
            )
        )
    else:
        counts = Counter({pk: state for pk, state, _territory in selection.convention_rows}.values())
    whole = sum(counts.values())
    return [
        {
            "state": state,
            "label": state.label,
            "step": STEPS.get(state),
            "count": counts.get(state, 0),
            "share": 100 * counts.get(state, 0) / whole if whole else 0,
            "url": selection.link("conventions", etat=state.value),
        }
        for state in ConventionState
        if state in STEPS or counts.get(state)
    ]


def by_territory(selection: Selection) -> dict[int, str]:
    """The most advanced state in each territory, by the territory's id; « résiliée » where nothing else is."""
    if not selection.everything:
        steps = {state.value: step for state, step in REACHED.items()}
        by_step = sorted(
            (steps[state], territory, state) for _pk, state, territory in selection.convention_rows if state in steps
        )
        return {territory: state for _step, territory, state in by_step}

    def build() -> QuerySet[Any, Any]:
        there = selection.conventions().filter(dossier__territories=OuterRef("pk")).order_by()
        latest_states = [Subquery(there.filter(state=state).values("state")[:1]) for state in reversed(REACHED)]
        rows = Territory.objects.order_by().annotate(reached=Coalesce(*latest_states, Value("")))
        return rows.values_list("pk", "reached")

    return dict(selection.read("territories", build))


def report_counts(selection: Selection) -> list[dict[str, Any]]:
    """Number of reports of each year: due, received, admissible, late."""
    counts: dict[int, Counter[str]] = {}

    def build() -> QuerySet[Any, Any]:
        late = ExpressionWrapper(is_late(), BooleanField())
        rows = with_due(selection.reports()).annotate(late=late).values_list("year", "state", "late")
        return rows.annotate(n=Count("pk")).order_by()

    for year, state, late, number in selection.read("reports", build):
        waiting = state in WRITABLE
        flags = {"due": True, "received": not waiting, "admissible": state in PUBLISHED, "late": late}
        counts.setdefault(year, Counter()).update({key: number for key in REPORT_FILTERS if flags[key]})
    return [
        {
            "year": year,
            **{key: counts[year][key] for key in REPORT_FILTERS},
            "urls": {key: selection.link("rapports", annee=year, etat=key) for key in REPORT_FILTERS},
        }
        for year in sorted(counts)
    ]


REPORT_FILTERS = ("due", "received", "admissible", "late")


def reports_in(selection: Selection, status: str) -> QuerySet[Report]:
    """The reports behind one of the counts of `report_counts`."""
    reports = selection.reports().filter(year=selection.year)
    if status == "received":
        return reports.exclude(state__in=WRITABLE)
    if status == "admissible":
        return reports.filter(state__in=PUBLISHED)
    if status == "late":
        return late_reports(reports)
    return reports


def conventions_table(selection: Selection, limit: int = CONVENTION_LIMIT) -> list[dict[str, Any]]:
    """One line per convention: state, turn and its age in days, the year's contribution once signed.

    Four queries: the first conventions by name of their association, their contributions, the turns of their acts, and
    those that the year is not of.
    """

    def build() -> QuerySet[Any, Any]:
        conventions = selection.conventions().order_by("dossier__beneficiary__sort_name", "number")
        names = ("number", "state", "dossier__beneficiary__short_name", "dossier__lead__short_name")
        return conventions.values_list("pk", *names)[:limit]

    rows = selection.read("conventions", build)
    ids = [row[0] for row in rows]
    contributions = selection.contributions().filter(act__convention__in=ids, year=selection.year).order_by()
    amounts = dict(contributions.values_list("act__convention").annotate(s=Sum("amount")))
    acts = Act.objects.filter(convention__in=ids, number=0).order_by()
    columns = ("convention", "turn_since", "programme__side", zone_of("convention__dossier"))
    turns = {pk: turn for pk, *turn in acts.values_list(*columns)}
    outside: set[int] = set()
    if any(last < selection.year for last in selection.last_years):
        signed = selection.signed_texts().filter(convention__in=ids)
        outside = set(not_covering(signed, selection.year).values_list("convention", flat=True))
    return [_line(*row, *[amounts.get(pk), *turns[pk]], outside=pk in outside) for pk, *row in rows]


def _line(
    number: str,
    state: str,
    arml: str,
    service: str,
    amount: Decimal | None,
    turn_since: dt.datetime | None,
    side: str,
    zone: str,
    *,
    outside: bool,
) -> dict[str, Any]:
    since = clock.local_day(turn_since, zone) if turn_since else None
    return {
        "number": number,
        "arml": arml,
        "state": state,
        "url": reverse("convention-detail", args=[number]),
        "step": STEPS.get(ConventionState(state)),
        "turn": {"state": service, "beneficiary": arml}.get(side) if state == ConventionState.NEGOTIATION else None,
        "turn_days": (clock.today(zone) - since).days if since else None,
        "outside": outside,  # the year is not one of the convention's: it has no amount to wait for
        "amount": (amount or Decimal(0)) if state in (ConventionState.ACTIVE, *ENDED) else None,
    }
