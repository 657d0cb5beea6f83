"""Take over what was done before: answers about past deadlines, what follows the record, the association's answer."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from arml.models import User
from arml.permissions import SPOKESPERSONS, capacities, lead_officer
from conventions.enums import ConventionState
from conventions.models import Act, Convention
from conventions.services import threads
from cpo.lib import clock, journal
from cpo.lib.actor import Actor
from cpo.lib.editing.lock import edit
from cpo.lib.enums import Audience, Side
from cpo.lib.files import stored as stored_files
from cpo.lib.models import StoredFile
from cpo.lib.money import ZERO
from cpo.lib.wording import french
from cpo.lib.workflow import Refused
from reporting import notifications
from reporting.deadlines.before import ANNUAL_ACT, PAYMENTS, Question, questions
from reporting.enums import DoneAnswer, RecordAnswer
from reporting.models import DoneBefore, RecordCheck

from .payments import take_over_payment

ELEMENT = "ce qui était déjà fait"
CLOSED = "La reprise est enregistrée : ce qui était déjà fait ne se modifie plus. Signalez une erreur dans un échange."


@dataclass(frozen=True)
class Done:
    """An answer as it was typed."""

    question: Question
    answer: str
    done_on: dt.date | None = None
    amount: Decimal | None = None
    upload: Any = None


def recorder(user: User, convention: Convention) -> Actor | None:
    """The capacity in which the person takes over: officer or manager of the lead service."""
    return next((actor for actor in capacities(user, convention.dossier) if lead_officer(actor)), None)


def record_done(
    *, convention: Convention, answers: Sequence[Done], by: User | Actor, expected_revision: int | None = None
) -> list[DoneBefore]:
    """Write what was already done, in place of earlier answers, under the lock and revision of the act's programme.

    A proof file that was given before stays when no other one is given. Raises ValidationError keyed by question,
    StaleRevision when somebody else saved since the page was opened.
    """
    actor = by if isinstance(by, Actor) else recorder(by, convention)
    if actor is None or actor.user is None:
        raise PermissionDenied("Le service chef de file enregistre ce qui était déjà fait.")
    former = convention.done_before.exclude(rule=None).order_by("rank", "pk")
    with edit(
        convention.act.programme,
        expected_revision=expected_revision,
        by=actor,
        element=ELEMENT,
        state=lambda _: str([_facts(row) for row in former.all()]),  # as it was opened: who answered first stays
    ):
        locked = Convention.objects.get(pk=convention.pk)
        if not locked.on_paper or locked.state != ConventionState.DRAFT:
            raise Refused(CLOSED)
        kept = _kept_files(convention)
        if errors := _errors(convention, answers, kept):
            raise ValidationError(errors)
        rows = [_row(convention, one, rank, _stored(one, kept), actor.user) for rank, one in enumerate(answers)]
        former.all().delete()
        DoneBefore.objects.bulk_create(rows)
        journal.record(
            convention.act,
            root=convention.dossier,
            by=actor,
            verb="done_before",
            sentence=f"{actor.name} enregistre {ELEMENT} avant la reprise.",
            element=ELEMENT,
            audience=Audience.STATE,
        )
    return list(former.all())


def _row(convention: Convention, one: Done, rank: int, proof: tuple[StoredFile | None, str], user: User) -> DoneBefore:
    done = one.answer == DoneAnswer.DONE
    return DoneBefore(
        convention=convention,
        rule=one.question.rule,
        year=one.question.year,
        label=one.question.label[:250],
        answer=one.answer,
        done_on=one.done_on if done else None,
        amount=one.amount if done else None,
        file=proof[0],
        file_name=proof[1],
        rank=rank,
        recorded_by=user,
        recorded_at=clock.now(),
    )


def _facts(row: DoneBefore) -> tuple[Any, ...]:
    return row.rule_id, row.year, row.label, row.answer, row.done_on, row.amount, row.file_id


def _kept_files(convention: Convention) -> dict[str, tuple[StoredFile | None, str]]:
    return {row.label: (row.file, row.file_name) for row in convention.done_before.select_related("file")}


def _stored(one: Done, kept: dict[str, tuple[StoredFile | None, str]]) -> tuple[StoredFile | None, str]:
    if one.answer != DoneAnswer.DONE:
        return None, ""
    if one.upload is None:
        return kept.get(one.question.label, (None, ""))
    only = one.question.is_act  # the scan of an act becomes its original
    data, media_type = stored_files.check_upload(one.upload, name=one.upload.name, size=one.upload.size, pdf_only=only)
    return stored_files.store_upload(data, media_type, field=f"{one.question.key}-file"), one.upload.name[:200]


def _errors(convention: Convention, answers: Sequence[Done], kept: dict[str, Any]) -> dict[str, str]:
    errors: dict[str, str] = {}
    today = clock.today(convention.dossier.time_zone)
    known = {(one.question.rule.pk, one.question.year) for one in answers}
    for question in questions(convention):
        if question.past and (question.rule.pk, question.year) not in known:
            errors[f"{question.key}-answer"] = "Dites si c’est fait, pas encore fait, ou sans objet."
    for one in answers:
        if one.answer == DoneAnswer.DONE:
            has_file = one.upload is not None or bool(kept.get(one.question.label, (None,))[0])
            errors |= _faults(convention, one, today, has_file=has_file)
    return errors


def _faults(convention: Convention, one: Done, today: dt.date, *, has_file: bool) -> dict[str, str]:
    question, errors = one.question, {}
    if one.done_on is None:
        errors[f"{question.key}-on"] = "Donnez la date."
    elif one.done_on > today:
        errors[f"{question.key}-on"] = "Cette date est dans le futur."
    elif one.done_on < dt.date(convention.cycle.first_year - 1, 1, 1):
        errors[f"{question.key}-on"] = f"Cette date est trop ancienne : pas avant {convention.cycle.first_year - 1}."
    year = question.year or convention.cycle.first_year
    if question.with_amount and not (one.amount and one.amount > 0):
        errors[f"{question.key}-amount"] = "Donnez le montant, en euros."
    elif question.is_payment and one.amount and one.amount > (agreed := _contribution(convention, year)):
        errors[f"{question.key}-amount"] = (
            f"La contribution de {year} saisie est de {french.euros(agreed)} : il en serait versé plus."
        )
    if question.is_act and not has_file:
        errors[f"{question.key}-file"] = "Déposez l’acte signé, numérisé."
    return errors


def _contribution(convention: Convention, year: int | None) -> Decimal:
    return sum((row.amount for row in convention.act.contributions.filter(year=year or 0)), ZERO)


# -- Once the convention is recorded ----------------------------------------------------------------------------------


def follow_record(act: Act, actor: Actor) -> None:
    """What the record of a paper convention brings with it: payments, years made firm, the question to the association.

    Call it in the transaction of the record, before the deadlines are written.
    """
    convention = act.convention
    done = list(convention.done_before.done().exclude(rule=None).select_related("rule"))
    for row in done:
        if row.rule and row.rule.met_by in PAYMENTS and row.amount and row.done_on:
            year = row.year or convention.cycle.first_year
            take_over_payment(convention=convention, by=actor, year=year, amount=row.amount, paid_on=row.done_on)
    acts = [row for row in done if row.rule and row.rule.met_by == ANNUAL_ACT and row.year]
    # An act that gave the year another amount fixes it once it is taken over itself.
    years = sorted({row.year for row in acts if row.year and row.amount == _contribution(convention, row.year)})
    Convention.objects.filter(pk=convention.pk).update(years_fixed_on_paper=years)
    convention.years_fixed_on_paper = years
    RecordCheck.objects.get_or_create(convention=convention, defaults={"asked_at": clock.now()})
    notifications.record_to_confirm(act, actor)


def ask_again(act: Act, actor: Actor, *, reason: str = "") -> None:
    """Ask the association to confirm what was recorded since its last answer: a later act, or a correction."""
    RecordCheck.objects.update_or_create(
        convention=act.convention,
        defaults={"asked_at": clock.now(), "answer": "", "answered_by": None, "answered_at": None, "thread": None},
    )
    notifications.record_to_confirm(act, actor, reason)


def answerer(user: User, convention: Convention) -> Actor | None:
    """The capacity in which the person answers for the association: direction or presidency."""
    roles = SPOKESPERSONS[Side.BENEFICIARY]
    actors = capacities(user, convention.dossier)
    return next((one for one in actors if one.side == Side.BENEFICIARY and one.role in roles), None)


@transaction.atomic
def answer_record(*, convention: Convention, answer: str, by: User, text: str = "") -> RecordCheck:
    """Confirm what was recorded, or tell an error, which opens an exchange. Both sides are told."""
    actor = answerer(by, convention)
    if actor is None:
        raise PermissionDenied("La direction ou la présidence de l’association confirme ce qui a été enregistré.")
    check = RecordCheck.objects.select_for_update(of=("self",)).select_related("thread").get(convention=convention)
    if check.confirmed:
        raise Refused("Ce qui a été enregistré est déjà confirmé.")
    contested = answer == RecordAnswer.CONTESTED
    if contested and not text.strip():
        raise ValidationError({"text": "Dites quelle est l’erreur."})
    if contested:
        check.thread = threads.start(convention.act, by=by, path=threads.GENERAL, text=text.strip())
    check.answer, check.answered_by, check.answered_at = answer, by, clock.now()
    check.save()
    said = "signale une erreur dans" if contested else "confirme"
    sentence = f"{actor.name} ({actor.organisation}) {said} ce qui a été enregistré de la convention sur papier."
    journal.record(convention.act, root=convention.dossier, by=actor, verb="record_answered", sentence=sentence)
    notifications.record_answered(convention.act, actor, contested=contested)
    return check
