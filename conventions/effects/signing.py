"""The effects of opening the signature, of each signature, of the notification, and of a return to negotiation."""

import datetime as dt

from arml.models import Dossier
from conventions.documents import production, signed_copy
from conventions.effects.later import freeze_programme
from conventions.effects.turn import (
    Data,
    cancel_acceptances,
    give_turn,
    last_version,
    update_convention_state,
    void_signing,
)
from conventions.enums import DeliveryMeans, DepositAnswer, DocumentPurpose
from conventions.evidence import seal, timestamps
from conventions.guards.parties import delegation_problem
from conventions.guards.signing import (
    depositable_parties,
    party_to_sign,
    recordable_parties,
    signing_document,
    unsigned_parties,
)
from conventions.models import Act, Delivery, Party, ReceivedScan, Signature, SignedDeposit, SigningRefusal
from conventions.notifications import negotiation as negotiation_mails
from conventions.notifications import signing as signing_mails
from cpo.lib import clock
from cpo.lib.actor import Actor
from cpo.lib.enums import Side
from cpo.lib.work import jobs
from cpo.lib.workflow import Refused

CHANGED = "Le document à signer a changé depuis l’ouverture de la page."
OVERTAKEN = "Une autre partie vient de signer : téléchargez le fichier qu’elle a signé, et signez celui-là."


def open_signature(act: Act, actor: Actor, data: Data) -> None:
    version = data["version"] = last_version(act)
    give_turn(act, "")
    update_convention_state(act)
    production.ask(version, DocumentPurpose.TO_SIGN)
    signing_mails.ready_to_sign(act, version)
    negotiation_mails.step_of_cosigners(act, f"la signature de la version {version.number} est ouverte")


def _save_signature(act: Act, signature: Signature) -> None:
    """Save a checked signature, then notify the parties that still have to sign."""
    signature.save()
    signature.document.refusals.filter(party=signature.party, lifted_at=None).update(lifted_at=clock.now())
    remaining = unsigned_parties(act)
    if remaining:
        signing_mails.party_signed(act, signature.party, signature.signatory_name, remaining)
    else:
        signing_mails.all_signed(act)
        act.signed_on = max(signature.document.signatures.filter(voided_at=None).values_list("signed_on", flat=True))
        signed_copy.ask(signature.document)


def sign(act: Act, actor: Actor, data: Data) -> None:
    """`data["signature"]`: built and checked by `services.signing.browser`, for the current document to sign."""
    signature: Signature = data["signature"]
    document = signing_document(act)
    if document is None or document.pk != signature.document_id:
        raise Refused("Le document à signer a changé depuis l’ouverture de la page. Relisez-le avant de signer.")
    party = party_to_sign(act, actor)
    if party is None or party.pk != signature.party_id:
        raise Refused("Cette partie a déjà signé, ou vous n’en êtes pas le signataire.")
    problem = delegation_problem(act, party, signature.signed_on)
    if problem:
        raise Refused(problem)
    _save_signature(act, signature)


def record_signature(act: Act, actor: Actor, data: Data) -> None:
    _record(act, data, recordable_parties(act, actor))


def deposit_signature(act: Act, actor: Actor, data: Data) -> None:
    """`data["deposit"]`: what a worker checked; `data["base"]`: SHA-256 of the file with which it compared it."""
    _record(act, data, depositable_parties(act, actor))
    accept(data)


def accept(data: Data) -> None:
    """Answer the deposit whose signature was just written. Raises Refused."""
    deposit: SignedDeposit = data["deposit"]
    accepted = SignedDeposit.objects.filter(pk=deposit.pk, answer=DepositAnswer.PENDING).update(
        answer=DepositAnswer.ACCEPTED, answered_at=clock.now(), signature=data["signature"], report=data["report"]
    )
    if not accepted:  # another file was handed in while a worker checked this one, or two workers had it
        raise Refused("Un autre PDF signé a été déposé depuis pour cette partie.")
    if timestamps.is_configured():
        jobs.enqueue(timestamps.KIND, f"deposit:{deposit.pk}", deposit=deposit.pk)


def _record(act: Act, data: Data, parties: list[Party]) -> None:
    signature: Signature = data["signature"]
    document = signing_document(act)
    if document is None or document.pk != signature.document_id:
        raise Refused(CHANGED)
    if signature.party_id not in {party.pk for party in parties}:
        raise Refused("Cette partie a déjà signé, ou vous ne pouvez pas déposer son original.")
    if "base" in data and data["base"] != document.signed_file.sha256:
        raise Refused(OVERTAKEN)
    problem = delegation_problem(act, signature.party, signature.signed_on)
    if problem:
        raise Refused(problem)
    _save_signature(act, signature)
    ReceivedScan.objects.bulk_create(
        ReceivedScan(signature=signature, file=file, rank=rank)
        for rank, file in enumerate(data.get("received", ()), start=1)
    )


def decline(act: Act, actor: Actor, data: Data) -> None:
    """The document stays, suspended: whoever may reopen the negotiation decides."""
    document, party = signing_document(act), party_to_sign(act, actor)
    if document is None or party is None or actor.user is None:
        raise Refused("Le document à signer a changé depuis l’ouverture de la page.")
    SigningRefusal.objects.create(
        document=document, party=party, by=actor.user, reason=data["comment"].strip(), at=clock.now()
    )
    signing_mails.signature_declined(act, actor, party, data["comment"])


def notify(act: Act, actor: Actor, data: Data) -> None:
    today = clock.today(act.dossier.time_zone)
    act.notified_on = today
    act.turn_since = None
    Dossier.objects.filter(pk=act.dossier.pk, published_on=None).update(published_on=today)
    freeze_programme(act, actor)
    update_convention_state(act)
    _record_deliveries(act, actor, today)
    document = signing_document(act)
    if document and seal.is_configured():
        jobs.enqueue(seal.KIND, f"document:{document.pk}:cachet", document=document.pk)
    if act.number:
        version = last_version(act)
        production.ask(version, DocumentPurpose.CONSOLIDATED)


def _record_deliveries(act: Act, actor: Actor, today: dt.date) -> None:
    """The application itself tells the other parties; what is sent besides, as a letter, is recorded afterwards."""
    if actor.user is None:
        return
    parties = act.parties.filter(signs=True).exclude(organisation=act.dossier.lead)
    Delivery.objects.bulk_create(
        Delivery(
            act=act,
            addressee_id=party.organisation_id,
            means=DeliveryMeans.APPLICATION,
            sent_on=today,
            recorded_by=actor.user,
            recorded_at=clock.now(),
        )
        for party in parties
    )


def reopen(act: Act, actor: Actor, data: Data) -> None:
    void_signing(act)
    cancel_acceptances(act, "le retour en négociation")
    act.signed_on = None
    act.visa_asked_at = None
    give_turn(act, Side.STATE)
    update_convention_state(act)
    negotiation_mails.back_to_negotiation(act, actor, data["comment"])
