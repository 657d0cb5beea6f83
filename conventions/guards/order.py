"""In which order the parties sign, as the cycle asks."""

from collections.abc import Sequence

from actions.enums import SigningOrder

from ..enums import PartyRole
from ..models import Act, Party

# Whose parties sign first; the others follow, in any order.
FIRST_TO_SIGN = {
    SigningOrder.FREE: (),
    SigningOrder.BENEFICIARY_FIRST: (PartyRole.BENEFICIARY,),
    SigningOrder.STATE_FIRST: (PartyRole.LEAD, PartyRole.COSIGNER),
}


def first_of(act: Act, unsigned: Sequence[Party]) -> list[Party]:
    """Those of the unsigned parties that may sign now."""
    first = FIRST_TO_SIGN[SigningOrder(act.convention.cycle.signing_order)]
    return [party for party in unsigned if party.role in first] or list(unsigned)
