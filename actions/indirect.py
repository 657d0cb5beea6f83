"""Indirect costs in the budget of a fiche: none, real costs shared by a key, or a flat rate of the direct costs.

The convention chooses (article 3.3 of the national model); `conventions/hooks.py` answers for a programme.
"""

from dataclasses import dataclass
from decimal import Decimal

from cpo.lib.hooks import Hook
from cpo.lib.money import ZERO, to_cents
from cpo.lib.wording import french

from .enums import INDIRECT_ACCOUNT
from .models import Programme

FLAT, NONE = "forfait", "aucune"  # values of the option; the other one, « reelles », has no limit


def is_indirect(code: str) -> bool:
    """Whether this is the account of indirect costs or a detail of it."""
    return code == INDIRECT_ACCOUNT or code.startswith(f"{INDIRECT_ACCOUNT}-")


@dataclass(frozen=True)
class IndirectCosts:
    """The option of a convention; `rate` in percent of the direct costs, None when it is not known yet."""

    option: str = ""
    rate: Decimal | None = None

    @property
    def is_flat(self) -> bool:
        return self.option == FLAT

    def ceiling(self, direct: Decimal) -> Decimal | None:
        """Return the maximum of indirect costs for these direct costs, in euros; None: no limit."""
        if self.option == NONE:
            return ZERO
        if not self.is_flat or self.rate is None:
            return None
        return to_cents(direct * self.rate / 100)

    def exceeded(self, direct: Decimal, indirect: Decimal) -> bool:
        ceiling = self.ceiling(direct)
        return ceiling is not None and indirect > ceiling

    @property
    def words(self) -> str:
        """« forfait de 10 % des charges directes »; "" when there is no limit."""
        if self.option == NONE:
            return "aucune retenue par la convention"
        if not self.is_flat or self.rate is None:
            return ""
        return f"forfait de {french.percent(self.rate)} des charges directes"


# The option of the convention of a programme; no limit without answer.
costs_of: Hook[[Programme], IndirectCosts] = Hook(lambda programme: IndirectCosts())
