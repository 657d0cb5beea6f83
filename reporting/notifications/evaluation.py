"""The e-mails of the final evaluation: shared, answered by the association, concluded."""

from typing import Any

from django.urls import reverse

from arml.enums import Role
from arml.models import User
from conventions.notifications.common import cosigners, one_line, people
from cpo.lib import journal
from cpo.lib.actor import Actor
from cpo.lib.enums import Side
from cpo.lib.mail.emails import absolute, write
from cpo.lib.wording import french
from reporting.models import Evaluation


def _write(evaluation: Evaluation, key: str, recipients: list[User], actor: Actor, **context: Any) -> None:
    """To these people, but not to who acts."""
    dossier, number = evaluation.dossier, evaluation.convention.number
    values = {
        "numero_convention": number,
        "arml_nom": dossier.beneficiary.in_sentence,
        "arml_nom_court": str(dossier.beneficiary),
        "lien": absolute(reverse("convention-evaluation", args=[number])),
        "auteur_nom": actor.name,
        **context,
    }
    write(key, [one for one in recipients if one != actor.user], values, root=journal.key(dossier))


def _everyone(evaluation: Evaluation) -> list[User]:
    act = evaluation.convention.text
    return list(dict.fromkeys([one for side in Side for one in people(act, side, Role.values)] + cosigners(act)))


def evaluation_shared(evaluation: Evaluation, actor: Actor) -> None:
    _write(
        evaluation,
        "evaluation_partagee",
        _everyone(evaluation),
        actor,
        date_reponse=french.date(evaluation.answer_by),
    )


def evaluation_answered(evaluation: Evaluation, actor: Actor) -> None:
    """To the officers and managers of the lead service, once the association says something of each point."""
    recipients = people(evaluation.convention.text, Side.STATE, (Role.OFFICER, Role.MANAGER))
    _write(evaluation, "evaluation_appreciation", recipients, actor)


def evaluation_concluded(evaluation: Evaluation, actor: Actor) -> None:
    _write(
        evaluation,
        "evaluation_conclue",
        _everyone(evaluation),
        actor,
        recommandation=french.lower_first(evaluation.get_recommendation_display()),
        motif=one_line(evaluation.reasons),
    )
