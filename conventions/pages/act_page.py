"""`ActPage`: all that one request reads of an act for a person. Each part is read once, when it is first needed.

At the number of a convention the pages of its text show the text in force today, whichever act made it; at the
reference of an act (« …-A1 », « …-initiale » for the convention as it was first signed), the text of this act. Who
writes a text reads its tables; everybody else reads its last version (docs/architecture.md).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from functools import cache
from typing import Any, TypeVar

from django.db.models import Exists, Func, IntegerField, OuterRef, QuerySet, Subquery
from django.utils.functional import cached_property

from actions.models import Programme, Sheet
from actions.rows import ProgrammeRows, StoredRows
from arml.models import User
from arml.permissions import capacities
from conventions.cache import of_key
from conventions.content.freeze import build_content, part
from conventions.content.held import articles_of
from conventions.content.identity import terms_of
from conventions.content.rows import FrozenRows
from conventions.enums import ConventionState
from conventions.later.in_force import firm_years, in_force_among
from conventions.models import Act, ArticleText, FormalNotice, Thread, Version
from conventions.money.totals import by_year
from conventions.permissions import thread_audiences
from conventions.reads import Reads, version_read
from conventions.workflow import ACT
from cpo.lib import clock
from cpo.lib.actor import Actor, reads_negotiation
from cpo.lib.enums import Audience
from cpo.lib.workflow import Option

T = TypeVar("T")
FIRST = "-initiale"  # after the number of a convention: its first act, whatever changed it since


@dataclass(frozen=True)
class Counts:
    """Numbers for the side menu, and flags that spare a query. They are read by the query that finds the act."""

    article_count: int
    sheet_count: int
    shared_thread_count: int
    state_thread_count: int
    beneficiary_thread_count: int
    has_later_acts: bool
    has_open_notices: bool


class ActPage(Reads):
    """There is one page for each request. It sets `act.reads`, so that guards and conditions share what it has read.

    `number`: the address of its pages.
    """

    def __init__(self, act: Act, user: User, counts: Counts, number: str) -> None:
        super().__init__(act)
        self.user, self.counts, self.number = user, counts, number
        act.reads = self

    @cached_property
    def actors(self) -> list[Actor]:
        return capacities(self.user, self.act.dossier)

    @cached_property
    def options(self) -> list[Option]:
        """The actions that the person may do now."""
        return ACT.available(self.act, self.user)

    @cached_property
    def acts(self) -> list[Act]:
        """The acts of the convention that the person may read; an empty list when the first is the only one."""
        if not self.counts.has_later_acts:
            return []
        acts = self.act.convention.acts.order_by("number")
        readable = list(acts if reads_negotiation(self.actors) else acts.filter(state=ConventionState.ACTIVE))
        return readable if len(readable) > 1 else []

    @cached_property
    def open_threads(self) -> int:
        return self.counts.shared_thread_count

    @cached_property
    def thread_count(self) -> int:
        """How many open exchanges the person may read."""
        counts = {
            Audience.BOTH: self.counts.shared_thread_count,
            Audience.STATE: self.counts.state_thread_count,
            Audience.BENEFICIARY: self.counts.beneficiary_thread_count,
        }
        return sum(counts[Audience(audience)] for audience in thread_audiences(self.actors))

    @cached_property
    def open_notices(self) -> list[FormalNotice]:
        return super().open_notices if self.counts.has_open_notices else []

    # -- The text that the pages show --

    @property
    def is_convention(self) -> bool:
        """Whether this is the address of the convention, and not of one act."""
        return self.number == self.act.convention.number

    @cached_property
    def text(self) -> Act:
        """The act whose text the pages show."""
        if not self.is_convention:
            return self.act
        current = in_force_among(self.acts, clock.today(self.act.dossier.time_zone))
        if current is None or current.pk == self.act.pk:
            return self.act
        text = Act.objects.select_related("programme", "model_version").get(pk=current.pk)
        text.convention = self.act.convention
        text.programme.dossier, text.programme.cycle = self.act.dossier, self.act.convention.cycle
        text.reads = Reads(text)
        return text

    @property
    def programme(self) -> Programme:
        return self.text.programme

    @cached_property
    def version(self) -> Version | None:
        """The version that the person reads; None when they read what is written now."""
        return version_read(self.text, self.actors)

    @cached_property
    def sizes(self) -> tuple[int, int]:
        """How many articles and fiches the person reads."""
        if self.version is None:
            articles, sheets = self.counts.article_count, self.counts.sheet_count
        else:
            articles, sheets = self.kept("sizes", lambda: _sizes(self.content))
        return articles, sheets

    @cached_property
    def content(self) -> Mapping[str, Any]:
        """The content that the person reads (docs/document.md)."""
        return build_content(self.text) if self.version is None else self.version.content

    @cached_property
    def rows(self) -> ProgrammeRows:
        return StoredRows(self.text.programme) if self.version is None else FrozenRows(self.content)

    @property
    def planned(self) -> Mapping[int, Decimal]:
        return by_year(self.part("contributions"))

    def part(self, name: str) -> list[dict[str, Any]]:
        """One list of the content that the person reads: articles, parties, contributions or instalments."""
        if self.version is None:
            return part(self.text, name)
        return self.kept(name, lambda: articles_of(self.content) if name == "articles" else self.content[name])

    @property
    def values(self) -> Mapping[str, Any]:
        """The values of the variables, as the document prints them."""
        return self.kept("values", lambda: self.content["values"])

    @property
    def firm_years(self) -> set[int]:
        if self.counts.has_later_acts:
            return firm_years(self.text)
        return {self.act.convention.cycle.first_year, *self.act.convention.years_fixed_on_paper}

    @property
    def terms(self) -> Mapping[str, Any]:
        """The purpose, cause, consequences and dates of a later act; nothing for the convention."""
        if not self.text.number:
            return {}
        if self.version is None:
            names = ("purpose", "cause", "consequences", "effective_on", "ends_on")
            return {name: getattr(self.text, name) for name in names}
        return self.kept("terms", lambda: terms_of(self.content))

    def kept(self, name: str, compute: Callable[[], T]) -> T:
        """Compute once what depends on the content alone, for a version or a revision of the tables."""
        if self.version is None:
            source = f"act:{self.text.pk}:{self.text.programme.revision}:{self.text.state}"
        else:
            source = f"content:{self.version.content_sha256}"
        return of_key(f"{source}:{name}", compute)


def _sizes(content: Mapping[str, Any]) -> tuple[int, int]:
    return sum(article["included"] for article in articles_of(content)), len(content["sheets"])


def find_page(user: User, number: str) -> ActPage | None:
    """Return the page of the act with this reference (for act 0, the convention's number), if the person may see it."""
    act = _visible(user, number).annotate(**_count_annotations()).first()
    if act is None:
        return None
    # These are the same rows: do not read them again.
    act.programme.dossier, act.programme.cycle = act.convention.dossier, act.convention.cycle
    act.dossier.gather()
    return ActPage(act, user, Counts(**{one.name: getattr(act, one.name) for one in fields(Counts)}), number)


def find_act(user: User, number: str) -> Act | None:
    """Return the act with this reference, if the person may see it, for a view that draws no page."""
    acts = Act.objects.select_related("convention__dossier", "programme")
    act = _at(acts.visible_to(user), number).first()
    if act is not None:
        act.programme.dossier = act.convention.dossier
    return act


def _visible(user: User, number: str) -> QuerySet[Act]:
    acts = Act.objects.select_related(
        "convention__dossier__lead",
        "convention__dossier__beneficiary",
        "convention__dossier__officer",
        "convention__cycle",
        "programme",
        "model_version",
    )
    return _at(acts.visible_to(user), number)


def _at(acts: QuerySet[Act], number: str) -> QuerySet[Act]:
    """Keep the act of this address: its reference, or the number of its convention and « -initiale » for act 0."""
    convention = number.removesuffix(FIRST)
    return acts.filter(reference=convention, number=0) if convention != number else acts.filter(reference=number)


@cache
def _count_annotations() -> dict[str, Any]:
    """Return the fields of `Counts` as annotations of acts. To build them takes as long as to write their SQL."""
    open_threads = Thread.objects.filter(act=OuterRef("pk"), resolved_at=None)
    notices = FormalNotice.objects.open().filter(convention=OuterRef("convention"))
    return {
        "article_count": _count(ArticleText.objects.held().filter(act=OuterRef("pk"), included=True)),
        "sheet_count": _count(Sheet.objects.filter(programme=OuterRef("programme"))),
        "shared_thread_count": _count(open_threads.filter(audience=Audience.BOTH)),
        "state_thread_count": _count(open_threads.filter(audience=Audience.STATE)),
        "beneficiary_thread_count": _count(open_threads.filter(audience=Audience.BENEFICIARY)),
        "has_later_acts": Exists(Act.objects.filter(convention=OuterRef("convention"), number__gt=0)),
        "has_open_notices": Exists(notices),
    }


def _count(rows: QuerySet[Any]) -> Subquery:
    """Count the rows in a subquery. Django's `Count` would add a GROUP BY, with a longer query."""
    return Subquery(rows.order_by().values(n=Func("pk", function="COUNT", output_field=IntegerField())))
