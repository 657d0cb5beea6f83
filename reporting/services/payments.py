"""Record and void commitments, release a balance, take over a payment. Each locks the money of the convention first."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from arml.models import User
from arml.permissions import capacities
from conventions.enums import ContributionLine
from conventions.models import Convention
from cpo.lib import clock, journal
from cpo.lib.actor import Actor
from cpo.lib.enums import Audience
from cpo.lib.forms.fields import MONEY_MAX
from cpo.lib.money import ZERO, to_cents
from cpo.lib.wording import french
from cpo.lib.workflow import Refused
from reporting import permissions as may
from reporting.enums import PaymentState
from reporting.guards.payments import unsettled
from reporting.models import BalanceRelease, Commitment, Payment
from reporting.money.schedule import Line, schedule
from reporting.money.sums import Key, Sums, key_of, sums_of
from reporting.workflow.payments import ENDED, lock_convention

NOT_YOURS = "Les engagements et les versements de l’État sont tenus par le service chef de file. Votre rôle les lit."
MANAGER_ONLY = "La personne responsable du service chef de file débloque le solde d’une année."


def money_keeper(user: User, convention: Convention) -> Actor | None:
    """The capacity in which the person keeps the money of a convention: officer or manager of the lead service."""
    return next((actor for actor in capacities(user, convention.dossier) if may.proposer(actor)), None)


def releaser(user: User, convention: Convention) -> Actor | None:
    return next((actor for actor in capacities(user, convention.dossier) if may.manager(actor)), None)


def closed_to_money(convention: Convention) -> str:
    """Why a convention takes no money now, in French; "" when it does."""
    if convention.state in may.PAYABLE and convention.text.latest:
        return ""
    return ENDED if convention.text.latest else "Les versements s’ouvrent une fois la convention signée et notifiée."


def _open(convention: Convention) -> Convention:
    locked = lock_convention(convention.pk)
    if reason := closed_to_money(locked):
        raise Refused(reason)
    return locked


def _actor(by: User | Actor, convention: Convention, find: Callable[..., Actor | None], refusal: str) -> Actor:
    actor = by if isinstance(by, Actor) else find(by, convention)
    if actor is None:
        raise PermissionDenied(refusal)
    return actor


@transaction.atomic
def record_commitment(
    *,
    convention: Convention,
    by: User | Actor,
    number: str,
    key: Key,
    amount: Decimal,
    committed_on: dt.date,
    imputation: str = "",
) -> Commitment:
    """Record one line of an EJ; a negative amount takes back. Raises PermissionDenied, Refused, ValidationError."""
    actor = _actor(by, convention, money_keeper, NOT_YOURS)
    convention = _open(convention)
    number, siret = "".join(number.split()), convention.dossier.beneficiary.siret
    if errors := commitment_faults(convention, number, key, amount, committed_on):
        raise ValidationError(errors)
    commitment = Commitment.objects.create(
        convention=convention,
        number=number,
        siret=siret,
        year=key[0],
        line=key[1],
        service_id=key[2],
        amount=amount,
        imputation=" ".join(imputation.split()),
        committed_on=committed_on,
        recorded_by=actor.user,
        recorded_at=clock.now(),
    )
    verb = "enregistre l’engagement" if amount > 0 else "enregistre le retrait d’engagement"
    sentence = f"{actor.name} {verb} {words(commitment)}."
    journal.record(commitment, root=convention.dossier, by=actor, verb="committed", sentence=sentence)
    return commitment


def commitment_faults(
    convention: Convention, number: str, key: Key | None, amount: Decimal | None, committed_on: dt.date | None
) -> dict[str, str]:
    """Return, by field, what is wrong of a line of an EJ. What is not valid is None."""
    number, siret, errors = "".join(number.split()), convention.dossier.beneficiary.siret, {}
    if not number:
        errors["number"] = "Donnez le numéro de l’engagement juridique."
    elif not siret:
        errors["number"] = "Le SIRET de l’association n’est pas renseigné\u00a0: complétez sa page d’abord."
    elif key and _of_another(convention, number, siret, key[0]):
        errors["number"] = "Cet engagement de cette année est celui d’une autre convention de l’association."
    elif Commitment.objects.valid().filter(number=number).exclude(siret=siret).exists():  # type: ignore[attr-defined]
        errors["number"] = "Cet engagement est celui d’un autre bénéficiaire."
    if key and amount is not None and (fault := amount_fault(sums_of(convention).get(key), amount)):
        errors["amount"] = fault
    if committed_on and (fault := _day_fault(convention, committed_on)):
        errors["committed_on"] = fault
    twins = [row for row in convention.commitments.all() if not row.voided and row.number == number]
    if any((key_of(row), row.amount, row.committed_on) == (key, amount, committed_on) for row in twins):
        errors["number"] = "Cet engagement est déjà enregistré, à l’identique."
    return errors


def _of_another(convention: Convention, number: str, siret: str, year: int) -> bool:
    others = Commitment.objects.exclude(convention=convention).filter(number=number, siret=siret, year=year)
    return others.valid().exists()  # type: ignore[attr-defined, no-any-return]


def amount_fault(part: Sums | None, amount: Decimal) -> str:
    """Why this amount cannot be committed, or taken back, on a line of the contribution; "" if it can."""
    if part is None or not part.conventioned:
        return "La convention ne prévoit pas de contribution pour cette année, cette ligne et ce service."
    if not amount or amount != to_cents(amount) or abs(amount) > MONEY_MAX:
        return "Donnez un montant, au centime."
    if amount > part.to_commit:
        return f"Il reste {french.euros(part.to_commit)} à engager sur {french.euros(part.conventioned)} conventionnés."
    if -amount > part.room:
        return f"Il reste {french.euros(part.room)} engagés et non versés\u00a0: le retrait ne peut pas dépasser."
    return ""


def _day_fault(convention: Convention, day: dt.date) -> str:
    first = convention.cycle.first_year - 1
    if day > clock.today(convention.dossier.time_zone):
        return "Cette date est dans le futur."
    return f"Cette date est trop ancienne pour la convention\u00a0: pas avant {first}." if day.year < first else ""


@transaction.atomic
def void_commitment(*, commitment: Commitment, by: User | Actor, reason: str) -> Commitment:
    """Void a wrong commitment; it stays readable. Raises PermissionDenied, Refused, ValidationError."""
    actor = _actor(by, commitment.convention, money_keeper, NOT_YOURS)
    convention = _open(commitment.convention)
    row = next(one for one in convention.commitments.all() if one.pk == commitment.pk)
    if row.voided:
        raise Refused("Cet engagement est déjà annulé.")
    if any(not payment.voided and payment.commitment_id == row.pk for payment in convention.payments.all()):
        raise Refused("Des versements sont faits sur cet engagement\u00a0: annulez-les d’abord.")
    if fault := amount_fault(sums_of(convention)[key_of(row)], -row.amount):
        raise Refused(f"Cet engagement ne peut pas être annulé. {fault}")
    reason = " ".join(reason.split())
    if not reason:
        raise ValidationError({"reason": "Dites pourquoi cet engagement est annulé."})
    row.voided_by, row.voided_at, row.void_reason = actor.user, clock.now(), reason[:250]
    row.save(update_fields=["voided_by", "voided_at", "void_reason"])
    sentence = f"{actor.name} annule l’engagement {words(row)}."
    journal.record(row, root=convention.dossier, by=actor, verb="commitment_voided", sentence=sentence, comment=reason)
    return row


@transaction.atomic
def release_balance(*, convention: Convention, year: int, by: User | Actor, reason: str) -> BalanceRelease:
    """Let the balance of a year be paid before the report of the year before is admissible; the DGEFP reads why."""
    actor = _actor(by, convention, releaser, MANAGER_ONLY)
    convention = _open(convention)
    if not list(unsettled(convention, year)):
        raise Refused(f"Le solde {year} n’est pas bloqué par un compte rendu.")
    reason = " ".join(reason.split())
    if not reason:
        raise ValidationError({"reason": "Dites pourquoi le solde est débloqué."})
    release = BalanceRelease.objects.create(
        convention=convention, year=year, reason=reason[:500], by=actor.user, at=clock.now()
    )
    sentence = f"{actor.name} débloque le solde {year} avant que le compte rendu {year - 1} soit recevable."
    journal.record(
        release,
        root=convention.dossier,
        by=actor,
        verb="balance_released",
        sentence=sentence,
        comment=reason,
        audience=Audience.NATIONAL,
    )
    return release


@transaction.atomic
def take_over_payment(*, convention: Convention, by: Actor, year: int, amount: Decimal, paid_on: dt.date) -> None:
    """Write a payment made before the convention was recorded here; its EJ and its DP are not known.

    It fills the lines of the contribution and the instalments of the year in their order. Raises ValidationError.
    """
    convention = lock_convention(convention.pk)
    parts = [(key, part.to_commit) for key, part in sums_of(convention).items() if key[0] == year]
    lines = schedule(convention.pk, list(convention.text.instalments.all()), convention.payments.all())
    lines = [line for line in lines if line.year == year and line.next]
    if amount > sum((room for _, room in parts), ZERO) or amount > sum((line.remaining for line in lines), ZERO):
        raise ValidationError({"amount": f"La convention prévoit moins pour {year}."})
    for key, room in parts:
        if share := min(amount, room):
            amount -= share
            _take_over(convention, by, key, share, paid_on, lines)


def _take_over(
    convention: Convention, by: Actor, key: Key, amount: Decimal, paid_on: dt.date, lines: list[Line]
) -> None:
    """One line of the contribution: its commitment, and a payment for each instalment that it fills."""
    now = clock.now()
    whole = {"convention": convention, "year": key[0], "taken_over": True}
    commitment = Commitment.objects.create(
        line=key[1],
        service_id=key[2],
        amount=amount,
        committed_on=paid_on,
        recorded_by=by.user,
        recorded_at=now,
        **whole,
    )
    for line in lines:
        if share := min(amount, line.remaining):
            amount -= share
            payment = Payment.objects.create(
                commitment=commitment,
                rank=line.rank,
                label=line.label,
                kind=line.kind,
                amount=share,
                state=PaymentState.PAID,
                proposed_by=by.user,
                proposed_at=now,
                paid_on=paid_on,
                paid_by=by.user,
                **whole,
            )
            line.payments.append(payment)


def words(commitment: Commitment) -> str:
    """« EJ 2102000001, 2026, socle : 430 000 €, le 24 mars 2026 »."""
    line = ContributionLine(commitment.line).label
    amount, day = french.euros(abs(commitment.amount)), french.date(commitment.committed_on)
    return f"{commitment}, {commitment.year}, {line}\u00a0: {amount}, le {day}"
