"""The dialogues de gestion that were recorded before meetings were kept: each becomes a meeting, nothing is lost."""

import datetime as dt
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps

from reporting.models import Decision, Meeting
from tests.factories.reporting import make_report, person

pytestmark = pytest.mark.django_db


class Reviews(list[Any]):
    """The rows of the former table, as the migration asks for them."""

    objects = property(lambda self: self)

    def select_related(self, *names: str) -> "Reviews":
        return self

    order_by = select_related


def migrate(*reviews: Any) -> None:
    from importlib import import_module

    module = import_module("reporting.migrations.0019_reviews_become_meetings")

    def get_model(app: str, name: str) -> Any:
        return Reviews(reviews) if name == "Review" else apps.get_model(app, name)

    module.become_meetings(SimpleNamespace(get_model=get_model), None)


@pytest.mark.parametrize(
    ("state", "held_on", "meeting_state"),
    [
        ("concluded", dt.date(2026, 10, 1), "held"),
        ("admissible", dt.date(2026, 10, 1), "planned"),
        ("admissible", None, "planned"),
    ],
)
def test_a_review_becomes_a_meeting_with_its_text_of_decisions_as_one_row(
    state: str, held_on: dt.date | None, meeting_state: str
) -> None:
    report = make_report()
    report.state = state
    author = person(report, "officer")
    migrate(
        SimpleNamespace(
            report=report,
            held_on=held_on,
            attendees="Les deux parties",
            opinion="partiel",
            decisions="Suivre (ARML, 30 novembre).",
            conclusion="On continue.",
            minutes_id=None,
            updated_by_id=author.pk,
            revision=3,
        )
    )
    meeting = Meeting.objects.get()
    assert (meeting.state, meeting.kind, meeting.year, meeting.day) == (meeting_state, "dialogue", 2025, held_on)
    assert (meeting.attendees, meeting.opinion, meeting.conclusion) == ("Les deux parties", "partiel", "On continue.")
    assert (meeting.organiser, meeting.revision) == (author, 3)
    assert Decision.objects.get(meeting=meeting).text == "Suivre (ARML, 30 novembre)."
