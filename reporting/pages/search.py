"""Search in all that the person sees, kind by kind: all words must match; when nothing does, what resembles them.

Each kind shows the rows that its page would show to this person, and no others.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, F, Q, QuerySet, Window
from django.urls import reverse

from actions.models import Sheet
from actions.retained import retain
from arml.models import Dossier, Member, Membership, Organisation, User
from arml.permissions import observed_associations, whose_people_are_seen
from conventions.content.comparison.contents import article_title
from conventions.enums import Origin
from conventions.later.in_force import in_force_today
from conventions.later.term import term_of, years_label
from conventions.models import Act, ArticleText, Convention, ModelArticle
from cpo.lib.enums import Side
from cpo.lib.wording import french
from cpo.lib.wording.numbers import whole_number
from cpo.lib.wording.searching import marked, matching, word_in, words_of
from reporting.enums import ReportState
from reporting.models import Report
from reporting.permissions.registers import MEMBERS

LIMIT, PER_PAGE = 10, 20
ABOUT_REPORTS = ("rapport", "rapports", "compte", "comptes", "rendu", "rendus")

Line = dict[str, Any]


@dataclass(frozen=True)
class Kind:
    """What is searched: `rows(user, words, close)` filters, `line(row)` gives address, title, detail and badge."""

    key: str
    title: str
    rows: Callable[[User, Sequence[str], bool], QuerySet[Any]]
    line: Callable[[Any], Line]


@dataclass
class Group:
    """The results of one kind: the lines of the page, the total count, the page when it is read alone."""

    kind: Kind
    lines: list[Line] = field(default_factory=list)
    count: int = 0
    page: Page[Any] | None = None

    @property
    def title(self) -> str:
        return self.kind.title


@dataclass
class Results:
    groups: list[Group] = field(default_factory=list)
    close: bool = False  # nothing has these words: these resemble them

    @property
    def total(self) -> int:
        return sum(group.count for group in self.groups)


def search(user: User, text: str, *, key: str = "", page: str | None = None) -> Results:
    """Search each kind, or the one with this key, page by page. The number of queries does not depend on the rows."""
    words = words_of(text)
    kinds = [kind for kind in KINDS if key in ("", kind.key)]
    if not words or not kinds:
        return Results()
    for close in (False, True):
        groups = [_group(kind, user, words, close, page=page if key else None, alone=bool(key)) for kind in kinds]
        results = Results([group for group in groups if group.lines], close)
        if results.total:
            return results
    return Results()


def _group(kind: Kind, user: User, words: Sequence[str], close: bool, *, page: str | None, alone: bool) -> Group:
    queryset = kind.rows(user, words, close)
    if alone:
        shown = Paginator(queryset, PER_PAGE).get_page(page)
        return Group(kind, _lines(kind, shown.object_list, words), shown.paginator.count, shown)
    rows: list[Any] = list(queryset.annotate(whole=Window(Count("pk")))[:LIMIT])  # their number, in the same query
    return Group(kind, _lines(kind, rows, words), rows[0].whole if rows else 0)


def _lines(kind: Kind, rows: Any, words: Sequence[str]) -> list[Line]:
    lines = [kind.line(row) for row in rows]
    return [line | {name: marked(line[name], words) for name in ("title", "detail")} for line in lines]


# -- Conventions and their acts ---------------------------------------------------------------------------------------


def _conventions(user: User, words: Sequence[str], close: bool) -> QuerySet[Convention]:
    parties = ("dossier__beneficiary__short_name", "dossier__beneficiary__name", "dossier__lead__short_name")
    rows = matching(Convention.objects.visible_to(user), ("number", *parties, "cycle__label"), words, close=close)
    rows = rows.annotate(term_on=term_of("pk"))
    return rows.select_related("dossier__beneficiary", "dossier__lead", "cycle").order_by("number")


def _convention(convention: Any) -> Line:
    return {
        "url": reverse("convention-detail", kwargs={"number": convention.number}),
        "title": f"{convention.number}, {convention.dossier.beneficiary}",
        "detail": f"avec {convention.dossier.lead.in_sentence} · {years_label(convention, convention.term_on)}",
        "state": convention.state,
        "kind": "act",
        "label": convention.get_state_display(),
    }


def _acts(user: User, words: Sequence[str], close: bool) -> QuerySet[Act]:
    """The acts after the first, by the reference that their documents print."""
    fields = ("reference", "convention__dossier__beneficiary__short_name")
    rows = matching(Act.objects.visible_to(user).filter(number__gt=0), fields, words, close=close)
    return rows.select_related("convention__dossier__beneficiary").order_by("reference")


def _act(act: Act) -> Line:
    return {
        "url": reverse("convention-detail", kwargs={"number": act.reference}),
        "title": f"{act.name}, {act.reference}",
        "detail": str(act.convention.dossier.beneficiary),
        "state": act.state,
        "kind": "act",
        "label": act.state_words,
    }


def _texts(user: User) -> QuerySet[Act]:
    """The text in force of each convention; an unsigned one for the side that writes it.

    Everybody else reads its last version (`reads.version_read`), which is no table to search in.
    """
    own = {membership.organisation_id for membership in user.roles}
    cosigned = Dossier.services.through.objects.filter(organisation__in=own).values("dossier")
    for_the_state = Q(convention__dossier__lead__in=own) | Q(convention__dossier__in=cosigned)
    written = Q(programme__side=Side.STATE) & for_the_state
    written |= Q(programme__side=Side.BENEFICIARY, convention__dossier__beneficiary__in=own)
    return Act.objects.visible_to(user).filter(in_force_today() | Q(number=0) & written)


def _sheets(user: User, words: Sequence[str], close: bool) -> QuerySet[Sheet]:
    fields = ("title", "code", "description", "programme__dossier__beneficiary__short_name")
    visible = Sheet.objects.visible_to(user).filter(programme__in=_texts(user).values("programme"))
    rows = matching(visible, fields, words, close=close).select_related("axis", "programme__dossier__beneficiary")
    return rows.annotate(number=F("programme__act__reference")).order_by("number", "axis__number", "rank", "pk")


def _sheet(sheet: Any) -> Line:
    retain(sheet.programme, [sheet.axis])
    return {
        "url": reverse("sheet-detail", kwargs={"number": sheet.number, "key": sheet.key}),
        "title": f"{sheet.code} {sheet.title}",
        "detail": f"{sheet.number} · {sheet.programme.dossier.beneficiary} · {sheet.axis}",
    }


def _articles(user: User, words: Sequence[str], close: bool) -> QuerySet[ArticleText]:
    """Articles by their title and their text. The national model is read once, not again for each convention."""
    rows = ArticleText.objects.filter(act__in=_texts(user).values("pk"), included=True)
    rows = rows.exclude(act__number=0, act__origin=Origin.PAPER)  # theirs is the original, not the model
    changed = ~Q(body=F("model_article__body"))
    for word in words:
        models = ModelArticle.objects.filter(word_in(("title", "number"), word, close=close))
        same = ModelArticle.objects.filter(word_in(("body",), word))
        own = Q(model_article__in=models.values("pk")) | Q(model_article__in=same.values("pk")) & ~changed
        rows = rows.filter(own | changed & word_in(("body",), word))
    rows = rows.select_related("model_article", "act__convention__dossier__beneficiary")
    return rows.order_by("act__reference", "model_article__rank", "pk")


def _article(article: ArticleText) -> Line:
    model, act = article.model_article, article.act
    return {
        "url": reverse("convention-article", kwargs={"number": act.reference, "key": model.key}),
        "title": article_title({"number": model.number, "title": model.title}),
        "detail": f"{act.reference} · {act.convention.dossier.beneficiary}",
    }


# -- Reports ----------------------------------------------------------------------------------------------------------


def _reports(user: User, words: Sequence[str], close: bool) -> QuerySet[Report]:
    """Search reports by convention, association, service and year; not in their texts, which fewer people may read."""
    years = [int(word) for word in words if _is_year(word)]
    others = [word for word in words if not _is_year(word) and word not in ABOUT_REPORTS]
    dossier = "convention__dossier"
    fields = ("convention__number", f"{dossier}__beneficiary__short_name", f"{dossier}__lead__short_name")
    rows = matching(Report.objects.visible_to(user), fields, others, close=close)
    if years:
        rows = rows.filter(year__in=years)
    return rows.select_related(f"{dossier}__beneficiary").order_by("-year", "convention__number")


def _is_year(word: str) -> bool:
    return len(word) == 4 and whole_number(word) is not None


def _report(report: Report) -> Line:
    return {
        "url": reverse("report-detail", kwargs={"number": report.convention.number, "year": report.year}),
        "title": f"Compte rendu {report.year}, {report.convention.dossier.beneficiary}",
        "detail": report.convention.number,
        "state": report.state,
        "kind": "report",
        "label": ReportState(report.state).label,
    }


# -- Organisations and people -----------------------------------------------------------------------------------------


def _organisations(user: User, words: Sequence[str], close: bool) -> QuerySet[Organisation]:
    fields = ("short_name", "name", "city")
    return matching(Organisation.objects.all(), fields, words, close=close).order_by("sort_name", "pk")


def _organisation(organisation: Organisation) -> Line:
    return {
        "url": reverse("organisation-detail", kwargs={"key": organisation.key}),
        "title": organisation.short_name,
        "detail": " · ".join(part for part in (organisation.name, organisation.city) if part),
    }


def _members(user: User, words: Sequence[str], close: bool) -> QuerySet[Member]:
    """The Missions Locales of the associations whose members the person reads, past ones too."""
    rows = Member.objects.filter(organisation__in=observed_associations(user).values("pk"))
    rows = matching(rows, ("name", "siret", "city"), words, close=close)
    return rows.select_related("organisation").order_by("name", "joined_on", "pk")


def _member(member: Member) -> Line:
    until = f", jusqu’au {french.date(member.left_on)}" if member.left_on else ""
    return {
        "url": reverse("association-register", kwargs={"key": member.organisation.key, "register": MEMBERS}),
        "title": member.name,
        "detail": f"adhérente {french.of(member.organisation.in_sentence)}{until}",
    }


def _people(user: User, words: Sequence[str], close: bool) -> QuerySet[Membership]:
    seen = Membership.objects.in_force().filter(organisation__in=whose_people_are_seen(user), user__is_active=True)
    fields = ("user__first_name", "user__last_name")
    rows = matching(seen, fields, words, close=close).select_related("user", "organisation")
    return rows.order_by("user__last_name", "user__first_name", "pk")


def _person(membership: Membership) -> Line:
    return {
        "url": reverse("organisation-detail", kwargs={"key": membership.organisation.key}) + "#personnes",
        "title": str(membership.user),
        "detail": f"{membership.title or membership.get_role_display()}, {membership.organisation}",
    }


KINDS = (
    Kind("conventions", "Conventions", _conventions, _convention),
    Kind("actes", "Avenants et actes annuels", _acts, _act),
    Kind("fiches", "Fiches actions", _sheets, _sheet),
    Kind("articles", "Articles", _articles, _article),
    Kind("comptes-rendus", "Comptes rendus annuels", _reports, _report),
    Kind("organisations", "Organisations", _organisations, _organisation),
    Kind("adherentes", "Missions locales adhérentes", _members, _member),
    Kind("personnes", "Personnes", _people, _person),
)
