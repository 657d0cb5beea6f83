"""What this application answers when `actions` asks about the act of a programme."""

from decimal import Decimal, InvalidOperation

from actions.indirect import IndirectCosts, costs_of
from actions.models import Programme
from actions.services.common import journal_line

from .models import Act


def _act(programme: Programme) -> Act | None:
    return getattr(programme, "act", None)  # a one-to-one relation that may have no row


@costs_of.answer
def indirect_costs(programme: Programme) -> IndirectCosts:
    act = _act(programme)
    if act is None:
        return IndirectCosts()
    try:
        rate = Decimal(act.values.get("taux_charges_indirectes") or "")
    except InvalidOperation:
        rate = None
    return IndirectCosts(act.options.get("charges_indirectes", ""), rate)


@journal_line.answer
def line_of_act(programme: Programme, sentence: str) -> str:
    act = _act(programme)
    return act.say(sentence) if act else sentence
