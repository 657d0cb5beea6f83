"""What the two sides write when a convention may end. These functions check it, then the workflow acts on it.

Each one raises ValidationError keyed by field; the workflow raises Refused and PermissionDenied.
"""

import datetime as dt
import hashlib
from typing import Any, BinaryIO

from django.core.exceptions import ValidationError
from django.db import transaction

from arml.models import User
from conventions import workflow
from conventions.guards.notices import own_notice
from conventions.later.opening import OPEN
from conventions.models import Act, Document, FormalNotice
from cpo.lib import clock
from cpo.lib.files import stored
from cpo.lib.models import StoredFile
from cpo.lib.wording import french

Upload = tuple[BinaryIO, str, int]  # the file, its name, its size
FUTURE = "Cette date est dans le futur."


def prepare_notice(*, act: Act, breaches: str, by: User) -> None:
    """Write the formal notice, or write it again as long as it is not sent."""
    if not breaches.strip():
        raise ValidationError({"breaches": "Dites quels manquements sont constatés."})
    option = workflow.ACT.attempt("prepare_notice", act, by)
    notice = own_notice(act, option.actor.side)
    today = clock.today(act.dossier.time_zone)
    if notice and (notice.breaches, notice.prepared_on) == (breaches.strip(), today):
        return  # the same letter again
    workflow.apply("prepare_notice", act, by=by, data={"breaches": breaches.strip()})


def send_notice(
    *, act: Act, sent_on: dt.date, letter_number: str, letter: Upload, by: User, proof: Upload | None = None
) -> None:
    """Record the letter that was sent, with its file. The time limit of two months runs from that day.

    A letter that was sent before it was typed here has its proof of posting: nothing else vouches for its date.
    """
    option = workflow.ACT.attempt("send_notice", act, by)  # first: no file is stored for a person who may not send it
    notice = own_notice(act, option.actor.side)
    errors: dict[str, Any] = dict(sending_faults(act, notice, sent_on, proof))
    if not letter_number.strip():
        errors["letter_number"] = "Indiquez le numéro de la lettre recommandée."
    upload = _check_upload(letter, "letter", errors, pdf_only=True)
    _refuse_generated_file(act, upload, "letter", errors, "la lettre signée, telle qu’elle a été envoyée")
    proof_upload = _check_upload(proof, "proof", errors)
    _raise(errors)
    data = {
        "sent_on": sent_on,
        "letter_number": letter_number.strip(),
        "letter": _store(upload, "letter"),
        "proof": _store(proof_upload, "proof"),
    }
    workflow.apply("send_notice", act, by=by, data=data)


def sending_faults(act: Act, notice: FormalNotice | None, sent_on: dt.date | None, proof: Any) -> dict[str, str]:
    """Return, by field, why a notice was not sent on this day; None: the day is not valid."""
    first = _notified_on(act)
    if sent_on is None:
        return {}
    if sent_on > clock.today(act.dossier.time_zone):
        return {"sent_on": FUTURE}
    if sent_on < first:
        return {"sent_on": f"La convention est du {french.date(first)} : aucune mise en demeure ne la précède."}
    if notice and sent_on < notice.prepared_on and not proof:
        typed = f"La lettre est partie avant d’être saisie, le {french.date(notice.prepared_on)}"
        return {"proof": f"{typed} : déposez sa preuve de dépôt, qui porte la date d’envoi."}
    return {}


def _notified_on(act: Act) -> dt.date:
    """The first day on which the convention could be breached: that of its notification, where it is known."""
    first = act.convention.act
    return first.notified_on or first.signed_on or first.effective_on


def give_observations(*, act: Act, text: str, by: User, file: Upload | None = None) -> None:
    """Answer the other side's formal notice. An answer is dated, and never changes afterwards."""
    workflow.ACT.attempt("observe", act, by)
    errors: dict[str, Any] = {}
    if not text.strip():
        errors["text"] = "Écrivez vos observations."
    upload = _check_upload(file, "file", errors)
    _raise(errors)
    workflow.apply("observe", act, by=by, data={"text": text.strip(), "file": _store(upload, "file")})


