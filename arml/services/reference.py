"""Territories and counts of Missions Locales: kept by the national administration, told in the journal."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from arml.models import MissionLocaleCount, Territory, User
from arml.permissions import acting_nationally
from cpo.lib import journal
from cpo.lib.actor import Actor
from cpo.lib.editing.lock import edit
from cpo.lib.enums import Audience

NBSP = "\u00a0"


def update_territory(
    *, territory: Territory, changes: Mapping[str, Any], expected_revision: int, by: User | Actor
) -> list[str]:
    """Write the fields that really change; return their French names. Signed documents keep what they printed.

    Raises StaleRevision.
    """
    actor = acting_nationally(by)
    with edit(territory, expected_revision=expected_revision, by=actor, element="territoire") as locked:
        changed = [name for name, value in changes.items() if getattr(locked, name) != value]
        if not changed:
            return []
        for name in changed:
            setattr(locked, name, changes[name])
        locked.save(update_fields=changed)
        labels = [str(getattr(Territory._meta.get_field(name), "verbose_name", name)) for name in changed]
        journal.record(
            locked,
            root=actor.organisation or locked,
            by=actor,
            verb="territory_changed",
            sentence=f"Territoire {locked.name}{NBSP}: {', '.join(labels)}",
            audience=Audience.NATIONAL,
        )
        return labels


@transaction.atomic
def record_count(
    *, territory: Territory, counted_on: dt.date, count: int, source: str, by: User | Actor
) -> MissionLocaleCount:
    """Add a dated count, or correct the one of that day. Older counts stay."""
    actor = acting_nationally(by)
    row, _ = MissionLocaleCount.objects.update_or_create(
        territory=territory, counted_on=counted_on, defaults={"count": count, "source": source}
    )
    journal.record(
        row,
        root=actor.organisation or territory,
        by=actor,
        verb="missions_locales_counted",
        sentence=f"{territory.name}{NBSP}: {count} missions locales au {counted_on:%d/%m/%Y} ({source})",
        audience=Audience.NATIONAL,
    )
    return row
