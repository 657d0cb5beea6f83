"""Conventions in force and their deadlines, for the tests of reminders, with fictitious organisations.

convention = in_force(zone="Indian/Reunion")          # notified in October 2025, its service in that time zone
deadline = make_deadline(convention, due="2026-06-30", ladder=[-30, -7, 0, 7])
person(convention, "director")
"""

import datetime as dt
import itertools
from typing import Any

from actions.models import Programme
from arml.models import Dossier, Territory, User
from conventions.models import Act, Convention
from reporting.models import Deadline, DeadlineRule
from tests.factories.conventions import make_act, member
from tests.factories.kept import kept, step

NOTIFIED = dt.date(2025, 10, 8)
_numbers = itertools.count(1)


@kept
def in_force(*, zone: str = "Europe/Paris", notified: dt.date = NOTIFIED, **fields: Any) -> Convention:
    """A signed and notified convention, whose state is set by hand."""
    act = make_act(state="negotiation", **fields)
    Act.objects.filter(pk=act.pk).update(state="active", signed_on=notified, notified_on=notified, latest=True)
    Convention.objects.filter(pk=act.convention_id).update(state="active")
    Dossier.objects.filter(pk=act.dossier.pk).update(published_on=notified)
    Territory.objects.filter(service=act.dossier.lead).update(time_zone=zone)
    Programme.objects.filter(pk=act.programme_id).update(side="", frozen=True)
    return Convention.objects.select_related("cycle", "dossier__lead").get(pk=act.convention_id)


def move_term(convention: Convention, ends_on: str, *, effective_on: str, **fields: Any) -> Act:
    """An avenant, signed by hand, that moves the term of a signed convention from a day on; `fields`: another kind."""
    base = convention.acts.get(latest=True)
    last, day = dt.date.fromisoformat(ends_on), dt.date.fromisoformat(effective_on)
    number = convention.acts.count()
    convention.acts.update(latest=False)
    programme = Programme.objects.create(
        dossier=convention.dossier, cycle=convention.cycle, frozen=True, term_year=last.year
    )
    values = {
        "kind": "avenant", "state": "active", "latest": True, "programme": programme, "base": base, "rank": number,
        "model_version": base.model_version, "signed_on": base.signed_on, "notified_on": base.notified_on, **fields,
    }  # fmt: skip
    reference = f"{convention.number}-A{number}"
    return Act.objects.create(
        convention=convention, number=number, reference=reference, effective_on=day, ends_on=last, **values
    )


def make_rule(convention: Convention, due: dt.date, **fields: Any) -> DeadlineRule:
    """A new rule, which applies once to this convention on that date."""
    number = next(_numbers)
    fields = {
        "cycle": convention.cycle,
        "key": f"exemple-{number}",
        "label": f"Obligation exemple {number}",
        "nature": "echeance",
        "scope": "convention",
        "base_month": due.month,
        "base_day": due.day,
        "base_year": str(due.year),
        "responsible": "director",
        "ladder": [-60, -30, -7, 0, 7, 15],
        "rank": 1000 + number,
        **fields,
    }
    return DeadlineRule.objects.create(**fields)


def make_deadline(
    convention: Convention | None = None, *, due: str = "2026-06-30", known_since: str = "2025-10-08", **rule: Any
) -> Deadline:
    """A deadline with its own rule. `known_since` is the day of its creation."""
    convention = convention or in_force()
    day = dt.date.fromisoformat(due)
    return Deadline.objects.create(
        convention=convention,
        rule=make_rule(convention, day, **rule),
        due_on=day,
        created_on=dt.date.fromisoformat(known_since),
    )


def person(convention: Convention, role: str) -> User:
    return member(convention.act, role)


@step
def alone() -> None:
    """Deactivate the reference rules, so that only those of the test create deadlines."""
    DeadlineRule.objects.exclude(key__startswith="exemple-").update(active=False)
