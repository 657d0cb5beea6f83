"""« Relancer »: who waits writes to who is waited for, once a day."""

from django.core.exceptions import PermissionDenied
from django.db import transaction

from arml.models import User
from arml.permissions import capacities
from conventions import permissions as may
from conventions import workflow
from conventions.models import Act, Nudge
from conventions.notifications import waits as notifications
from conventions.waits import Wait, since_words, waiter, waits_of
from cpo.lib import clock, journal
from cpo.lib.wording import french
from cpo.lib.workflow import Refused

OVER = "Plus personne n’est attendu ici : rechargez la page."


@transaction.atomic
def nudge(*, act: Act, about: str, by: User) -> Wait:
    """Write to the people of a wait, and in the journal. Raises PermissionDenied, Refused (over, or written today)."""
    act = workflow.lock(act)
    actors = capacities(by, act.dossier)
    if not any(map(may.commenter, actors)):
        raise PermissionDenied("Les deux parties se relancent ici. Votre rôle permet de lire.")
    readable = journal.readable_by(actors)
    wait = next((wait for wait in waits_of(act) if wait.key == about and wait.audience in readable), None)
    if wait is None:
        raise Refused(OVER)
    actor = waiter(wait, actors)
    if actor is None:
        raise PermissionDenied("Vous n’attendez pas cette réponse : relance qui l’attend.")
    today = clock.today(act.dossier.time_zone)
    if act.nudges.filter(about=about, day=today).exists():
        raise Refused("Cette relance est déjà partie aujourd’hui : une par jour suffit.")
    if not wait.people:
        raise Refused(f"Personne n’a de compte pour répondre dans {wait.organisation.in_sentence}.")
    Nudge.objects.create(act=act, about=about, day=today, by=by, at=clock.now())
    notifications.nudged(
        act,
        wait.people,
        actor,
        wait.page,
        attente_libelle=wait.what,
        attente_depuis=since_words(wait.days),
        echeance_date=french.date(wait.due_on) if wait.due_on else "",
    )
    sentence = f"{actor.name} relance {wait.organisation.in_sentence}, {since_words(wait.days)}\u00a0: {wait.what}."
    journal.record(
        act,
        root=act.dossier,
        by=actor,
        verb="nudged",
        sentence=act.journal_sentence(sentence),
        audience=wait.audience,
    )
    return wait
