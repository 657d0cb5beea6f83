"""Controls and corrections of a convention, each step on a row that is ready for it."""

from collections.abc import Callable
from typing import Any

from cpo.lib import clock
from cpo.lib.files import stored
from reporting.enums import ControlState, CorrectionState
from reporting.models import Control, Correction, Ground
from tests.access.places import SCAN
from tests.factories.payments import DAY

from .base import Block, Place, constant, form_values, on_convention
from .payments import DAY_TYPED, OPEN, ROWS

# What is still to be borne by a payment stops its certification: it stands where no payment is walked.
IMPUTED = ("concluded",)


def control(state: str) -> Callable[[Place], int]:
    """A control in this state, its report added; not observed yet."""

    def pk(place: Place) -> int:
        def create() -> Control:
            found = {"findings": "Deux factures manquent.", "findings_on": DAY} if state != "announced" else {}
            closed = {"conclusions": "Conforme.", "closed_on": DAY} if state == "closed" else {}
            return Control.objects.create(
                convention=place.act.convention,
                number=place.act.convention.controls.count() + 1,
                kind="pieces",
                state=ControlState(state),
                announced_on=DAY,
                starts_on=DAY,
                scope="Compte 64.",
                file=stored.store(SCAN, "application/pdf"),
                file_name="rapport.pdf",
                opened_by=place.people["off"],
                opened_at=clock.now(),
                **found,
                **closed,
            )

        return place.once(f"control {state}", create).pk

    return pk


def correction(state: str, effect: str = "", *, fraud: bool = False) -> Callable[[Place], int]:
    """A correction in this state; the month of the contradictory phase is over."""

    def pk(place: Place) -> int:
        def create() -> Correction:
            told = {"notified_on": DAY, "due_on": DAY} if state != "proposed" else {}
            person = place.people["man"]
            done = {"effect": effect, "decision": "Vu.", "decided_on": DAY, "decided_by": person} if effect else {}
            return Correction.objects.create(
                convention=place.act.convention,
                number=place.act.convention.corrections.count() + 1,
                year=2025,
                amount=100,
                ground=Ground.objects.get(key="excedent"),
                explanation="Un excédent.",
                suspected_fraud=fraud,
                state=CorrectionState(state),
                recorded_by=place.people["off"],
                recorded_at=clock.now(),
                **told,
                **done,
            )

        return place.once(f"correction {state} {effect} {fraud}", create).pk

    return pk


def on_control(name: str, state: str, **data: Any) -> Block:
    return on_convention(form_values(**data), states=ROWS, pk=control(state), name=constant(name))


def on_correction(name: str, state: str, outcome: str = "", *, fraud: bool = False, **data: Any) -> Block:
    """`outcome`: the effect that was decided; `data`: what is posted, which may be an `effect`."""
    row = correction(state, outcome, fraud=fraud)
    return on_convention(form_values(**data), states=ROWS, pk=row, name=constant(name))


def corrected(place: Place) -> dict[str, Any]:
    return {
        "year": "2025",
        "kind": "reprise",
        "amount": "100",
        "ground": Ground.objects.get(key="excedent").pk,
        "explanation": "Un excédent.",
    }


CONTROL = {"kind": "pieces", "announced_on": DAY_TYPED, "starts_on": DAY_TYPED, "scope": "Compte 64."}
BLOCKS: dict[str, Block] = {
    "convention-controls": on_convention(states=("draft", *OPEN, "abandoned")),
    "control-add": on_convention(form_values(**CONTROL), states=OPEN),
    "control-transition communicate": on_control("communicate", "announced", findings="Deux factures manquent."),
    "control-transition observe": on_control("observe", "found", observations="Les voici."),
    "control-transition close": on_control("close", "found", conclusions="Conforme."),
    "control-grid": on_convention(form_values(q1="oui"), states=ROWS, pk=control("announced")),
    "control-file": on_convention(states=ROWS, pk=control("found")),
    "correction-add": on_convention(corrected, states=OPEN),
    "correction-transition notify": on_correction("notify", "proposed", on=DAY_TYPED),
    "correction-transition lift": on_correction("lift", "proposed", fraud=True, comment="Retrouvée."),
    "correction-transition observe": on_correction("observe", "notified", observations="Non."),
    "correction-transition decide": on_correction("decide", "notified", effect="sans_suite", decision="Vu."),
    "correction-transition recover": on_correction(
        "recover", "decided", "reversement", title_number="T 1", on="15/10/2026"
    ),
    "correction-transition reduce": on_correction("reduce", "decided", "reduction", year="2027"),
    "correction-transition settle": Block(
        IMPUTED, on_correction("settle", "decided", "imputation").kwargs, form_values(), takes=False
    ),
    "correction-impute": Block(
        IMPUTED,
        on_convention(states=IMPUTED, pk=correction("decided", "imputation")).kwargs,
        form_values(),
        takes=False,
    ),
}
