"""When a person last visited a dossier, to mark what is new since. The browser posts it, because a GET never writes."""

import datetime as dt

from django.db.models import Case, F, When

from arml.models import Dossier, User
from conventions.models import DossierVisit
from cpo.lib import clock

PAUSE = dt.timedelta(minutes=30)  # after a longer pause, the next page begins another visit


def record_visit(user: User, dossier: Dossier) -> None:
    """Record that the person has a page of the dossier open now."""
    now = clock.now()
    previous_at = Case(When(seen_at__lt=now - PAUSE, then=F("seen_at")), default=F("previous_at"))
    visits = DossierVisit.objects.filter(user=user, dossier=dossier)
    if not visits.update(previous_at=previous_at, seen_at=now):
        DossierVisit.objects.bulk_create([DossierVisit(user=user, dossier=dossier, seen_at=now)], ignore_conflicts=True)


def previous_visit_end(user: User, dossier: Dossier) -> dt.datetime | None:
    """Return when the person's previous visit ended; None during the first one. It does not change during a visit."""
    visit = DossierVisit.objects.filter(user=user, dossier=dossier).first()
    if visit is None:
        return None
    return visit.seen_at if visit.seen_at < clock.now() - PAUSE else visit.previous_at
