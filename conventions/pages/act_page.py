"""`ActPage`: all that one request reads of an act, for the person who asks; each part once, when it is first wanted."""

from dataclasses import dataclass, fields
from typing import Any

from django.db.models import Exists, Func, IntegerField, OuterRef, QuerySet, Subquery
from django.utils.functional import cached_property

from actions.models import Programme, Sheet
from actions.permissions import readable
from arml.enums import OrganisationKind
from arml.models import User, within_scope
from arml.permissions import capacities
from conventions.models import Act, ArticleText, FormalNotice, Thread
from conventions.reads import Reads
from conventions.workflow import ACT
from cpo.lib.actor import Actor
from cpo.lib.enums import Audience
from cpo.lib.workflow import Option


@dataclass(frozen=True)
class Counts:
    """What the side menu counts, and what spares a query where there is none; read in the query that finds the act."""

    article_count: int
    sheet_count: int
    thread_count: int  # exchanges still open, of those that the person reads
    shared_thread_count: int
    has_later_acts: bool
    has_open_notices: bool


class ActPage(Reads):
    """One for a request. It gives itself to its act: guards and conditions then ask the page, which asks once."""

    def __init__(self, act: Act, user: User, counts: Counts) -> None:
        super().__init__(act)
        self.user, self.counts = user, counts
        act.reads = self

    @cached_property
    def actors(self) -> list[Actor]:
        return capacities(self.user, self.act.dossier)

    @cached_property
    def options(self) -> list[Option]:
        """What the person may do now."""
        return ACT.available(self.act, self.user)

    @cached_property
    def acts(self) -> list[Act]:
        """The acts of a convention that has some after the first, else none: nothing to read."""
        return list(self.act.convention.acts.order_by("number")) if self.counts.has_later_acts else []

    @cached_property
    def open_threads(self) -> int:
        return self.counts.shared_thread_count

    @cached_property
    def open_notices(self) -> list[FormalNotice]:
        return super().open_notices if self.counts.has_open_notices else []


def find_page(user: User, number: str) -> ActPage | None:
    """The page of the act of that reference (act 0 has its convention's number), if the person may see it."""
    acts = Act.objects.select_related(
        "convention__dossier__lead",
        "convention__dossier__beneficiary",
        "convention__dossier__officer",
        "convention__cycle",
        "programme",
        "model_version",
    )
    seen = within_scope(acts, user, "convention__dossier").filter(reference=number)
    act = seen.annotate(**_counted(user)).first()
    if act is None:
        return None
    # The same rows: not read twice.
    act.programme.dossier, act.programme.cycle = act.convention.dossier, act.convention.cycle
    act.dossier.gather()
    if act.number and not readable(user, act.programme):
        return None
    return ActPage(act, user, Counts(**{one.name: getattr(act, one.name) for one in fields(Counts)}))


def page_of(programme: Programme, user: User) -> ActPage:
    """As `find_page`, where a programme was read with its act and its dossier, as visible to the person."""
    act: Act = programme.act  # type: ignore[attr-defined]
    act.programme, act.convention.dossier, act.convention.cycle = programme, programme.dossier, programme.cycle
    act.dossier.gather()
    counted = _counted(user)
    return ActPage(act, user, Counts(**Act.objects.annotate(**counted).values(*counted).get(pk=act.pk)))


def find_alone(user: User, number: str) -> Act | None:
    """The act of that reference with its programme and its dossier alone: for what has no page to draw."""
    acts = Act.objects.select_related("convention__dossier", "programme")
    act = within_scope(acts, user, "convention__dossier").filter(reference=number).first()
    if act is not None:
        act.programme.dossier = act.convention.dossier
        if act.number and not readable(user, act.programme):
            return None
    return act


def _counted(user: User) -> dict[str, Any]:
    """The `Counts`, as annotations of acts."""
    open_threads = Thread.objects.filter(act=OuterRef("pk"), resolved_at=None)
    notices = FormalNotice.objects.open().filter(convention=OuterRef("convention"))
    return {
        "article_count": _count(ArticleText.objects.filter(act=OuterRef("pk"), included=True)),
        "sheet_count": _count(Sheet.objects.filter(programme=OuterRef("programme"))),
        "thread_count": _count(open_threads.filter(audience__in=_audiences(user))),
        "shared_thread_count": _count(open_threads.filter(audience=Audience.BOTH)),
        "has_later_acts": Exists(Act.objects.filter(convention=OuterRef("convention"), number__gt=0)),
        "has_open_notices": Exists(notices),
    }


def _audiences(user: User) -> list[str]:
    """Of the exchanges that the person reads."""
    own = {membership.organisation.kind for membership in user.roles}
    sides = {OrganisationKind.STATE_SERVICE: Audience.STATE, OrganisationKind.ARML: Audience.BENEFICIARY}
    return [Audience.BOTH, *(side for kind, side in sides.items() if kind in own)]


def _count(rows: QuerySet[Any]) -> Subquery:
    """How many rows there are. `Count` would group them by what they have in common: three times as long to write."""
    return Subquery(rows.order_by().values(n=Func("pk", function="COUNT", output_field=IntegerField())))
