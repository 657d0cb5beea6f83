"""Record how a signed act was notified to a party: by what means, when it was sent and received, with which proof."""

import datetime as dt
from typing import BinaryIO

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from arml.models import Organisation, User
from arml.permissions import capacities, lead_officer
from conventions.enums import ConventionState, DeliveryMeans, Origin
from conventions.models import Act, Delivery
from cpo.lib import clock, journal
from cpo.lib.actor import Actor
from cpo.lib.files import stored as stored_files
from cpo.lib.signals import dated
from cpo.lib.wording import french

Upload = tuple[BinaryIO, str, int]  # the file, its name, its size
NOT_YOURS = (
    "La notification est enregistrée par le service chef de file, qui envoie l’acte signé. "
    "Votre rôle permet de la lire."
)
NEEDS_PROOF = (DeliveryMeans.REGISTERED, DeliveryMeans.ELECTRONIC, DeliveryMeans.HAND)


def recorder(user: User, act: Act) -> Actor | None:
    """The capacity in which the person records a notification. `closed` checks the state."""
    return next((actor for actor in capacities(user, act.dossier) if lead_officer(actor)), None)


def closed(act: Act) -> str:
    """Why no notification of the act is recorded now, or "" when it is."""
    if act.state != ConventionState.ACTIVE or not act.is_signed_act:
        return "La preuve de la notification s’enregistre une fois l’acte signé et notifié."
    if act.origin == Origin.PAPER:
        return "Cet acte a été signé et notifié sur papier, avant l’application."
    return ""


def addressees(act: Act) -> list[Organisation]:
    """The organisations to which the lead service notifies the act: the other parties that sign."""
    parties = act.parties.filter(signs=True).exclude(organisation=act.dossier.lead)
    return [party.organisation for party in parties.select_related("organisation")]


@transaction.atomic
def record_delivery(
    *,
    act: Act,
    addressee: Organisation,
    means: str,
    sent_on: dt.date,
    received_on: dt.date | None,
    by: User,
    number: str = "",
    proof: Upload | None = None,
) -> Delivery:
    """Record one notification; another one of the same act replaces none. Raises ValidationError keyed by field."""
    actor = recorder(by, act)
    if actor is None or addressee not in addressees(act):
        raise PermissionDenied(NOT_YOURS)
    errors = delivery_faults(act, means, sent_on, received_on, proof=proof is not None)
    if reason := closed(act):
        errors["__all__"] = reason
    if errors:
        raise ValidationError(errors)
    delivery = Delivery.objects.create(
        act=act,
        addressee=addressee,
        means=means,
        sent_on=sent_on,
        received_on=received_on,
        number=number.strip(),
        proof=_store(proof),
        recorded_by=by,
        recorded_at=clock.now(),
    )
    received = f", reçue le {french.date(received_on)}" if received_on else ""
    sentence = (
        f"{actor.name} enregistre la notification {french.to(addressee.in_sentence)}, par "
        f"{DeliveryMeans(means).label} : envoyée le {french.date(sent_on)}{received}."
    )
    journal.record(act, root=act.dossier, by=actor, verb="delivered", sentence=act.journal_sentence(sentence))
    dated.send(Act, obj=act)
    return delivery


def delivery_faults(
    act: Act, means: str | None, sent_on: dt.date | None, received_on: dt.date | None, *, proof: bool
) -> dict[str, str]:
    """Return, by field, what is wrong of a notification. What is not valid is None."""
    errors: dict[str, str] = {}
    today = clock.today(act.dossier.time_zone)
    if sent_on is None:
        pass
    elif sent_on > today:
        errors["sent_on"] = "Cette date est dans le futur."
    elif act.signed_on and sent_on < act.signed_on:
        errors["sent_on"] = f"L’acte a été signé le {french.date(act.signed_on)}\u00a0: il n’est pas notifié avant."
    if received_on and received_on > today:
        errors["received_on"] = "Cette date est dans le futur."
    elif received_on and sent_on and received_on < sent_on:
        errors["received_on"] = "La réception ne précède pas l’envoi."
    if received_on and means in NEEDS_PROOF and not proof:
        errors["proof"] = "Déposez l’avis de réception ou le récépissé, qui porte la date de réception."
    return errors


def _store(proof: Upload | None) -> stored_files.StoredFile | None:
    if proof is None:
        return None
    upload, name, size = proof
    try:
        data, media_type = stored_files.check_upload(upload, name=name, size=size)
    except ValidationError as error:
        raise ValidationError({"proof": error.messages}) from error
    return stored_files.store(data, media_type)
