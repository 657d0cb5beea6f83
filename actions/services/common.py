"""What the verbs share: the line of the journal, and small writings."""

from uuid import UUID

from actions.models import Programme, Sheet
from cpo.lib import journal
from cpo.lib.actor import Actor
from cpo.lib.hooks import Hook

# A sentence of the journal as the act of a programme words it: `conventions/hooks.py` answers.
journal_line: Hook[[Programme, str], str] = Hook(lambda programme, sentence: sentence)


def record(programme: Programme, subject: Programme | Sheet | str, actor: Actor, verb: str, words: str) -> None:
    """« Camille Exemple ajoute la fiche 3-A… »: the journal of the dossier, read by both sides."""
    sentence = journal_line(programme, f"{actor.name} {words}.")
    journal.record(subject, root=programme.dossier, by=actor, verb=verb, sentence=sentence)


def withdrawn(key: UUID) -> str:
    """What the journal calls a fiche that left: by the key that its addresses have, which outlives its row."""
    return f"sheet:{key}"


def named(sheet: Sheet) -> str:
    return f"la fiche {sheet.code}"


def quoted(sheet: Sheet) -> str:
    return f"la fiche {sheet.code} « {sheet.title} »"
