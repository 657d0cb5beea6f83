"""Add the typed documents of a dossier. A document never changes: a newer one replaces it."""

import datetime as dt
from contextlib import AbstractContextManager, nullcontext
from typing import Any, BinaryIO

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from arml.enums import Role, Standing
from arml.models import Attachment, AttachmentKind, Dossier, User
from arml.permissions import BENEFICIARY_ROLES, SPOKESPERSONS, capacities
from conventions.enums import ConventionState
from conventions.guards.pieces import ANNEX_IV
from conventions.models import Act
from conventions.text.dating import FROM_PIECES
from cpo.lib import clock, journal
from cpo.lib.actor import Actor
from cpo.lib.enums import Audience, Side
from cpo.lib.files import stored as stored_files

from .base import act_editing, person

STANDINGS = (Standing.LEAD, Standing.BENEFICIARY)


def side_of(kind: AttachmentKind) -> str:
    """Return the side that provides a type of document."""
    return Side.BENEFICIARY if kind.provided_by in BENEFICIARY_ROLES else Side.STATE


def may_add(user: User, act: Act, kind: AttachmentKind) -> Actor | None:
    """Return the capacity in which the person may add this document now, or None (see `why_not_add`)."""
    actor = _provider(user, act, kind)
    return actor if actor and not _closed_reason(act, kind, actor) else None


def why_not_add(user: User, act: Act, kind: AttachmentKind) -> str:
    """Return in French why the person may not add this document, or "" when they may."""
    actor = _provider(user, act, kind)
    if actor is None:
        return f"Cette pièce est fournie par : {Role(kind.provided_by).label}."
    return _closed_reason(act, kind, actor)


def _provider(user: User, act: Act, kind: AttachmentKind) -> Actor | None:
    for actor in capacities(user, act.dossier):
        if (
            actor.standing in STANDINGS
            and actor.side == side_of(kind)
            and (actor.role == kind.provided_by or actor.role in SPOKESPERSONS[Side(actor.side)])
        ):
            return actor
    return None


def _closed_reason(act: Act, kind: AttachmentKind, actor: Actor) -> str:
    if act.state == ConventionState.ABANDONED:
        return "Le dossier est abandonné : il ne reçoit plus de pièce."
    if act.convention.state == ConventionState.CLOSED:
        return "La convention est clôturée : elle ne reçoit plus de pièce."
    if kind.withdrawn:
        return "Cette pièce n’est plus demandée."
    if _is_content(act, kind) and act.programme.side != actor.side:
        printed = "est jointe à l’annexe IV" if kind.key in ANNEX_IV else "donne une date au texte"
        if act.programme.side:
            return f"Cette pièce {printed} : elle se dépose quand la main est à votre partie."
        return f"Cette pièce {printed}, dont le contenu ne change plus."
    return ""


def _is_content(act: Act, kind: AttachmentKind) -> bool:
    """Whether the text prints the pièce, or its date as long as it is written: what is accepted must not move."""
    dates_text = kind.key in FROM_PIECES.values() and not act.number and act.programme.side
    return kind.key in ANNEX_IV or bool(dates_text)


@transaction.atomic
def add_attachment(
    *,
    act: Act,
    kind: AttachmentKind,
    by: User | Actor,
    upload: BinaryIO | None = None,
    name: str = "",
    size: int | None = None,
    dated: dt.date | None = None,
    valid_until: dt.date | None = None,
    not_applicable_reason: str = "",
    comment: str = "",
    year: int | None = None,
    provisional: bool = False,
    expected_revision: int | None = None,
) -> Attachment:
    """Add a document, or the reason why it does not apply. It replaces the current one of the same type and year.

    Documents that the text prints, or takes a date from, are content: they go through the editing lock. Raises
    ValidationError keyed by field.
    """
    actor = _adding_actor(by, act, kind)
    stored = _check_and_store(kind, upload, name, size, dated, valid_until, not_applicable_reason, act)
    with _lock_if_content(act, kind, actor, expected_revision):
        # The lock orders two people who add at the same time: the second document replaces the first.
        dossier = Dossier.objects.select_for_update().get(pk=act.dossier.pk)
        former = dossier.attachments.current().filter(kind=kind, year=year).order_by("-added_at", "-id").first()
        attachment = Attachment.objects.create(
            dossier=dossier,
            kind=kind,
            file=stored,
            not_applicable_reason="" if stored else not_applicable_reason.strip(),
            name=name[:200] if stored else "",
            year=year,
            dated=dated,
            valid_until=valid_until,
            provisional=provisional,
            comment=comment.strip(),
            replaces=former,
            added_by=person(actor, dossier),
            added_at=clock.now(),
        )
        _record_addition(attachment, act, actor)
    return attachment


