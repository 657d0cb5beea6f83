"""The tasks of people on acts, from the state and the turn: one query for all acts, none for each act.

A task gives no right: `available()` decides on the page that the task opens.
"""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.db.models import Count, Exists, OuterRef, Prefetch, QuerySet, Subquery
from django.urls import reverse

from arml.enums import Role
from arml.models import Dossier, Membership, zone_of
from conventions.enums import ConventionState, PartyRole, VisaDecision, WaitKind
from conventions.guards.signing import certificates_verified, first_of
from conventions.models import Acceptance, Act, Document, Party, Signature, SigningRefusal, Thread, Version, Visa
from conventions.permissions import signing_role
from conventions.reads import Delays, delays_of
from conventions.text import signing_modes
from conventions.waits import due_on, signable_since, since_words
from cpo.lib import clock, zones
from cpo.lib.enums import Audience, Side
from cpo.lib.wording import french

from .todo import Hats, Task, Todo, Waiting, counted

MOST = 200  # nobody has more tasks at once; for more acts, there is the list of conventions

COSIGNING = (Role.MANAGER, Role.SIGNATORY)  # they give the visa of a co-signing service


def open_acts(hats: Hats) -> "QuerySet[Act]":
    """Return the open acts of a person, with all that the list needs."""
    latest = Version.objects.proposed().filter(act=OuterRef("pk")).order_by("-number")
    valid = Acceptance.objects.filter(version__act=OuterRef("pk"), cancelled_at=None)
    last_version = Version.objects.proposed().filter(act=OuterRef(OuterRef("act"))).order_by("-number")
    visas = Visa.objects.filter(organisation=OuterRef("organisation"), version=Subquery(last_version.values("pk")[:1]))
    signatures = Signature.objects.filter(party=OuterRef("pk"), voided_at=None, document__voided_at=None)
    refusals = SigningRefusal.objects.filter(party=OuterRef("pk"), lifted_at=None, document__voided_at=None)
    parties = Party.objects.select_related("organisation").annotate(
        has_signed=Exists(signatures),
        signed_at=Subquery(signatures.values("recorded_at")[:1]),
        has_declined=Exists(refusals),
        visa=Subquery(visas.order_by("-at", "-id").values("decision")[:1]),
    )
    threads = (
        Thread.objects.filter(act=OuterRef("pk"), resolved_at=None, audience=Audience.BOTH).order_by().values("act")
    )
    return (
        Act.objects.visible_to(hats.user)
        .filter(state__in=Act.OPEN, convention__dossier__in=Dossier.objects.filter(hats.reach))
        .select_related("programme", "convention__cycle", "convention__dossier__lead")
        .select_related("convention__dossier__beneficiary", "convention__dossier__officer")
        .annotate(
            zone=zone_of("convention__dossier"),
            last_number=Subquery(latest.values("number")[:1]),
            last_side=Subquery(latest.values("side")[:1]),
            last_at=Subquery(latest.values("created_at")[:1]),
            last_changes=Subquery(latest.values("changes")[:1]),
            by_state=Exists(valid.filter(side=Side.STATE)),
            by_beneficiary=Exists(valid.filter(side=Side.BENEFICIARY)),
            open_threads=Subquery(threads.annotate(n=Count("pk")).values("n")),
            document_at=Subquery(Document.objects.to_sign().filter(act=OuterRef("pk")).values("created_at")[:1]),
        )
        .prefetch_related(Prefetch("parties", parties))
        .order_by("turn_since", "pk")[:MOST]
    )


def act_todo(hats: Hats) -> Todo:
    """Return what the person has to do on acts, and what they wait for."""
    todo = Todo()
    acts = list(open_acts(hats))
    delays = delays_of({act.convention.cycle_id for act in acts}) if acts else {}
    leads = {act.convention.dossier.lead_id for act in acts}
    officers = Membership.objects.in_force().filter(role=Role.OFFICER, organisation_id__in=leads) if leads else None
    services_with_officer = set(officers.values_list("organisation_id", flat=True)) if officers is not None else set()
    for act in acts:
        desk = Desk(act, hats, services_with_officer, delays)
        for item in desk.lines():
            (todo.mine if isinstance(item, Task) else todo.others).append(item)  # type: ignore[arg-type]
    return todo


