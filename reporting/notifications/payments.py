"""The e-mails of a payment."""

from typing import Any

from django.urls import reverse

from arml.enums import Role
from arml.models import User
from arml.permissions import BENEFICIARY_ROLES
from conventions.notifications.common import people
from conventions.notifications.common import write as write_of_act
from cpo.lib.actor import Actor
from cpo.lib.enums import Side
from cpo.lib.mail.emails import absolute
from cpo.lib.wording import french
from reporting.models import (
    Payment,
)


def payment_to_certify(payment: Payment, actor: Actor) -> None:
    """To the managers of the lead service, but the one who proposed it."""
    managers = people(payment.convention.act, Side.STATE, [Role.MANAGER])
    _about_payment(
        payment, "versement_a_certifier", [one for one in managers if one != actor.user], auteur_nom=actor.name
    )


def payment_made(payment: Payment) -> None:
    recipients = people(payment.convention.act, Side.BENEFICIARY, BENEFICIARY_ROLES)
    _about_payment(payment, "versement_paye", recipients, versement_date=french.date(payment.paid_on))


def _about_payment(payment: Payment, key: str, recipients: list[User], **context: Any) -> None:
    number = payment.convention.number
    write_of_act(
        payment.convention.act,
        key,
        recipients,
        versement_libelle=f"{payment.label} {payment.year}",
        versement_montant=french.euros(payment.amount),
        lien=absolute(reverse("convention-payments", kwargs={"number": number})),
        **context,
    )
