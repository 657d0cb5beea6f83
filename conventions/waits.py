"""Who is waited for on an act, for what, since when and until when: a turn, a visa, a signature, an answer.

Pages, « À faire », reminders and « relancer » read it here. The delays are rules that the national administration
edits (`reporting`).
"""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import F, OuterRef, Subquery

from arml.enums import Role
from arml.models import Membership, Organisation, User
from conventions import permissions as may
from conventions.agreement import accepted_by_both, latest_version
from conventions.enums import ConventionState as State
from conventions.enums import PartyRole, WaitKind
from conventions.guards.signing import FIRST_TO_SIGN, next_to_sign, signing_document, standing_refusal
from conventions.guards.visas import visa_of_given, visas_given
from conventions.models import Act, Comment, Party
from conventions.notifications.common import people
from conventions.notifications.signing import signatories
from conventions.reads import Delays, reads
from conventions.text import signing_modes
from cpo.lib import clock
from cpo.lib.actor import Actor
from cpo.lib.dates import add_months
from cpo.lib.enums import Audience, Side
from cpo.lib.wording import french


def due_on(kind: str, since: dt.datetime, act: Act, zone: str, delays: Delays) -> dt.date | None:
    """The day until which one waits without more; None when no rule of the cycle says it."""
    delay = delays.get((act.convention.cycle_id, kind))
    if delay is None:
        return None
    months, days = delay
    return add_months(clock.local_day(since, zone), months) + dt.timedelta(days=days)


def since_words(days: int) -> str:
    """« depuis aujourd’hui », « depuis 1 jour », « depuis 43 jours »."""
    return f"depuis {days}\u00a0jour{'s' if days > 1 else ''}" if days else "depuis aujourd’hui"


@dataclass(frozen=True)
class Wait:
    """`key` names it within the act. `audience`: who may know of it, as the page that shows it."""

    act: Act
    kind: WaitKind
    key: str
    what: str
    since: dt.datetime
    organisation: Organisation
    side: str
    delays: Delays
    audience: str = Audience.BOTH
    party: Party | None = None

    @property
    def day(self) -> dt.date:
        return clock.local_day(self.since, self.act.dossier.time_zone)

    @property
    def due_on(self) -> dt.date | None:
        return due_on(self.kind, self.since, self.act, self.act.dossier.time_zone, self.delays)

    @property
    def page(self) -> str:
        """The name of the page where it is answered."""
        pages = {WaitKind.TURN: "convention-detail", WaitKind.SIGNATURE: "convention-documents"}
        return pages.get(self.kind, "convention-versions")

    @property
    def days(self) -> int:
        """Whole days of the dossier's calendar since it began."""
        return (clock.today(self.act.dossier.time_zone) - self.day).days

    @property
    def late(self) -> bool:
        return self.due_on is not None and self.due_on < clock.today(self.act.dossier.time_zone)

    @property
    def words(self) -> str:
        """« depuis 12 jours, attendu pour le 3 novembre 2026 »; in the past once the day is over."""
        if self.due_on is None:
            return since_words(self.days)
        until = "était attendu pour le" if self.late else "attendu pour le"
        return f"{since_words(self.days)}, {until} {french.date(self.due_on)}"

    @cached_property
    def people(self) -> list[User]:
        """Who must act: they are reminded, and « relancer » writes to them."""
        return _PEOPLE[self.kind](self)


def waits_of(act: Act) -> list[Wait]:
    """All that is waited for on an act now, exchanges included."""
    return [*steps_of(act), *answers_of(act)]


def steps_of(act: Act) -> list[Wait]:
    """The turn, the visas and the signatures that are waited for now."""
    if not act.is_signed_act or act.on_paper or act.state not in (State.NEGOTIATION, State.SIGNATURE):
        return []
    make = _maker(act)
    return list(_signatures(act, make) if act.state == State.SIGNATURE else _negotiation(act, make))


def _maker(act: Act) -> Callable[..., Wait]:
    delays = reads(act).delays
    return lambda kind, key, what, since, organisation, side, **more: Wait(
        act, kind, key, what, since, organisation, side, delays, **more
    )


