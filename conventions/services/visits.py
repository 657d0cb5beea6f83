"""When a person was last on a dossier: what happened since is marked. Told by the browser, as a GET never writes."""

import datetime as dt

from django.db.models import Case, F, When

from arml.models import Dossier, User
from conventions.models import DossierVisit
from cpo.lib import clock

PAUSE = dt.timedelta(minutes=30)  # longer without a sign, and the next page is another visit


def here(user: User, dossier: Dossier) -> None:
    """The person has a page of the dossier open."""
    now = clock.now()
    ended = Case(When(seen_at__lt=now - PAUSE, then=F("seen_at")), default=F("previous_at"))
    rows = DossierVisit.objects.filter(user=user, dossier=dossier)
    if not rows.update(previous_at=ended, seen_at=now):
        DossierVisit.objects.bulk_create([DossierVisit(user=user, dossier=dossier, seen_at=now)], ignore_conflicts=True)


def before(user: User, dossier: Dossier) -> dt.datetime | None:
    """When the person's previous visit ended; None on the first one. The same all along a visit."""
    found = DossierVisit.objects.filter(user=user, dossier=dossier).first()
    if found is None:
        return None
    return found.seen_at if found.seen_at < clock.now() - PAUSE else found.previous_at
