"""Read the targets of an indicator from text, and write them as text."""

from decimal import Decimal

from django.core.exceptions import ValidationError

from cpo.lib.wording import french
from cpo.lib.wording.numbers import parse_french_decimal

from .enums import NUMERIC_UNITS, Unit
from .models import Target
from .services import TargetData

YES_NO = ("oui", "non")
NOT_APPLICABLE = "sans objet"
WHOLE = 100  # per cent
TOO_BIG = Decimal(10) ** 12


def read_target(text: str, unit: str) -> TargetData:
    """Read a typed target: « 12,5 », « oui », « sans objet », words. Raises ValidationError."""
    if not text:
        return TargetData()
    if text.lower() == NOT_APPLICABLE:
        return TargetData(not_applicable=True)
    if unit == Unit.YES_NO:
        if text.lower() not in YES_NO:
            raise ValidationError("Écrivez « oui » ou « non ».")
        return TargetData(text=text.lower())
    return TargetData(number=_number(text, unit)) if unit in NUMERIC_UNITS else TargetData(text=text)


def _number(text: str, unit: str) -> Decimal:
    try:
        number = parse_french_decimal(text.rstrip("%€ \u00a0\u202f"))
    except ValueError as error:
        raise ValidationError(
            f"« {text} » n’est pas un nombre. Écrivez par exemple 12,5, ou indiquez « sans objet »."
        ) from error
    if abs(number) >= TOO_BIG:
        raise ValidationError("Ce nombre est trop grand : douze chiffres au plus.")
    if number != number.quantize(Decimal("0.01")):
        raise ValidationError("Indiquez au plus deux chiffres après la virgule.")
    if number < 0 and unit != Unit.PERCENT:
        raise ValidationError("Cette cible ne peut pas être négative.")
    if unit == Unit.SCORE and number > 5:
        raise ValidationError("Une note va de 0 à 5.")
    return number


def over_a_whole(target: TargetData, unit: str) -> bool:
    """Whether the target of a rate is above 100 %: seldom meant, so the person is asked."""
    return unit == Unit.PERCENT and target.number is not None and target.number > WHOLE


def target_words(target: TargetData | Target, *, spoken: bool = False) -> str:
    """Return a target as text; `spoken` writes « sans objet », which in a form is a check box."""
    if target.not_applicable:
        return NOT_APPLICABLE if spoken else ""
    return target.text if target.number is None else french.number(target.number)