def _negotiation(act: Act, make: Callable[..., Wait]) -> Iterator[Wait]:
    dossier, version = act.dossier, latest_version(act)
    if act.turn and act.turn_since:
        holder = dossier.lead if act.turn == Side.STATE else dossier.beneficiary
        yield make(WaitKind.TURN, f"main:{act.turn}", _turn_words(act), act.turn_since, holder, act.turn)
    if act.president_visa_asked_at and version:
        yield make(
            WaitKind.PRESIDENT, "visa-presidence", f"le visa de la présidence sur la version {version.number}",
            act.president_visa_asked_at, dossier.beneficiary, Side.BENEFICIARY, audience=Audience.BENEFICIARY,
        )  # fmt: skip
    if version and act.turn_since and accepted_by_both(act):
        yield from _visas(act, make, f"sur la version {version.number}")


def _visas(act: Act, make: Callable[..., Wait], what: str) -> Iterator[Wait]:
    """The lead's visa once it is asked; those of co-signing services from the agreement on."""
    for party in reads(act).parties:
        since = {PartyRole.LEAD: act.visa_asked_at, PartyRole.COSIGNER: act.turn_since}.get(PartyRole(party.role))
        if party.signs and since and not visa_of_given(act, party.organisation):
            words = f"le visa {french.of(party.organisation.in_sentence)} {what}"
            key = f"visa:{party.organisation_id}"
            yield make(WaitKind.VISA, key, words, since, party.organisation, Side.STATE,
                       audience=Audience.NATIONAL, party=party)  # fmt: skip


def _turn_words(act: Act) -> str:
    version = latest_version(act)
    if version is None:
        return "la première proposition"
    if accepted_by_both(act):
        return "l’ouverture de la signature"
    own = version.side == act.turn
    return "une nouvelle version" if own else f"la réponse à la version {version.number}"


def _signatures(act: Act, make: Callable[..., Wait]) -> Iterator[Wait]:
    document = signing_document(act)
    if document is None:
        return
    if refusal := standing_refusal(act):
        lead = act.dossier.lead
        yield make(WaitKind.TURN, "refus", "la suite à donner au refus de signer", refusal.at, lead, Side.STATE)
        return
    signed = list(document.signatures.filter(voided_at=None).values_list("party__role", "recorded_at"))
    for party in next_to_sign(act):
        since = signable_since(act, party, document.created_at, signed)
        side = Side.BENEFICIARY if party.role == PartyRole.BENEFICIARY else Side.STATE
        what = f"la signature {french.of(act.name_in_sentence)}"
        yield make(WaitKind.SIGNATURE, f"signature:{party.pk}", what, since, party.organisation, side, party=party)


def signable_since(
    act: Act, party: Party, produced_at: dt.datetime, signed: Iterable[tuple[str, dt.datetime | None]]
) -> dt.datetime:
    """Since when a party may sign: the document is there, and those who sign before it have signed.

    `signed`: the role of each party that signed, and when.
    """
    first = FIRST_TO_SIGN[signing_modes.order(act)]
    before = [at for role, at in signed if at and role in first] if party.role not in first else []
    return max([produced_at, *before])


def answers_of(act: Act, thread: Any = None) -> list[Wait]:
    """The open exchanges of both sides whose last word is of one of them: the other is waited for.

    Not where the other has said since that this last word needs no answer.
    """
    if act.state not in (State.NEGOTIATION, State.SIGNATURE):
        return []
    last = Comment.objects.filter(thread=OuterRef("pk")).order_by("-at", "-pk")
    threads = act.threads.filter(resolved_at=None, audience=Audience.BOTH)
    threads = threads.filter(pk=thread.pk) if thread else threads
    make, dossier = _maker(act), act.dossier
    asked = threads.annotate(by=Subquery(last.values("side")[:1]), asked_at=Subquery(last.values("at")[:1]))
    asked = asked.exclude(settled_at__gte=F("asked_at"))
    return [
        make(WaitKind.ANSWER, f"reponse:{row.pk}", f"la réponse à l’échange « {row.label} »", row.asked_at,
             dossier.beneficiary if row.by == Side.STATE else dossier.lead, Side.other(row.by))
        for row in asked.filter(by__in=Side.values).order_by("pk")
    ]  # fmt: skip


