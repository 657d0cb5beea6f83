"""The end of a convention: its page, the actions of each head, the files of a formal notice."""

from tests.access.places import ENDING, STATES

from .base import Block, file, form_values, of_convention, on_convention
from .negotiation import transition

TODAY = "15/10/2026"


def places(*first: str) -> tuple[str, ...]:
    """These places, where the action is possible, then all the others."""
    return (*first, *(place for place in ("active", *ENDING, "draft", "abandoned") if place not in first))


def files_of(kind: str, *where: str) -> Block:
    def row(place: object) -> int:
        notice = place.act.convention.notices.first()  # type: ignore[attr-defined]
        if notice is None:
            return 0
        return notice.observations.values_list("pk", flat=True).first() or 0 if kind == "observations" else notice.pk

    return Block(where, of_convention(kind=lambda place: kind, pk=row))


BLOCKS = {
    "convention-ending": on_convention(states=(*STATES, *ENDING, "avenant")),
    "notice-prepare": on_convention(form_values(breaches="Un manquement."), states=places("active")),
    "notice-send": on_convention(
        lambda place: {"sent_on": TODAY, "letter_number": "1A 2", "letter": file()}, states=places("prepared")
    ),
    "notice-observe": on_convention(form_values(text="Un mot."), states=places("noticed")),
    "convention-terminate": on_convention(
        lambda place: {
            "decision": "Rien n’est venu.",
            "decided_on": "14/10/2026",
            "notified_on": TODAY,
            "decision_number": "1A 3",
            "file": file(),
        },
        states=places("overdue"),
    ),
    "convention-dissolve": on_convention(form_values(facts="Dissoute.", effective_on=TODAY), states=places("active")),
    "convention-transition withdraw_notice": transition("withdraw_notice", *places("noticed")),
    "convention-transition close": transition("close", *places("active"), takes=False),
    "convention-transition end_with_convention": transition(
        "end_with_convention", "avenant", "active", "terminated", takes=False
    ),
    "ending-file letter": files_of("lettre", "noticed", "prepared", "terminated"),
    "ending-file proof": files_of("preuve", "noticed", "prepared", "terminated"),
    "ending-file observations": files_of("observations", "noticed", "terminated"),
    "ending-file decision": files_of("decision", "terminated", "noticed"),
}
