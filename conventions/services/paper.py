"""Take over a convention signed on paper before the application: its scan, its dates, who signed for each party."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError

from arml.models import User
from conventions.effects.turn import void_signing
from conventions.enums import DocumentPurpose, SignatureMode
from conventions.models import Act, Document, Party, Signature
from cpo.lib import clock
from cpo.lib.actor import Actor
from cpo.lib.editing.lock import Unchanged
from cpo.lib.files import stored as stored_files
from cpo.lib.hooks import Hook
from cpo.lib.models import StoredFile

from .base import act_editing, person, save_act


@dataclass(frozen=True)
class Scan:
    """A scan that was already given. `signed_on`: the day of the act, when it was given with it."""

    file: StoredFile
    name: str
    signed_on: dt.date | None = None


def _none(act: Act) -> Scan | None:
    return None


given_with_the_convention = Hook(_none)  # answered in reporting/hooks.py: « ce qui est déjà fait » asks for annual acts


def scan_held(act: Act) -> Scan | None:
    """The scan of the act that nobody needs to give again: its own, else the one given with the convention."""
    document = act.documents.to_sign().select_related("file").first()
    return Scan(document.file, document.name) if document else given_with_the_convention(act)


@dataclass(frozen=True)
class PaperSignature:
    party: Party
    signatory_name: str
    capacity: str
    signed_on: dt.date


def record_paper_original(
    *,
    act: Act,
    scan: bytes | None,
    notified_on: dt.date,
    signatures: Sequence[PaperSignature],
    by: User | Actor,
    expected_revision: int | None = None,
    media_type: str = "application/pdf",
) -> Document:
    """Store the scan as the signed document, with a signature of mode « paper » for each party; void a former scan.

    No `scan`: the one that was already given (`scan_held`). The transition `record_paper` then makes the convention
    active. Raises ValidationError keyed by field.
    """
    _check(act, notified_on, signatures)
    rules = {"state_only": True, "of_amounts": True, "beside": True}
    with act_editing(act, by=by, expected_revision=expected_revision, element="l’original signé", **rules) as (
        fresh,
        actor,
    ):
        if not fresh.is_being_recorded:
            raise ValidationError("L’original ne s’enregistre que tant que la reprise est en préparation.")
        held = scan_held(fresh)
        if scan is None and held is None:
            raise ValidationError({"scan": "Choisissez le PDF."})
        if scan is None and _is_recorded(fresh, notified_on, signatures):
            raise Unchanged
        void_signing(fresh)
        given = stored_files.store_upload(scan, media_type, field="scan") if scan is not None else None
        _write(fresh, given or held.file, signatures, person(actor, fresh.dossier))  # type: ignore[union-attr]
        save_act(act, fresh, signed_on=max(row.signed_on for row in signatures), notified_on=notified_on)
    return act.documents.to_sign().get()


def _write(act: Act, stored: StoredFile, signatures: Sequence[PaperSignature], author: User) -> None:
    now = clock.now()
    document = Document.objects.create(act=act, purpose=DocumentPurpose.TO_SIGN, file=stored, created_at=now)
    for row in signatures:
        name, capacity = row.signatory_name.strip(), row.capacity.strip()
        Signature.objects.create(
            document=document,
            party=row.party,
            mode=SignatureMode.PAPER,
            signatory_name=name,
            capacity=capacity,
            signed_on=row.signed_on,
            recorded_at=now,
            recorded_by=author,
            file_sha256=stored.sha256,
            scan=stored,
        )
        Party.objects.filter(pk=row.party.pk).update(signatory_name=name, capacity=capacity)


def _is_recorded(act: Act, notified_on: dt.date, signatures: Sequence[PaperSignature]) -> bool:
    """Whether the original is recorded already, with these facts."""
    rows = Signature.objects.filter(document__in=act.documents.to_sign(), voided_at=None)
    known = set(rows.values_list("party", "signatory_name", "capacity", "signed_on"))
    typed = {(row.party.pk, row.signatory_name.strip(), row.capacity.strip(), row.signed_on) for row in signatures}
    return act.notified_on == notified_on and known == typed


def _check(act: Act, notified_on: dt.date, signatures: Sequence[PaperSignature]) -> None:
    if not act.on_paper:
        raise ValidationError("Cet acte n’a pas été signé sur papier : il ne se reprend pas.")
    today = clock.today(act.dossier.time_zone)
    signed_parties = {row.party.pk for row in signatures}
    parties = act.parties.filter(signs=True).select_related("organisation")
    missing = [str(party.organisation) for party in parties if party.pk not in signed_parties]
    if missing:
        raise ValidationError(f"Il manque la signature de : {', '.join(missing)}.")
    if any(not row.signatory_name.strip() or not row.capacity.strip() for row in signatures):
        raise ValidationError("Donnez le nom et la qualité de chaque signataire.")
    days = [row.signed_on for row in signatures]
    if max(days) > today:
        raise ValidationError("La date de signature est dans le futur.")
    if fault := notification_fault(act, notified_on, days):
        raise ValidationError({"notified_on": fault})


def notification_fault(act: Act, notified_on: dt.date, signed_on: Iterable[dt.date]) -> str:
    """Say why a notification can't be of this day, signed as it was on these days; "" when it can."""
    if max(signed_on) <= notified_on <= clock.today(act.dossier.time_zone):
        return ""
    return "La notification suit la dernière signature et n’est pas dans le futur."
