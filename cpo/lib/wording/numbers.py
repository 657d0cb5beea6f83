"""Numbers as people type them: the one way to read an amount, and the one to read a whole number.

Only the ten ASCII digits are digits. `str.isdigit`, `int()` and `\\d` also admit « ² » or « ٣ », and a compatibility
normalisation (NFKC) turns « 500² » into 5002: none of them is used on figures.
"""

import re
from decimal import Decimal

# Between the digits of one number: what separates thousands on a keyboard or in a text, but no tab and no line end.
_SEPARATORS = " \u00a0\u202f\u2009\u2007'’"
_SPACES = str.maketrans(dict.fromkeys(_SEPARATORS))
# « 2 400 1 200 » is two numbers: separators stand before three digits, everywhere or nowhere.
_GROUPS = re.compile(rf"-?[0-9]{{1,3}}([{_SEPARATORS}]{{1,2}}[0-9]{{3}})+([.,][0-9]+)?")
_NUMBER = re.compile(r"-?[0-9]+([.,][0-9]+)?")
_AMBIGUOUS = re.compile(r"-?[1-9][0-9]{0,2}\.[0-9]{3}")
_DIGITS = re.compile(r"[0-9]+")
MAX_DIGITS = 9  # what an integer column holds for certain; no rank, version or key of ours comes near


def parse_french_decimal(text: str) -> Decimal:
    """Read « 1 234,56 », « 1234.56 », « −12 ».

    Raises ValueError, also for the ambiguous « 1.234 » and for two numbers in one, « 2 400 1 200 ».
    """
    plain = re.sub(r"^-\s*", "-", text.strip().replace("\u2212", "-"))
    compact = plain.translate(_SPACES)
    grouped = len(compact) == len(plain) or _GROUPS.fullmatch(plain)
    if not grouped or not _NUMBER.fullmatch(compact) or _AMBIGUOUS.fullmatch(compact):
        raise ValueError(text)
    return Decimal(compact.replace(",", "."))


def parse_percent(text: str) -> Decimal:
    """Read « 12,5 % » or « 12,5 ». Raises ValueError for anything else, and outside 0 to 100."""
    number = parse_french_decimal(text.strip().removesuffix("%"))
    if not 0 <= number <= 100:
        raise ValueError(text)
    return number


def whole_number(text: object) -> int | None:
    """Read a rank, a year, a version or a key of a query string or a form; None for anything else."""
    compact = str(text or "").strip()
    return int(compact) if _DIGITS.fullmatch(compact) and len(compact) <= MAX_DIGITS else None


class WholeConverter:
    """`<whole:pk>` in an address. Django's `<int:…>` takes any number of digits: nineteen overflow a column."""

    regex = f"[0-9]{{1,{MAX_DIGITS}}}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int) -> str:
        return str(value)
