"""The signature by certificate: a PDF signed outside is handed in, verified against the one to sign, and kept.

Parties sign the same file one after the other: the second is verified against the file that the first one signed.
"""

import datetime as dt
import logging
from collections.abc import Sequence

from django.conf import settings

from arml.models import User
from conventions import evidence, workflow
from conventions.documents.parts.parties import signature_field_name, signing_rank
from conventions.enums import SignatureMode
from conventions.evidence import KnownFile, Report, SignatureReport
from conventions.models import Act, Document, Party, Signature
from cpo.lib import clock
from cpo.lib.files import stored
from cpo.lib.wording import french

from .browser import StepRefused, delegation_facts

# The certificate tells the hour of the signatory's computer: some clocks run ahead.
AHEAD = dt.timedelta(hours=1)
UNREADABLE_AUTHORITIES = (
    "Les autorités de certification configurées sur ce site ne peuvent pas être lues : aucune signature par "
    "certificat n’est vérifiée pour l’instant. Votre fichier n’est pas en cause ; prévenez l’assistance."
)
logger = logging.getLogger(__name__)


class Unverified(StepRefused):
    """The file is not accepted; `report` says everything that was found."""

    def __init__(self, report: Report) -> None:
        super().__init__("file", report.message)
        self.report = report


def trust() -> evidence.Trust:
    """The authorities of this site."""
    return evidence.load_trust(settings.SIGNATURE_TRUST_ROOTS, strict=settings.SIGNATURE_REVOCATION == "stricte")


def examine(document: Document, data: bytes, *, at: dt.datetime | None = None) -> Report:
    """Verify a file against the one that is to be signed now. Raises StepRefused where the site can verify none."""
    base = document.signed_file
    try:
        authorities = trust()
    except ValueError:
        logger.exception("The authorities of signatures can't be read")
        raise StepRefused("file", UNREADABLE_AUTHORITIES) from None
    return evidence.verify(
        data,
        stored.read(base),
        trust=authorities,
        at=at or clock.now(),
        lookup=lambda hashes: known(document, hashes),
        limit=settings.UPLOAD_MAX_BYTES,
    )


def known(document: Document, hashes: Sequence[str]) -> KnownFile | None:
    """Which other file of ours begins like this one; no more is said of it than its reference and its version."""
    own = document.act
    if document.file.sha256 in hashes:
        return KnownFile("other_version", "le document tel qu’il était avant que l’autre partie le signe")
    found = Document.objects.filter(file__sha256__in=hashes).select_related("act", "version").order_by("-pk")
    other = found.filter(act=own).first() or found.first()
    if other is None:
        return None
    version = f", version {other.version.number}" if other.version else ""
    voided = " (annulée)" if other.voided_at else ""
    what = f"{other.act.reference}{version}, {other.get_purpose_display()}{voided}"
    if other.act_id == own.pk:
        return KnownFile("other_version", what)
    return KnownFile("other_act" if other.act.convention_id == own.convention_id else "other_convention", what)


def places(act: Act) -> dict[str, Party]:
    """Whose each place to sign is, by the name of its field. A tool may also sign in a field of its own."""
    signing = sorted(
        act.parties.filter(signs=True).select_related("organisation"), key=lambda party: signing_rank(party.role)
    )
    return {signature_field_name(rank): party for rank, party in enumerate(signing, start=1)}


