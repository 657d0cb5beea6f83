"""« À faire » of the controls and corrections: who answers, who closes, who decides, who records."""

from typing import Any

from django.urls import reverse

from arml.enums import Role
from arml.models import Dossier, zone_of
from arml.permissions import SPOKESPERSONS
from conventions.pages.todo import Hats, Task
from cpo.lib import clock
from cpo.lib.enums import Side
from reporting.enums import ControlState, CorrectionEffect, CorrectionState
from reporting.models import Control, Correction

RECORDED = {
    CorrectionEffect.RECOVERY: "Enregistrer le recouvrement de la",
    CorrectionEffect.REDUCTION: "Ouvrir l’acte financier qui porte la",
    CorrectionEffect.IMPUTATION: "Imputer ou solder la",
}


def control_tasks(hats: Hats) -> list[Task]:
    """Two queries for any number of dossiers."""
    dossiers = Dossier.objects.filter(hats.reach)
    related = ("convention__dossier__lead", "convention__dossier__beneficiary")
    controls = Control.objects.visible_to(hats.user).exclude(state=ControlState.CLOSED)
    corrections = Correction.objects.visible_to(hats.user).exclude(state=CorrectionState.DONE)
    tasks = []
    for rows, words in ((controls, _of_control), (corrections, _of_correction)):
        found: Any = rows.filter(convention__dossier__in=dossiers).select_related(*related)
        for row in found.annotate(zone=zone_of("convention__dossier")).order_by("pk"):
            if said := words(row, hats):
                tasks.append(_task(row, *said, hats))
    return tasks


def _of_control(control: Control, hats: Hats) -> tuple[str, str] | None:
    """The title and the verb for this person, None when nothing waits for them."""
    dossier = control.convention.dossier
    if control.state == ControlState.ANNOUNCED:
        officer = hats.on(dossier.lead_id, Role.OFFICER)
        return (f"Communiquer les constats du {_lower(control)}", "Communiquer") if officer else None
    if control.observed_at is None and hats.on(dossier.beneficiary_id, *SPOKESPERSONS[Side.BENEFICIARY]):
        return f"Répondre aux constats du {_lower(control)}", "Répondre"
    return (f"Clore le {_lower(control)}", "Clore") if hats.on(dossier.lead_id, Role.MANAGER) else None


def _of_correction(row: Correction, hats: Hats) -> tuple[str, str] | None:
    dossier = row.convention.dossier
    officer, manager = hats.on(dossier.lead_id, Role.OFFICER), hats.on(dossier.lead_id, Role.MANAGER)
    if row.state == CorrectionState.PROPOSED:
        return (f"Envoyer la lettre de la {_lower(row)}", "Enregistrer") if officer else None
    if row.state == CorrectionState.DECIDED:
        able = manager if row.effect == CorrectionEffect.REDUCTION else officer
        return (f"{RECORDED[CorrectionEffect(row.effect)]} {_lower(row)}", "Enregistrer") if able else None
    if row.observed_at is None and hats.on(dossier.beneficiary_id, *SPOKESPERSONS[Side.BENEFICIARY]):
        return f"Présenter vos observations sur la {_lower(row)}", "Répondre"
    over = row.observed_at or (row.due_on and row.due_on < clock.today(row.zone))  # type: ignore[attr-defined]
    return (f"Décider de la suite de la {_lower(row)}", "Décider") if manager and over else None


def _lower(row: Control | Correction) -> str:
    return str(row)[:1].lower() + str(row)[1:]


def _task(row: Any, title: str, verb: str, hats: Hats) -> Task:
    dossier, number = row.convention.dossier, row.convention.number
    other = dossier.lead if dossier.beneficiary_id in hats.roles else dossier.beneficiary
    kind = "controle" if isinstance(row, Control) else "correction"
    page = f"{reverse('convention-controls', args=[number])}#{kind}-{row.pk}"
    due = row.due_on if isinstance(row, Correction) and row.state == CorrectionState.NOTIFIED else None
    since = row.opened_at if isinstance(row, Control) else row.recorded_at
    return Task(title, page, verb, f"{number} · {other}", due=due, since=since, today=clock.today(row.zone))
