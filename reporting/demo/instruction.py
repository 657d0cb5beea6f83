"""How the reports of the demonstration are examined: a request for details, a grid, what is not retained, opinions."""

import datetime as dt

from cpo.lib import clock
from reporting.content import grids as questions
from reporting.enums import GridMoment, GroundUse, Opinion
from reporting.models import Ground, Report
from reporting.money.retained import examined
from reporting.services import clarifications, grids
from reporting.services.instruction import Decision, examine

from .story import Story, at

ASKED, ANSWERED, EXAMINED = dt.date(2026, 7, 6), dt.date(2026, 7, 15), dt.date(2026, 9, 10)
LATE = dt.date(2026, 10, 8)


def tell_examination(story: Story, report: Report, *, finished: bool) -> None:
    """`finished`: the report is about to be admissible; otherwise the association has not answered yet."""
    officer = story.user("officer")
    with clock.set_to(at(ASKED if finished else LATE, 10)):
        row = clarifications.ask(
            report,
            path="finance",
            label="Compte rendu financier",
            question="Que recouvre la hausse des honoraires\u00a0? Une facture suffit.",
            due_on=(ASKED if finished else LATE) + dt.timedelta(days=21),
            by=officer,
        )
    if not finished:
        return
    with clock.set_to(at(ANSWERED, 15)):
        text = "Elle tient à deux journées d’animation confiées à un prestataire."
        clarifications.answer(row, text=text, by=story.user("director"))
    with clock.set_to(at(EXAMINED, 10)):
        clarifications.judge(row, satisfactory=True, judgment="Factures lues.", by=officer)
        _fill(report, story)
        _retain(report, story)


def _fill(report: Report, story: Story) -> None:
    grid = grids.grid_of(report, GridMoment.ADMISSIBILITY)
    if grid is None:
        return
    rows = questions.questions(grid.version.text)
    answers = {row.key: {"value": "oui", "note": ""} for row in rows if row.kind == questions.YES_NO}
    lock = {"by": story.user("manager"), "expected_revision": grid.revision, "lock": True}
    grids.fill(report, moment=grid.moment, answers=answers, **lock)  # type: ignore[arg-type]


def _retain(report: Report, story: Story) -> None:
    """A small sum of the first fiche is left out; the whole is satisfactory."""
    [(_, lines)] = examined([report])
    key = str(report.sheets.order_by("pk")[0].sheet.key)
    line = next(line for (fiche, _), line in lines.items() if fiche == key and line.cash and line.declared > 400)
    ground = Ground.objects.get(use=GroundUse.REJECTED, key="hors_periode")
    comment = "Facture de janvier 2026, à reporter sur l’exercice suivant."
    decision = Decision(line.account.code, line.declared - 350, ground=ground, comment=comment)
    for part, decisions in ((key, [decision]), ("", [])):
        examine(
            Report.objects.get(pk=report.pk),
            sheet_key=part,
            decisions=decisions,
            opinion=Opinion.SATISFACTORY,
            comment="",
            by=story.user("officer"),
            expected_revision=None,
        )