def _adding_actor(by: User | Actor, act: Act, kind: AttachmentKind) -> Actor:
    if isinstance(by, Actor):
        actor: Actor | None = by
        reason = _closed_reason(act, kind, by) if by.user else ""
    else:
        actor, reason = may_add(by, act, kind), why_not_add(by, act, kind)
    if actor is None or reason:
        raise PermissionDenied(reason)
    return actor


def _lock_if_content(
    act: Act, kind: AttachmentKind, actor: Actor, expected_revision: int | None
) -> AbstractContextManager[Any]:
    """Take the editing lock for a document that the text prints or takes a date from; the others need no lock."""
    if not _is_content(act, kind):
        return nullcontext()
    element = f"la pièce « {kind} »"
    return act_editing(act, by=actor, expected_revision=expected_revision, element=element, beside=True)


def _record_addition(attachment: Attachment, act: Act, actor: Actor) -> None:
    verb = "dépose" if attachment.file_id else "déclare sans objet"
    year = f" ({attachment.year})" if attachment.year else ""
    journal.record(
        attachment,
        root=attachment.dossier,
        by=actor,
        verb="attachment_added",
        sentence=f"{actor.name} {verb} la pièce « {attachment.kind} »{year}.",
        audience=Audience.STATE if act.state == ConventionState.DRAFT else Audience.BOTH,
    )


def value_faults(
    kind: AttachmentKind,
    upload: BinaryIO | None,
    dated: dt.date | None,
    valid_until: dt.date | None,
    not_applicable_reason: str,
    act: Act,
) -> dict[str, Any]:
    """Return the errors of the values of a document, by field; those of its file come from `checked_file`."""
    errors: dict[str, Any] = {}
    if upload is None:
        if not not_applicable_reason.strip():
            errors["upload"] = "Choisissez un fichier."
        elif not kind.not_applicable_allowed:
            errors["not_applicable_reason"] = "Cette pièce ne peut pas être déclarée sans objet : déposez le fichier."
    else:
        if not_applicable_reason.strip():
            errors["not_applicable_reason"] = "Déposez le fichier, ou dites pourquoi il est sans objet, pas les deux."
        if kind.needs_end_date and valid_until is None:
            errors["valid_until"] = "Donnez la date de fin de validité que porte ce document."
        if dated and dated > clock.today(act.dossier.time_zone):
            errors["dated"] = "La date du document est dans le futur."
        if dated and valid_until and valid_until < dated:
            errors["valid_until"] = "La fin de validité précède la date du document."
    return errors


def _check_and_store(
    kind: AttachmentKind,
    upload: BinaryIO | None,
    name: str,
    size: int | None,
    dated: dt.date | None,
    valid_until: dt.date | None,
    not_applicable_reason: str,
    act: Act,
) -> Any:
    """Check the values and store the file (None when the document does not apply). Raises ValidationError by field."""
    errors = value_faults(kind, upload, dated, valid_until, not_applicable_reason, act)
    data = media_type = None
    if upload is not None:
        try:
            data, media_type = checked_file(upload, name, size)
        except ValidationError as error:
            errors["upload"] = error
    if errors:
        raise ValidationError(errors)
    return stored_files.store_upload(data, media_type, field="upload") if data and media_type else None


def checked_file(upload: BinaryIO, name: str, size: int | None = None) -> tuple[bytes, str]:
    """Return the bytes and the type of a file that may be stored. Raises ValidationError."""
    byte_count = size if size is not None else stored_files.measure(upload)
    return stored_files.check_upload(upload, name=name, size=byte_count)
