"""What follows each transition, in its transaction: versions, acceptances, turn, document, dates, messages."""

from collections.abc import Callable
from typing import Any

from actions.models import Programme
from arml.models import Dossier
from cpo.lib import clock, jobs
from cpo.lib.actor import Actor
from cpo.lib.enums import Side
from cpo.lib.workflow import Refused

from . import guards, notifications, seal, totals
from .ending import papers
from .enums import ActKind, DocumentPurpose, VisaDecision
from .freeze import freeze
from .guards.signing import depositable_parties
from .later.carrying import carry
from .later.in_force import latest_act
from .later.opening import open_act
from .models import Acceptance, Act, OutsideVisa, Party, Signature, Version, Visa

Data = dict[str, Any]


def other(side: str) -> str:
    return Side.BENEFICIARY if side == Side.STATE else Side.STATE


def give_turn(act: Act, side: str) -> None:
    """Write which side may edit: on the programme (the lower app reads it there), with the day it began."""
    Programme.objects.filter(pk=act.programme_id).update(side=side)
    act.programme.side = side
    act.turn_since = clock.now() if side else None
    act.turn_asked_at = None
    act.president_visa_asked_at = None


def follow(act: Act) -> None:
    """The convention's state is the state of its act 0."""
    if act.number == 0:
        type(act.convention).objects.filter(pk=act.convention_id).update(state=act.state, state_since=clock.now())


def share(act: Act, actor: Actor, data: Data) -> None:
    Dossier.objects.filter(pk=act.dossier.pk).update(shared_on=clock.today(act.dossier.time_zone))
    act.dossier.refresh_from_db(fields=["shared_on"])
    give_turn(act, Side.BENEFICIARY)
    follow(act)
    notifications.negotiation_opened(act, actor, data["comment"])


def _latest(act: Act) -> Version:
    version = act.versions.order_by("-number").first()
    if version is None:
        raise Refused("Aucune version n’a encore été proposée.")
    return version


def _latest_as_read(act: Act, data: Data) -> Version:
    """The latest version, if it is still the one that the person had on the page."""
    version = _latest(act)
    expected = data.get("expected_version")
    if expected is not None and int(expected) != version.number:
        raise Refused(f"La version {version.number} a été proposée entre-temps\u00a0: relisez-la d’abord.")
    return version


def cancel_acceptances(act: Act, by: str) -> Version | None:
    """Cancel the standing acceptances; return the version that they were of, or None when there was none."""
    standing = Acceptance.objects.filter(version__act=act, cancelled_at=None).select_related("version")
    version = next((acceptance.version for acceptance in standing), None)
    standing.update(cancelled_at=clock.now(), cancelled_by=by)
    return version


def propose(act: Act, actor: Actor, data: Data) -> None:
    cancel_acceptances(act, "une nouvelle version")
    version = freeze(act, actor=actor, note=data["comment"])
    data["version"] = version
    Acceptance.objects.create(version=version, side=actor.side, by=actor.user, role=actor.role, at=version.created_at)
    give_turn(act, other(actor.side))
    act.visa_asked_at = None
    jobs.enqueue("render_version", f"version:{version.pk}:projet", version=version.pk, purpose="projet")
    notifications.version_proposed(version, other(actor.side))


def accept(act: Act, actor: Actor, data: Data) -> None:
    version = data["version"] = _latest_as_read(act, data)
    Acceptance.objects.create(version=version, side=actor.side, by=actor.user, role=actor.role, at=clock.now())
    sides = set(version.acceptances.filter(cancelled_at=None).values_list("side", flat=True))
    # Accepted by both: the visa comes. After a return to negotiation, the other side has to accept again.
    by_both = len(sides) == len(Side)
    give_turn(act, Side.STATE if by_both else other(actor.side))
    notifications.version_accepted(version, actor, to_side=other(actor.side), by_both=by_both)
    if by_both:
        notifications.cosigners_awaited(act, version)


def ask_turn(act: Act, actor: Actor, data: Data) -> None:
    act.turn_asked_at = clock.now()
    notifications.turn_asked(act, actor, data["comment"])


def hand_back(act: Act, actor: Actor, data: Data) -> None:
    give_turn(act, other(actor.side))
    notifications.turn_given(act, actor, data["comment"])


