"""The deposit of a PDF signed with a certificate: kept as received, checked by a worker, then accepted or refused.

Nothing counts as signed before the worker accepted it: the signature is written then, by the transition of the act. A
new deposit for the same party replaces the one that waits. A refused file is kept with what was found; the person who
handed it in is told by e-mail, and reads it with those who could have handed it in.
"""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from arml.models import User
from conventions.effects.signing import CHANGED as DOCUMENT_CHANGED
from conventions.effects.signing import OVERTAKEN
from conventions.enums import DepositAnswer
from conventions.evidence import timestamps
from conventions.models import Act, DepositTimestamp, Document, Party, SignedDeposit
from conventions.notifications import signing as notifications
from cpo.lib import clock, journal
from cpo.lib.actor import SYSTEM, Actor
from cpo.lib.files import stored
from cpo.lib.models import Job
from cpo.lib.work import jobs
from cpo.lib.workflow import Refused

from . import certificate
from .browser import StepRefused
from .subjects import Subject, subject_of

KIND = "check_deposit"
STEPS = 3
CHANGED = (
    "Le fichier à signer a changé depuis l’ouverture de la page : une autre partie a signé, "
    "ou la négociation a repris. Téléchargez le fichier ci-dessous, et signez celui-là."
)


def receive(
    act: Act,
    party: Party,
    data: bytes,
    *,
    by: User,
    document: Document,
    shown_sha256: str,
    override_reason: str = "",
) -> SignedDeposit:
    """Keep the file as it is and ask a worker to check it. `shown_sha256`: the file that the page gave to sign.

    The same file, handed in again while it is being checked, is the same deposit. Raises StepRefused, Refused,
    PermissionDenied.
    """
    subject = subject_of(document)
    actor = subject.attempt(by)
    if party not in subject.parties(actor):
        raise Refused("Cette partie a déjà signé, ou vous ne pouvez pas déposer son PDF signé.")
    if shown_sha256 != document.signed_file.sha256:
        raise StepRefused("file", CHANGED)
    certificate.authorities()
    try:
        file = stored.store(data, "application/pdf")
    except stored.NotStored as error:
        raise StepRefused("file", str(error)) from error
    row = SignedDeposit(
        document=document,
        party=party,
        file=file,
        base_sha256=shown_sha256,
        override_reason=override_reason.strip(),
        by=by,
        received_at=clock.now(),
    )
    return _keep(row, subject, act, actor)


@transaction.atomic
def _keep(row: SignedDeposit, subject: Subject, act: Act, actor: Actor) -> SignedDeposit:
    """Write a deposit in the place of the one that waits; return that one if it is the same."""
    Act.objects.select_for_update(of=("self",)).get(pk=act.pk)
    waiting = SignedDeposit.objects.filter(document=row.document, party=row.party, answer=DepositAnswer.PENDING)
    same = waiting.filter(file=row.file, base_sha256=row.base_sha256, override_reason=row.override_reason).first()
    if same is None:
        waiting.update(answer=DepositAnswer.REPLACED, answered_at=clock.now())
        row.save()
        sentence = f"{actor.name} dépose un PDF signé pour {row.party.organisation.in_sentence} : il reste à vérifier."
        _tell(row, subject, actor, "receive_signed_file", sentence)
    deposit = same or row
    jobs.enqueue(KIND, _key(deposit), deposit=deposit.pk)
    return deposit


def explain(deposit: SignedDeposit, reason: str, *, by: User) -> SignedDeposit:
    """Hand in the same file again, with the reason that its refusal asked for. Raises as `receive`."""
    document = deposit.document
    return receive(
        document.act,
        deposit.party,
        stored.read(deposit.file),
        by=by,
        document=document,
        shown_sha256=deposit.base_sha256,
        override_reason=reason,
    )


def last_job(deposit: SignedDeposit) -> Job | None:
    return Job.objects.filter(kind=KIND, key=_key(deposit)).order_by("-pk").first()


