"""`ActPage`: all that one request reads of an act for a person. Each part is read once, when it is first needed."""

from dataclasses import dataclass, fields
from functools import cache
from typing import Any

from django.db.models import Exists, Func, IntegerField, OuterRef, QuerySet, Subquery
from django.utils.functional import cached_property

from actions.models import Programme, Sheet
from arml.models import User
from arml.permissions import capacities
from conventions.models import Act, ArticleText, FormalNotice, Thread
from conventions.permissions import thread_audiences
from conventions.reads import Reads
from conventions.workflow import ACT
from cpo.lib.actor import Actor
from cpo.lib.enums import Audience
from cpo.lib.workflow import Option


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
    """There is one page for each request. It sets `act.reads`, so that guards and conditions share what it has read."""

    def __init__(self, act: Act, user: User, counts: Counts) -> None:
        super().__init__(act)
        self.user, self.counts = user, counts
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
        """All the acts of the convention; an empty list, without a query, when there is only the first act."""
        return list(self.act.convention.acts.order_by("number")) if self.counts.has_later_acts else []

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


def find_page(user: User, number: str) -> ActPage | None:
    """Return the page of the act with this reference (for act 0, the convention's number), if the person may see it."""
    acts = Act.objects.select_related(
        "convention__dossier__lead",
        "convention__dossier__beneficiary",
        "convention__dossier__officer",
        "convention__cycle",
        "programme",
        "model_version",
    )
    act = acts.visible_to(user).filter(reference=number).annotate(**_count_annotations()).first()
    if act is None:
        return None
    # These are the same rows: do not read them again.
    act.programme.dossier, act.programme.cycle = act.convention.dossier, act.convention.cycle
    act.dossier.gather()
    return ActPage(act, user, Counts(**{one.name: getattr(act, one.name) for one in fields(Counts)}))


def page_of(programme: Programme, user: User) -> ActPage:
    """Return the page of a programme that was read with its act and its dossier, and that the person may see."""
    act: Act = programme.act  # type: ignore[attr-defined]
    act.programme, act.convention.dossier, act.convention.cycle = programme, programme.dossier, programme.cycle
    act.dossier.gather()
    annotations = _count_annotations()
    return ActPage(act, user, Counts(**Act.objects.annotate(**annotations).values(*annotations).get(pk=act.pk)))


def find_act(user: User, number: str) -> Act | None:
    """Return the act with this reference, if the person may see it, for a view that draws no page."""
    acts = Act.objects.select_related("convention__dossier", "programme")
    act = acts.visible_to(user).filter(reference=number).first()
    if act is not None:
        act.programme.dossier = act.convention.dossier
    return act


@cache
def _count_annotations() -> dict[str, Any]:
    """Return the fields of `Counts` as annotations of acts. To build them takes as long as to write their SQL."""
    open_threads = Thread.objects.filter(act=OuterRef("pk"), resolved_at=None)
    notices = FormalNotice.objects.open().filter(convention=OuterRef("convention"))
    return {
        "article_count": _count(ArticleText.objects.filter(act=OuterRef("pk"), included=True)),
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
