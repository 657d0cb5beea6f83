"""What this application answers when `actions` asks about the act of a programme."""

from decimal import Decimal, InvalidOperation

from actions.editing import content_state
from actions.indirect import IndirectCosts, costs_of
from actions.models import Programme, SheetIndicator
from actions.services.common import journal_line
from cpo.lib.files.hashing import content_hash

from .content.freeze import build_content
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


@content_state.answer
def hash_of_content(programme: Programme) -> str:
    """Of what a version would freeze, and of what a page writes that no version prints: accounts of the signatories,
    and which indicators are national."""
    act = _act(programme)
    if act is None:
        return ""
    rows = (
        act.parties.order_by("pk").values_list("pk", "signatory_id", "delegation_id"),
        SheetIndicator.objects.filter(sheet__programme=programme)
        .order_by("pk")
        .values_list("key", "definition_from_id"),
    )
    beside = [[str(value) for value in row] for found in rows for row in found]
    return content_hash({"content": build_content(act), "beside": beside})


@journal_line.answer
def line_of_act(programme: Programme, sentence: str) -> str:
    act = _act(programme)
    return act.say(sentence) if act else sentence
