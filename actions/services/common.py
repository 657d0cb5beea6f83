"""Shared by the verbs: the line of the journal and the names of fiches in it."""

from uuid import UUID

from actions.models import Programme, Sheet
from cpo.lib import journal
from cpo.lib.actor import Actor
from cpo.lib.enums import Audience
from cpo.lib.hooks import Hook

# A sentence of the journal, adapted to the act of a programme. `conventions/hooks.py` answers.
journal_line: Hook[[Programme, str], str] = Hook(lambda programme, sentence: sentence)

# The first year that a new fiche may run, for the act of a programme. `conventions/hooks.py` answers.
first_year_of: Hook[[Programme], int] = Hook(lambda programme: programme.cycle.first_year)


def record(programme: Programme, subject: Programme | Sheet | str, actor: Actor, verb: str, words: str) -> None:
    """Write « Camille Exemple ajoute la fiche 3-A… » in the journal of the dossier, for both sides.

    Until it is shared, the draft is the State's: so are its events, for ever.
    """
    sentence = journal_line(programme, f"{actor.name} {words}.")
    audience = Audience.BOTH if programme.dossier.shared_on else Audience.STATE
    journal.record(subject, root=programme.dossier, by=actor, verb=verb, sentence=sentence, audience=audience)


def withdrawn_sheet_key(key: UUID) -> str:
    """Return the journal key of a deleted fiche: its `key` remains valid after its row is gone."""
    return f"sheet:{key}"


def sheet_name(sheet: Sheet) -> str:
    return f"la fiche {sheet.code}"


def sheet_full_name(sheet: Sheet) -> str:
    return f"la fiche {sheet.code} « {sheet.title} »"
