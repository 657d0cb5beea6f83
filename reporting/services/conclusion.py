"""The conclusion of a year: drafted by the lead service, then, in one step, concluded and followed by the next act."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from arml.models import User
from arml.permissions import capacities, lead_officer
from conventions import workflow as acts
from conventions.enums import ActKind, ActTopic
from conventions.later.opening import Terms, years_of
from conventions.models import Act
from conventions.services.money import ContributionRow, set_contributions
from cpo.lib import journal
from cpo.lib.actor import Actor
from cpo.lib.editing.lock import check_revision, set_changed
from cpo.lib.enums import Audience
from cpo.lib.money import split, total
from cpo.lib.workflow import Refused
from reporting.enums import ReportState
from reporting.models import Meeting, Report
from reporting.workflow.meetings import lock
from reporting.workflow.reports import apply

FIELDS = ("conclusion", "recommendations", "next_amount", "next_programme")
OPEN_IN = (ReportState.ADMISSIBLE, ReportState.REVIEWED)
NOT_YOURS = "La conclusion d’une année est écrite par le service chef de file, une fois le compte rendu recevable."
TRANSITIONS = {ActKind.ANNUAL: "open_annual", ActKind.AMENDMENT: "open_amendment"}


def writer(user: User, report: Report) -> Actor | None:
    """The capacity in which the person drafts the conclusion now."""
    if report.state not in OPEN_IN:
        return None
    return next((actor for actor in capacities(user, report.dossier) if lead_officer(actor)), None)


@transaction.atomic
def save_conclusion(
    meeting: Meeting, report: Report, *, fields: Mapping[str, Any], by: User, expected_revision: int | None
) -> Meeting:
    """Write the draft of the conclusion. Raises PermissionDenied, StaleRevision."""
    fresh = Report.objects.select_for_update(of=("self",)).get(pk=report.pk)
    actor = writer(by, fresh)
    if actor is None:
        raise PermissionDenied(NOT_YOURS)
    locked = lock(meeting)
    check_revision(locked, expected_revision)
    if not set_changed(locked, fields, FIELDS):
        return locked
    locked.updated_by = actor.user
    locked.revision += 1
    locked.save()
    journal.record(
        locked,
        root=locked.dossier,
        by=actor,
        verb="conclusion_written",
        sentence=f"{actor.name} rédige la conclusion de l’année {report.year}.",
        audience=Audience.STATE,
    )
    return locked


def openable(meeting: Meeting, by: User) -> list[str]:
    """The kinds of act that the person may open now: the annual act of the next year if it has one, or an avenant.

    None once the convention is past its term; not that which is open already.
    """
    first = meeting.convention.act
    annual = [ActKind.ANNUAL] if meeting.next_year in years_of(first, ActKind.ANNUAL) else []
    return [kind for kind in (*annual, ActKind.AMENDMENT) if _may_open(first, kind, by)]


def _may_open(first: Act, kind: str, by: User) -> bool:
    try:
        acts.ACT.attempt(TRANSITIONS[ActKind(kind)], first, by)
    except (PermissionDenied, Refused):
        return False
    return True


def next_faults(meeting: Meeting, opens: str) -> dict[str, str]:
    """What is wrong of what the conclusion opens, by field."""
    if opens == ActKind.ANNUAL and meeting.next_amount is None:
        return {"next_amount": f"Donnez le montant de {meeting.next_year} que l’acte financier fixera."}
    return {}


@transaction.atomic
def conclude(report: Report, *, by: User, opens: str = "") -> tuple[Report, Act | None]:
    """Conclude the year and open the next act, pre-filled: both or neither. `opens`: an `ActKind`, or "".

    Raises PermissionDenied, Refused, ValidationError by field. Lock order: the report, then the act.
    """
    dialogue = report.dialogue
    if dialogue is None:
        raise Refused("Le dialogue de gestion n’a pas été tenu : l’année ne se conclut pas.")
    if faults := next_faults(dialogue, opens):
        raise ValidationError(faults)
    year = dialogue.next_year
    words = {ActKind.ANNUAL: f"L’acte financier {year} est ouvert.", ActKind.AMENDMENT: "Un avenant est ouvert."}
    report = apply("conclude", report, by=by, data={"act": words.get(ActKind(opens), "") if opens else ""})
    return report, _open(report, dialogue, opens, by) if opens else None


@transaction.atomic
def write(
    meeting: Meeting,
    report: Report,
    *,
    fields: Mapping[str, Any],
    by: User,
    expected_revision: int | None,
    concludes: bool,
    opens: str,
) -> Act | None:
    """Save the draft and, if `concludes`, conclude: see `save_conclusion` and `conclude`. Return the act opened."""
    save_conclusion(meeting, report, fields=fields, by=by, expected_revision=expected_revision)
    return conclude(Report.objects.get(pk=report.pk), by=by, opens=opens)[1] if concludes else None


def _open(report: Report, dialogue: Meeting, opens: str, by: User) -> Act:
    kind, year, first = ActKind(opens), dialogue.next_year, report.convention.act
    purpose = f"Suite du dialogue de gestion {report.year}."
    if kind == ActKind.ANNUAL:
        terms = Terms(f"Fixer la contribution de l’année {year}. {purpose}", year=year)
    else:
        cause = dialogue.conclusion.strip()
        terms = Terms(
            dialogue.next_programme.strip() or f"Adapter le programme de l’année {year}.",
            cause=cause,
            consequences=dialogue.recommendations.strip() or "Le programme et les montants sont revus.",
            topic=ActTopic.PROGRAMME,
        )
    acts.apply(TRANSITIONS[kind], first, by=by, data={"terms": terms})
    opened = report.convention.acts.latest("number")
    if kind == ActKind.ANNUAL and dialogue.next_amount is not None:
        _fill(opened, year, dialogue.next_amount, by)
    return opened


def _fill(act: Act, year: int, amount: Decimal, by: User) -> None:
    """Write the proposed amount in the act, shared over the lines of the year in their present proportions."""
    rows = list(act.contributions.select_related("service"))
    of_year = [row for row in rows if row.year == year]
    whole = total(row.amount for row in of_year)
    parts = split(amount, [row.amount for row in of_year]) if whole else []
    shares = dict(zip((row.pk for row in of_year), parts, strict=False))
    contributions = [
        ContributionRow(row.year, shares.get(row.pk, row.amount), row.service, row.line, row.note) for row in rows
    ]
    if not whole:
        contributions.append(ContributionRow(year, amount, act.dossier.lead))
    set_contributions(act=act, rows=contributions, by=by, expected_revision=None)
