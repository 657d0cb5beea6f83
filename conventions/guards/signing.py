"""Who may hand in a signed PDF or take a signature back now, and why not."""

from django.conf import settings

from actions.enums import SigningOrder
from cpo.lib.actor import Actor

from .. import permissions as may
from ..enums import ConventionState
from ..models import Act, Party
from . import next_to_sign, party_to_sign, recordable_parties, signing_document, unsigned_parties


def may_sign_now(act: Act, actor: Actor) -> bool:
    return act.convention.cycle.browser_signature and party_to_sign(act, actor) is not None


def may_record_now(act: Act, actor: Actor) -> bool:
    return act.convention.cycle.scan_signature and bool(recordable_parties(act, actor))


def depositable_parties(act: Act, actor: Actor) -> list[Party]:
    """The parties whose signed PDF this person may hand in now: those of a recorder, or the one they sign for."""
    if may.recorder(actor):
        return recordable_parties(act, actor)
    own = party_to_sign(act, actor)
    return [own] if own else []


def certificates_verified() -> bool:
    """Whether this site knows any authority; without one, no signature by certificate can be verified."""
    return bool(settings.SIGNATURE_TRUST_ROOTS)


def may_deposit_now(act: Act, actor: Actor) -> bool:
    admitted = act.convention.cycle.pades_signature and certificates_verified()
    return admitted and bool(depositable_parties(act, actor))


def all_signed(act: Act) -> bool:
    return not unsigned_parties(act)


def signed_by_all(act: Act) -> bool:
    """In signature, and complete: who gave its signature is not told by one side alone that nothing was signed."""
    return act.state == ConventionState.SIGNATURE and all_signed(act)


def not_all_signed(act: Act, actor: Actor) -> bool:
    return not all_signed(act)


def may_withdraw_now(act: Act, actor: Actor) -> bool:
    """A party that signed may take its signature back as long as another has not signed yet."""
    document = signing_document(act)
    if document is None or actor.organisation is None or all_signed(act):
        return False
    return bool(
        document.signatures.filter(voided_at=None, party__organisation=actor.organisation)
        .filter(party__signs=True)
        .exists()
    )


# -- Why not -----------------------------------------------------------------------------------------------------------


def order_awaited(act: Act, actor: Actor) -> str:
    """« … signe d’abord », when the order of the cycle makes this person's party wait; "" otherwise."""
    order = SigningOrder(act.convention.cycle.signing_order)
    own = actor.organisation.pk if actor.organisation else None
    first = next_to_sign(act)
    waits = any(party.organisation_id == own for party in unsigned_parties(act))
    if order == SigningOrder.FREE or not waits or any(party.organisation_id == own for party in first):
        return ""
    names = " et ".join(party.organisation.in_sentence for party in first)
    return f"Dans ce cycle, les signatures ont un ordre\u00a0: {names} signe{'nt' if len(first) > 1 else ''} d’abord."


def not_to_sign(act: Act, actor: Actor) -> str:
    if not act.convention.cycle.browser_signature:
        return (
            "La signature dans l’application n’est pas admise pour ce cycle\u00a0: choisissez une autre "
            "façon de signer."
        )
    return order_awaited(act, actor) or "Vous n’êtes pas le signataire désigné d’une partie qui doit encore signer."


def not_to_record(act: Act, actor: Actor) -> str:
    if not act.convention.cycle.scan_signature:
        return "L’original papier n’est pas admis pour ce cycle\u00a0: choisissez une autre façon de signer."
    return order_awaited(act, actor) or "Aucune partie dont vous pouvez déposer l’original ne doit encore signer."


def not_to_deposit(act: Act, actor: Actor) -> str:
    if not act.convention.cycle.pades_signature:
        return (
            "Le PDF signé avec un certificat n’est pas admis pour ce cycle\u00a0: choisissez une autre façon de signer."
        )
    if not certificates_verified():
        return (
            "Aucune autorité de certification n’est configurée sur ce site\u00a0: une signature par certificat "
            "ne peut pas "
            "y être vérifiée. Choisissez une autre façon de signer, ou prévenez l’assistance."
        )
    return order_awaited(act, actor) or "Aucune partie dont vous pouvez déposer le PDF signé ne doit encore signer."


def not_to_withdraw(act: Act, actor: Actor) -> str:
    if all_signed(act):
        return (
            "Toutes les parties ont signé\u00a0: une signature ne se retire plus, un avenant modifie ce qui est signé."
        )
    return "Votre partie n’a pas encore signé\u00a0: il n’y a rien à retirer."


def not_to_reopen(act: Act, actor: Actor) -> str:
    return (
        "Toutes les parties ont signé\u00a0: le texte ne se rouvre ni ne s’abandonne plus, un avenant le modifie."
        if signed_by_all(act)
        else ""
    )
