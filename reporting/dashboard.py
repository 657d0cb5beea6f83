"""The figures of the dashboard: each is a total over a list that the same filter opens (`rows`).

Everything starts from what the person may see; only signed amounts and submitted reports are added up; a missing value
is never zero. A constant number of queries, whatever the number of conventions.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeVar
from urllib.parse import urlencode

from django.db.models import Count, F, Prefetch, Q, QuerySet, Sum
from django.urls import reverse

from actions.enums import STATE_ACCOUNT
from actions.models import Account, Axis, Cycle, Resource
from arml.models import Dossier, Territory, User, within_sight
from conventions.enums import ConventionState
from conventions.models import Act, Contribution, Convention
from cpo.lib import clock, french

from .enums import ReportState
from .models import Deadline, Report
from .permissions import PUBLISHED, UNSUBMITTED

STEPS = {
    ConventionState.DRAFT: 1,
    ConventionState.NEGOTIATION: 2,
    ConventionState.SIGNATURE: 3,
    ConventionState.ACTIVE: 4,
}
ALL_SHOWN = 30  # more than a cycle has associations; beyond, the page links to the list
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
        prefix = f"{path}__" if path else ""
        found = within_sight(rows, self.user, f"{prefix}dossier").filter(**{f"{prefix}cycle": self.cycle})
        if self.territory:
            local = Dossier.territories.through.objects.filter(territory=self.territory).values("dossier_id")
            found = found.filter(**{f"{prefix}dossier__in": local})
        return found

    def conventions(self) -> QuerySet[Convention]:
        return self.within(Convention.objects.all())

    def active(self) -> QuerySet[Convention]:
        return self.conventions().filter(state=ConventionState.ACTIVE)

    def contributions(self) -> QuerySet[Contribution]:
        """The State's money in the signed acts."""
        return self.within(Contribution.objects.filter(act__state=ConventionState.ACTIVE), "act__convention")

    def state_resources(self) -> QuerySet[Resource]:
        """The same money as the fiches receive it, hence by axis."""
        account = Account.objects.filter(code=STATE_ACCOUNT).values("pk")[:1]
        signed = Resource.objects.filter(
            account_id=account, sheet__isnull=False, programme__act__state=ConventionState.ACTIVE
        )
        return self.within(signed, "programme__act__convention")

    def reports(self) -> QuerySet[Report]:
        return self.within(Report.objects.all(), "convention")

    def late(self) -> QuerySet[Deadline]:
        late = Deadline.objects.filter(met_on=None, cancelled_on=None, due_on__lt=clock.today())
        return self.within(late, "convention")

    def link(self, measure: str, **more: Any) -> str:
        """The list that adds up to a figure."""
        query = {"mesure": measure, "annee": self.year, **more}
        if self.territory:
            query["territoire"] = self.territory.code
        return f"{reverse('dashboard-list')}?{urlencode(query)}"


def current_cycle(user: User, key: str = "") -> Cycle | None:
    """The cycle asked for, else the newest."""
    cycles = Cycle.objects.prefetch_related("axes")
    return (cycles.filter(key=key).first() if key else None) or cycles.first()


def default_year(cycle: Cycle) -> int:
    return min(max(clock.today().year, cycle.first_year), cycle.last_year)


def by_state(scope: Scope) -> list[dict[str, Any]]:
    """How many conventions stand in each state."""
    counts = dict(scope.conventions().values_list("state").annotate(n=Count("pk")).order_by())
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


def by_territory(scope: Scope) -> dict[str, str]:
    """The furthest state reached in each territory, by INSEE code."""
    rows = (
        scope.conventions()
        .filter(state__in=list(STEPS))
        .values_list("dossier__territories__code", "state")
        .annotate(n=Count("pk"))
        .order_by()
    )
    furthest: dict[str, str] = {}
    for code, state, _ in rows:
        if code and (code not in furthest or STEPS[state] > STEPS[ConventionState(furthest[code])]):
            furthest[code] = state
    return furthest


def money(scope: Scope) -> list[dict[str, Any]]:
    """The State's contribution per year, in all and by axis, of the signed conventions."""
    totals: dict[int, Decimal] = dict(scope.contributions().values_list("year").annotate(s=Sum("amount")).order_by())
    axes: dict[tuple[int, int], Decimal] = {
        (year, axis): amount
        for year, axis, amount in scope.state_resources()
        .values_list("year", "sheet__axis")
        .annotate(s=Sum("amount"))
        .order_by()
    }
    return [
        {
            "year": year,
            "firm": year == scope.cycle.first_year,
            "total": totals.get(year),
            "url": scope.link("montants", annee=year),
            "axes": [
                {"amount": axes.get((year, axis.pk)), "url": scope.link("axes", annee=year, axe=axis.number)}
                for axis in scope.cycle.axes.all()
            ],
        }
        for year in scope.cycle.years
    ]


