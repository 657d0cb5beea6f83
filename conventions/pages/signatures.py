"""The signing parties of an act, each with its signature in words, or with what prevents it."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from arml.models import User
from arml.permissions import capacities
from conventions import permissions as may
from conventions.enums import ConventionState, DepositAnswer, SignatureMode
from conventions.guards.parties import delegation_problem
from conventions.guards.signing import party_to_sign, standing_refusal
from conventions.models import Act, DepositTimestamp, Document, Party, Signature, SignedDeposit, SigningRefusal
from conventions.reads import reads
from conventions.waits import steps_of
from cpo.lib import clock
from cpo.lib.wording import french

from .waits import shown

# What each way to sign proves, and what it leaves unproven: for those who receive the signed copy.
PROVES = {
    SignatureMode.BROWSER: (
        "Une personne qui tenait ce compte et sa messagerie a signé ce fichier à cette heure. "
        "C’est une signature simple (règlement eIDAS, article 3, point 10).",
        "L’identité de la personne au-delà de son compte. Le fichier lui-même ne porte pas cette signature : "
        "l’application la constate.",
    ),
    SignatureMode.PADES: (
        "La clé du certificat a signé ces octets ; l’autorité configurée répond du titulaire du certificat.",
        "Que cette autorité soit sur la liste de confiance européenne : l’application ne la consulte pas.",
    ),
    SignatureMode.SCAN: (
        "La référence et l’empreinte que porte le papier sont celles du document à signer, "
        "et il en a toutes les pages.",
        "La signature manuscrite elle-même : elle est sur l’original signé sur papier, qui se garde.",
    ),
    SignatureMode.PAPER: (
        "Un original signé sur papier avant l’application a été numérisé.",
        "La signature manuscrite elle-même : elle est sur l’original signé sur papier, qui se garde.",
    ),
}


@dataclass(frozen=True)
class SignatureLine:
    party: Party
    signature: Signature | None
    mine: bool
    delegation: str
    problem: str
    wait: dict[str, Any] | None = None  # see `waits.shown`
    refusal: SigningRefusal | None = None
    deposit: SignedDeposit | None = None  # the last signed PDF handed in for the party, for those who read it
    stamp: DepositTimestamp | None = None  # what this site had attested of the signed PDF
    stamp_awaited: bool = False

    @property
    def name(self) -> str:
        return self.signature.signatory_name if self.signature else self.party.signatory_name

    @property
    def capacity(self) -> str:
        return self.signature.capacity if self.signature else self.party.capacity

    @property
    def warnings(self) -> list[str]:
        return warnings(self.signature) if self.signature else []

    @property
    def drawings(self) -> list[tuple[int, str]]:
        """The page and the image (PNG in base64) of what the signing tool drew outside the frames of the document."""
        drawn: list[tuple[int, str]] = (
            self.signature.proof.get("verification", {}).get("drawn", []) if self.signature else []
        )
        return drawn

    @property
    def words(self) -> str:
        """Say how the party signed, without overstating the legal value."""
        if self.signature is None:
            return ""
        return mode_words(self.signature)


def mode_words(signature: Signature) -> str:
    if signature.mode == SignatureMode.BROWSER:
        return "Signature simple dans l’application : identifié à nouveau, document ouvert, code reçu par courriel"
    if signature.mode == SignatureMode.PADES:
        return _certificate_words(signature)
    if signature.mode == SignatureMode.PAPER:
        return "Original signé sur papier, avant la reprise"
    return f"Original signé sur papier, numérisé et déposé par {signature.recorded_by}"


def certificate(signature: Signature) -> dict[str, Any]:
    """Return what was read in the certificate when the file was uploaded. Each upload holds one new signature."""
    reports: list[dict[str, Any]] = signature.proof["verification"]["signatures"]
    return next(item for item in reports if item["new"] and item["person"])


def _certificate_words(signature: Signature) -> str:
    """Return « Signature électronique avec certificat vérifié : certificat de …, délivré par … ; heure … »."""
    words, facts = signature.proof["wording"], certificate(signature)
    by = facts["timestamp_by"]
    hour = f"heure attestée par {by}" if by else "heure déclarée par le poste du signataire"
    return (
        f"{words[:1].upper()}{words[1:]} : "
        f"certificat {french.of(facts['name'])}, délivré par {facts['issuer']} ; {hour}"
    )


def warnings(signature: Signature) -> list[str]:
    """Return what the verification of a signature by certificate could not establish, or asks a person to check."""
    lines: list[str] = signature.proof.get("verification", {}).get("warnings", [])
    return lines


def signature_lines(act: Act, document: Document | None, user: User) -> list[SignatureLine]:
    """Return one line for each signing party, in the order of the document."""
    parties = [party for party in reads(act).parties if party.signs]
    signatures_by_party = {}
    if document:
        valid_signatures = document.signatures.filter(voided_at=None).select_related(
            "recorded_by", "scan", "signed_file"
        )
        signatures_by_party = {signature.party_id: signature for signature in valid_signatures}
    waiting = act.state == ConventionState.SIGNATURE
    mine = _own_party(act, user) if waiting else None
    today = clock.today(act.dossier.time_zone)
    waits = _waits(act, user) if waiting else {}
    refusal = standing_refusal(act) if waiting and waits else None
    deposits = _deposits(document, user)
    stamps = timestamps_of(signatures_by_party.values())
    return [
        SignatureLine(
            party,
            signatures_by_party.get(party.pk),
            mine=mine is not None and party.pk == mine,
            delegation=delegation_words(party),
            problem=delegation_problem(act, party, today) if waiting and party.pk not in signatures_by_party else "",
            wait=waits.get(None if refusal and refusal.party_id == party.pk else party.pk),
            refusal=refusal if refusal and refusal.party_id == party.pk else None,
            deposit=None if party.pk in signatures_by_party else deposits.get(party.pk),
            **_stamp(signatures_by_party.get(party.pk), stamps),
        )
        for party in parties
    ]


def _deposits(document: Document | None, user: User) -> dict[int, SignedDeposit]:
    """By party, its last signed PDF that waits for its answer or is refused, for those who may read it."""
    if document is None or document.act.state != ConventionState.SIGNATURE:
        return {}
    actors = capacities(user, document.act.dossier)
    rows = document.deposits.filter(answer__in=(DepositAnswer.PENDING, DepositAnswer.REFUSED)).select_related(
        "party", "by"
    )
    return {row.party_id: row for row in reversed(rows) if may.reads_deposits(actors, row.party.organisation_id)}


def timestamps_of(signatures: Iterable[Signature]) -> dict[int, DepositTimestamp]:
    """By signature, what an authority attested of the signed PDF when this site received it."""
    keys = [signature.pk for signature in signatures if signature.mode == SignatureMode.PADES]
    rows = DepositTimestamp.objects.filter(deposit__signature__in=keys).select_related("deposit") if keys else ()
    return {row.deposit.signature_id: row for row in rows if row.deposit.signature_id}


def _stamp(signature: Signature | None, stamps: dict[int, DepositTimestamp]) -> dict[str, Any]:
    if signature is None or signature.mode != SignatureMode.PADES:
        return {}
    stamp = stamps.get(signature.pk)
    return {"stamp": stamp, "stamp_awaited": stamp is None and bool(settings.SIGNATURE_TIMESTAMP_URL)}


def _waits(act: Act, user: User) -> dict[int | None, dict[str, Any]]:
    """What is waited for, by party; without a party, the decision after a refusal to sign."""
    return {row["party"]: row for row in shown(act, steps_of(act), capacities(user, act.dossier))}


def _own_party(act: Act, user: User) -> int | None:
    for actor in capacities(user, act.dossier):
        party = party_to_sign(act, actor)
        if party:
            return party.pk
    return None


def delegation_words(party: Party) -> str:
    """Return « Délégation : … du 3 mars 2025, jusqu’au 31 décembre 2026, plafond 1 500 000 € »."""
    delegation = party.delegation
    if not party.by_delegation or delegation is None:
        return ""
    words = f"Délégation : {delegation.reference} du {_day(delegation.dated)}"
    if delegation.valid_until:
        words += f", jusqu’au {_day(delegation.valid_until)}"
    if delegation.ceiling is not None:
        words += f", plafond {french.euros(delegation.ceiling)}"
    return words


def _day(day: dt.date) -> str:
    return french.date(day)
