"""Each recorded or drafted dialogue de gestion becomes a meeting; its text of decisions becomes one decision."""

from typing import Any

from django.db import migrations

RECORDED = ("reviewed", "concluded")


def become_meetings(apps: Any, schema_editor: Any) -> None:
    meetings, decisions = apps.get_model("reporting", "Meeting"), apps.get_model("reporting", "Decision")
    reviews = apps.get_model("reporting", "Review").objects.select_related("report")
    for review in reviews.order_by("pk"):
        report = review.report
        held = review.held_on is not None and (review.minutes_id is not None or report.state in RECORDED)
        meeting = meetings.objects.create(
            convention_id=report.convention_id,
            kind="dialogue",
            year=report.year,
            side="state",
            state="held" if held else "planned",
            state_since=report.state_since,
            day=review.held_on,
            organiser_id=review.updated_by_id,
            attendees=review.attendees,
            opinion=review.opinion,
            conclusion=review.conclusion,
            minutes=_document(apps, report, review),
            updated_by_id=review.updated_by_id,
            revision=review.revision,
        )
        if review.decisions.strip():
            decisions.objects.create(meeting=meeting, text=review.decisions.strip())


def _document(apps: Any, report: Any, review: Any) -> Any:
    """The entry of the register that holds the minutes printed before."""
    if review.minutes_id is None:
        return None
    entries = apps.get_model("conventions", "Document").objects.filter(purpose="releve", file_id=review.minutes_id)
    return entries.filter(act__convention_id=report.convention_id, voided_at=None).order_by("-pk").first()


def keep(apps: Any, schema_editor: Any) -> None:
    """Going back keeps the meetings, which the former table could not hold: nothing is written."""


class Migration(migrations.Migration):
    dependencies = [("reporting", "0018_meetings")]

    operations = [migrations.RunPython(become_meetings, keep)]
