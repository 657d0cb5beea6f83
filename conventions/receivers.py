"""Reactions to signals of the lower apps, inside the same transaction."""

from typing import Any

from django.db.models import Model
from django.dispatch import receiver

from actions.models import Programme
from actions.retained import FIELDS
from conventions.content import retained
from conventions.effects.turn import cancel_acceptances
from cpo.lib import journal
from cpo.lib.actor import Actor
from cpo.lib.editing import consequences
from cpo.lib.signals import content_changed, transitioned

from .later.opening import OPEN
from .models import Act
from .notifications import negotiation as notifications
from .workflow import ACT

ENDS = {
    "terminate": "La convention est résiliée.",
    "record_dissolution": "La convention est résiliée.",
    "close": "La convention est clôturée.",
}


@receiver(content_changed, sender=Programme)
def cancel_on_edit(sender: type, root: Programme, actor: Actor, element: str, **kwargs: Any) -> None:
    """Any edit of content cancels both acceptances and tells both sides."""
    act = (
        Act.objects.filter(programme_id=root.pk)
        .select_related("convention__dossier__lead", "convention__dossier__beneficiary")
        .first()
    )
    if act is None:
        return
    version = cancel_acceptances(act, f"{actor.name}, {element}")
    if act.visa_asked_at or act.president_visa_asked_at:
        Act.objects.filter(pk=act.pk).update(visa_asked_at=None, president_visa_asked_at=None)
    if version is None:
        return
    journal.record(
        act,
        root=act.dossier,
        by=actor,
        verb="acceptances_cancelled",
        sentence=act.journal_sentence(
            f"{actor.name} modifie {element} : la version {version.number} n’est plus acceptée."
        ),
        element=element,
        parameters={"version": version.number},
    )
    notifications.acceptances_cancelled(act, version, actor, element)
    # A page opened before the agreement showed no warning: the person who saves must be told.
    consequences.tell(f"La version {version.number} n’est plus acceptée : les deux parties sont prévenues.")


@receiver(content_changed)
def mark_what_retains_it(sender: type, root: Model, **kwargs: Any) -> None:
    """A value of reference data changed: the open texts that retain the former one say so, and keep it."""
    if sender in FIELDS:
        retained.mark_outdated(root)


@receiver(transitioned, sender=Act)
def stop_later_acts(sender: type, obj: Act, transition: str, actor: Actor, **kwargs: Any) -> None:
    """Stop the acts that are still negotiated when the convention ends."""
    if transition not in ENDS:
        return
    for act in obj.convention.acts.filter(state__in=OPEN, number__gt=0).order_by("number"):
        ACT.apply("end_with_convention", act, by=actor, comment=ENDS[transition])
