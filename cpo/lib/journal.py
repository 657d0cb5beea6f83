"""Write and read the journal: one readable sentence per event, with the capacity of the person."""

from typing import Any

from django.db import models

from . import clock
from .actor import Actor
from .enums import Audience, Side
from .models import JournalEntry


def key(obj: models.Model) -> str:
    """Return the key of an object in the journal, such as "dossier:12"."""
    return f"{obj._meta.model_name}:{obj.pk}"


def record(
    subject: models.Model | str,  # the journal key instead of an object that is about to be deleted
    *,
    root: models.Model,
    by: Actor,
    verb: str,
    sentence: str,
    element: str = "",
    parameters: dict[str, Any] | None = None,
    audience: str = Audience.BOTH,
    comment: str = "",
    from_state: str = "",
    to_state: str = "",
) -> JournalEntry:
    """Append one event. Call it inside the transaction of the change."""
    return JournalEntry.objects.create(
        root=key(root),
        subject=subject if isinstance(subject, str) else key(subject),
        verb=verb,
        sentence=sentence[:400],
        element=element[:300],
        parameters=parameters or {},
        from_state=from_state,
        to_state=to_state,
        at=clock.now(),
        actor=by.user,
        actor_name=by.name,
        organisation=str(by.organisation or ""),
        role=by.role,
        side=by.side,
        audience=audience,
        comment=comment,
    )


def last(subject: models.Model, *verbs: str) -> JournalEntry | None:
    """Return the latest event about an object with one of these verbs."""
    return JournalEntry.objects.filter(subject=key(subject), verb__in=verbs).first()


def last_writing(subject: models.Model, element: str, *verbs: str) -> JournalEntry | None:
    """Return the latest event with one of these verbs that wrote this element of an object.

    « les informations » also matches the longer « les informations (SIRET) ».
    """
    of_element = models.Q(element=element) | models.Q(element__startswith=f"{element} ")
    return JournalEntry.objects.filter(of_element, subject=key(subject), verb__in=verbs).first()


def readable_by(actors: list[Actor]) -> list[str]:
    """Return the audiences that a person with these capacities on a dossier may read."""
    audiences = {Audience.BOTH}
    for actor in actors:
        if actor.side == Side.STATE:
            audiences |= {Audience.STATE, Audience.NATIONAL}
        elif actor.side == Side.BENEFICIARY:
            audiences.add(Audience.BENEFICIARY)
        elif actor.standing == "national":
            audiences.add(Audience.NATIONAL)
    return sorted(audiences)


def entries(root: models.Model, actors: list[Actor]) -> models.QuerySet[JournalEntry]:
    """Return the events of a root that these capacities may read, newest first."""
    return JournalEntry.objects.filter(root=key(root), audience__in=readable_by(actors))