class Desk:
    """The tasks of one person on one act."""

    def __init__(self, act: Any, hats: Hats, services_with_officer: set[int], delays: Delays) -> None:
        self.act, self.hats, self.user, self.delays = act, hats, hats.user, delays
        self.dossier = act.convention.dossier
        lead, beneficiary = self.dossier.lead_id, self.dossier.beneficiary_id
        self.manager = hats.on(lead, Role.MANAGER)
        officer_id = self.dossier.officer_id
        follows = hats.on(lead, Role.OFFICER) and officer_id in (None, self.user.pk)
        self.officer = follows or (self.manager and lead not in services_with_officer)
        self.service = hats.on(lead, *Role.values)
        self.association = hats.on(beneficiary, *Role.values)
        self.director = hats.on(beneficiary, Role.DIRECTOR)
        self.president = hats.on(beneficiary, Role.PRESIDENT)
        self.parties = [party for party in act.parties.all() if party.signs]
        self.both = act.by_state and act.by_beneficiary

    def task(
        self,
        title: str,
        verb: str,
        page: str = "convention-detail",
        detail: str = "",
        since: Any = None,
        kind: WaitKind | None = None,
    ) -> Task:
        """`kind`: what the other side waits for; the task then has the due date of its rule."""
        begun, today = self.at(since or self.act.turn_since), clock.today(self.act.zone)
        due = self.due(kind, begun)
        return Task(
            title=title,
            url=self.url(page),
            verb=verb,
            detail=" · ".join(part for part in (self.about, detail) if part),
            due=due,
            since=begun,
            today=today,
            duration=since_words((today - begun.date()).days) if due and begun else "",
        )

    def waiting(self, title: str, who: object, since: Any = None, kind: WaitKind | None = None) -> Waiting:
        begun = self.at(since or self.act.turn_since)
        return Waiting(
            title,
            str(who),
            self.url("convention-documents" if kind == WaitKind.SIGNATURE else "convention-detail"),
            begun,
            note=self.act.reference,
            due=self.due(kind, begun),
            today=clock.today(self.act.zone) if kind else None,
        )

    def due(self, kind: WaitKind | None, begun: dt.datetime | None) -> dt.date | None:
        return due_on(kind, begun, self.act, self.act.zone, self.delays) if kind and begun else None

    def at(self, moment: dt.datetime | None) -> dt.datetime | None:
        return zones.at(moment, self.act.zone) if moment else None

    def url(self, page: str = "convention-detail") -> str:
        return reverse(page, kwargs={"number": self.act.reference})

    @property
    def about(self) -> str:
        other = self.dossier.lead if self.association else self.dossier.beneficiary
        return f"{self.act.reference} · {other}"

    def lines(self) -> Iterator[Task | Waiting]:
        if self.act.state == ConventionState.DRAFT or self.act.is_being_recorded:
            yield from self.draft()
        elif self.act.state == ConventionState.SIGNATURE:
            yield from self.signature()
        elif self.both:
            yield from self.accepted()
        elif self.act.turn:
            yield from self.negotiation()

    def draft(self) -> Iterator[Task | Waiting]:
        since = self.act.turn_since if self.act.number else self.act.convention.state_since
        if self.act.on_paper:
            title, verb = f"Terminer la reprise {french.of(self.act.signed_on_paper)}", "Reprendre"
        else:
            other = self.dossier.beneficiary.in_sentence
            title, verb = f"Préparer le projet et ouvrir la négociation avec {other}", "Préparer"
        if self.officer:
            yield self.task(title, verb, since=since)
        elif self.manager:
            yield self.waiting(
                "Reprise en cours" if self.act.on_paper else "Préparation du projet",
                self.dossier.officer or self.dossier.lead,
                since,
            )

    def negotiation(self) -> Iterator[Task | Waiting]:
        if not self.act.is_signed_act:
            if self.director:
                yield self.task(f"Déclarer {self.act.name_in_sentence}", "Préparer")
            return
        state_turn = self.act.turn == Side.STATE
        if self.president and self.act.president_visa_asked_at:
            yield self.task(
                f"Donner ou refuser votre visa sur la version {self.act.last_number}",
                "Viser",
                since=self.act.president_visa_asked_at,
                kind=WaitKind.PRESIDENT,
            )
        mine = self.officer if state_turn else self.director or (self.president and self.act.by_state)
        if mine:
            if self.act.turn_asked_at:
                asking = self.dossier.beneficiary if state_turn else self.dossier.lead
                title = f"Répondre {french.to(asking.in_sentence)}, qui redemande la main"
                yield self.task(title, "Rendre la main", "convention-detail", since=self.act.turn_asked_at)
            if self.director and self.act.president_visa_asked_at:
                yield self.waiting(
                    "Visa de la présidence", "la présidence", self.act.president_visa_asked_at, WaitKind.PRESIDENT
                )
            yield self._reply()
        elif (self.service or self.association) and not (self.service if state_turn else self.association):
            what = f"Réponse à la version {self.act.last_number}" if self.act.last_number else "Première proposition"
            what = "Réponse à la demande de la main" if self.act.turn_asked_at else what
            who = self.dossier.lead if state_turn else self.dossier.beneficiary
            yield self.waiting(what, who, kind=WaitKind.TURN)
        elif (self.manager if state_turn else self.president) and self.act.turn:
            who = self.dossier.officer or self.dossier.lead if state_turn else "la direction de l’association"
            yield self.waiting("Rédaction de la prochaine version", who, kind=WaitKind.TURN)

    def _reply(self) -> Task:
        own = self.act.turn
        other = self.dossier.beneficiary if own == Side.STATE else self.dossier.lead
        if self.act.last_number is None and self.act.number:
            title = f"Préparer {self.act.name_in_sentence} et le proposer {french.to(other.in_sentence)}"
            return self.task(title, "Préparer", kind=WaitKind.TURN)
        if self.act.last_number is None:
            return self.task(
                f"Écrire le programme d’actions et le proposer {french.to(other.in_sentence)}",
                "Préparer",
                "programme-detail",
                kind=WaitKind.TURN,
            )
        if self.act.last_side == own:
            return self.task("Proposer une nouvelle version", "Préparer", kind=WaitKind.TURN)
        received = f"version {self.act.last_number} reçue le {french.date(self.at(self.act.last_at), 'jour')}"
        return self.task(
            f"Répondre à la proposition {french.of(other.in_sentence)}",
            "Lire et répondre",
            "convention-versions",
            " · ".join(part for part in (received, self._changes()) if part),
            kind=WaitKind.TURN,
        )

    def _changes(self) -> str:
        parts = []
        if self.act.last_changes:
            parts.append(counted(self.act.last_changes, "changement"))
        if self.act.open_threads:
            count = self.act.open_threads
            parts.append(counted(count, "échange") + (" ouverts" if count > 1 else " ouvert"))
        return ", ".join(parts)

    def accepted(self) -> Iterator[Task | Waiting]:
        number = self.act.last_number
        visas = {party.organisation_id: party.visa for party in self.parties if party.role != PartyRole.BENEFICIARY}
        lacking = [party for party in self.parties if party.role in (PartyRole.LEAD, PartyRole.COSIGNER)]
        lacking = [party for party in lacking if party.visa != VisaDecision.GIVEN]
        lead_visa = visas.get(self.dossier.lead_id) == VisaDecision.GIVEN
        asked_at = self.act.visa_asked_at
        if self.manager and not lead_visa and (asked_at or self.officer):
            yield self.task(
                f"Donner ou refuser le visa sur la version {number}", "Viser", since=asked_at, kind=WaitKind.VISA
            )
        elif self.manager and not lacking:
            yield self.task("Ouvrir la signature", "Ouvrir", kind=WaitKind.TURN)
        elif self.officer and not lead_visa and not asked_at:
            yield self.task(f"Demander le visa sur la version {number}", "Demander", kind=WaitKind.TURN)
        for party in lacking:
            if party.role == PartyRole.COSIGNER:
                yield from self._cosigner_visa(party)
        if self.officer and not self.manager and not lead_visa and asked_at:
            yield self.waiting("Visa du service", "la personne responsable", asked_at, WaitKind.VISA)
        if self.association:
            yield self.waiting("Visa, puis ouverture de la signature", self.dossier.lead, kind=WaitKind.TURN)

    def _cosigner_visa(self, party: Any) -> Iterator[Task | Waiting]:
        """A refusal is answered by the lead service: by another version, or by a word with the co-signing service."""
        name, own = french.of(party.organisation.in_sentence), self.hats.on(party.organisation_id, *COSIGNING)
        if party.visa == VisaDecision.REFUSED:
            if self.officer:
                title = f"Répondre au refus du visa {name}"
                yield self.task(title, "Lire le motif", "convention-versions", kind=WaitKind.TURN)
            elif own:
                yield self.waiting("Réponse à votre refus de visa", self.dossier.lead, kind=WaitKind.TURN)
        elif own:
            title = f"Donner ou refuser le visa {name} sur la version {self.act.last_number}"
            yield self.task(title, "Viser", kind=WaitKind.VISA)
        elif self.service:
            yield self.waiting("Visa du service cosignataire", party.organisation, kind=WaitKind.VISA)

    def signature(self) -> Iterator[Task | Waiting]:
        later = self.act.number > 0
        since = None if later else self.act.convention.state_since
        what = self.act.name_in_sentence if later else "la convention"
        unsigned = [party for party in self.parties if not party.has_signed]
        if not unsigned:
            if self.officer or self.manager:
                title = f"Notifier {what}, signé" if later else "Notifier la convention signée"
                yield self.task(title, "Notifier", since=since)
            elif self.service or self.association:
                title = f"Notification {french.of(what)}" if later else "Notification de la convention signée"
                yield self.waiting(title, self.dossier.lead, since)
            return
        if self.act.document_at is None:
            yield self.waiting("Production du document à signer", "en cours", since)
            return
        declined = next((party for party in unsigned if party.has_declined), None)
        if declined and self.manager:
            who = declined.organisation.in_sentence
            yield self.task(f"Décider de la suite : {who} refuse de signer", "Lire le motif", "convention-documents")
        signing_now = first_of(self.act, unsigned)
        for party in unsigned:
            begun = self._signable_since(party) if party in signing_now and not declined else since
            kind = WaitKind.SIGNATURE if party in signing_now and not declined else None
            if kind and self._signs(party) and (way := self._signing_way(what)):
                yield self.task(*way, since=begun, kind=kind)
            else:
                who = f"{party.signatory_name}, {party.organisation}" if party.signatory_name else party.organisation
                yield self.waiting(f"Signature {french.of(what)}", who, begun, kind)

    def _signable_since(self, party: Any) -> dt.datetime:
        signed = [(one.role, one.signed_at) for one in self.parties]
        return signable_since(self.act, party, self.act.document_at, signed)

    def _signing_way(self, what: str) -> tuple[str, str, str] | None:
        """Return the title, the verb and the page of the way to sign: browser first, or certificate."""
        modes = signing_modes.of(self.act)
        if modes.browser:
            return f"Lire et signer {what}", "Signer", "convention-sign"
        if modes.certificate and certificates_verified():
            return f"Signer {what} et déposer le PDF signé", "Déposer", "convention-deposit-signature"
        return None

    def _signs(self, party: Party) -> bool:
        """Whether the person signs for the party: the account named, or else any signatory or president.

        Same rule as `guards.signing.party_to_sign`, without a query.
        """
        if party.organisation_id not in self.hats.roles:
            return False
        if party.signatory_id is not None:
            return party.signatory_id == self.user.pk
        role = signing_role(party.role)
        return self.hats.on(party.organisation_id, role)