def ask_visa(act: Act, actor: Actor, data: Data) -> None:
    act.visa_asked_at = clock.now()
    warnings = [line.text for line in guards.nothing_missing(act) if line.severity == "warning"]
    notifications.visa_asked(act, _latest(act), actor, warnings)


def _visa(act: Act, actor: Actor, data: Data, decision: VisaDecision) -> None:
    version = data["version"] = _latest_as_read(act, data)
    # Between a director and a president there is no such rule, nor anything for the DGEFP to read.
    proposed_by_same = actor.side == Side.STATE and actor.user is not None and version.author_id == actor.user.pk
    if decision == VisaDecision.GIVEN and proposed_by_same and not data["comment"].strip():
        raise Refused(
            "Vous avez proposé cette version\u00a0: une autre personne doit donner le visa, ou vous en donnez le motif."
        )
    Visa.objects.create(
        version=version,
        organisation=actor.organisation,
        decision=decision,
        by=actor.user,
        role=actor.role,
        at=clock.now(),
        comment=data["comment"],
        override_reason=data["comment"] if proposed_by_same and decision == VisaDecision.GIVEN else "",
    )


def give_visa(act: Act, actor: Actor, data: Data) -> None:
    _visa(act, actor, data, VisaDecision.GIVEN)


def refuse_visa(act: Act, actor: Actor, data: Data) -> None:
    _visa(act, actor, data, VisaDecision.REFUSED)
    act.visa_asked_at = None


def ask_president_visa(act: Act, actor: Actor, data: Data) -> None:
    version = data["version"] = _latest_as_read(act, data)
    act.president_visa_asked_at = clock.now()
    notifications.president_visa_asked(act, version, actor, data["comment"])


def _president_visa(act: Act, actor: Actor, data: Data, decision: VisaDecision) -> None:
    _visa(act, actor, data, decision)
    act.president_visa_asked_at = None
    notifications.president_visa_answered(act, data["version"], actor, decision, data["comment"])


def give_president_visa(act: Act, actor: Actor, data: Data) -> None:
    _president_visa(act, actor, data, VisaDecision.GIVEN)


def refuse_president_visa(act: Act, actor: Actor, data: Data) -> None:
    _president_visa(act, actor, data, VisaDecision.REFUSED)


def record_outside_visa(act: Act, actor: Actor, data: Data) -> None:
    """`data["visa"]`: built and checked by conventions.services.outside_visas."""
    visa: OutsideVisa = data["visa"]
    if visa.version_id != _latest_as_read(act, data).pk:
        raise Refused("Ce visa porte sur une version qui n’est plus la dernière.")
    visa.save()


def open_signature(act: Act, actor: Actor, data: Data) -> None:
    version = data["version"] = _latest(act)
    give_turn(act, "")
    follow(act)
    jobs.enqueue("render_version", f"version:{version.pk}:a_signer", version=version.pk, purpose="a_signer")
    notifications.ready_to_sign(act, version)


def _signed(act: Act, signature: Signature) -> None:
    """Save a checked signature and tell those who still have to sign."""
    signature.save()
    remaining = guards.unsigned_parties(act)
    if remaining:
        notifications.party_signed(act, signature.party, signature.signatory_name, remaining)
    else:
        act.signed_on = max(signature.document.signatures.filter(voided_at=None).values_list("signed_on", flat=True))


def sign(act: Act, actor: Actor, data: Data) -> None:
    """`data["signature"]`: built and checked by conventions.signing, for the document that stands now."""
    signature: Signature = data["signature"]
    document = guards.signing_document(act)
    if document is None or document.pk != signature.document_id:
        raise Refused("Le document à signer a changé depuis l’ouverture de la page. Relisez-le avant de signer.")
    party = guards.party_to_sign(act, actor)
    if party is None or party.pk != signature.party_id:
        raise Refused("Cette partie a déjà signé, ou vous n’en êtes pas le signataire.")
    problem = guards.delegation_problem(act, party, signature.signed_on)
    if problem:
        raise Refused(problem)
    _signed(act, signature)


def record_signature(act: Act, actor: Actor, data: Data) -> None:
    _record(act, data, guards.recordable_parties(act, actor))


def deposit_signature(act: Act, actor: Actor, data: Data) -> None:
    """`data["base"]`: SHA-256 of the file that the deposited one was verified against (conventions.signed_files)."""
    _record(act, data, depositable_parties(act, actor))


