"""Steps that every service on content shares: lock the act's programme, read the act again, write the journal."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.exceptions import PermissionDenied

from actions.editing import editing
from arml.models import Dossier, User
from conventions.enums import ConventionState
from conventions.models import Acceptance, Act
from cpo.lib import journal
from cpo.lib.actor import Actor
from cpo.lib.enums import Audience, Side


@contextmanager
def act_editing(
    act: Act,
    *,
    by: User | Actor,
    expected_revision: int | None,
    element: str,
    state_only: bool = False,
    of_amounts: bool = False,
    beside: bool = False,
) -> Iterator[tuple[Act, Actor]]:
    """Lock the act; yield the act as read under the lock, and the capacity in which the person acts.

    Write the line of the journal at the end, unless the edit cancels acceptances: a single line then says both.

    `element` names what changes (« la contribution de l’État »). `state_only`: only the State's side may write it.
    `of_amounts`: an act that only changes the amounts of a year accepts this edit too. `beside`: see `actions.editing`.
    """
    with editing(
        act.programme,
        by=by,
        expected_revision=expected_revision,
        element=element,
        of_amounts=of_amounts,
        beside=beside,
    ) as (_, actor):
        if state_only and actor.side == Side.BENEFICIARY:
            raise PermissionDenied(f"Seul le service de l’État modifie {element}. Demandez-le dans un échange.")
        fresh = (
            Act.objects.select_related("convention__dossier__lead", "convention__dossier__beneficiary", "model_version")
            .select_related("programme__cycle")
            .get(pk=act.pk)
        )
        yield fresh, actor
        if Acceptance.objects.filter(version__act=fresh, cancelled_at=None).exists():
            return  # conventions/receivers.py writes the line, with the acceptances that the edit cancels
        journal.record(
            fresh,
            root=fresh.dossier,
            by=actor,
            verb="edited",
            sentence=fresh.journal_sentence(f"{actor.name} modifie {element}."),
            element=element,
            audience=Audience.STATE if fresh.state == ConventionState.DRAFT else Audience.BOTH,
        )


def save_act(act: Act, fresh: Act, **values: object) -> None:
    """Write fields of the locked act, and copy them to `act`, the caller's instance."""
    Act.objects.filter(pk=fresh.pk).update(**values)
    for name, value in values.items():
        setattr(act, name, value)
        setattr(fresh, name, value)


def person(actor: Actor, dossier: Dossier) -> User:
    """Return the person to name as the author of a row; the officer of the dossier when the application acts."""
    user: User | None = actor.user or dossier.officer
    if user is None:
        raise PermissionDenied("Personne ne suit ce dossier : nommez un·e chargé·e de mission.")
    return user
