"""Territories and counts of Missions Locales: the national administration edits them, the journal records it."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from arml.models import MissionLocaleCount, Territory, User
from arml.permissions import acting_nationally
from cpo.lib import journal
from cpo.lib.actor import Actor
from cpo.lib.editing import rows
from cpo.lib.enums import Audience

NBSP = "\u00a0"


def update_territory(
    *, territory: Territory, changes: Mapping[str, Any], expected_revision: int, by: User | Actor
) -> list[str]:
    """Write the fields that differ; return their French names. Signed documents do not change.

    Raises StaleRevision.
    """
    actor = acting_nationally(by)
    return rows.update(
        territory,
        changes,
        expected_revision=expected_revision,
        by=actor,
        element="territoire",
        verb="territory_changed",
        sentence=lambda locked, labels: f"Territoire {locked.name}{NBSP}: {labels}",
        root=actor.organisation,
    )


@transaction.atomic
def record_count(
    *, territory: Territory, counted_on: dt.date, count: int, source: str, by: User | Actor
) -> MissionLocaleCount:
    """Add a dated count, or correct the count of that day. Older counts stay."""
    actor = acting_nationally(by)
    same = {"territory": territory, "counted_on": counted_on, "count": count, "source": source}
    if known := MissionLocaleCount.objects.filter(**same).first():
        return known
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