def _record(act: Act, data: Data, parties: list[Party]) -> None:
    signature: Signature = data["signature"]
    document = guards.signing_document(act)
    if document is None or document.pk != signature.document_id:
        raise Refused("Le document à signer a changé depuis l’ouverture de la page.")
    if signature.party_id not in {party.pk for party in parties}:
        raise Refused("Cette partie a déjà signé, ou vous ne pouvez pas déposer son original.")
    if "base" in data and data["base"] != document.signed_file.sha256:
        raise Refused(
            "Une autre partie vient de signer\u00a0: téléchargez le fichier qu’elle a signé, et signez celui-là."
        )
    problem = guards.delegation_problem(act, signature.party, signature.signed_on)
    if problem:
        raise Refused(problem)
    _signed(act, signature)


def freeze_programme(act: Act, actor: Actor) -> None:
    """Nothing moves any more: the act is the last text signed, its money is counted, the others start from it."""
    Programme.objects.filter(pk=act.programme_id).update(frozen=True, side="")
    act.programme.frozen, act.programme.side = True, ""
    before = latest_act(act.convention)
    Act.objects.filter(convention=act.convention_id, latest=True).update(latest=False)
    act.latest = True
    Act.objects.filter(pk=act.pk).update(latest=True)
    totals.replace(before, act)
    if before is not None:
        carry(act, before, actor)


def notify(act: Act, actor: Actor, data: Data) -> None:
    today = clock.today(act.dossier.time_zone)
    act.notified_on = today
    act.turn_since = None
    Dossier.objects.filter(pk=act.dossier.pk, published_on=None).update(published_on=today)
    freeze_programme(act, actor)
    follow(act)
    document = guards.signing_document(act)
    if document and seal.configured():
        jobs.enqueue(seal.KIND, f"document:{document.pk}:cachet", document=document.pk)
    if act.number:
        version = _latest(act)
        jobs.enqueue("render_version", f"version:{version.pk}:consolidee", version=version.pk, purpose="consolidee")


def open_later(kind: str) -> Callable[[Act, Actor, Data], None]:
    """`data["terms"]`: what the act says of itself (conventions.later.opening.Terms)."""

    def effect(act: Act, actor: Actor, data: Data) -> None:
        data["act"] = open_act(act, kind, data["terms"], actor)
        if kind != ActKind.NOTICE:
            notifications.act_opened(data["act"], actor)

    return effect


def refuse(act: Act, actor: Actor, data: Data) -> None:
    cancel_acceptances(act, "la fin de l’acte")
    give_turn(act, "")
    notifications.act_refused(act, actor, data["comment"])


def declare(act: Act, actor: Actor, data: Data) -> None:
    """An adaptation notice: frozen, told, in force."""
    data["version"] = version = freeze(act, actor=actor, note=data["comment"])
    act.notified_on = clock.today(act.dossier.time_zone)
    act.turn_since = None
    freeze_programme(act, actor)
    jobs.enqueue("render_version", f"version:{version.pk}:a_signer", version=version.pk, purpose="a_signer")
    notifications.adaptation_declared(act, version, actor)


def record_paper(act: Act, actor: Actor, data: Data) -> None:
    today = clock.today(act.dossier.time_zone)
    data["version"] = freeze(act, actor=actor, note="Reprise de l’original papier")
    act.turn_since = None
    Dossier.objects.filter(pk=act.dossier.pk).update(published_on=today, shared_on=today)
    freeze_programme(act, actor)
    follow(act)


def void_signing(act: Act) -> None:
    """The document to sign and the signatures that it bears count no more; both stay readable."""
    now = clock.now()
    for document in act.documents.filter(purpose="a_signer", voided_at=None):
        document.signatures.filter(voided_at=None).update(voided_at=now)
        type(document).objects.filter(pk=document.pk).update(voided_at=now)


def reopen(act: Act, actor: Actor, data: Data) -> None:
    void_signing(act)
    cancel_acceptances(act, "le retour en négociation")
    act.signed_on = None
    act.visa_asked_at = None
    give_turn(act, Side.STATE)
    follow(act)
    notifications.back_to_negotiation(act, actor, data["comment"])


def abandon(act: Act, actor: Actor, data: Data) -> None:
    give_turn(act, "")
    follow(act)
    papers.ask(act, DocumentPurpose.ABANDONMENT, actor, comment=data["comment"])
    notifications.abandoned(act, actor, data["comment"])
