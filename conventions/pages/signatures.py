"""The signing parties of an act, each with its signature in plain words or what it waits for."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from arml.models import User
from arml.permissions import capacities
from conventions.enums import ConventionState, SignatureMode
from conventions.guards.parties import delegation_problem
from conventions.guards.signing import party_to_sign
from conventions.models import Act, Document, Party, Signature
from cpo.lib import clock
from cpo.lib.wording import french


@dataclass(frozen=True)
class SignatureLine:
    party: Party
    signature: Signature | None
    mine: bool
    delegation: str
    problem: str

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
    def words(self) -> str:
        """How it was signed, never called more than it is."""
        if self.signature is None:
            return ""
        return mode_words(self.signature)


def mode_words(signature: Signature) -> str:
    if signature.mode == SignatureMode.BROWSER:
        return "Signature simple dans l’application : identifié à nouveau, document ouvert, code reçu par courriel"
    if signature.mode == SignatureMode.PADES:
        return _certified(signature)
    if signature.mode == SignatureMode.PAPER:
        return "Original papier antérieur à l’application"
    return f"Original papier numérisé, déposé par {signature.recorded_by}"


def certificate(signature: Signature) -> dict[str, Any]:
    """What was found of the certificate of a signature when its file was handed in: a deposit has one new signature."""
    verified: list[dict[str, Any]] = signature.proof["verification"]["signatures"]
    return next(item for item in verified if item["new"] and item["person"])


def _certified(signature: Signature) -> str:
    """« Signature électronique avancée avec certificat vérifié : certificat de …, délivré par …, heure … »."""
    words, found = signature.proof["wording"], certificate(signature)
    by = found["timestamp_by"]
    hour = f"heure attestée par {by}" if by else "heure déclarée par le poste du signataire"
    return (
        f"{words[:1].upper()}{words[1:]} : certificat {french.of(found['name'])}, délivré par "
        f"{found['issuer']} ; {hour}"
    )


def warnings(signature: Signature) -> list[str]:
    """What the verification of a signature by certificate could not tell, or asks to look at."""
    found: list[str] = signature.proof.get("verification", {}).get("warnings", [])
    return found


def signature_lines(act: Act, document: Document | None, user: User) -> list[SignatureLine]:
    """One line per signing party, in the order of the document."""
    parties = act.parties.filter(signs=True).select_related("organisation", "signatory", "delegation")
    signed = {}
    if document:
        standing = document.signatures.filter(voided_at=None).select_related("recorded_by", "scan", "signed_file")
        signed = {signature.party_id: signature for signature in standing}
    waiting = act.state == ConventionState.SIGNATURE
    mine = _own_party(act, user) if waiting else None
    today = clock.today(act.dossier.time_zone)
    return [
        SignatureLine(
            party,
            signed.get(party.pk),
            mine=mine is not None and party.pk == mine,
            delegation=delegation_words(party),
            problem=delegation_problem(act, party, today) if waiting and party.pk not in signed else "",
        )
        for party in parties
    ]


def _own_party(act: Act, user: User) -> int | None:
    for actor in capacities(user, act.dossier):
        party = party_to_sign(act, actor)
        if party:
            return party.pk
    return None


def delegation_words(party: Party) -> str:
    """« Délégation du 3 mars 2025 (…), jusqu’au 31 décembre 2026, plafond 1 500 000 € »."""
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
