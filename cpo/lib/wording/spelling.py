"""Amounts in words, as a letter spells them out: « quatre-vingts euros », « un million d’euros »."""

from decimal import ROUND_HALF_UP, Decimal

from num2words import num2words

MILLION = 1_000_000


def euros_in_words(amount: Decimal) -> str:
    """« deux cent un euros et cinquante centimes » for 201.50; « moins » before what is owed the other way."""
    cents = int((abs(amount) * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))
    whole, rest = divmod(cents, 100)
    parts = [_counted(whole, "euro")] if whole or not rest else []
    parts += [_counted(rest, "centime")] if rest else []
    words = " et ".join(parts)
    return f"moins {words}" if amount < 0 and cents else words


def _counted(number: int, unit: str) -> str:
    """« zéro euro », « un euro », « deux euros », « trois millions d’euros »."""
    link = " d’" if number and number % MILLION == 0 else " "
    return f"{num2words(number, lang='fr')}{link}{unit}{'s' if number > 1 else ''}"
