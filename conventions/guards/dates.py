"""A date that the text prints has one source: a pièce and a value, or a pièce and a record, do not contradict."""

import datetime as dt
from collections.abc import Iterator

from conventions.enums import PartyRole
from conventions.guards.addresses import url
from conventions.models import Act
from conventions.reads import reads
from conventions.text.dating import DELEGATION, piece_dates
from cpo.lib.wording.typography import long_date
from cpo.lib.workflow import Missing

WORDS = {
    "date_deliberation": "Délibération de l’association",
    "date_deliberation_region": "Délibération de la Région",
    "date_demande_subvention": "Demande de subvention",
}


def deliberation_dated(act: Act) -> Iterator[Missing]:
    """The date of the deliberation is that of its pièce; until the pièce is given, it may be typed."""
    if not act.values.get("date_deliberation") and "date_deliberation" not in piece_dates(act):
        target = url(act, "convention-values", "id_date_deliberation")
        yield Missing("Date de la délibération de l’association", target)


def dates_agree(act: Act) -> Iterator[Missing]:
    """No date is typed that differs from that of its pièce."""
    for name, day in piece_dates(act).items():
        typed = act.values.get(name)
        if typed and typed != day.isoformat():
            words = f"{WORDS[name]} : {long_date(typed)} saisi, {long_date(day)} sur la pièce"
            yield Missing(words, url(act, "convention-values", f"id_{name}"))


def delegation_agrees(act: Act, given: dt.date) -> Iterator[Missing]:
    """The pièce of a delegation, of this date, is the act that was recorded: the text prints both."""
    lead = next((party for party in reads(act).parties if party.role == PartyRole.LEAD), None)
    if lead is None or not lead.by_delegation or lead.delegation is None:
        return
    recorded = lead.delegation.dated
    if given != recorded:
        words = f"Délégation de signature : {long_date(recorded)} enregistré, {long_date(given)} sur la pièce"
        yield Missing(words, url(act, "convention-documents", f"piece-{DELEGATION}"), _severity(act))


def _severity(act: Act) -> str:
    """The pièce of a later act may still be that of the convention, whose signatory had another delegation."""
    return "warning" if act.number else "error"