def report_counts(scope: Scope) -> list[dict[str, Any]]:
    """Reports of each year: due, received, admissible, late."""
    today = clock.today()
    rows = (
        scope.reports()
        .values("year")
        .annotate(
            due=Count("pk"),
            received=Count("pk", filter=~Q(state__in=[*UNSUBMITTED, ReportState.TO_COMPLETE])),
            admissible=Count("pk", filter=Q(state__in=PUBLISHED)),
            late=Count("pk", filter=Q(state__in=[*UNSUBMITTED, ReportState.TO_COMPLETE], due_on__lt=today)),
        )
        .order_by("year")
    )
    return [
        {**row, "urls": {key: scope.link("rapports", annee=row["year"], etat=key) for key in REPORT_FILTERS}}
        for row in rows
    ]


REPORT_FILTERS = ("due", "received", "admissible", "late")


def reports_in(scope: Scope, which: str) -> QuerySet[Report]:
    """The reports behind one of the counts of `report_counts`."""
    found = scope.reports().filter(year=scope.year)
    waiting = [*UNSUBMITTED, ReportState.TO_COMPLETE]
    if which == "received":
        return found.exclude(state__in=waiting)
    if which == "admissible":
        return found.filter(state__in=PUBLISHED)
    if which == "late":
        return found.filter(state__in=waiting, due_on__lt=clock.today())
    return found


def conventions_table(scope: Scope, limit: int = ALL_SHOWN) -> list[dict[str, Any]]:
    """One line per convention: state, whose turn since when, the year's contribution when signed.

    In two steps: the first conventions by name of their association, then what their lines show.
    """
    order = ("dossier__beneficiary__sort_name", "number")
    first = list(scope.conventions().order_by(*order).values_list("pk", flat=True)[:limit])
    money_of_year = Contribution.objects.filter(year=scope.year).order_by()
    acts = (
        Act.objects.filter(convention__in=first, number=0)
        .select_related("programme", "convention__dossier__beneficiary", "convention__dossier__lead")
        .prefetch_related(Prefetch("contributions", money_of_year, to_attr="of_year"))
        .only(*_SHOWN)
        .order_by(*(f"convention__{name}" for name in order))
    )
    return [_line(act) for act in acts]


_SHOWN = (
    *("state", "turn_since", "programme__side", "convention__number", "convention__state"),
    *("convention__dossier__beneficiary__short_name", "convention__dossier__lead__short_name"),
)


def _line(act: Act) -> dict[str, Any]:
    convention, since = act.convention, french.day_of(act.turn_since)
    dossier = convention.dossier
    turn = {"state": dossier.lead, "beneficiary": dossier.beneficiary}.get(act.programme.side)
    amount = sum((row.amount for row in act.of_year), Decimal(0))  # type: ignore[attr-defined]
    return {
        "convention": convention,
        "url": reverse("convention-detail", args=[convention.number]),
        "step": STEPS.get(ConventionState(convention.state)),
        "turn": turn if convention.state == ConventionState.NEGOTIATION else None,
        "turn_days": (clock.today() - since).days if since else None,
        "amount": amount if convention.state == ConventionState.ACTIVE else None,
    }


def late_lines(scope: Scope, limit: int = 20) -> list[dict[str, Any]]:
    """Overdue deadlines, the oldest first, with the last reminder sent."""
    found = (
        scope.late()
        .select_related("rule", "convention__dossier__beneficiary")
        .prefetch_related("reminders")
        .only("due_on", "year", "rule__label", "convention__number", "convention__dossier__beneficiary__short_name")
        .order_by("due_on", "convention__number")[:limit]
    )
    today = clock.today()
    return [
        {
            "deadline": deadline,
            "days": (today - deadline.due_on).days,
            "last": max((r.created_at for r in deadline.reminders.all() if r.state == "sent"), default=None),
        }
        for deadline in found
    ]


# The list behind a figure ------------------------------------------------------------------------------------------


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
        title = f"Conventions\u00a0: {ConventionState(state).label.lower()}"
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
