"""The ways to sign that an act admits, and the order of its parties; which wording of the signatures agrees with them.

« Signé électroniquement par les parties » is printed only where no paper original may be signed. Where both are
admitted, nobody knows when the text is written how each party will sign: the text says that each does it in its way,
unless the State chose to have paper originals signed.
"""

from collections.abc import Collection
from typing import NamedTuple

from actions.enums import SigningOrder
from actions.retained import SIGNING_MODES, of_row
from conventions.models import Act

OPTION = "mode_signature"
ELECTRONIC, BY_HAND, EITHER = "electronique", "manuscrite", "mixte"


class Modes(NamedTuple):
    """Which ways to sign are admitted: in the application, a paper original, a PDF signed with a certificate."""

    browser: bool
    scan: bool
    certificate: bool


def of(act: Act) -> Modes:
    """The ways to sign of an act: those that its text retains, whatever the cycle admits since."""
    cycle = act.convention.cycle
    retained = of_row(act.programme, cycle)
    return Modes(*(bool(retained.get(name, getattr(cycle, name))) for name in SIGNING_MODES))


def order(act: Act) -> SigningOrder:
    """Which parties of an act sign first: as its text retains it, whatever the cycle wants since."""
    cycle = act.convention.cycle
    return SigningOrder(of_row(act.programme, cycle).get("signing_order", cycle.signing_order))


def admitted(modes: Modes) -> tuple[str, ...]:
    """The values of the option that these ways to sign admit, the usual one first."""
    if not modes.scan:
        return (ELECTRONIC,)
    return (EITHER, BY_HAND) if modes.browser or modes.certificate else (BY_HAND,)


def value(modes: Modes, chosen: str | None, offered: Collection[str]) -> str | None:
    """The value that the text takes: the one chosen if it is admitted; `offered` are those that the model has."""
    possible = [name for name in admitted(modes) if name in offered]
    return chosen if chosen in possible or not possible else possible[0]
