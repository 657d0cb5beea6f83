"""The report of a verification: as values, as JSON for `Signature.proof`, as French text for people."""

from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from cpo.lib.wording import french

from . import answers
from .comparison import Field


@dataclass(frozen=True)
class Refusal:
    """Why a file is not accepted: a code for programs, and a sentence for people that says what to do."""

    code: str
    message: str


@dataclass(frozen=True)
class SignatureReport:
    """One signature of a PDF. `new`: it is not in the stored file; `person`: False for a timestamp of the document."""

    field: str
    name: str
    organisation: str
    issuer: str
    serial: str
    certificate_sha256: str
    valid_from: datetime
    valid_until: datetime
    signed_at: datetime | None
    timestamp_by: str
    intact: bool
    chain: tuple[str, ...]
    revocation: str
    level: str
    new: bool
    person: bool
    problem: Refusal | None = None

    @property
    def level_words(self) -> str:
        return answers.LEVELS[self.level]

    @property
    def time_words(self) -> str:
        """« le 15 octobre 2026 à 10:12, heure attestée par … » or « heure déclarée par le signataire »."""
        return answers.time_words(self.signed_at, self.timestamp_by)

    @property
    def revocation_words(self) -> str:
        return answers.REVOCATION[self.revocation]


@dataclass(frozen=True)
class Report:
    """The verification of one file at one moment.

    `frames`: the fields newly signed; `drawn`: page (from 1) and PNG in base64 of each drawing outside the frames.
    """

    checked_at: datetime
    size: int
    sha256: str
    stored_sha256: str
    prefix_equal: bool = False
    changes: str = "unknown"
    signatures: tuple[SignatureReport, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    warnings: tuple[str, ...] = field(default=())
    frames: tuple[Field, ...] = ()
    drawn: tuple[tuple[int, str], ...] = ()

    @property
    def valid(self) -> bool:
        return not self.refusals and any(signature.new for signature in self.signatures)

    @property
    def new_signatures(self) -> tuple[SignatureReport, ...]:
        return tuple(signature for signature in self.signatures if signature.new)

    @property
    def code(self) -> str:
        """The code of the first refusal ("" when valid)."""
        return self.refusals[0].code if self.refusals else ""

    @property
    def message(self) -> str:
        return " ".join(refusal.message for refusal in self.refusals)

    def as_dict(self) -> dict[str, Any]:
        """The report in JSON types, for `Signature.proof`."""
        return {"valid": self.valid, **_json(asdict(self))}

    def as_text(self) -> str:
        return _as_text(self)


def _json(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_json(item) for item in value]
    return value.isoformat(timespec="seconds") if isinstance(value, datetime) else value


def _as_text(report: Report) -> str:
    """The whole report, one line per fact."""
    lines = [
        f"Fichier vérifié le {french.datetime(report.checked_at, named=True)}",
        f"Taille : {french.file_size(report.size)}",
        f"Empreinte SHA-256 du fichier : {report.sha256 or 'non calculée'}",
        f"Empreinte SHA-256 du document de référence : {report.stored_sha256}",
        "Début du fichier : "
        + ("identique au document de référence" if report.prefix_equal else "différent du document de référence"),
        f"Changements ajoutés au document : {answers.CHANGES[report.changes]}",
    ]
    for rank, signature in enumerate(report.signatures, start=1):
        title = f"{'Signature' if signature.person else 'Horodatage du fichier'} {rank}"
        lines += ["", f"{title}{'' if signature.new else ' (déjà enregistrée)'}", *_signature(signature)]
    if report.warnings:
        lines += ["", *(f"Attention : {warning}" for warning in report.warnings)]
    lines += ["", "RÉSULTAT : " + ("valable" if report.valid else "non valable")]
    lines += [f"- {refusal.message}" for refusal in report.refusals]
    return "\n".join(lines)


def _signature(signature: SignatureReport) -> list[str]:
    who = f"{signature.name} ({signature.organisation})" if signature.organisation else signature.name
    if not signature.person:
        return [
            f"  Autorité : {who}",
            f"  Date : {signature.time_words if signature.timestamp_by else 'non prouvée'}",
            f"  Intégrité : {'intacte' if signature.intact else 'rompue'}",
        ]
    return [
        f"  Signataire : {who}",
        f"  Date : {signature.time_words}",
        f"  Intégrité : {'intacte' if signature.intact else 'rompue'}",
        f"  Niveau : {signature.level_words}",
        "  Certificat : "
        f"n° {signature.serial}, délivré par {signature.issuer}, "
        f"valable du {french.date(signature.valid_from, 'num')} au {french.date(signature.valid_until, 'num')}",
        f"  Chaîne : {' → '.join(signature.chain) or 'non établie'}",
        f"  Révocation : {signature.revocation_words}",
    ]
