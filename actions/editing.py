"""The only way to write below a programme: check rights, lock, check the revision."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.exceptions import PermissionDenied

from arml.models import User
from cpo.lib.actor import Actor
from cpo.lib.editing.lock import edit
from cpo.lib.hooks import Hook

from .models import Programme
from .permissions import editor, why_not

# The hash of the content of a programme and its act; "" without answer. `conventions/hooks.py` answers.
content_state: Hook[[Programme], str] = Hook(lambda programme: "")


@contextmanager
def editing(
    programme: Programme,
    *,
    by: User | Actor,
    expected_revision: int | None,
    element: str,
    budget: bool = False,
    of_amounts: bool | None = None,
    beside: bool = False,
) -> Iterator[tuple[Programme, Actor]]:
    """Lock the programme for a person who has the turn and yield (locked programme, capacity).

    `element` names in French what changes: the other side reads it when an acceptance is cancelled. `beside`: the
    caller writes facts outside the content, so this counts as an edit even when the content stays the same. Raises
    PermissionDenied (with the reason), cpo.lib.editing.lock.StaleRevision.
    """
    actor = by if isinstance(by, Actor) else editor(by, programme, budget=budget, of_amounts=of_amounts)
    if actor is None:
        raise PermissionDenied(why_not(by, programme, budget=budget, of_amounts=of_amounts))  # type: ignore[arg-type]
    state = None if beside else content_state
    with edit(programme, expected_revision=expected_revision, by=actor, element=element, state=state) as locked:
        if locked.amounts_of and actor.user is not None and not (budget if of_amounts is None else of_amounts):
            raise PermissionDenied(why_not(actor.user, locked, budget=budget, of_amounts=of_amounts))
        if locked.frozen or (actor.user is not None and locked.side != actor.side):
            raise PermissionDenied("La main a changé pendant votre saisie. Rechargez la page.")
        yield locked, actor
