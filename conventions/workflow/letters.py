"""THE transition table of a letter of the service: to sign, signed, sent; voided as long as it is not sent."""

from collections.abc import Iterator
from typing import Any

from arml.permissions import capacities as dossier_capacities
from arml.permissions import lead_officer
from conventions import permissions as may
from conventions.effects import letters as effects
from conventions.enums import LetterState as State
from conventions.models import Letter
from cpo.lib.actor import Actor
from cpo.lib.enums import Audience
from cpo.lib.wording import french
from cpo.lib.workflow import Missing, Transition, Workflow


def lock(letter: Letter) -> Letter:
    dossier = "convention__dossier"
    related = (f"{dossier}__lead", f"{dossier}__beneficiary", "document")
    return Letter.objects.select_for_update(of=("self",)).select_related(*related).get(pk=letter.pk)


def capacities(user: Any, letter: Letter) -> list[Actor]:
    return dossier_capacities(user, letter.convention.dossier)


def printed(letter: Letter) -> Iterator[Missing]:
    """A letter is signed once its file is in the register."""
    if letter.document_id is None:
        yield Missing("La lettre est en cours de production\u00a0: attendez son fichier.")


LETTER = Workflow(
    [
        Transition(
            name="sign",
            label="Enregistrer la signature",
            sources=frozenset({State.TO_SIGN}),
            target=State.SIGNED,
            who=may.signs_letters,
            guards=(printed,),
            effect=effects.sign,
            sentence=lambda letter, actor, data: (
                f"{actor.name} enregistre la lettre {letter} signée par {letter.signatory_name}, {letter.capacity}, "
                f"le {french.date(letter.signed_on)}."
            ),
            audience=Audience.NATIONAL,
            consequence="Le PDF signé est conservé avec son empreinte. Il reste à envoyer la lettre.",
            rank=10,
            own_page=True,
        ),
        Transition(
            name="send",
            label="Enregistrer l’envoi",
            sources=frozenset({State.SIGNED}),
            target=State.SENT,
            who=lead_officer,
            effect=effects.send,
            sentence=lambda letter, actor, data: (
                f"{actor.name} envoie la lettre {letter}, « {letter.subject} », le {french.date(letter.sent_on)} "
                f"({letter.get_means_display()})."
            ),
            consequence="L’association lit la lettre dès maintenant, et en est prévenue par courriel.",
            rank=20,
            own_page=True,
        ),
        Transition(
            name="void",
            label="Annuler la lettre",
            sources=frozenset({State.TO_SIGN, State.SIGNED}),
            target=State.VOIDED,
            who=lead_officer,
            effect=effects.void,
            comment="required",
            comment_label="Motif",
            sentence=lambda letter, actor, data: f"{actor.name} annule la lettre {letter}.",
            audience=Audience.NATIONAL,
            consequence="Elle reste dans la liste, avec le motif. Son numéro ne sert plus.",
            rank=30,
            dangerous=True,
            own_page=True,
        ),
    ],
    root=lambda letter: letter.convention.dossier,
    capacities=capacities,
    lock=lock,
)
