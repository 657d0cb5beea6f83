"""The signature of a stored document in the browser, in three steps.

It records the person, the capacity, the time and the hash of the file. The law calls it a « signature simple »
(eIDAS, article 3, 10): no page may call it more.
"""

import datetime as dt
import re
import secrets
from collections.abc import Callable
from typing import Any

from django.contrib.auth import authenticate
from django.db import transaction
from django.db.models import F
from django.utils.crypto import constant_time_compare, salted_hmac

from arml.models import User
from conventions import workflow
from conventions.enums import DocumentPurpose, SignatureMode
from conventions.evidence import Report
from conventions.guards.money import state_total
from conventions.guards.signing import signing_document
from conventions.models import Act, Document, Party, Signature, SigningAttempt
from conventions.notifications import signing as notifications
from cpo.lib import clock
from cpo.lib.actor import Actor
from cpo.lib.models import StoredFile
from cpo.lib.wording import french
from cpo.lib.work.ceilings import Ceiling, Reached
from cpo.lib.workflow import Refused

CODE_LIFETIME = dt.timedelta(minutes=10)
RESEND_AFTER = dt.timedelta(seconds=60)
SESSION_LIFETIME = dt.timedelta(minutes=30)
MAX_WRONG_CODES = 5
# For one person, however often the steps begin again; a signature that succeeds forgets them.
CODES = Ceiling("signing_code", most=5)
TRIES = Ceiling("signing_try", most=10)
WORDING = "signature simple"
EXHAUSTED = "Trop d’essais\u00a0: ce code ne sert plus. Recommencez depuis l’étape 1."


class StepRefused(Exception):
    """A step is refused; `field` is the name of the form field beside which the page shows the French message.

    `report`: what was found in a signed PDF, once it was read.
    """

    report: Report | None = None

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field
        self.message = message


def begin(
    act: Act, party: Party, *, by: User, password: str, request: Any = None, document: Document | None = None
) -> SigningAttempt:
    """Step 1: the person signs in again. `document`: by default, the text of the act. Raises StepRefused."""
    account = authenticate(request, username=by.email, password=password)
    if account is None or account.pk != by.pk:
        raise StepRefused("password", "Ce mot de passe n’est pas celui de votre compte. Vérifiez-le et recommencez.")
    document = document or _document(act)
    now = clock.now()
    return SigningAttempt.objects.create(
        document=document, party=party, user=by, started_at=now, reauthenticated_at=now
    )


def current_attempt(attempt_id: Any, act: Act, user: User) -> SigningAttempt | None:
    """Return the person's attempt on this act if it is recent and not done yet."""
    if not attempt_id:
        return None
    attempt = (
        SigningAttempt.objects.filter(pk=attempt_id, user=user, document__act=act, done_at=None)
        .select_related("document__file", "document__version", "party__organisation")
        .first()
    )
    if attempt is None or attempt.reauthenticated_at is None:
        return None
    return attempt if clock.now() - attempt.reauthenticated_at < SESSION_LIFETIME else None


def open_document(attempt: SigningAttempt) -> StoredFile:
    """Step 2: return the file to sign, and record when the person first opened it."""
    _check_unchanged(attempt)
    SigningAttempt.objects.filter(pk=attempt.pk, opened_at=None).update(opened_at=clock.now())
    return attempt.document.file


