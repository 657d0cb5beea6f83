"""Search in the conventions, fiches and reports that the person sees: all words must match, accents do not count."""

from dataclasses import dataclass, field
from typing import Any

from django.db.models import F, Q, QuerySet
from django.urls import reverse

from actions.models import Sheet
from arml.models import User
from conventions.enums import ConventionState
from conventions.models import Convention
from cpo.lib.wording.accents import plain
from cpo.lib.wording.numbers import whole_number
from reporting.enums import ReportState
from reporting.models import Report

LIMIT = 10
SHORTEST = 2
MOST_WORDS = 6
CONVENTION_FIELDS = (
    "number",
    "dossier__beneficiary__short_name",
    "dossier__beneficiary__name",
    "dossier__lead__short_name",
    "cycle__label",
)
SHEET_FIELDS = ("title", "code", "description", "programme__dossier__beneficiary__short_name")
REPORT_FIELDS = (
    "convention__number",
    "convention__dossier__beneficiary__short_name",
    "convention__dossier__lead__short_name",
)


@dataclass
class Group:
    """The results of one kind: the first lines, the total count, the address of the whole list."""

    title: str
    lines: list[dict[str, Any]] = field(default_factory=list)
    count: int = 0
    all_url: str = ""


def words_of(text: str) -> list[str]:
    """The words to search for: without accents, of two letters or more."""
    return [word for word in plain(text).split() if len(word) >= SHORTEST][:MOST_WORDS]


def _matching(queryset: QuerySet[Any], fields: tuple[str, ...], words: list[str]) -> QuerySet[Any]:
    """Filter the rows where each word is in one of the fields."""
    for word in words:
        clause = Q(pk__in=[])
        for name in fields:
            clause |= Q(**{f"{name}__plain__contains": word})
        queryset = queryset.filter(clause)
    return queryset


def _group(title: str, queryset: QuerySet[Any], line: Any) -> Group:
    rows = list(queryset[: LIMIT + 1])
    count = queryset.count() if len(rows) > LIMIT else len(rows)
    return Group(title, [line(row) for row in rows[:LIMIT]], count)


def search(user: User, text: str) -> list[Group]:
    """Search each kind; the number of queries is constant."""
    words = words_of(text)
    if not words:
        return []
    groups = [_conventions(user, words), _sheets(user, words), _reports(user, words)]
    groups[0].all_url = reverse("convention-list") if groups[0].count > LIMIT else ""
    return groups


def _conventions(user: User, words: list[str]) -> Group:
    conventions = _matching(Convention.objects.visible_to(user), CONVENTION_FIELDS, words)
    conventions = conventions.select_related("dossier__beneficiary", "dossier__lead", "cycle").order_by("number")
    return _group(
        "Conventions",
        conventions,
        lambda convention: {
            "url": reverse("convention-detail", kwargs={"number": convention.number}),
            "title": f"{convention.number}, {convention.dossier.beneficiary}",
            "detail": f"avec {convention.dossier.lead.in_sentence} · {convention.cycle.years_label}",
            "state": convention.state,
            "kind": "act",
            "label": convention.get_state_display(),
        },
    )


def _sheets(user: User, words: list[str]) -> Group:
    # The fiches of the last signed text; of the convention itself while nothing is signed.
    unsigned = Q(programme__act__number=0) & ~Q(programme__act__state=ConventionState.ACTIVE)
    visible = Sheet.objects.visible_to(user).filter(Q(programme__act__latest=True) | unsigned)
    sheets = _matching(visible, SHEET_FIELDS, words)
    sheets = sheets.select_related("axis", "programme__dossier__beneficiary").annotate(
        number=F("programme__act__reference")
    )
    return _group(
        "Fiches actions",
        sheets.order_by("number", "axis__number", "rank", "pk"),
        lambda sheet: {
            "url": reverse("sheet-detail", kwargs={"number": sheet.number, "key": sheet.key}),
            "title": f"{sheet.code} {sheet.title}",
            "detail": f"{sheet.number} · {sheet.programme.dossier.beneficiary} · {sheet.axis}",
        },
    )


def _reports(user: User, words: list[str]) -> Group:
    """Search reports by convention, association, service and year; not in their texts, which fewer people may read."""
    years = [number for word in words if len(word) == 4 and (number := whole_number(word)) is not None]
    others = [word for word in words if len(word) != 4 or whole_number(word) is None]
    others = [word for word in others if word not in ("rapport", "compte", "rendu")]
    reports = _matching(Report.objects.visible_to(user), REPORT_FIELDS, others)
    if years:
        reports = reports.filter(year__in=years)
    reports = reports.select_related("convention__dossier__beneficiary").order_by("-year", "convention__number")
    return _group(
        "Comptes rendus annuels",
        reports,
        lambda report: {
            "url": reverse("report-detail", kwargs={"number": report.convention.number, "year": report.year}),
            "title": f"Compte rendu {report.year}, {report.convention.dossier.beneficiary}",
            "detail": report.convention.number,
            "state": report.state,
            "kind": "report",
            "label": ReportState(report.state).label,
        },
    )
