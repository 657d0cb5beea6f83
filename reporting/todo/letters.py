"""« À faire » of the letters of a service: who signs them, who sends them."""

from typing import Any

from django.urls import reverse

from arml.enums import Role
from arml.models import Dossier, zone_of
from conventions.enums import LetterState
from conventions.models import Letter
from conventions.pages.todo import Hats, Task
from cpo.lib import clock, zones

MOST = 50
# The state of a letter, the words and the roles of the lead service that act.
STEPS = {
    LetterState.TO_SIGN: ("Signer la lettre", "Signer", (Role.MANAGER, Role.SIGNATORY)),
    LetterState.SIGNED: ("Envoyer la lettre", "Envoyer", (Role.OFFICER,)),
}


def letter_tasks(hats: Hats) -> list[Task]:
    """One query for any number of dossiers."""
    rows = Letter.objects.visible_to(hats.user).filter(state__in=STEPS, document__isnull=False)
    rows = rows.filter(convention__dossier__in=Dossier.objects.filter(hats.reach))
    related = ("convention__dossier__lead", "convention__dossier__beneficiary")
    found = rows.select_related(*related).annotate(zone=zone_of("convention__dossier")).order_by("pk")[:MOST]
    return [task for row in found if (task := _task(row, hats))]


def _task(letter: Any, hats: Hats) -> Task | None:
    dossier, number = letter.convention.dossier, letter.convention.number
    words, verb, roles = STEPS[letter.state]
    if not hats.on(dossier.lead_id, *roles):
        return None
    return Task(
        title=f"{words} {letter}\u00a0: {letter.subject}",
        url=f"{reverse('convention-letters', args=[number])}#lettre-{letter.pk}",
        verb=verb,
        detail=f"{number} · {dossier.beneficiary}",
        since=zones.at(letter.created_at, letter.zone),
        today=clock.today(letter.zone),
    )
