"""Indirect costs in the budget of a fiche: none, real ones shared out by a key, or a flat rate of the direct ones.

The convention says which (article 3.3 of the national model): its act, of the app above, holds the choice and the rate.
"""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from cpo.lib import french
from cpo.lib.money import ZERO, to_cents

from .enums import INDIRECT_ACCOUNT
from .models import Programme

FLAT, NONE = "forfait", "aucune"  # values of the option; the other one, « reelles », has no limit


def is_indirect(code: str) -> bool:
    """Is this the account of indirect costs, or its detail?"""
    return code == INDIRECT_ACCOUNT or code.startswith(f"{INDIRECT_ACCOUNT}-")


@dataclass(frozen=True)
class IndirectCosts:
    """What a convention retains of them; `rate` in percent of the direct costs, None until it is known."""

    option: str = ""
    rate: Decimal | None = None

    @classmethod
    def of(cls, programme: Programme) -> "IndirectCosts":
        act = getattr(programme, "act", None)
        if act is None:
            return cls()
        try:
            rate = Decimal(act.values.get("taux_charges_indirectes") or "")
        except InvalidOperation:
            rate = None
        return cls(act.options.get("charges_indirectes", ""), rate)

    @property
    def is_flat(self) -> bool:
        return self.option == FLAT

    def ceiling(self, direct: Decimal) -> Decimal | None:
        """What may be planned at most beside these direct costs, in euros; None: no limit."""
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
        """« forfait de 10 % des charges directes »; empty where nothing limits them."""
        if self.option == NONE:
            return "aucune retenue par la convention"
        if not self.is_flat or self.rate is None:
            return ""
        return f"forfait de {french.percent(self.rate)} des charges directes"
