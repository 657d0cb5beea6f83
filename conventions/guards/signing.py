"""Who may sign, hand in a signed file or take a signature back now, and the reasons why not."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef

from actions.enums import SigningOrder
from arml.enums import Standing
from conventions import permissions as may
from conventions.enums import ConventionState, PartyRole, SignatureMode
from conventions.guards.addresses import url
from conventions.models import Act, Party, SigningRefusal
from conventions.text import signing_modes
from cpo.lib.actor import Actor
from cpo.lib.workflow import Missing


def may_sign_now(act: Act, actor: Actor) -> bool:
    return signing_modes.of(act).browser and party_to_sign(act, actor) is not None


def may_record_now(act: Act, actor: Actor) -> bool:
    return signing_modes.of(act).scan and bool(recordable_parties(act, actor))


def depositable_parties(act: Act, actor: Actor) -> list[Party]:
    """The parties whose signed PDF this person may hand in now: for a recorder all recordable ones, else their own."""
    if may.recorder(actor):
        return recordable_parties(act, actor)
    own_party = party_to_sign(act, actor)
    return [own_party] if own_party else []


def certificates_verified() -> bool:
    """Whether this site trusts an authority. Without one, a signature by certificate cannot be verified."""
    return bool(settings.SIGNATURE_TRUST_ROOTS)


def may_deposit_now(act: Act, actor: Actor) -> bool:
    is_admitted = signing_modes.of(act).certificate and certificates_verified()
    return is_admitted and bool(depositable_parties(act, actor))


def all_signed(act: Act) -> bool:
    return not unsigned_parties(act)


def signed_by_all(act: Act) -> bool:
    """Whether the act, in signature, has all its signatures: one side alone can then no longer reopen or abandon it."""
    return act.state == ConventionState.SIGNATURE and all_signed(act)


def not_all_signed(act: Act, actor: Actor) -> bool:
    return not all_signed(act)


def may_withdraw_now(act: Act, actor: Actor) -> bool:
    """A party that signed may take its signature back until all the others have signed."""
    document = signing_document(act)
    if document is None or actor.organisation is None or all_signed(act):
        return False
    return bool(
        document.signatures.filter(voided_at=None, party__organisation=actor.organisation)
        .filter(party__signs=True)
        .exists()
    )


def may_decline_now(act: Act, actor: Actor) -> bool:
    """The person who may sign for a party, in whatever way the act admits, may decline to; once."""
    party = party_to_sign(act, actor)
    return signing_document(act) is not None and party is not None and not getattr(party, "has_declined", False)


# -- Why not -----------------------------------------------------------------------------------------------------------


def order_awaited(act: Act, actor: Actor) -> str:
    """What makes this person's party wait: a refusal to sign, or the order of the act; "" otherwise."""
    refusal = standing_refusal(act)
    if refusal and (actor.organisation is None or refusal.party.organisation_id != actor.organisation.pk):
        return (
            f"La signature est suspendue : {refusal.by} a refusé de signer "
            f"pour {refusal.party.organisation.in_sentence}. "
            "Le service chef de file peut rouvrir la négociation."
        )
    order = signing_modes.order(act)
    own_id = actor.organisation.pk if actor.organisation else None
    first = next_to_sign(act)
    waits = any(party.organisation_id == own_id for party in unsigned_parties(act))
    if order == SigningOrder.FREE or not waits or any(party.organisation_id == own_id for party in first):
        return ""
    names = " et ".join(party.organisation.in_sentence for party in first)
    return f"Pour cet acte, les signatures ont un ordre : {names} signe{'nt' if len(first) > 1 else ''} d’abord."


def why_closed(act: Act, mode: str) -> str:
    """Why nobody signs in this way the text of an act, nor a paper that rests on it; "" where it is admitted."""
    modes, other = signing_modes.of(act), "choisissez une autre façon de signer."
    if mode == SignatureMode.BROWSER and not modes.browser:
        return f"La signature dans l’application n’est pas admise pour cet acte : {other}"
    if mode == SignatureMode.SCAN and not modes.scan:
        return f"L’original signé sur papier n’est pas admis pour cet acte : {other}"
    if mode == SignatureMode.PADES and not modes.certificate:
        return f"Le PDF signé avec un certificat n’est pas admis pour cet acte : {other}"
    if mode == SignatureMode.PADES and not certificates_verified():
        return (
            "Aucune autorité de certification n’est configurée sur ce site : "
            "une signature par certificat ne peut pas y être vérifiée. "
            "Choisissez une autre façon de signer, ou prévenez l’assistance."
        )
    return ""


def not_to_sign(act: Act, actor: Actor) -> str:
    return (
        why_closed(act, SignatureMode.BROWSER)
        or order_awaited(act, actor)
        or "Vous n’êtes pas le signataire désigné d’une partie qui doit encore signer."
    )


