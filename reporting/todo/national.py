"""Tasks of the DGEFP: late deadlines, campaigns to open, visas and signatures recorded with a reason to read."""

import datetime as dt

from django.db.models import Count
from django.urls import reverse

from arml.models import User, zone_of
from arml.permissions import is_national_admin
from conventions.models import Signature, Visa
from conventions.pages.todo import Task
from cpo.lib import clock, zones
from cpo.lib.clock import PARIS
from cpo.lib.enums import MailState
from cpo.lib.models import OutboxMessage
from cpo.lib.wording import french
from cpo.lib.work import jobs
from reporting.deadlines.reported import campaign_years, pending
from reporting.deadlines.rules import OPENING_RULE, base_date, may_open
from reporting.models import Deadline, DeadlineRule

from .setup import blocking_steps

SOON = OVERRIDE_DAYS = 30


def national_tasks(user: User) -> list[Task]:
    tasks = _late(user)
    if is_national_admin(user):
        tasks += _start() + _failed_jobs() + _undelivered() + _campaigns() + _overrides() + _differences()
    return tasks


def _late(user: User) -> list[Task]:
    """One line with the number of late deadlines and of their conventions."""
    late = Deadline.objects.visible_to(user).late()
    totals = late.aggregate(count=Count("pk"), conventions=Count("convention", distinct=True))
    if not totals["count"]:
        return []
    one = totals["count"] == 1
    return [
        Task(
            title=f"{totals['count']} échéance{'' if one else 's'} en retard",
            url=reverse("deadline-list") + "?etat=retard",
            verb="Voir",
            detail=f"sur {totals['conventions']} convention{'' if totals['conventions'] == 1 else 's'}",
        )
    ]


def _start() -> list[Task]:
    """One line while something that every signature needs is empty."""
    blocking = blocking_steps()
    if not blocking:
        return []
    detail = " ; ".join(french.lower_first(step.words) for step in blocking)
    return [Task("Renseigner ce que toute signature demande", reverse("reference-home"), "Voir", detail)]


def _failed_jobs() -> list[Task]:
    count = jobs.stopped().count()
    title = "1 document n’a pas pu être produit" if count == 1 else f"{count} documents n’ont pas pu être produits"
    return [Task(title=title, url=reverse("reference-jobs"), verb="Relancer")] if count else []


def _undelivered() -> list[Task]:
    """One line with the number of messages that failed: those who should have read them do not know."""
    count = OutboxMessage.objects.filter(state=MailState.FAILED).count()
    if not count:
        return []
    title = "1 courriel n’a pas pu être remis" if count == 1 else f"{count} courriels n’ont pas pu être remis"
    return [Task(title=title, url=reverse("undelivered-messages"), verb="Voir", detail="raison, nouvel envoi")]


def _campaigns() -> list[Task]:
    """Years whose campaign is open or opens soon, while a convention in force has no report."""
    horizon = clock.today(PARIS) + dt.timedelta(days=SOON)
    tasks = []
    for rule in DeadlineRule.objects.filter(key=OPENING_RULE, active=True).select_related("cycle"):
        for year in campaign_years(rule.cycle):
            day = base_date(rule, year, facts={})
            if day and day <= horizon and may_open(year) and (remaining := len(pending(rule.cycle, year))):
                tasks.append(_campaign(rule, year, day, remaining))
    return tasks


def _campaign(rule: DeadlineRule, year: int, day: dt.date, remaining: int) -> Task:
    detail = f"{remaining} convention{'s' if remaining > 1 else ''} sans compte rendu ouvert"
    return Task(
        title=f"Ouvrir la campagne des comptes rendus {year}",
        url=reverse("campaign-open", kwargs={"cycle": rule.cycle.key, "year": year}),
        verb="Ouvrir",
        detail=f"{rule.cycle.label} · {detail}",
        due=day,
    )


def _differences() -> list[Task]:
    """Signatures recorded, with a reason, although the paper or the certificate differs from what was expected."""
    since = clock.now() - dt.timedelta(days=OVERRIDE_DAYS)
    signatures = (
        Signature.objects.filter(recorded_at__gte=since, voided_at=None)
        .exclude(override_reason="")
        .select_related("document__act__convention", "party__organisation")
        .annotate(zone=zone_of("document__act__convention__dossier"))
        .order_by("-recorded_at")[:5]
    )
    return [
        Task(
            title=f"Signature enregistrée malgré une différence ({signature.party.organisation})",
            url=reverse("convention-documents", kwargs={"number": signature.document.act.reference}) + "#signatures",
            verb="Lire le motif",
            detail=f"{signature.document.act.reference} · le {_day(signature.recorded_at, signature.zone)}",
        )
        for signature in signatures
    ]


def _day(moment: dt.datetime, zone: str) -> str:
    return french.date(zones.at(moment, zone), "jour")


def _overrides() -> list[Task]:
    """Visas given, with a reason, by the person who had proposed the version."""
    since = clock.now() - dt.timedelta(days=OVERRIDE_DAYS)
    visas = (
        Visa.objects.filter(at__gte=since)
        .exclude(override_reason="")
        .select_related("version__act__convention", "organisation")
        .annotate(zone=zone_of("version__act__convention__dossier"))
        .order_by("-at")[:5]
    )
    return [
        Task(
            title=f"Visa donné par la personne qui avait proposé la version ({visa.organisation})",
            url=reverse("convention-journal", kwargs={"number": visa.version.act.convention.number}),
            verb="Lire le motif",
            detail=f"{visa.version.act.convention.number} · le {_day(visa.at, visa.zone)}",
        )
        for visa in visas
    ]
