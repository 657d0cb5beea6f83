"""The signature of the minutes by both parties, as acts are signed: in the browser, or as the scan of a paper original.

The steps, the code and the proof are those of `conventions.services.signing.browser`.
"""

import datetime as dt

from django.core.exceptions import ValidationError
from django.db import transaction

from arml.enums import Role
from arml.models import User
from conventions.enums import SignatureMode
from conventions.models import Party, Signature, SigningAttempt
from conventions.services.signing import browser
from cpo.lib import clock
from cpo.lib.actor import Actor
from cpo.lib.models import StoredFile
from cpo.lib.wording import french
from reporting.models import Meeting
from reporting.workflow.meetings import MEETING, apply


def party_of(meeting: Meeting, actor: Actor) -> Party:
    """The party that an actor signs for, among those of the act that the minutes rest on."""
    assert meeting.minutes is not None and actor.organisation is not None  # noqa: S101  `attempt` checked it
    return meeting.minutes.act.parties.select_related("organisation").get(organisation=actor.organisation.pk)


def capacity_of(actor: Actor) -> str:
    """« responsable », « président ou présidente »: the words of the role, as a paper writes them."""
    return french.both_genders(Role(actor.role).label)


def sign_in_browser(attempt: SigningAttempt, meeting: Meeting, code: str, *, shown_sha256: str) -> Meeting:
    """Check the code and sign. Raises StepRefused (the code), Refused (the minutes or the state changed)."""
    actor = MEETING.attempt("sign", meeting, attempt.user).actor

    def record(attempt: SigningAttempt, signature: Signature) -> Meeting:
        return apply("sign", meeting, by=attempt.user, data={"signature": signature})

    return browser.confirm(  # type: ignore[no-any-return]
        attempt, code, shown_sha256=shown_sha256, capacity=capacity_of(actor), record=record
    )


def scan_faults(meeting: Meeting, scan_sha256: str, signed_on: dt.date | None) -> dict[str, str]:
    """What is wrong of the scan of a signed original, by field."""
    faults = {}
    assert meeting.minutes is not None  # noqa: S101  the transition wants the minutes printed
    if scan_sha256 == meeting.minutes.file.sha256:
        faults["upload"] = "Ce fichier est le relevé tel qu’il a été produit. Numérisez l’original signé."
    if signed_on and meeting.day and signed_on < meeting.day:
        faults["signed_on"] = "Le relevé ne peut pas être signé avant la réunion."
    return faults


@transaction.atomic
def record_scan(
    meeting: Meeting, *, by: User, scan: StoredFile, signatory_name: str, capacity: str, signed_on: dt.date
) -> Meeting:
    """Record the scan of an original that the party of this person signed. Raises ValidationError by field, Refused."""
    actor = MEETING.attempt("sign", meeting, by).actor
    if faults := scan_faults(meeting, scan.sha256, signed_on):
        raise ValidationError(faults)
    assert meeting.minutes is not None  # noqa: S101
    now = clock.now()
    signature = Signature(
        document=meeting.minutes,
        party=party_of(meeting, actor),
        mode=SignatureMode.SCAN,
        signatory_name=signatory_name.strip(),
        capacity=capacity.strip(),
        signed_on=signed_on,
        recorded_at=now,
        recorded_by=by,
        file_sha256=meeting.minutes.file.sha256,
        scan=scan,
        proof={
            "wording": "original signé sur papier, numérisé",
            "recorded_by": by.email,
            "recorded_at": browser.iso(now),
            "scan_sha256": scan.sha256,
            "file_sha256": meeting.minutes.file.sha256,
            "content_sha256": meeting.minutes.content_sha256,
        },
    )
    return apply("sign", meeting, by=by, data={"signature": signature})
