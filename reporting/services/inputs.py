"""What is typed of a fiche and of the accounts, before it is written: the values of an indicator, an amount."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from actions.enums import Unit


@dataclass(frozen=True)
class ValueInput:
    """The values typed for one indicator; when all are empty, it is not filled in and its row is deleted."""

    indicator_id: int
    number: Decimal | None = None
    text: str = ""
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    comment: str = ""
    confirmed: bool = False
    not_applicable: bool = False
    source: str = ""

    @property
    def blank(self) -> bool:
        typed = self.text or self.comment.strip() or self.source.strip() or self.not_applicable
        return self.number is None and self.numerator is None and not typed


@dataclass(frozen=True)
class AmountInput:
    """An actual amount of an account (and a funder, for resources); None deletes its row."""

    account_id: int
    amount: Decimal | None
    funder: str = ""
    comment: str = ""


def ratio(entry: ValueInput, unit: str) -> Decimal | None:
    """Numerator divided by denominator, in percent when the unit is percent; None when one of them is missing."""
    if entry.numerator is None or not entry.denominator:
        return None
    scale = 100 if unit == Unit.PERCENT else 1
    return (entry.numerator * scale / entry.denominator).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def value_fault(entry: ValueInput) -> str:
    """Say in French why a value « sans objet » can't be kept; "" when it can. It has a reason, and nothing else."""
    if not entry.not_applicable:
        return ""
    if entry.number is not None or entry.numerator is not None or entry.denominator is not None or entry.text:
        return "« Sans objet » n’a pas de valeur : effacez la valeur, ou décochez cette case."
    return "" if entry.comment.strip() else "Dites dans le commentaire pourquoi cet indicateur est sans objet."
