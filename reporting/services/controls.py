"""Announce a control, propose a correction, impute it on a payment or postpone it. Each locks the convention first."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, BinaryIO

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Max

from arml.models import User
from arml.permissions import capacities, lead_officer
from conventions import workflow as acts
from conventions.enums import ActKind, ContributionLine
from conventions.later.opening import Terms
from conventions.models import Act, Convention
from conventions.services.money import ContributionRow, set_contributions
from cpo.lib import clock, journal
from cpo.lib.actor import Actor
from cpo.lib.enums import Audience
from cpo.lib.files import stored
from cpo.lib.forms.fields import MONEY_MAX
from cpo.lib.money import to_cents
from cpo.lib.wording import french
from cpo.lib.workflow import Refused
from reporting import notifications
from reporting.enums import GroundUse, PaymentState
from reporting.models import Control, Correction, Imputation, Payment
from reporting.money.balance import schedule_of
from reporting.money.corrections import to_impute
from reporting.workflow.controls import CONTROL, CORRECTION, words
from reporting.workflow.payments import lock_convention

NOT_YOURS = "Les contrôles et les corrections sont tenus par le service chef de file. Votre rôle les lit."
Upload = tuple[BinaryIO, str, int]  # the file, its name, its size


def keeper(user: User, convention: Convention) -> Actor | None:
    """The capacity in which the person keeps the controls: officer or manager of the lead service."""
    return next((actor for actor in capacities(user, convention.dossier) if lead_officer(actor)), None)


def _open(by: User, convention: Convention) -> tuple[Convention, Actor]:
    actor = keeper(by, convention)
    if actor is None:
        raise PermissionDenied(NOT_YOURS)
    locked = lock_convention(convention.pk)
    if not locked.text.latest:
        raise Refused("Un contrôle porte sur une convention signée.")
    return locked, actor


@transaction.atomic
def announce(
    *,
    convention: Convention,
    kind: str,
    announced_on: dt.date,
    starts_on: dt.date,
    ends_on: dt.date | None,
    scope: str,
    by: User,
) -> Control:
    """Record a control that the association was told of. Raises PermissionDenied, Refused, ValidationError."""
    convention, actor = _open(by, convention)
    if faults := control_faults(convention, announced_on, starts_on, ends_on):
        raise ValidationError(faults)
    last = convention.controls.aggregate(last=Max("number"))["last"] or 0
    control = Control.objects.create(
        convention=convention,
        number=last + 1,
        kind=kind,
        announced_on=announced_on,
        starts_on=starts_on,
        ends_on=ends_on,
        scope=scope.strip(),
        opened_by=by,
        opened_at=clock.now(),
    )
    sentence = f"{actor.name} enregistre l’annonce d’un contrôle\u00a0: {control}."
    journal.record(control, root=convention.dossier, by=actor, verb="control_announced", sentence=sentence)
    notifications.control_step(control, f"il aura lieu à partir du {french.date(starts_on)}", control.scope)
    return control


def control_faults(
    convention: Convention, announced_on: dt.date | None, starts_on: dt.date | None, ends_on: dt.date | None
) -> dict[str, str]:
    faults = {}
    if announced_on and announced_on > clock.today(convention.dossier.time_zone):
        faults["announced_on"] = "Cette date est dans le futur."
    if announced_on and starts_on and starts_on < announced_on:
        faults["starts_on"] = "Le contrôle commence après son annonce."
    if starts_on and ends_on and ends_on < starts_on:
        faults["ends_on"] = "La fin précède le début."
    return faults


def apply_to_control(
    name: str, control: Control, *, by: User, data: Mapping[str, Any], file: Upload | None = None
) -> Control:
    """Do a step of a control; its file is stored first. Raises as `Workflow.apply`, and ValidationError."""
    CONTROL.attempt(name, control, by)
    values = dict(data)
    if file is not None:
        try:
            content, media_type = stored.check_upload(file[0], name=file[1], size=file[2])
        except ValidationError as error:
            raise ValidationError({"file": error}) from error
        values |= {"file": stored.store_upload(content, media_type, field="file"), "file_name": file[1][:200]}
    return CONTROL.apply(name, control, by=by, data=values)  # type: ignore[no-any-return]


@transaction.atomic
def propose(*, convention: Convention, by: User, **fields: Any) -> Correction:
    """Propose a correction: the fields of `Correction`. Raises PermissionDenied, Refused, ValidationError."""
    convention, actor = _open(by, convention)
    if faults := correction_faults(convention, **fields):
        raise ValidationError(faults)
    last = Correction.objects.filter(convention=convention).aggregate(last=Max("number"))["last"] or 0
    correction = Correction.objects.create(
        convention=convention, number=last + 1, recorded_by=by, recorded_at=clock.now(), **fields
    )
    journal.record(
        correction,
        root=convention.dossier,
        by=actor,
        verb="correction_proposed",
        sentence=f"{actor.name} propose une correction\u00a0: {words(correction)}.",
        audience=Audience.NATIONAL,  # the association reads it once the letter is received
    )
    return correction


def correction_faults(convention: Convention, **fields: Any) -> dict[str, str]:
    """Return, by field, what is wrong of a correction."""
    faults, amount, year = {}, fields.get("amount"), fields.get("year")
    if amount is not None and (not amount or amount != to_cents(amount) or abs(amount) > MONEY_MAX):
        faults["amount"] = "Donnez un montant, au centime."
    if year and year not in {row.year for row in convention.text.contributions.all()}:
        faults["year"] = "La convention ne prévoit pas de contribution pour cette année."
    ground = fields.get("ground")
    if ground is not None and ground.use != GroundUse.CORRECTED:
        faults["ground"] = "Ce motif n’est pas de ceux d’une correction."
    if bool(fields.get("follows")) != bool(fields.get("follow_up")):
        faults["follow_up"] = "Une suite nomme la correction dont elle vient, et sa nature."
    return faults


@transaction.atomic
def impute(*, correction: Correction, payment: Payment, by: User, reason: str = "") -> Imputation:
    """Consume the whole correction on a proposed payment; with a reason, postpone it to another payment.

    The payment was proposed for less: what remains of its instalment bears the correction. Raises PermissionDenied,
    Refused, ValidationError.
    """
    convention, actor = _open(by, correction.convention)
    payment = next((row for row in convention.payments.all() if row.pk == payment.pk), payment)
    row = next((one for one in to_impute(convention) if one.pk == correction.pk), None)
    if row is None:
        raise Refused("Cette correction n’est pas à imputer, ou l’est déjà.")
    if payment.state != PaymentState.PROPOSED:
        raise Refused("Une correction s’impute sur un versement proposé, avant la certification.")
    reason = " ".join(reason.split())[:250]
    if not reason and (fault := room_fault(convention, payment, row.amount)):
        raise ValidationError({"payment": fault})
    amount = Decimal(0) if reason else row.amount
    if any((one.correction_id, one.payment_id) == (row.pk, payment.pk) for one in convention.imputations.all()):
        raise Refused("C’est déjà dit pour ce versement.")
    imputation = Imputation.objects.create(
        convention=convention, correction=row, payment=payment, amount=amount, reason=reason, by=by, at=clock.now()
    )
    verb = "reporte" if reason else "impute"
    journal.record(
        row,
        root=convention.dossier,
        by=actor,
        verb="correction_postponed" if reason else "correction_imputed",
        sentence=f"{actor.name} {verb} une correction\u00a0: {words(row)}, versement {payment}.",
        comment=reason,
    )
    return imputation


def room_fault(convention: Convention, payment: Payment, amount: Decimal) -> str:
    """Why the instalment of this payment cannot bear an amount, in French; "" if it can."""
    line = next(one for one in schedule_of(convention) if (one.year, one.rank) == (payment.year, payment.rank))
    if line.payable >= amount:
        return ""
    return (
        f"Il reste {french.euros(max(line.payable, Decimal(0)))} de cette ligne de l’échéancier, pour "
        f"{french.euros(amount)} à imputer\u00a0: annulez le versement et proposez-le pour moins."
    )


@transaction.atomic
def apply_to_correction(name: str, correction: Correction, *, by: User, data: Mapping[str, Any]) -> Correction:
    """Do a step of a correction; « reduce » opens the annual act first. Raises as `Workflow.apply`."""
    values = dict(data)
    if name == "reduce":
        CORRECTION.attempt(name, correction, by)
        values["act"] = _open_reduction(correction, values.pop("year"), by)
    comment = values.pop("comment", "")
    return CORRECTION.apply(name, correction, by=by, comment=comment, data=values)  # type: ignore[no-any-return]


def _open_reduction(correction: Correction, year: int, by: User) -> Any:
    """The annual act of a year, its object written and the contribution of that year lowered by the correction."""
    convention = Convention.objects.get(pk=correction.convention_id)
    purpose = f"Réduction de la contribution {year}, {words(correction)}\u00a0: {correction.ground}."
    acts.apply("open_annual", convention.act, by=by, data={"terms": Terms(year=year, purpose=purpose)})
    act = convention.acts.filter(kind=ActKind.ANNUAL).latest("number")
    set_contributions(act=act, rows=_lowered(act, year, correction.amount), by=by, expected_revision=None)
    return act


def _lowered(act: Act, year: int, amount: Decimal) -> list[ContributionRow]:
    """The contribution of an act, lowered by an amount in a year: the complements before the base."""
    lines, rows = list(ContributionLine.values), []
    stored = act.contributions.select_related("service")
    for row in sorted(stored, key=lambda one: lines.index(one.line), reverse=True):
        share = min(amount, row.amount) if row.year == year else Decimal(0)
        amount -= share
        rows.append(ContributionRow(row.year, row.amount - share, row.service, row.line, row.note))
    return rows
