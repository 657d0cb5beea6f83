"""THE transition table of an act: who may do what, from which state, under which conditions, with which effects.

Each subject has its file; this one puts them together. Lock order: the programme's row (the act's editing lock,
`cpo.lib.editing.lock`), then the act.
"""

from typing import Any

from arml.permissions import capacities as dossier_capacities
from conventions.models import Act
from cpo.lib.actor import Actor
from cpo.lib.workflow import Workflow

from .ending import ENDING
from .later import LATER
from .negotiation import NEGOTIATION
from .signing import SIGNING
from .visas import VISAS


def lock(act: Act) -> Act:
    """Lock the programme's row, then the act; return a fresh copy of the act."""
    type(act.programme).objects.select_for_update().get(pk=act.programme_id)
    return (
        Act.objects.select_for_update(of=("self",))
        .select_related(
            "programme", "convention__dossier__lead", "convention__dossier__beneficiary", "convention__cycle"
        )
        .get(pk=act.pk)
    )


def capacities(user: Any, act: Act) -> list[Actor]:
    return dossier_capacities(user, act.convention.dossier)


# The addresses of the transitions that need more data than a comment.
OWN_PAGES = {
    "sign": "convention-sign",
    "record_signature": "convention-record-signature",
    "deposit_signature": "convention-deposit-signature",
    "record_outside_visa": "outside-visa-add",
    "open_amendment": "act-open-amendment",
    "open_annual": "act-open-annual",
    "open_adaptation": "act-open-adaptation",
    "open_paper_act": "act-open-paper",
    "correct_record": "record-correct",
    "prepare_notice": "notice-prepare",
    "send_notice": "notice-send",
    "observe": "notice-observe",
    "terminate": "convention-terminate",
    "record_dissolution": "convention-dissolve",
}

ACT = Workflow(
    [*NEGOTIATION, *VISAS, *SIGNING, *LATER, *ENDING],
    root=lambda act: act.convention.dossier,
    capacities=capacities,
    lock=lock,
    journal_sentence=lambda act, sentence: act.journal_sentence(sentence),
)


def apply(name: str, act: Act, *, by: Any, comment: str = "", data: dict[str, Any] | None = None) -> Act:
    """Do a transition of an act; see cpo.lib.workflow.Workflow.apply."""
    return ACT.apply(name, act, by=by, comment=comment, data=data)  # type: ignore[no-any-return]