def record_signed_file(
    act: Act,
    party: Party,
    data: bytes,
    *,
    by: User,
    document: Document,
    shown_sha256: str,
    override_reason: str = "",
) -> Act:
    """Keep a PDF signed with a certificate. `shown_sha256`: the file that the page gave to sign.

    The name of the certificate must be that of the signatory announced, unless a reason is given, which the DGEFP
    reads. Raises Unverified, StepRefused, Refused, PermissionDenied.
    """
    base = document.signed_file
    if shown_sha256 != base.sha256:
        raise StepRefused(
            "file",
            "Le fichier à signer a changé depuis l’ouverture de la page : une autre partie a signé, ou la "
            "négociation "
            "a repris. Téléchargez le fichier ci-dessous, et signez celui-là.",
        )
    report = examine(document, data)
    if not report.valid:
        raise Unverified(report)
    signature = _only_one(report)
    _check_place(act, party, signature)
    matches = evidence.same_person(party.signatory_name, signature.name)
    if not matches and not override_reason.strip():
        raise StepRefused(
            "override_reason",
            f"Le certificat est au nom de {signature.name}, alors que le signataire annoncé est "
            f"{party.signatory_name or 'à désigner'}. Si cette personne signe bien pour "
            f"{party.organisation.in_sentence}, "
            "dites pourquoi : la DGEFP lira ce motif.",
        )
    reason = "" if matches else override_reason.strip()
    recorded = _signature(document, party, report, signature, by=by, override_reason=reason)
    recorded.signed_file = stored.store(data, "application/pdf")
    return workflow.apply(
        "deposit_signature", act, by=by, comment=reason, data={"signature": recorded, "base": base.sha256}
    )


def _signature(
    document: Document, party: Party, report: Report, found: SignatureReport, *, by: User, override_reason: str
) -> Signature:
    """The row to be written, with all that was checked."""
    now, act, version = clock.now(), document.act, document.version
    day = _day_of(found, act, document, now)
    return Signature(
        document=document,
        party=party,
        mode=SignatureMode.PADES,
        signatory_name=found.name if override_reason else party.signatory_name,
        capacity=party.capacity,
        signed_on=day,
        recorded_at=now,
        recorded_by=by,
        file_sha256=report.stored_sha256,
        override_reason=override_reason,
        proof={
            "wording": found.level_words,
            "recorded_by": by.email,
            "file_sha256": report.stored_sha256,
            "signed_sha256": report.sha256,
            "content_sha256": version.content_sha256 if version else "",
            "version": version.number if version else None,
            "name_announced": party.signatory_name,
            "recorded_at": now.isoformat(timespec="seconds"),
            "verification": report.as_dict(),
        }
        | delegation_facts(act, party, day),
    )


def _only_one(report: Report) -> SignatureReport:
    """One deposit, one party: what each signed stays told apart."""
    people = [signature for signature in report.new_signatures if signature.person]
    if len(people) > 1:
        names = ", ".join(signature.name for signature in people)
        raise StepRefused(
            "file",
            f"Ce fichier porte {len(people)} signatures nouvelles ({names}). Déposez d’abord le fichier "
            "signé par la "
            "première personne seule, puis celui que l’autre a signé ensuite.",
        )
    return people[0]


def _check_place(act: Act, party: Party, signature: SignatureReport) -> None:
    """A signature in the place of another party takes it from whom it is for: that one could not sign there."""
    owner = places(act).get(signature.field)
    if owner is not None and owner != party:
        raise StepRefused(
            "file",
            f"La signature {french.of(signature.name)} est dans le cadre {french.of(owner.organisation.in_sentence)}, "
            f"et non dans celui {french.of(party.organisation.in_sentence)}. Téléchargez de nouveau le fichier "
            "ci-dessous, et signez-le dans ce cadre-là.",
        )


def _day_of(signature: SignatureReport, act: Act, document: Document, now: dt.datetime) -> dt.date:
    """The day of the signature in the service's own time zone, which the power to sign is checked for."""
    signed_at = signature.signed_at
    if signed_at is None:
        raise StepRefused(
            "file", "Ce fichier ne dit pas quand il a été signé : la délégation ne peut pas être vérifiée."
        )
    day = clock.local_day(signed_at, act.dossier.time_zone)
    produced = clock.local_day(document.created_at, act.dossier.time_zone)
    if day < produced:
        raise StepRefused(
            "file",
            f"La signature est datée du {french.date(day, 'num')}, avant que le document ne soit produit le "
            f"{french.date(produced, 'num')} : vérifiez l’heure du poste, et signez de nouveau.",
        )
    if signed_at > now + AHEAD:
        raise StepRefused(
            "file",
            f"La signature est datée du {french.date(day, 'num')}, dans le futur : vérifiez l’heure du poste, et "
            "signez de nouveau.",
        )
    return day