def _key(deposit: SignedDeposit) -> str:
    return f"deposit:{deposit.pk}"


# -- The worker --------------------------------------------------------------------------------------------------------


def check(progress: jobs.Progress) -> dict[str, Any]:
    """Check a deposit; accept it or refuse it. One that was answered stays as it is: a job may run twice."""
    rows = SignedDeposit.objects.select_related("document__act", "document__file", "document__version", "by", "file")
    deposit = rows.select_related("party__organisation", "party__delegation").get(pk=progress.arguments["deposit"])
    if deposit.answer == DepositAnswer.PENDING:
        progress.step(1, STEPS)
        try:
            _accept(deposit, progress)
        except StepRefused as error:
            code = error.report.code if error.report else ""
            refuse(deposit, error.message, field=error.field, code=code, report=error.report)
        except Refused as error:
            refuse(deposit, error.message)
        except PermissionDenied as error:
            refuse(deposit, str(error))
    return {"deposit": deposit.pk}


def _accept(deposit: SignedDeposit, progress: jobs.Progress) -> None:
    document = deposit.document
    subject = subject_of(document)
    subject.attempt(deposit.by)
    if document.voided_at:
        raise Refused(DOCUMENT_CHANGED)
    if deposit.base_sha256 != document.signed_file.sha256:
        raise Refused(OVERTAKEN)
    data = stored.read(deposit.file)
    signature, report = certificate.signature_of(
        subject, deposit.party, data, by=deposit.by, override_reason=deposit.override_reason
    )
    progress.step(2, STEPS)
    signature.signed_file = deposit.file
    signature.proof["received_at"] = deposit.received_at.isoformat(timespec="seconds")
    subject.record(
        deposit.by,
        comment=signature.override_reason,
        data={"signature": signature, "base": deposit.base_sha256, "deposit": deposit, "report": report.as_text()},
    )
    progress.step(STEPS, STEPS)


@transaction.atomic
def refuse(
    deposit: SignedDeposit, message: str, *, field: str = "", code: str = "", report: certificate.Report | None = None
) -> None:
    """Write why a deposit is refused, once; tell the person who handed it in."""
    act = deposit.document.act
    Act.objects.select_for_update(of=("self",)).get(pk=act.pk)
    answered = SignedDeposit.objects.filter(pk=deposit.pk, answer=DepositAnswer.PENDING).update(
        answer=DepositAnswer.REFUSED,
        answered_at=clock.now(),
        refusal=message,
        field=field,
        code=code,
        report=report.as_text() if report else "",
    )
    if not answered:
        return
    sentence = (
        f"Le PDF signé que {deposit.by} a déposé pour {deposit.party.organisation.in_sentence} "
        "n’est pas accepté : rien n’est signé."
    )
    _tell(deposit, subject_of(deposit.document), SYSTEM, "refuse_signed_file", sentence)
    notifications.deposit_refused(act, deposit, message)


def _tell(deposit: SignedDeposit, subject: Subject, by: Actor, verb: str, words: str) -> None:
    """Write an event about a deposit: those who open its page read it, and nobody else."""
    journal.record(deposit, root=deposit.document.act.dossier, by=by, verb=verb, sentence=subject.sentence(words))


def add_timestamp(deposit_id: int) -> int | None:
    """Keep what the authority of this site attests of an accepted deposit, once. Raises TimestampError: tried again."""
    deposit = SignedDeposit.objects.select_related("file").get(pk=deposit_id)
    known = DepositTimestamp.objects.filter(deposit=deposit).first()
    if known:
        return known.pk
    token = timestamps.token_of(stored.read(deposit.file))
    if token is None:
        return None
    row, _ = DepositTimestamp.objects.get_or_create(
        deposit=deposit, defaults={"token": token.data, "at": token.at, "authority": token.authority}
    )
    return row.pk