def send_code(attempt: SigningAttempt, *, name: str = "", page: str = "") -> None:
    """Step 3a: send a one-time code of six digits; only its keyed hash is stored. Raises StepRefused.

    `name`, `page`: what is signed and where, when it is not the text of the act.
    """
    _check_unchanged(attempt)
    if attempt.opened_at is None:
        raise StepRefused("open", "Ouvrez d’abord le document à signer (étape 2).")
    now = clock.now()
    if attempt.code_sent_at and now - attempt.code_sent_at < RESEND_AFTER:
        seconds = int((RESEND_AFTER - (now - attempt.code_sent_at)).total_seconds()) + 1
        raise StepRefused("code", f"Un code vient de partir. Attendez {seconds} secondes avant d’en demander un autre.")
    code = f"{secrets.randbelow(10**6):06d}"
    with transaction.atomic():
        _spend(CODES, attempt, "Trop de codes vous ont été envoyés depuis une heure.")
        attempt.code_hash, attempt.code_sent_at = _hash(attempt, code), now
        attempt.save(update_fields=["code_hash", "code_sent_at"])
        minutes = int(CODE_LIFETIME.total_seconds() // 60)
        notifications.signing_code(attempt.document.act, attempt.user, code, minutes, name=name, page=page)


def sign_act(attempt: SigningAttempt, signature: Signature) -> Act:
    """Record a signature of the text of an act, with the delegation of who signed."""
    act = attempt.document.act
    signature.proof |= delegation_facts(act, attempt.party, signature.signed_on)
    return workflow.apply("sign", act, by=attempt.user, data={"signature": signature})


def confirm(
    attempt: SigningAttempt,
    code: str,
    *,
    shown_sha256: str,
    capacity: str = "",
    record: Callable[[SigningAttempt, Signature], Any] = sign_act,
) -> Any:
    """Step 3b: check the code and sign. `shown_sha256` is the file that the page showed.

    `capacity`: by default, that of the party. `record`: writes the signature, and returns what was signed.
    Raises StepRefused (the code), Refused (the document or the state changed).
    """
    if attempt.opened_at is None:
        raise StepRefused("open", "Ouvrez d’abord le document à signer (étape 2).")
    _check_unchanged(attempt)
    if shown_sha256 != attempt.document.file.sha256:
        raise Refused("Le document à signer a changé depuis l’ouverture de la page. Relisez-le avant de signer.")
    _check_code(attempt, code)
    now = clock.now()
    act = attempt.document.act
    today = clock.today(act.dossier.time_zone)
    with transaction.atomic():
        # Update the row first: a double click then signs once, and a code works once.
        if not SigningAttempt.objects.filter(pk=attempt.pk, done_at=None).update(done_at=now, code_hash=""):
            raise Refused("Cette signature est déjà enregistrée.")
        actor = _actor(act, attempt)
        signature = Signature(
            document=attempt.document,
            party=attempt.party,
            mode=SignatureMode.BROWSER,
            signatory_name=str(attempt.user),
            capacity=capacity or attempt.party.capacity,
            signed_on=today,
            recorded_at=now,
            recorded_by=attempt.user,
            file_sha256=attempt.document.file.sha256,
            proof=_evidence(attempt, actor, now),
        )
        CODES.forget(attempt.user_id)
        TRIES.forget(attempt.user_id)
        return record(attempt, signature)


def _check_code(attempt: SigningAttempt, code: str) -> None:
    if not attempt.code_hash or attempt.code_sent_at is None:
        raise StepRefused("code", "Demandez d’abord un code : il arrive par courriel.")
    if clock.now() - attempt.code_sent_at > CODE_LIFETIME and attempt.wrong_codes < MAX_WRONG_CODES:
        raise StepRefused("code", "Ce code a expiré. Demandez-en un autre.")
    # A try is counted before its code is compared: a hundred sent at once are a hundred tries.
    _spend(TRIES, attempt, "Trop de codes erronés ont été saisis depuis une heure.")
    this = SigningAttempt.objects.filter(pk=attempt.pk)
    if not this.filter(wrong_codes__lt=MAX_WRONG_CODES).update(wrong_codes=F("wrong_codes") + 1):
        raise StepRefused("code", EXHAUSTED)
    if constant_time_compare(_hash(attempt, re.sub(r"\s", "", code)), attempt.code_hash):
        this.update(wrong_codes=F("wrong_codes") - 1)
        return
    attempt.refresh_from_db(fields=["wrong_codes"])
    remaining = MAX_WRONG_CODES - attempt.wrong_codes
    if remaining <= 0:
        raise StepRefused("code", EXHAUSTED)
    tries = "un essai" if remaining == 1 else f"{remaining} essais"
    raise StepRefused("code", f"Ce code n’est pas celui du dernier courriel. Il vous reste {tries}.")


def _spend(ceiling: Ceiling, attempt: SigningAttempt, reason: str) -> None:
    """Count a code sent or tried. Raises StepRefused, which says when the person may go on."""
    try:
        ceiling.spend(attempt.user_id)
    except Reached as reached:
        at = french.time(reached.until + dt.timedelta(minutes=1))
        raise StepRefused("code", f"{reason} Vous pourrez reprendre la signature à partir de {at}.") from reached


def _hash(attempt: SigningAttempt, code: str) -> str:
    return salted_hmac("conventions.signing", f"{attempt.pk}:{code}", algorithm="sha256").hexdigest()


def _actor(act: Act, attempt: SigningAttempt) -> Actor | None:
    """Return the capacity in which the person signs for the party."""
    return next(
        (
            actor
            for actor in workflow.capacities(attempt.user, act)
            if actor.organisation and actor.organisation.pk == attempt.party.organisation_id
        ),
        None,
    )


def _document(act: Act) -> Document:
    document: Document | None = signing_document(act)
    if document is None:
        raise Refused("Le document à signer est en cours de production. Revenez dans quelques instants.")
    return document


def _check_unchanged(attempt: SigningAttempt) -> None:
    signed = attempt.document
    if signed.purpose == DocumentPurpose.TO_SIGN:
        document: Document | None = signing_document(signed.act)
    else:
        document = Document.objects.filter(pk=signed.pk, voided_at=None).first()
    if document is None or document.pk != signed.pk:
        raise Refused("Le document à signer a changé depuis l’ouverture de la page. Relisez-le avant de signer.")


def _evidence(attempt: SigningAttempt, actor: Actor | None, now: dt.datetime) -> dict[str, Any]:
    version = attempt.document.version
    return {
        "wording": WORDING,
        "account": attempt.user.email,
        "organisation": str(attempt.party.organisation),
        "role": actor.role if actor else "",
        "signed_in_again_at": iso(attempt.reauthenticated_at),
        "document_opened_at": iso(attempt.opened_at),
        "code_sent_at": iso(attempt.code_sent_at),
        "code_sent_to": attempt.user.email,
        "confirmed_at": iso(now),
        "file_sha256": attempt.document.file.sha256,
        "content_sha256": version.content_sha256 if version else attempt.document.content_sha256,
        "version": version.number if version else None,
    }


def iso(moment: dt.datetime | None) -> str:
    return moment.isoformat(timespec="seconds") if moment else ""


def delegation_facts(act: Act, party: Party, day: dt.date) -> dict[str, Any]:
    """Return the delegation as it was on the day of the signature; an empty dict when the party signs without one."""
    delegation = party.delegation
    if not party.by_delegation or delegation is None:
        return {}
    return {
        "delegation": {
            "holder": f"{delegation.holder_name}, {delegation.holder_capacity}",
            "reference": delegation.reference,
            "dated": delegation.dated.isoformat(),
            "published": delegation.raa,
            "ceiling": str(delegation.ceiling) if delegation.ceiling is not None else None,
            "valid_until": delegation.valid_until.isoformat() if delegation.valid_until else None,
            "checked_for": day.isoformat(),
            "amount": str(state_total(act)),
        }
    }
