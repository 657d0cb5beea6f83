"""Write the object and the dates of an act after the first one."""

import datetime as dt

from actions.models import Programme
from arml.models import User
from conventions.models import Act
from cpo.lib.actor import Actor

from .base import act_editing, save_act


def set_terms(
    *,
    act: Act,
    by: User | Actor,
    expected_revision: int | None,
    effective_on: dt.date,
    ends_on: dt.date | None = None,
    **texts: str,
) -> None:
    """Write the object, cause and consequences of an act, its effective date and the end of the convention.

    The year of the end goes to the programme: it has the years that an extension adds, and needs none beyond. If the
    term comes back, the years that it had stay on view until the act is signed.
    """
    unknown = set(texts) - {"purpose", "cause", "consequences"}
    if unknown:
        raise TypeError(f"no such text: {', '.join(sorted(unknown))}")
    with act_editing(
        act, by=by, expected_revision=expected_revision, element="l’objet et les dates de l’acte", of_amounts=True
    ) as (fresh, _):
        values = {name: text.strip() for name, text in texts.items()}
        ends_on = ends_on or fresh.ends_on
        save_act(act, fresh, effective_on=effective_on, ends_on=ends_on, **values)
        years = {"term_year": ends_on.year, "farthest_year": max(fresh.programme.years[-1], ends_on.year)}
        for programme in (act.programme, fresh.programme):
            programme.term_year, programme.farthest_year = years["term_year"], years["farthest_year"]
        Programme.objects.filter(pk=fresh.programme_id).update(**years)
