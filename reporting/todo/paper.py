"""What was recorded of a paper convention: the association confirms it, the service answers an error that is told."""

from django.urls import reverse

from arml.models import Dossier, zone_of
from arml.permissions import SPOKESPERSONS
from conventions.enums import ConventionState
from conventions.pages.todo import Hats, Task
from cpo.lib import clock
from cpo.lib.enums import Side
from reporting.enums import RecordAnswer
from reporting.models import RecordCheck


def records_to_confirm(hats: Hats) -> list[Task]:
    checks = (
        RecordCheck.objects.exclude(answer=RecordAnswer.CONFIRMED)
        .filter(convention__state=ConventionState.ACTIVE, convention__dossier__in=Dossier.objects.filter(hats.reach))
        .select_related("convention__dossier__lead", "convention__dossier__beneficiary", "thread")
        .annotate(zone=zone_of("convention__dossier"))
        .order_by("asked_at", "pk")
    )
    return [task for check in checks if (task := _task(check, hats))]


def _task(check: RecordCheck, hats: Hats) -> Task | None:
    dossier, number = check.convention.dossier, check.convention.number
    today = clock.today(check.zone)  # type: ignore[attr-defined]
    page = reverse("convention-taking-over", args=[number])
    if not check.discussed and hats.on(dossier.beneficiary_id, *SPOKESPERSONS[Side.BENEFICIARY]):
        title = "Confirmer ce qui a été enregistré de la convention sur papier"
        return Task(title, page, "Relire", f"{number} · {dossier.lead}", since=check.asked_at, today=today)
    if check.discussed and hats.on(dossier.lead_id, *SPOKESPERSONS[Side.STATE]):
        title = f"Répondre à l’erreur que signale {dossier.beneficiary.in_sentence}"
        talk = f"{reverse('convention-versions', args=[number])}#echange-{check.thread_id}"
        return Task(title, talk, "Répondre", f"{number} · {dossier.beneficiary}", since=check.answered_at, today=today)
    return None
