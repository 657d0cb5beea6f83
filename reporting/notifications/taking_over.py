"""The e-mails about the record of a paper convention."""

from django.urls import reverse

from arml.permissions import SPOKESPERSONS
from conventions.models import Act
from conventions.notifications.common import one_line, people
from conventions.notifications.common import write as write_of_act
from cpo.lib.actor import Actor
from cpo.lib.enums import Side
from cpo.lib.mail.emails import absolute


def record_to_confirm(act: Act, actor: Actor, reason: str = "") -> None:
    """`reason`: that of a correction."""
    _about_record(act, "reprise_a_confirmer", Side.BENEFICIARY, actor, motif=one_line(reason))


def record_answered(act: Act, actor: Actor, *, contested: bool) -> None:
    for side in Side:
        _about_record(act, "reprise_erreur" if contested else "reprise_confirmee", side, actor)


def _about_record(act: Act, key: str, side: str, actor: Actor, **context: str) -> None:
    write_of_act(
        act,
        key,
        people(act, side, SPOKESPERSONS[Side(side)]),
        auteur_nom=actor.name,
        lien=absolute(reverse("convention-taking-over", kwargs={"number": act.convention.number})),
        **context,
    )
