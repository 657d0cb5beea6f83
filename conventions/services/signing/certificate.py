"""The signature by certificate: a PDF signed outside, verified against the file to sign, and the row that it gives.

Parties sign the same file one after the other: the second signature is added to the file that the first party signed.
A worker does this for each deposit (`deposits.py`).
"""

import datetime as dt
import logging
from collections.abc import Sequence

from django.conf import settings

from arml.models import User
from conventions import evidence
from conventions.documents.parts.parties import signature_field_name, signing_rank
from conventions.enums import SignatureMode
from conventions.evidence import KnownFile, Report, SignatureReport
from conventions.models import Act, Document, Party, Signature
from cpo.lib import clock, zones
from cpo.lib.files import stored
from cpo.lib.wording import french

from .browser import StepRefused, delegation_facts
from .subjects import Signatory, Subject

# The time of a signature is that of the signatory's computer, whose clock may run ahead.
AHEAD = dt.timedelta(hours=1)
UNREADABLE_AUTHORITIES = (
    "Les autorités de certification configurées sur ce site ne peuvent pas être lues : "
    "aucune signature par certificat n’est vérifiée pour l’instant. "
    "Votre fichier n’est pas en cause ; prévenez l’assistance."
)
logger = logging.getLogger(__name__)


class Unverified(StepRefused):
    """The file is not accepted; `report` says all that the verification found."""

    def __init__(self, report: Report) -> None:
        super().__init__("file", report.message)
        self.report = report


def trust() -> evidence.Trust:
    """Load the certification authorities that this site trusts."""
    return evidence.load_trust(settings.SIGNATURE_TRUST_ROOTS, strict=settings.SIGNATURE_REVOCATION == "stricte")


def authorities() -> evidence.Trust:
    """The same. Raises StepRefused where they can't be read: the site then verifies no file."""
    try:
        return trust()
    except ValueError:
        logger.exception("The authorities of signatures can't be read")
        raise StepRefused("file", UNREADABLE_AUTHORITIES) from None


def examine(document: Document, data: bytes, *, by: User, at: dt.datetime | None = None) -> Report:
    """Verify a file against the one to sign now. Raises ValueError where the authorities can't be read."""
    content = stored.read(document.signed_file)
    report = evidence.verify(
        data,
        content,
        trust=trust(),
        at=zones.at(at or clock.now(), document.act.dossier),
        lookup=lambda hashes: recognise(document, hashes, by=by),
        limit=settings.UPLOAD_MAX_BYTES,
    )
    return evidence.check_pages(report, data, content)


def recognise(document: Document, hashes: Sequence[str], *, by: User | None = None) -> KnownFile | None:
    """Find which other file of the application has one of these hashes; name its reference and its version only.

    A convention that the person (None: the operator of the site) may not see is not named.
    """
    act = document.act
    if document.file.sha256 in hashes:
        return KnownFile("other_version", "le document tel qu’il était avant que l’autre partie le signe")
    documents = Document.objects.filter(file__sha256__in=hashes).select_related("act", "version").order_by("-pk")
    other = documents.filter(act=act).first() or documents.first()
    if other is None:
        return None
    if by is not None and not Act.objects.visible_to(by).filter(pk=other.act_id).exists():
        return KnownFile("other_convention", "elle ne vous est pas ouverte")
    version = f", version {other.version.number}" if other.version else ""
    voided = " (annulée)" if other.voided_at else ""
    label = f"{other.act.reference}{version}, {other.get_purpose_display()}{voided}"
    if other.act_id == act.pk:
        return KnownFile("other_version", label)
    return KnownFile("other_act" if other.act.convention_id == act.convention_id else "other_convention", label)


def parties_by_field(act: Act) -> dict[str, Party]:
    """Return the party of each signature field of the PDF. A signing tool may also add a field of its own."""
    signing = sorted(
        act.parties.filter(signs=True).select_related("organisation"), key=lambda party: signing_rank(party.role)
    )
    return {signature_field_name(rank): party for rank, party in enumerate(signing, start=1)}


def signature_of(
    subject: Subject, party: Party, data: bytes, *, by: User, override_reason: str = ""
) -> tuple[Signature, Report]:
    """Verify a PDF signed with a certificate; return the row to write (its file is not set) and what was found.

    The certificate must have the name of the signatory announced, unless the person gives a reason, which the DGEFP
    reads. Raises Unverified, StepRefused.
    """
    report = examine(subject.document, data, by=by)
    if not report.valid:
        raise Unverified(report)
    try:
        return _row(subject, party, report, by=by, override_reason=override_reason), report
    except StepRefused as error:
        error.report = report
        raise


