"""The working day beside a legal day: the public holidays are those of the territory of the lead service."""

import datetime as dt

import pytest

from arml.models import Territory
from reporting.models import Deadline
from tests.factories.deadlines import in_force, make_deadline

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("place", "due", "works"),
    [
        ("02", "2025-05-22", "2025-05-23"),  # Martinique: the abolition of slavery, a Thursday
        ("01", "2025-05-27", "2025-05-28"),  # Guadeloupe, a Tuesday
        ("03", "2025-06-10", "2025-06-11"),  # Guyane, a Tuesday
        ("04", "2024-12-20", "2024-12-23"),  # La Réunion: a Friday, then the week-end
        ("06", "2026-04-27", "2026-04-28"),  # Mayotte, a Monday
        ("44", "2025-12-26", "2025-12-29"),  # Grand Est: the second day of Christmas, a Friday
        ("44", "2026-04-03", "2026-04-07"),  # Good Friday there, then the week-end and Easter Monday
        ("53", "2025-05-22", "2025-05-22"),  # elsewhere, they are days like others
        ("53", "2025-12-26", "2025-12-26"),
    ],
)
def test_a_deadline_is_put_off_by_the_holidays_of_the_service(place: str, due: str, works: str) -> None:
    convention = in_force()
    Territory.objects.filter(code=place).update(code="x" + place)
    served = Territory.objects.get(service=convention.dossier.lead_id)
    Territory.objects.filter(pk=served.pk).update(code=place)
    deadline = make_deadline(convention, due=due)
    assert Deadline.objects.get(pk=deadline.pk).working_day == dt.date.fromisoformat(works)
    listed = Deadline.objects.with_local_day().get(pk=deadline.pk)
    assert listed.working_day == dt.date.fromisoformat(works)
