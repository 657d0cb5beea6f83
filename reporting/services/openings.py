"""When the report of a year opens for one convention: with its campaign, before it, or not at all, with the reason."""

import datetime as dt

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from arml.models import User
from arml.permissions import capacities
from conventions.models import Convention
from cpo.lib import clock, journal
from cpo.lib.actor import Actor
from cpo.lib.enums import Side
from cpo.lib.workflow import Refused
from reporting import notifications
from reporting import permissions as may
from reporting.content.covered import act_of
from reporting.deadlines.before import years_received
from reporting.enums import Opening
from reporting.models import Report, SkippedReport

from .campaigns import open_reports
from .deadlines import sync

NOT_YOURS = (
    "L’ouverture d’un compte rendu se décide par l’administration nationale, ou par la personne responsable du service "
    "chef de file."
)
REASON_MAX = 500


def decider(user: User, convention: Convention) -> Actor | None:
    """The capacity in which the person decides when the reports of a convention open, or None."""
    return next((actor for actor in capacities(user, convention.dossier) if may.decides_opening(actor)), None)


def why_not_decided(convention: Convention, year: int) -> str:
    """Say in French why nothing is left to decide about the opening of a report; "" when it is."""
    if convention.reports.filter(year=year).exists():
        return f"Le compte rendu {year} est ouvert : son ouverture ne se décide plus."
    if year in years_received(convention):
        return f"Le compte rendu {year} a été reçu sur papier : aucun ne s’ouvre ici."
    return ""


def why_not_early(convention: Convention, year: int) -> str:
    """Say in French why a report does not open before its campaign; "" when it may."""
    if clock.today(convention.dossier.time_zone) < dt.date(year, 1, 1):
        return f"L’année {year} n’a pas commencé."
    if act_of(convention, year) is None:
        return f"Aucun acte signé n’est en vigueur au 31 décembre {year}."
    return ""


def present_choice(convention: Convention, year: int) -> tuple[Opening, str]:
    """What was decided, and why. A report that is open says itself that it was opened early."""
    skipped = convention.skipped_reports.filter(year=year).first()
    return (Opening.SKIPPED, skipped.reason) if skipped else (Opening.USUAL, "")


def faults(convention: Convention, year: int, choice: str, reason: str) -> dict[str, str]:
    """What is wrong with a decision, by field."""
    found = {}
    if choice == Opening.EARLY and (words := why_not_early(convention, year)):
        found["choice"] = words
    if choice != Opening.USUAL and not reason.strip():
        found["reason"] = "Dites pourquoi : les deux parties et l’administration centrale le lisent."
    return found


@transaction.atomic
def decide(*, convention: Convention, year: int, choice: str, reason: str = "", by: User) -> Report | None:
    """Decide when a report opens; return it if it opens now. Raises PermissionDenied, Refused, ValidationError."""
    actor = decider(by, convention)
    if actor is None:
        raise PermissionDenied(NOT_YOURS)
    convention = Convention.objects.select_for_update().get(pk=convention.pk)
    if words := why_not_decided(convention, year):
        raise Refused(words)
    reason = " ".join(reason.split())[:REASON_MAX]
    if found := faults(convention, year, choice, reason):
        raise ValidationError(found)
    before, former = present_choice(convention, year)
    if choice == Opening.SKIPPED:
        if (before, former) != (choice, reason):
            _skip(convention, year, reason, actor)
    elif before == Opening.SKIPPED:
        _owe_again(convention, year, reason, actor)
        # of a report that opens at once, the association is told by its own message
        sides = [Side.STATE] if choice == Opening.EARLY else [Side.BENEFICIARY, Side.STATE]
        notifications.report_owed_again(convention, year, actor, sides)
    report = None
    if choice == Opening.EARLY:
        report = next(iter(open_reports([convention.pk], year, by=actor, early=reason)), None)
    sync(convention)
    return report


def _skip(convention: Convention, year: int, reason: str, actor: Actor) -> None:
    facts = {"reason": reason, "by": actor.user, "at": clock.now()}
    row, _ = SkippedReport.objects.update_or_create(convention=convention, year=year, defaults=facts)
    _record(row, actor, f"Aucun compte rendu {year} ne sera ouvert.", reason)
    notifications.report_skipped(convention, year, actor, reason)


def _owe_again(convention: Convention, year: int, reason: str, actor: Actor) -> None:
    row = convention.skipped_reports.get(year=year)
    _record(row, actor, f"Le compte rendu {year} est de nouveau attendu.", reason)
    row.delete()


def _record(row: SkippedReport, actor: Actor, sentence: str, reason: str) -> None:
    """An observer reads no event of this kind: no rule grants it (`journal.rule_of`)."""
    root = row.convention.dossier
    journal.record(row, root=root, by=actor, verb="opening_decided", sentence=sentence, comment=reason)