def _row(subject: Subject, party: Party, report: Report, *, by: User, override_reason: str) -> Signature:
    """Check whose signature it is and where; return the row to write. Raises StepRefused."""
    signature = _single_signature(report)
    _check_place(subject.document.act, party, signature)
    announced = subject.signatories(party)
    person = next((one for one in announced if evidence.same_person(one.name, signature.name)), None)
    if person is None and not override_reason.strip():
        announced_name = " ou ".join(one.name for one in announced) or "à désigner"
        raise StepRefused(
            "override_reason",
            f"Le certificat est au nom de {signature.name}, alors que le signataire annoncé est {announced_name}. "
            f"{_letters_words(signature.name)}"
            f"Si cette personne signe bien pour {party.organisation.in_sentence}, dites pourquoi : "
            "la DGEFP lira ce motif.",
        )
    reason = "" if person else override_reason.strip()
    person = person or Signatory(signature.name, announced[0].capacity if announced else party.capacity)
    return _signature(subject, party, report, signature, by=by, person=person, override_reason=reason)


def _letters_words(name: str) -> str:
    """Name the letters of another alphabet: one sees no difference between the two names."""
    letters = evidence.look_alikes(name)
    return f"Dans le certificat, d’autres lettres ressemblent aux nôtres : {', '.join(letters)}. " if letters else ""


def _signature(
    subject: Subject,
    party: Party,
    report: Report,
    verified_signature: SignatureReport,
    *,
    by: User,
    person: Signatory,
    override_reason: str,
) -> Signature:
    """Build the row to write, with all that was checked."""
    document = subject.document
    now, act, version = clock.now(), document.act, document.version
    day = _signing_day(verified_signature, act, document, now)
    return Signature(
        document=document,
        party=party,
        mode=SignatureMode.PADES,
        signatory_name=person.name,
        capacity=person.capacity,
        signed_on=day,
        recorded_at=now,
        recorded_by=by,
        file_sha256=report.stored_sha256,
        override_reason=override_reason,
        proof={
            "wording": verified_signature.level_words,
            "recorded_by": by.email,
            "file_sha256": report.stored_sha256,
            "signed_sha256": report.sha256,
            "content_sha256": version.content_sha256 if version else document.content_sha256,
            "version": version.number if version else None,
            "name_announced": " ou ".join(one.name for one in subject.signatories(party)),
            "recorded_at": now.isoformat(timespec="seconds"),
            "verification": report.as_dict(),
        }
        | (delegation_facts(act, party, day) if subject.delegates() else {}),
    )


def _single_signature(report: Report) -> SignatureReport:
    """Return the new signature of the file. Two new ones are refused: each deposit is for one party."""
    people = [signature for signature in report.new_signatures if signature.person]
    if len(people) > 1:
        names = ", ".join(signature.name for signature in people)
        raise StepRefused(
            "file",
            f"Ce fichier porte {len(people)} signatures nouvelles ({names}). "
            "Déposez d’abord le fichier signé par la première personne seule, "
            "puis celui que l’autre a signé ensuite.",
        )
    return people[0]


def _check_place(act: Act, party: Party, signature: SignatureReport) -> None:
    """Refuse a signature in the field of another party: this other party could not sign any more."""
    owner = parties_by_field(act).get(signature.field)
    if owner is not None and owner != party:
        raise StepRefused(
            "file",
            f"La signature {french.of(signature.name)} est dans le cadre {french.of(owner.organisation.in_sentence)}, "
            f"et non dans celui {french.of(party.organisation.in_sentence)}. "
            "Téléchargez de nouveau le fichier ci-dessous, et signez-le dans ce cadre-là.",
        )


def _signing_day(signature: SignatureReport, act: Act, document: Document, now: dt.datetime) -> dt.date:
    """Return the day of the signature in the time zone of the service: the delegation is checked for that day."""
    signed_at = signature.signed_at
    if signed_at is None:
        raise StepRefused(
            "file", "Ce fichier ne dit pas quand il a été signé : la délégation ne peut pas être vérifiée."
        )
    day = clock.local_day(signed_at, act.dossier.time_zone)
    produced_on = clock.local_day(document.created_at, act.dossier.time_zone)
    if day < produced_on:
        raise StepRefused(
            "file",
            f"La signature est datée du {french.date(day, 'num')}, "
            f"avant que le document ne soit produit le {french.date(produced_on, 'num')} : "
            "vérifiez l’heure du poste, et signez de nouveau.",
        )
    if signed_at > now + AHEAD:
        raise StepRefused(
            "file",
            f"La signature est datée du {french.date(day, 'num')}, dans le futur : "
            "vérifiez l’heure du poste, et signez de nouveau.",
        )
    return day
