"""The State's money: the tab « Versements », commitments, the steps of a payment, a released balance."""

from collections.abc import Callable
from typing import Any

from reporting.models import Commitment, Payment
from tests.factories.payments import DAY, Money

from .base import Block, Place, constant, form_values, on_convention

OPEN = ("state-turn", "active", "terminated")
ROWS = ("active", "terminated")  # where something is committed


def commitment(place: Place, name: str = "committed") -> Commitment:
    """Half of the contribution of 2025; `name`: one on which nothing is paid has its own."""

    def create() -> Commitment:
        return Money.of(place.act).commit(2025, 10000, by=place.people["off"], number=f"9999 {place.act.pk} {name}")

    return place.once(f"commitment {name}", create)


def payment(state: str) -> Callable[[Place], int]:
    def pk(place: Place) -> int:
        def create() -> Payment:
            return Money.of(place.act).reach(state, 2025, 1, 1000, commitment=commitment(place))

        return place.once(f"payment {state}", create).pk

    return pk


def engaged(place: Place) -> dict[str, Any]:
    return {
        "line": f"2025-socle-{place.act.dossier.lead_id}",
        "kind": "engagement",
        "number": "9999 000 001",
        "amount": "100",
        "committed_on": "24/03/2026",
    }


def proposed(place: Place) -> dict[str, Any]:
    return {"commitment": commitment(place).pk if place.name in ROWS else 0, "amount": "100"}


def proposable(place: Place) -> dict[str, Any]:
    if place.name in ROWS:
        commitment(place)
    return {"number": place.number, "year": 2025, "rank": 2}


def step(name: str, state: str, **data: Any) -> Block:
    return on_convention(form_values(**data), states=ROWS, pk=payment(state), name=constant(name))


DAY_TYPED = f"{DAY:%d/%m/%Y}"

BLOCKS: dict[str, Block] = {
    "convention-payments": on_convention(states=("draft", *OPEN, "abandoned")),
    "commitment-add": on_convention(engaged, states=OPEN),
    "commitment-void": on_convention(
        form_values(reason="Une erreur."), states=ROWS, pk=lambda place: commitment(place, "unused").pk
    ),
    "balance-release": on_convention(form_values(reason="Une urgence."), states=OPEN, year=constant(2026)),
    "payment-propose": Block(("active", "state-turn", "terminated"), proposable, proposed),
    "payment-transition certify": step("certify", "proposed"),
    "payment-transition order": step("order", "certified", number="9999", on=DAY_TYPED),
    "payment-transition pay": step("pay", "ordered", on=DAY_TYPED),
    "payment-transition void": step("void", "paid", reason="Une erreur."),
}
