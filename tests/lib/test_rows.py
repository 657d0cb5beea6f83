"""A form edit locks the row, compares it, writes only the differences, and adds one journal entry."""

import pytest
from django.core.exceptions import PermissionDenied

from arml.models import Territory
from cpo.lib.actor import Actor
from cpo.lib.editing import rows
from cpo.lib.editing.lock import StaleRevision
from cpo.lib.models import JournalEntry
from tests.factories.arml import make_user

pytestmark = pytest.mark.django_db


def save(territory: Territory, revision: int = 0, **more: object) -> list[str]:
    fields = {"name": territory.name, "court": "tribunal administratif de Brest"}
    return rows.update(
        territory,
        fields,
        expected_revision=revision,
        by=Actor(user=make_user("national_admin")),
        element="territoire",
        verb="territory_changed",
        sentence=lambda row, labels: f"{row.name} : {labels}",
        **more,  # type: ignore[arg-type]
    )


@pytest.fixture
def territory() -> Territory:
    return Territory.objects.get(code="53")


def test_what_differs_is_written_and_told_with_its_element_and_its_fields(territory: Territory) -> None:
    assert save(territory) == ["tribunal administratif"]
    territory.refresh_from_db()
    assert (territory.court, territory.revision) == ("tribunal administratif de Brest", 1)
    entry = JournalEntry.objects.get(verb="territory_changed")
    assert entry.sentence == "Bretagne : tribunal administratif"
    assert (entry.element, entry.parameters, entry.audience) == ("territoire", {"fields": ["court"]}, "national")


def test_nothing_that_differs_is_nothing_told(territory: Territory) -> None:
    save(territory)
    assert save(territory, revision=1) == []
    assert JournalEntry.objects.filter(verb="territory_changed").count() == 1


def test_a_form_opened_before_another_saved_writes_nothing(territory: Territory) -> None:
    with pytest.raises(StaleRevision):
        save(territory, revision=7)
    assert not JournalEntry.objects.filter(verb="territory_changed").exists()


def test_a_field_that_may_not_change_is_refused_with_the_reason(territory: Territory) -> None:
    with pytest.raises(PermissionDenied, match="Pas ainsi"):
        save(territory, allowed=lambda row: ["name"], refusal="Pas ainsi.")
    territory.refresh_from_db()
    assert territory.court != "tribunal administratif de Brest"
