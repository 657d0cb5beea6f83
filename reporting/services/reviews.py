"""The lead service writes the dialogue de gestion from the admissible report to the conclusion of the year."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from arml.enums import Standing
from arml.models import User
from arml.permissions import capacities
from cpo.lib import journal
from cpo.lib.editing.lock import StaleRevision
from cpo.lib.enums import Audience
from reporting import permissions as may
from reporting.enums import ReportState
from reporting.jobs import request_minutes
from reporting.models import Report, Review

FIELDS = ("held_on", "attendees", "opinion", "decisions", "conclusion")
OPEN_IN = (ReportState.ADMISSIBLE, ReportState.REVIEWED)


def reviewer(user: User, report: Report) -> Any:
    """The capacity in which the person may write the review now, or None."""
    if report.state not in OPEN_IN:
        return None
    return next((actor for actor in capacities(user, report.dossier) if may.lead_officer(actor)), None)


def may_read(user: User, report: Report) -> bool:
    """The lead service reads the review at any time.

    The other State services, the DGEFP and the association read it once it is recorded.
    """
    for actor in capacities(user, report.dossier):
        if actor.standing == Standing.LEAD:
            return True
        if actor.standing != Standing.OBSERVER and report.has_minutes:
            return True
    return False


def may_read_conclusion(user: User, report: Report) -> bool:
    """The lead service drafts the conclusion; the others read it once the year is concluded."""
    if report.state == ReportState.CONCLUDED:
        return may_read(user, report)
    return any(actor.standing == Standing.LEAD for actor in capacities(user, report.dossier))


def save_review(report: Report, *, fields: Mapping[str, Any], by: User, expected_revision: int | None) -> Review:
    """Write the review; nothing when no field differs. Raises PermissionDenied, StaleRevision."""
    with transaction.atomic():
        locked = Report.objects.select_for_update().get(pk=report.pk)
        actor = reviewer(by, locked)
        if actor is None:
            raise PermissionDenied(
                "Le dialogue de gestion est saisi par le service chef de file, "
                "une fois le compte rendu recevable et jusqu’à la conclusion de l’année."
            )
        review = Review.objects.filter(report=locked).first() or Review(report=locked)
        if expected_revision is not None and review.revision != expected_revision:
            raise StaleRevision(expected_revision, review.revision)
        changes = {name: fields[name] for name in FIELDS if name in fields and fields[name] != getattr(review, name)}
        if not changes:
            return review
        for name, value in changes.items():
            setattr(review, name, value)
        review.updated_by = by
        review.revision += 1
        review.save()
        if locked.has_minutes:
            locked.review = review
            request_minutes(locked)
        journal.record(
            locked,
            root=locked.dossier,
            by=actor,
            verb="review_written",
            sentence=f"{actor.name} modifie le relevé du dialogue de gestion {locked.year}.",
            audience=Audience.STATE,
        )
    return review