def terminate(
    *,
    act: Act,
    decision: str,
    decided_on: dt.date,
    notified_on: dt.date,
    decision_number: str,
    file: Upload,
    by: User,
) -> None:
    """Record the decision that was signed and notified after the two months.

    The convention ends on the day of the notification.
    """
    option = workflow.ACT.attempt("terminate", act, by)
    notice = own_notice(act, option.actor.side)
    errors: dict[str, Any] = {}
    if not decision.strip():
        errors["decision"] = "Motivez la décision."
    if not decision_number.strip():
        errors["decision_number"] = "Indiquez le numéro de la lettre recommandée."
    errors |= termination_faults(act, notice, decided_on, notified_on)
    upload = _check_upload(file, "file", errors, pdf_only=True)
    _refuse_generated_file(act, upload, "file", errors, "la décision signée, telle qu’elle a été notifiée")
    _raise(errors)
    data = {
        "decision": decision.strip(),
        "decided_on": decided_on,
        "notified_on": notified_on,
        "decision_number": decision_number.strip(),
        "decision_file": _store(upload, "file"),
    }
    _end("terminate", act, by, data)


def termination_faults(
    act: Act, notice: FormalNotice | None, decided_on: dt.date | None, notified_on: dt.date | None
) -> dict[str, str]:
    """Return, by field, why a decision was not taken or notified on these days; None: the day is not valid."""
    today, faults = clock.today(act.dossier.time_zone), {}
    if decided_on and decided_on > today:
        faults["decided_on"] = FUTURE
    elif decided_on and notice and notice.due_on and decided_on <= notice.due_on:
        faults["decided_on"] = f"Le délai court jusqu’au {french.date(notice.due_on)} inclus : la décision le suit."
    if notified_on and notified_on > today:
        faults["notified_on"] = FUTURE
    elif notified_on and decided_on and notified_on < decided_on:
        faults["notified_on"] = "La notification ne précède pas la décision."
    return faults


def dissolution_faults(act: Act, effective_on: dt.date | None) -> dict[str, str]:
    """Return, by field, why a dissolution did not take effect on this day; None: the day is not valid."""
    first = act.convention.act.effective_on
    if effective_on and effective_on > clock.today(act.dossier.time_zone):
        return {"effective_on": f"{FUTURE} Revenez quand la dissolution aura pris effet."}
    if effective_on and effective_on < first:
        return {"effective_on": f"La convention n’a pris effet que le {french.date(first)}."}
    return {}


def record_dissolution(*, act: Act, facts: str, effective_on: dt.date, by: User, file: Upload | None = None) -> None:
    """Record that the association is dissolved, or ceased its activity. The convention ends on that day."""
    workflow.ACT.attempt("record_dissolution", act, by)
    errors: dict[str, Any] = {}
    if not facts.strip():
        errors["facts"] = "Dites ce qui est constaté."
    errors |= dissolution_faults(act, effective_on)
    upload = _check_upload(file, "file", errors)
    _raise(errors)
    data = {
        "decision": facts.strip(),
        "decided_on": effective_on,
        "notified_on": effective_on,
        "decision_number": "",
        "decision_file": _store(upload, "file"),
    }
    _end("record_dissolution", act, by, data)


def _end(name: str, act: Act, by: User, data: dict[str, Any]) -> None:
    """Apply the transition. First lock the acts that will stop, in the order in which a notification locks them."""
    with transaction.atomic():
        for other in act.convention.acts.filter(state__in=OPEN, number__gt=0).order_by("number"):
            workflow.lock(other)
        workflow.apply(name, act, by=by, data=data)


def _check_upload(
    upload: Upload | None, field: str, errors: dict[str, Any], *, pdf_only: bool = False
) -> tuple[bytes, str] | None:
    """Return the bytes and the media type of the file; add to `errors` when it is refused."""
    if upload is None:
        return None
    try:
        return stored.check_upload(upload[0], name=upload[1], size=upload[2], pdf_only=pdf_only)
    except ValidationError as error:
        errors[field] = error
        return None


def _refuse_generated_file(
    act: Act, upload: tuple[bytes, str] | None, field: str, errors: dict[str, Any], expected: str
) -> None:
    """Refuse a file that the application generated, which nobody signed: the scan of the signed paper is needed."""
    digest = hashlib.sha256(upload[0]).hexdigest() if upload else ""
    if upload and Document.objects.filter(act__convention=act.convention_id, file__sha256=digest).exists():
        errors[field] = f"Ce fichier est celui que l’application a produit : déposez {expected}, puis numérisée."


def _store(upload: tuple[bytes, str] | None, field: str) -> StoredFile | None:
    return stored.store_upload(*upload, field=field) if upload else None


def _raise(errors: dict[str, Any]) -> None:
    if errors:
        raise ValidationError(errors)
