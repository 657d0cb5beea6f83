"""The one door for content: rights, lock, revision, in this order, for every write below a programme."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.exceptions import PermissionDenied

from arml.models import User
from cpo.lib.actor import Actor
from cpo.lib.editing.lock import edit

from .models import Programme
from .permissions import editor, why_not


@contextmanager
def editing(
    programme: Programme,
    *,
    by: User | Actor,
    expected_revision: int | None,
    element: str,
    budget: bool = False,
    of_amounts: bool | None = None,
) -> Iterator[tuple[Programme, Actor]]:
    """Lock the programme for a person who has the turn and yield (locked programme, capacity).

    `element` says in French what changes: it goes to the other side if an acceptance is cancelled. Raises
    PermissionDenied (with why), cpo.lib.editing.lock.StaleRevision.
    """
    actor = by if isinstance(by, Actor) else editor(by, programme, budget=budget, of_amounts=of_amounts)
    if actor is None:
        raise PermissionDenied(why_not(by, programme, budget=budget, of_amounts=of_amounts))  # type: ignore[arg-type]
    with edit(programme, expected_revision=expected_revision, by=actor, element=element) as locked:
        if locked.amounts_of and actor.user is not None and not (budget if of_amounts is None else of_amounts):
            raise PermissionDenied(why_not(actor.user, locked, budget=budget, of_amounts=of_amounts))
        if locked.frozen or (actor.user is not None and locked.side != actor.side):
            raise PermissionDenied("La main a changé pendant votre saisie. Rechargez la page.")
        yield locked, actor
