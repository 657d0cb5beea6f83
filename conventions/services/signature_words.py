"""A signature in words and in figures, as the evidence file and the signed copy write it."""

import datetime as dt
from typing import Any

from conventions.enums import SignatureMode
from conventions.models import Act, DepositTimestamp, Signature
from conventions.pages import signatures as signatures_pages
from cpo.lib import zones
from cpo.lib.wording import french


def signatures_of(act: Act) -> list[Signature]:
    """The valid signatures of the documents that are not annulled, in the order in which they were recorded."""
    signatures = Signature.objects.of_text(act).filter(voided_at=None, document__voided_at=None)
    signatures = signatures.select_related(
        *("party__organisation", "document__file", "signed_file", "scan", "recorded_by"),
        "document__act__convention__dossier",
    )
    return list(signatures.order_by("recorded_at", "pk"))


def record(signature: Signature) -> dict[str, Any]:
    return {
        "party": str(signature.party.organisation),
        "signatory": signature.signatory_name,
        "capacity": signature.capacity,
        "mode": signature.mode,
        "signed_on": signature.signed_on.isoformat(),
        "recorded_at": signature.recorded_at.isoformat(timespec="seconds"),
        "recorded_by": str(signature.recorded_by),
        "document_sha256": signature.file_sha256,
        "signed_file_sha256": signature.signed_file.sha256 if signature.signed_file else "",
        "scan_sha256": signature.scan.sha256 if signature.scan else "",
        "override_reason": signature.override_reason,
        "evidence": signature.proof,
    }


def paragraph(rank: int, signature: Signature) -> str:
    """Describe a signature in French, without overstating its legal value. `rank` also numbers its files."""
    zone = signature.document.act.dossier.time_zone
    lines = [
        f"{rank}. {signature.party.organisation} : {signature.signatory_name}, {signature.capacity}",
        f"  signé le {signed_at_words(signature, zone)}. {signatures_pages.mode_words(signature)}",
        f"  enregistré le {_moment(signature.recorded_at, zone)}, {_account_words(signature)}",
        f"  empreinte SHA-256 du document : {signature.file_sha256}",
    ]
    if signature.signed_file:
        lines.append(f"  empreinte SHA-256 du PDF signé : {signature.signed_file.sha256}")
    if delegation := signature.proof.get("delegation"):
        lines.append(f"  par délégation : {delegation_words(delegation)}")
    lines += [f"  attention : {warning}" for warning in signatures_pages.warnings(signature)]
    if signature.override_reason:
        lines.append(f"  motif malgré une différence constatée : {signature.override_reason}")
    return "\n".join(lines) + "\n\n"


def signed_at(signature: Signature) -> dt.datetime | None:
    """The instant of the signature; None where only its day is known, as of a paper original."""
    at = signature.proof.get("confirmed_at")
    if signature.mode == SignatureMode.PADES:
        at = signatures_pages.certificate(signature)["signed_at"]
    return dt.datetime.fromisoformat(at) if at else None


def in_utc(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).strftime("%d/%m/%Y à %H:%M:%S UTC")


def stamp_words(signature: Signature, stamp: DepositTimestamp | None) -> list[str]:
    """Say which tokens of a timestamp authority (RFC 3161) date a signature, by whom and when; or that none does.

    `stamp`: what was attested of the signed PDF when this site received it.
    """
    lines = []
    if signature.mode == SignatureMode.PADES:
        facts = signatures_pages.certificate(signature)
        if facts["timestamp_by"]:
            at = in_utc(dt.datetime.fromisoformat(facts["signed_at"]))
            lines.append(f"Jeton dans la signature : {facts['timestamp_by']}, le {at}")
        if stamp:
            lines.append(f"Jeton du fichier reçu : {stamp.authority or 'autorité sans nom'}, le {in_utc(stamp.at)}")
    if lines:
        return lines
    received = in_utc(signature.recorded_at)
    return [f"Aucun jeton d’une autorité d’horodatage. L’application a enregistré la signature le {received}"]


def signed_at_words(signature: Signature, zone: str) -> str:
    """Return the day of the signature, and the time where it is known."""
    at = signed_at(signature)
    return _moment(at, zone) if at else f"{signature.signed_on:%d/%m/%Y}"


def _moment(at: dt.datetime, zone: str) -> str:
    return french.datetime(zones.at(at, zone), "num", named=True)


def _account_words(signature: Signature) -> str:
    """Name the account by the e-mail recorded with the signature: the account may have another one now."""
    words = "du signataire" if signature.mode == SignatureMode.BROWSER else "qui l’a déposée"
    account = signature.proof.get("account") or signature.proof.get("recorded_by")
    return f"compte {words} : {account or signature.recorded_by.email}"


def delegation_words(facts: dict[str, Any]) -> str:
    """Describe the delegation of power, with what was checked for the day of the signature."""
    day = {name: french.date(dt.date.fromisoformat(facts[name])) for name in ("dated", "checked_for")}
    ceiling = f"plafond {french.euros(facts['ceiling'])}" if facts["ceiling"] else "sans plafond"
    until = f", jusqu’au {french.date(dt.date.fromisoformat(facts['valid_until']))}" if facts["valid_until"] else ""
    published = f", {facts['published']}" if facts["published"] else ""
    return (
        f"{facts['reference']} du {day['dated']}{published}, {facts['holder']}, {ceiling}{until} ; "
        f"vérifiée pour le {day['checked_for']} et un engagement de l’État de {french.euros(facts['amount'])}"
    )
