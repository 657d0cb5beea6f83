"""The e-mails that remind of a deadline, and who gets them."""

from typing import Any

from arml.enums import Role
from arml.models import Membership, User
from arml.permissions import BENEFICIARY_ROLES, STATE_ROLES
from cpo.lib import journal
from cpo.lib.mail.emails import write
from cpo.lib.models import OutboxMessage
from cpo.lib.wording import french
from reporting.models import (
    Deadline,
)

from .controls import WAITING


def reminder_template(days: int) -> str:
    """Key of the text for a number of days before (negative) or after the due date; five texts serve every ladder."""
    for limit, key in (
        (-8, "rappel_j_moins_30"),
        (-1, "rappel_j_moins_7"),
        (0, "rappel_jour_j"),
        (14, "rappel_j_plus_7"),
    ):
        if days <= limit:
            return key
    return "rappel_j_plus_15"


def delay(days: int) -> str:
    """« Dans 30 jours », « Demain », « Aujourd’hui », « Retard de 7 jours »."""
    if days == 0:
        return "Aujourd’hui"
    if days == -1:
        return "Demain"
    length = f"{abs(days)} jour{'s' if abs(days) > 1 else ''}"
    return f"Dans {length}" if days < 0 else f"Retard de {length}"


def reminder(
    deadline: Deadline, days: int, user: User, *, context: dict[str, Any], sent: int, others: list[User]
) -> OutboxMessage:
    """Write the message of a reminder; the caller writes the Reminder row in the same transaction.

    `days`: from the due date to the day of writing; after an outage this is more than the rung. `sent`: number of rungs
    sent before. `others`: the other recipients.
    """
    rule = deadline.rule
    message = write(
        WAITING if deadline.about else reminder_template(days),
        [user],
        {
            "delai": delay(days),
            "echeance_libelle": rule.label + (f" ({deadline.year})" if deadline.year else ""),
            "echeance_date": french.date(deadline.due_on),
            "echeance_effet": rule.effect,
            "arml_nom": deadline.convention.dossier.beneficiary.in_sentence,
            "arml_nom_court": str(deadline.convention.dossier.beneficiary),
            "numero_convention": deadline.convention.number,
            "nombre_rappels": sent,
            "article_reference": f"article {rule.article} de la convention." if rule.article else "",
            "autres_destinataires": ", ".join(map(str, others)),
            **context,
        },
        root=journal.key(deadline.convention.dossier),
    )
    return message[0]


def users_in_role(deadline: Deadline, role: str) -> list[User]:
    """The people who hold a role for this convention; for officers, the dossier's own when it has one."""
    dossier = deadline.convention.dossier
    members = Membership.objects.in_force().filter(role=role, user__is_active=True)
    if role in BENEFICIARY_ROLES:
        members = members.filter(organisation_id=dossier.beneficiary_id)
    elif role in STATE_ROLES:
        members = members.filter(organisation_id=dossier.lead_id)
    users = list(User.objects.filter(pk__in=members.values("user_id")).order_by("id"))
    if role == Role.OFFICER:  # the officer of the dossier, as long as they hold the role
        return [user for user in users if user.pk == dossier.officer_id] or users
    return users
