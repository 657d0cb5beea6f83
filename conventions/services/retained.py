"""Take into account, in an open act, values of reference data that changed since it began."""

from collections.abc import Collection

from django.core.exceptions import ValidationError

from arml.models import User
from conventions.content import retained
from conventions.models import Act
from cpo.lib.actor import Actor

from .base import act_editing


def take_values(*, act: Act, keys: Collection[str], by: User | Actor, expected_revision: int | None) -> int:
    """Print from now on the present value of these (`retained.Change.key`); return how many.

    It is an edit like another: the acceptances fall and both sides are told. Raises ValidationError when one of them is
    no longer a change, for instance because the value was set back.
    """
    edit = act_editing(
        act, by=by, expected_revision=expected_revision, element="les valeurs de référence", beside=bool(keys)
    )
    with edit as (fresh, _):
        taken = [change for change in retained.changes(fresh) if change.key in keys]
        if len(taken) != len(set(keys)):
            raise ValidationError("L’une de ces valeurs a encore changé : relisez la liste.")
        retained.take(fresh, taken)
    return len(taken)
