"""Reactions to signals of the lower apps, inside the same transaction."""

from typing import Any

from django.dispatch import receiver

from actions.models import Programme
from cpo.lib import consequences, journal
from cpo.lib.actor import Actor
from cpo.lib.signals import content_changed

from . import notifications
from .effects import cancel_acceptances
from .models import Act


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
        sentence=act.say(f"{actor.name} modifie {element}\u00a0: la version {version.number} n’est plus acceptée."),
    )
    notifications.acceptances_cancelled(act, version, actor, element)
    # A page opened before the agreement showed no warning: who saves is told what it undid.
    consequences.tell(f"La version {version.number} n’est plus acceptée\u00a0: les deux parties sont prévenues.")
