"""The evaluations that wait for somebody, in « À faire »: to share, to assess, to conclude; one query."""

import datetime as dt

from arml.enums import Role
from arml.models import Dossier
from arml.permissions import SPOKESPERSONS
from conventions.pages.todo import Hats, Task
from cpo.lib import clock, zones
from cpo.lib.enums import Side
from reporting.enums import EvaluationState
from reporting.guards.evaluation import association_assessed, first_day, page
from reporting.models import Evaluation


def evaluation_tasks(hats: Hats) -> list[Task]:
    rows = Evaluation.objects.visible_to(hats.user).exclude(state=EvaluationState.CONCLUDED)
    rows = rows.filter(convention__dossier__in=Dossier.objects.filter(hats.reach))
    dossier = "convention__dossier"
    rows = rows.select_related(f"{dossier}__lead", f"{dossier}__beneficiary", "convention__cycle")
    rows = rows.prefetch_related("assessments", "convention__acts").order_by("pk")
    return [task for row in rows for task in _tasks(row, hats)]


def _tasks(row: Evaluation, hats: Hats) -> list[Task]:
    dossier = row.dossier
    waits = any(association_assessed(row))
    if row.is_draft:
        mine = hats.on(dossier.lead_id, Role.OFFICER)
        return [_task(row, hats, "Préparer et partager l’évaluation conjointe", "Préparer")] if mine else []
    if waits and hats.on(dossier.beneficiary_id, *SPOKESPERSONS[Side.BENEFICIARY]):
        title = "Écrire l’appréciation de l’association dans l’évaluation conjointe"
        return [_task(row, hats, title, "Écrire", route="evaluation-assessment", due=row.answer_by)]
    ready = not waits and clock.today(dossier.time_zone) >= first_day(row.convention)
    if ready and hats.on(dossier.lead_id, Role.MANAGER):
        return [_task(row, hats, "Conclure l’évaluation conjointe", "Conclure")]
    return []


def _task(
    row: Evaluation,
    hats: Hats,
    title: str,
    verb: str,
    *,
    route: str = "convention-evaluation",
    due: dt.date | None = None,
) -> Task:
    dossier = row.dossier
    other = dossier.lead if dossier.beneficiary_id in hats.roles else dossier.beneficiary
    return Task(
        title=title,
        url=page(row.convention, route),
        verb=verb,
        detail=f"{row.convention.number} · {other}",
        due=due,
        since=zones.at(row.state_since, dossier),
        today=clock.today(dossier.time_zone),
    )
