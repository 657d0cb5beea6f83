"""`ActPage`: all that one request reads of an act for a person. Each part is read once, when it is first needed.

At the number of a convention the pages of its text show the text in force today, whichever act made it; at the
reference of an act (« …-A1 », « …-initiale » for the convention as it was first signed), the text of this act. Who
writes a text reads its tables; everybody else reads its last version (docs/architecture.md).
"""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, TypeVar

from django.conf import settings
from django.db.models import QuerySet
from django.utils.functional import cached_property

from actions.models import Programme
from actions.rows import Ended, ProgrammeRows, RemainingRows, StoredRows
from arml.models import User
from arml.permissions import capacities
from conventions.cache import of_key
from conventions.content.freeze import build_content, part
from conventions.content.held import articles_of
from conventions.content.identity import terms_of
from conventions.content.rows import FrozenRows
from conventions.later.in_force import firm_years, in_force_among
from conventions.models import Act, FormalNotice, Version
from conventions.money.totals import by_year, remaining, remaining_until
from conventions.permissions import thread_audiences
from conventions.reads import Reads, version_read
from conventions.workflow import ACT
from cpo.lib import clock
from cpo.lib.actor import Actor, reads_negotiation
from cpo.lib.wording import french
from cpo.lib.workflow import Option

T = TypeVar("T")
FIRST = "-initiale"  # after the number of a convention: its first act, whatever changed it since


class ActPage(Reads):
    """There is one page for each request. It sets `act.reads`, so that guards and conditions share what it has read.

    `number`: the address of its pages.
    """

    def __init__(self, act: Act, user: User, number: str) -> None:
        super().__init__(act)
        self.user, self.number = user, number
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
        reads_all = reads_negotiation(self.actors)
        readable = [act for act in self.all_acts if reads_all or act.is_active]
        return readable if len(readable) > 1 else []

    @cached_property
    def all_acts(self) -> list[Act]:
        return [] if self.before_signature else list(self.act.convention.acts.order_by("number"))

    @cached_property
    def open_acts(self) -> list[Act]:
        return [act for act in self.all_acts if act.state in Act.OPEN] if self.all_acts else super().open_acts

    @cached_property
    def term(self) -> dt.date:
        return next((act.ends_on for act in self.all_acts if act.latest), self.act.ends_on)

    @property
    def before_signature(self) -> bool:
        """Whether no text of the convention is signed: then it has no other act and no formal notice."""
        return self.act.number == 0 and not self.act.is_active

    @cached_property
    def exchange_counts(self) -> Counter[str]:
        """How many open exchanges the person may read, by path."""
        audiences = thread_audiences(self.actors)
        return Counter(path for audience, path in self.open_exchanges if audience in audiences)

    @property
    def thread_count(self) -> int:
        return self.exchange_counts.total()

    @cached_property
    def open_notices(self) -> list[FormalNotice]:
        return [] if self.before_signature else super().open_notices

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
        current.convention = self.act.convention
        current.programme.dossier, current.programme.cycle = self.act.dossier, self.act.convention.cycle
        current.reads = Reads(current)
        return current

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
        return self.kept("sizes", self._count)

    def _count(self) -> tuple[int, int]:
        if self.version is None:
            return self.text.articles.held().filter(included=True).count(), self.programme.sheets.count()
        return sum(article["included"] for article in articles_of(self.content)), len(self.content["sheets"])

    @cached_property
    def content(self) -> Mapping[str, Any]:
        """The content that the person reads (docs/document.md)."""
        return build_content(self.text) if self.version is None else self.version.content

    @cached_property
    def rows(self) -> ProgrammeRows:
        rows: ProgrammeRows = StoredRows(self.text.programme) if self.version is None else FrozenRows(self.content)
        return rows if self.money_until is None else RemainingRows(rows, self.money_until)

    @property
    def money_until(self) -> int | None:
        """The last year that carries money, on the pages of a convention; those of one act show what it says."""
        return remaining_until(self.act.convention) if self.is_convention else None

    def due(self, name: str) -> list[dict[str, Any]]:
        """The contributions or the instalments that still carry money."""
        return remaining(self.part(name), self.money_until)

    @property
    def planned(self) -> Mapping[int, Decimal]:
        return by_year(self.due("contributions"))

    @property
    def years(self) -> list[int]:
        """The years that tables of amounts show: those that still carry money."""
        return [year for year in self.programme.years if self.money_until is None or year <= self.money_until]

    @cached_property
    def ended(self) -> Ended | None:
        """What a terminated convention owes no more, on its own pages, and where all that was signed is read."""
        until = self.money_until
        if until is None:
            return None
        after = {year: amount for year, amount in by_year(self.part("contributions")).items() if year > until}
        signed = ", ".join(f"{french.euros(amount)} en {year}" for year, amount in sorted(after.items()))
        words = f"La convention est résiliée\u00a0: rien n’est dû pour les années après {until}."
        if signed:
            words += f" La contribution signée pour ces années était de {signed}."
        return Ended(
            until, words, str(self.text.reference) if self.text.number else f"{self.act.convention.number}{FIRST}"
        )

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
        if self.acts:
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

    def drawn(self, name: str, draw: Callable[[], str]) -> str:
        """Draw once what shows a version and nothing else. The text that is being written is drawn each time.

        The tables also hold reference data (accounts, axes), whose changes count in no revision.
        """
        return draw() if self.version is None or settings.DEBUG else self.kept(f"drawn:{name}", draw)


def find_page(user: User, number: str) -> ActPage | None:
    """Return the page of the act with this reference (for act 0, the convention's number), if the person may see it."""
    dossier = "convention__dossier"
    people = (f"{dossier}__lead", f"{dossier}__beneficiary", f"{dossier}__officer")
    acts = Act.objects.select_related(*people, "convention__cycle", "programme")
    act = _at(acts.visible_to(user), number)
    if act is None:
        return None
    # These are the same rows: do not read them again.
    act.programme.dossier, act.programme.cycle = act.convention.dossier, act.convention.cycle
    act.dossier.gather(user)
    return ActPage(act, user, number)


def find_act(user: User, number: str) -> Act | None:
    """Return the act with this reference, if the person may see it, for a view that draws no page."""
    acts = Act.objects.select_related("convention__dossier", "programme")
    act = _at(acts.visible_to(user), number)
    if act is not None:
        act.programme.dossier = act.convention.dossier
    return act


def _at(acts: QuerySet[Act], number: str) -> Act | None:
    """Return the act of this address: its reference, or the number of its convention and « -initiale » for act 0.

    A reference names one act: nothing is sorted, since Django compares each of the hundred columns with the order.
    """
    convention = number.removesuffix(FIRST)
    named = acts.filter(reference=convention, number=0) if convention != number else acts.filter(reference=number)
    return next(iter(named.order_by()), None)
