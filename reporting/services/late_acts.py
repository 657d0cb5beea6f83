"""Take over in a report the fiches of an act that was signed after the report was opened.

The act was in force on 31 December: its targets and forecasts are those of the year. What was typed stays.
"""

from django.core.exceptions import PermissionDenied

from arml.models import User
from cpo.lib import journal
from cpo.lib.actor import Actor
from cpo.lib.editing.lock import edit
from cpo.lib.enums import Audience
from cpo.lib.wording import french
from cpo.lib.workflow import Refused
from reporting import permissions as may
from reporting.content.covered import Covered, covered
from reporting.enums import ReportState
from reporting.jobs import request_form
from reporting.models import Report, SendBack, SheetReport, Value

ELEMENT = "les fiches reprises de l’acte"


def take_over(report: Report, *, by: User) -> Report:
    """Make the report rest on the act in force on 31 December, fiche by fiche. Idempotent.

    Raises PermissionDenied, Refused when the report rests on it already.
    """
    actor = may.writer_of_fiches(by, report)
    if actor is None:
        raise PermissionDenied(may.why_not(by, report, may.GENERAL))
    with edit(report, expected_revision=None, by=actor, element=ELEMENT) as locked:
        if may.writer_of_fiches(by, locked) is None:
            raise PermissionDenied(may.why_not(by, locked, may.GENERAL))
        coverage = covered(locked.convention, locked.year)
        if coverage is None or coverage.act.pk == locked.act_id:
            raise Refused("Ce compte rendu repose déjà sur l’acte en vigueur au 31 décembre.")
        changes = _take_over(locked, coverage, actor)
        locked.act = coverage.act
        locked.save(update_fields=["act"])
        request_form(locked)
        journal.record(
            locked,
            root=locked.dossier,
            by=actor,
            verb="report_act_taken_over",
            sentence=f"{actor.name} reprend dans le compte rendu {locked.year} les fiches de "
            f"{coverage.act.name_in_sentence} : {', '.join(changes) or 'aucune fiche ne change'}.",
            element=ELEMENT,
            parameters={"year": locked.year, "act": coverage.act.pk},
            audience=Audience.BOTH,
        )
    report.refresh_from_db()
    return report


def _take_over(report: Report, coverage: Covered, actor: Actor) -> list[str]:
    """Bind each part to the fiche of its key; return what the journal says of each that came, left or lost a value."""
    parts = {part.sheet.key: part for part in report.sheets.select_related("sheet")}
    changes = []
    for key, (sheet, dropped_on) in coverage.sheets.items():
        part = parts.pop(key, None)
        if part is None:
            SheetReport.objects.create(report=report, sheet=sheet, dropped_on=dropped_on)
            _open(report, may.sheet_path(key), f"{sheet.code} {sheet.title}", actor)
            changes.append(f"{sheet.code} ajoutée")
            continue
        changes += _lost_values(part, sheet)
        if dropped_on and part.dropped_on != dropped_on:
            changes.append(f"{sheet.code} retirée au {french.date(dropped_on)}")
        SheetReport.objects.filter(pk=part.pk).update(sheet=sheet, dropped_on=dropped_on)
    return changes + _left(parts.values(), coverage)


def _lost_values(part: SheetReport, sheet: object) -> list[str]:
    """Move the values to the indicators of the same key; one that the new fiche lacks is named, then deleted."""
    indicators = {row.key: row for row in sheet.indicators.all()}  # type: ignore[attr-defined]
    lost = []
    for value in part.values.select_related("indicator"):
        indicator = indicators.get(value.indicator.key)
        if indicator is None:
            lost.append(f"{part.sheet.code}, « {value.indicator.label} » ({value}) n’est plus suivi")
            value.delete()
        elif indicator.pk != value.indicator_id:
            Value.objects.filter(pk=value.pk).update(indicator=indicator)
    return lost


def _left(parts: object, coverage: Covered) -> list[str]:
    """The parts whose fiche was in force on no day of the year: deleted if nothing was typed, else dated and kept."""
    changes = []
    for part in parts:  # type: ignore[attr-defined]
        typed = part.narrative or part.progress or part.values.exists() or part.expenses.exists() or part.files.exists()
        if typed:
            SheetReport.objects.filter(pk=part.pk).update(dropped_on=coverage.act.effective_on)
        else:
            part.delete()
        changes.append(f"{part.sheet.code} retirée")
    return changes


def _open(report: Report, path: str, label: str, actor: Actor) -> None:
    """A fiche that comes after the sending is open like the parts that the service asked about."""
    if report.state == ReportState.TO_COMPLETE:
        SendBack.objects.create(
            report=report,
            round=report.round,
            path=path,
            label=label,
            reason="Fiche reprise d’un acte signé après l’ouverture du compte rendu.",
            author=actor.user,
            at=report.state_since,
        )