def not_to_decline(act: Act, actor: Actor) -> str:
    party = party_to_sign(act, actor)
    if party is not None and getattr(party, "has_declined", False):
        return "Votre refus est déjà enregistré : le service chef de file décide de la suite."
    return order_awaited(act, actor) or "Vous n’êtes pas le signataire désigné d’une partie qui doit encore signer."


def not_to_record(act: Act, actor: Actor) -> str:
    return (
        why_closed(act, SignatureMode.SCAN)
        or order_awaited(act, actor)
        or "Aucune partie dont vous pouvez déposer l’original ne doit encore signer."
    )


def not_to_deposit(act: Act, actor: Actor) -> str:
    return (
        why_closed(act, SignatureMode.PADES)
        or order_awaited(act, actor)
        or "Aucune partie dont vous pouvez déposer le PDF signé ne doit encore signer."
    )


def not_to_withdraw(act: Act, actor: Actor) -> str:
    if all_signed(act):
        return "Toutes les parties ont signé : une signature ne se retire plus, un avenant modifie ce qui est signé."
    return "Votre partie n’a pas encore signé : il n’y a rien à retirer."


def not_to_reopen(act: Act, actor: Actor) -> str:
    return (
        "Toutes les parties ont signé : le texte ne se rouvre ni ne s’abandonne plus, un avenant le modifie."
        if signed_by_all(act)
        else ""
    )


def no_other_signature(act: Act) -> Iterator[Missing]:
    """No other act is in signature: each act starts from the text of the last signed one."""
    other = act.convention.acts.filter(state=ConventionState.SIGNATURE).exclude(pk=act.pk).first()
    if other:
        words = f"{other.subject} est à la signature : il doit d’abord être notifié, ou revenir en négociation."
        yield Missing(words, url(other, "convention-documents"))


def signing_document(act: Act) -> Any:
    """The current document to sign, or None while it is produced. The content of its version is read on demand."""
    documents = act.documents.to_sign().select_related("file", "version").defer("version__content")
    return documents.first()


def unsigned_parties(act: Act) -> list[Party]:
    """The signing parties without a valid signature of the current document."""
    document = signing_document(act)
    parties = act.parties.filter(signs=True).select_related("organisation", "signatory", "delegation")
    if document is None:
        return list(parties)
    refusals = SigningRefusal.objects.filter(document=document, party=OuterRef("pk"), lifted_at=None)
    parties = parties.annotate(has_declined=Exists(refusals))
    signed_ids = set(document.signatures.filter(voided_at=None).values_list("party_id", flat=True))
    return [party for party in parties if party.pk not in signed_ids]


def standing_refusal(act: Act) -> SigningRefusal | None:
    """The refusal to sign that suspends the signature of the present document."""
    document = signing_document(act) if act.state == ConventionState.SIGNATURE else None
    if document is None:
        return None
    standing = document.refusals.filter(lifted_at=None)
    return standing.select_related("party__organisation", "by").first()  # type: ignore[no-any-return]


def next_to_sign(act: Act) -> list[Party]:
    """The parties that may sign now, by the order of the act."""
    return first_of(act, unsigned_parties(act))


def party_to_sign(act: Act, actor: Actor) -> Party | None:
    """The party for which this person may sign now: as its named signatory, or by role if no person is named."""
    for party in next_to_sign(act):
        if actor.organisation is None or party.organisation_id != actor.organisation.pk:
            continue
        if party.signatory_id is not None:
            if actor.user is not None and party.signatory_id == actor.user.pk:
                return party
        elif actor.role == may.signing_role(party.role):
            return party
    return None


def recordable_parties(act: Act, actor: Actor) -> list[Party]:
    """The parties that may sign now and whose original this person may record: all for the lead, else its own."""
    waiting = next_to_sign(act)
    if actor.standing == Standing.LEAD:
        return waiting
    return [party for party in waiting if actor.organisation and party.organisation_id == actor.organisation.pk]


def parties_of_one_original(act: Act, actor: Actor) -> list[Party]:
    """The unsigned parties that may be recorded with the same paper original, once those before them are.

    Each one is announced by the document, with its name and capacity: another signatory is recorded apart.
    """
    if actor.standing != Standing.LEAD:
        return []
    return [party for party in unsigned_parties(act) if party.signatory_name and party.capacity]


# The roles of the parties that sign first; the other parties sign after them, in any order.
FIRST_TO_SIGN = {
    SigningOrder.FREE: (),
    SigningOrder.BENEFICIARY_FIRST: (PartyRole.BENEFICIARY,),
    SigningOrder.STATE_FIRST: (PartyRole.LEAD, PartyRole.COSIGNER),
}


def first_of(act: Act, unsigned: Sequence[Party]) -> list[Party]:
    """The unsigned parties that may sign now. While one refuses, only this one may, which ends its refusal."""
    declined = [party for party in unsigned if getattr(party, "has_declined", False)]
    if declined:
        return declined
    first = FIRST_TO_SIGN[signing_modes.order(act)]
    return [party for party in unsigned if party.role in first] or list(unsigned)
