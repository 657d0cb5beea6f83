"""What the verbs share: the line of the journal, and small writings."""

from uuid import UUID

from cpo.lib import journal
from cpo.lib.actor import Actor

from ..models import Programme, Sheet


def record(programme: Programme, subject: Programme | Sheet | str, actor: Actor, verb: str, words: str) -> None:
    """« Camille Exemple ajoute la fiche 3-A… »: the journal of the dossier, read by both sides."""
    sentence = f"{actor.name} {words}."
    act = getattr(programme, "act", None)
    journal.record(
        subject, root=programme.dossier, by=actor, verb=verb, sentence=act.say(sentence) if act else sentence
    )


def withdrawn(key: UUID) -> str:
    """What the journal calls a fiche that left: by the key that its addresses have, which outlives its row."""
    return f"sheet:{key}"


def named(sheet: Sheet) -> str:
    return f"la fiche {sheet.code}"


def quoted(sheet: Sheet) -> str:
    return f"la fiche {sheet.code} «\u00a0{sheet.title}\u00a0»"