# -- Who is waited for -----------------------------------------------------------------------------------------------


def _followers(wait: Wait) -> list[User]:
    """Of the lead service, the officer of the dossier, else all officers, else the manager."""
    officers = people(wait.act, Side.STATE, [Role.OFFICER])
    own = [user for user in officers if user.pk == wait.act.dossier.officer_id]
    return own or officers or people(wait.act, Side.STATE, [Role.MANAGER])


def _of_side(wait: Wait) -> list[User]:
    if wait.side == Side.BENEFICIARY:
        directors = people(wait.act, Side.BENEFICIARY, [Role.DIRECTOR])
        return directors or people(wait.act, Side.BENEFICIARY, [Role.PRESIDENT])
    return people(wait.act, Side.STATE, [Role.MANAGER]) if _for_manager(wait) else _followers(wait)


def _for_manager(wait: Wait) -> bool:
    """Opening the signature once the visas are given, and reopening the negotiation, are the manager's."""
    if wait.kind != WaitKind.TURN:
        return False
    return wait.act.state == State.SIGNATURE or (accepted_by_both(wait.act) and not list(visas_given(wait.act)))


def _viewers(wait: Wait) -> list[User]:
    """The manager of the lead; for a co-signing service, also its signatories."""
    if wait.organisation.pk == wait.act.dossier.lead_id:
        return people(wait.act, Side.STATE, [Role.MANAGER])
    members = Membership.objects.in_force().filter(
        organisation=wait.organisation, role__in=(Role.MANAGER, Role.SIGNATORY), user__is_active=True
    )
    return list(User.objects.filter(pk__in=members.values("user_id")).order_by("id"))


_PEOPLE: dict[WaitKind, Callable[[Wait], list[User]]] = {
    WaitKind.TURN: _of_side,
    WaitKind.ANSWER: _of_side,
    WaitKind.VISA: _viewers,
    WaitKind.PRESIDENT: lambda wait: people(wait.act, Side.BENEFICIARY, [Role.PRESIDENT]),
    WaitKind.SIGNATURE: lambda wait: signatories(wait.act, [wait.party]) if wait.party else [],
}


# -- Who may « relancer » ---------------------------------------------------------------------------------------------

_WAITING: dict[WaitKind, Callable[[Wait, Actor], bool]] = {
    WaitKind.TURN: lambda wait, actor: may.negotiator(actor) and actor.side != wait.side,
    WaitKind.ANSWER: lambda wait, actor: may.commenter(actor) and actor.side != wait.side,
    WaitKind.VISA: lambda wait, actor: may.lead_officer(actor),
    WaitKind.PRESIDENT: lambda wait, actor: may.beneficiary_director(actor),
    WaitKind.SIGNATURE: lambda wait, actor: may.negotiator(actor),
}


def _is_awaited(wait: Wait, actor: Actor) -> bool:
    """Same people as `Wait.people`, without a query; of the other side's turn or answer, nobody who waits for it."""
    if wait.kind == WaitKind.PRESIDENT:
        return actor.role == Role.PRESIDENT
    own = actor.organisation is not None and actor.organisation.pk == wait.organisation.pk
    if wait.kind == WaitKind.VISA:
        cosigning = own and wait.organisation.pk != wait.act.dossier.lead_id and actor.role == Role.SIGNATORY
        return (own and actor.role == Role.MANAGER) or cosigning
    if wait.kind != WaitKind.SIGNATURE or wait.party is None or actor.user is None:
        return False
    if wait.party.signatory_id is not None:
        return wait.party.signatory_id == actor.user.pk
    return own and actor.role == may.signing_role(wait.party.role)


def waiter(wait: Wait, actors: list[Actor]) -> Actor | None:
    """The capacity in which the person waits; who is waited for does not write to themselves."""
    if any(_is_awaited(wait, actor) for actor in actors):
        return None
    return next((actor for actor in actors if _WAITING[wait.kind](wait, actor)), None)
