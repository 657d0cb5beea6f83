"""Which wording of the signatures agrees with the ways to sign that a cycle admits.

« Signé électroniquement par les parties » is printed only where no paper original may be signed. Where both are
admitted, nobody knows when the text is written how each party will sign: the text says that each does it in its way,
unless the State chose to have paper originals signed.
"""

from collections.abc import Collection

from actions.models import Cycle

OPTION = "mode_signature"
ELECTRONIC, BY_HAND, EITHER = "electronique", "manuscrite", "mixte"


def admitted(cycle: Cycle) -> tuple[str, ...]:
    """The values of the option that a cycle admits, the usual one first."""
    if not cycle.scan_signature:
        return (ELECTRONIC,)
    return (EITHER, BY_HAND) if cycle.browser_signature or cycle.pades_signature else (BY_HAND,)


def value(cycle: Cycle, chosen: str | None, offered: Collection[str]) -> str | None:
    """The value that the text takes: the one chosen if the cycle admits it; `offered` are those that the model has."""
    possible = [name for name in admitted(cycle) if name in offered]
    return chosen if chosen in possible or not possible else possible[0]
