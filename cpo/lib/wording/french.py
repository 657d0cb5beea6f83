"""Amounts, percentages and dates in French, as plain text for pages, e-mails and documents."""

import datetime as dt
import re
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from cpo.lib import clock, zones
from cpo.lib.dates import MONTHS

from .accents import plain

DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
NOTHING = "–"


def _decimal(value: Any) -> Decimal | None:
    if isinstance(value, Decimal):
        return value
    if value is None or value == "":
        return None
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None


def number(value: Any, places: int | None = None) -> str:
    """1 234,5 with U+00A0 between thousands; « – » for no value."""
    amount = _decimal(value)
    return NOTHING if amount is None else format_french_decimal(amount, places=places)


def figure(value: Any) -> str:
    """A number in French notation, without useless zeros; a text is returned as it is, a missing value as ""."""
    if value in (None, ""):
        return ""
    try:
        return number(Decimal(str(value)))
    except InvalidOperation:
        return str(value)


def euros(value: Any, *, signed: bool = False) -> str:
    """1 234 567 €; cents only when they are not zero; « – » for an unknown amount (never 0)."""
    amount = _decimal(value)
    if amount is None:
        return NOTHING
    amount = amount.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
    text = format_french_decimal(abs(amount), places=0 if amount == amount.to_integral_value() else 2)
    sign = "−" if amount < 0 else "+" if signed and amount > 0 else ""
    return f"{sign}{text}{NBSP}€"


def short_euros(value: Any) -> str:
    """4,93 M€ from a million on, 612 k€ from ten thousand on, else like `euros`. For key figures only."""
    amount = _decimal(value)
    if amount is None or abs(amount) < 10_000:
        return euros(value)
    if abs(amount) < 1_000_000:
        return f"{format_french_decimal((amount / 1000).quantize(Decimal(1)))}{NBSP}k€"
    return f"{format_french_decimal((amount / 1_000_000).quantize(Decimal('0.01')))}{NBSP}M€"


def percent(value: Any, places: int = 1) -> str:
    """64,3 % for 64.3 (not for 0.643); a useless « ,0 » is dropped."""
    amount = _decimal(value)
    if amount is None:
        return NOTHING
    rounded = amount.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    return f"{format_french_decimal(rounded)}{NBSP}%".replace("-", "−")


def lower_first(text: Any) -> str:
    """« Proposer la version » → « proposer la version »; an acronym keeps its capitals."""
    words = str(text)
    return words if words[1:2].isupper() else words[:1].lower() + words[1:]


def upper_first(text: Any) -> str:
    """Write the first letter as a capital, and leave the others."""
    return f"{str(text)[:1].upper()}{str(text)[1:]}"


def with_article(name: str, model: str) -> str:
    """« la DREETS Bretagne », « l’ARML Bretagne »: add the article of the full name `model` to the short `name`."""
    article = re.match(r"l’|(?:la|le|les) ", model)
    if article is None:
        return name
    if article[0] != "les " and _begins_with_vowel(name):
        return f"l’{name}"
    return f"{article[0]}{name}" if article[0] != "l’" else name


# « président·e », « directeur·rice », « chargé·e·s »: the masculine, the end of the feminine, the plural.
_BOTH = re.compile(r"\b(\w{2,})[·•‧](e|ne|le|te|se|rice|trice|euse|ère|ve)(?:[·•‧](s)|(s))?(?!\w)")
_STEMS = {"rice": "eur", "trice": "teur", "euse": "eur", "ère": "er", "ve": "f"}


def both_genders(text: str) -> str:
    """« président ou présidente » for « président·e »: a document is read aloud, and writes its words in full."""
    return _BOTH.sub(_written_out, text)


def _written_out(word: re.Match[str]) -> str:
    masculine, end, plural = word[1], word[2], "s" if word[3] or word[4] else ""
    feminine = masculine.removesuffix(_STEMS.get(end, "")) + end
    return f"{masculine}{plural} ou {feminine}{plural}"


def decree(reference: str) -> str:
    """« l’arrêté n° 12 », « la décision n° 3 »: the reference of an administrative act, with its article."""
    words = reference.strip()
    if not words or re.match(r"(?:l[’']|la |le |les )", words, re.IGNORECASE):
        return words
    if _begins_with_vowel(words):
        return f"l’{lower_first(words)}"
    return f"la {lower_first(words)}" if words.lower().startswith(("décision", "délégation")) else words


def of(name: Any) -> str:
    """« de la DREETS Bretagne », « du Conseil régional », « d’Ancenis »."""
    text = str(name)
    return _contract(text, "de") or (f"d’{text}" if _begins_with_vowel(text) else f"de {text}")


def to(name: Any) -> str:
    """« à la DREETS Bretagne », « au Conseil régional »."""
    return _contract(str(name), "à") or f"à {name}"


def _contract(text: str, preposition: str) -> str:
    article, _, rest = text.partition(" ")
    short = {"de": {"le": "du", "les": "des"}, "à": {"le": "au", "les": "aux"}}[preposition].get(article)
    return f"{short} {rest}" if short else ""


def _begins_with_vowel(text: str) -> bool:
    return plain(text)[:1] in tuple("aeiou")


def day_of(value: Any) -> dt.date | None:
    if isinstance(value, dt.datetime):
        return zones.local(value).date()
    return value if isinstance(value, dt.date) else None


def date(value: Any, style: str = "") -> str:
    """1er janvier 2025.

    Styles: « jour » (1er janvier), « année », « semaine » (jeudi 18 juin 2026), « num » (01/01/2025).
    An instant has the day of its place: the one given by `zones.at`, else that of the page.
    """
    day = day_of(value)
    if day is None:
        return NOTHING
    if style == "num":
        return day.strftime("%d/%m/%Y")
    if style == "année":
        return str(day.year)
    ordinal = "1er" if day.day == 1 else str(day.day)
    text = f"{ordinal}{NBSP}{MONTHS[day.month - 1]}"
    if style == "jour":
        return text
    text = f"{text} {day.year}"
    return f"{DAYS[day.weekday()]} {text}" if style == "semaine" else text


def time(value: Any, *, named: bool = False) -> str:
    """14 h 32, « 14 h 32 (heure de Guadeloupe) » for a reader who is elsewhere; `named`: for a paper, always."""
    if not isinstance(value, dt.datetime):
        return NOTHING
    moment = zones.local(value)
    place = zones.name_of(str(moment.tzinfo)) if named and moment.tzinfo else zones.name_elsewhere(moment)
    return f"{moment.hour}{NBSP}h{NBSP}{moment.minute:02d}" + (f" ({place})" if place else "")


def hour(value: dt.time) -> str:
    """« 14 h 00 »."""
    return f"{value.hour}\u00a0h\u00a0{value:%M}"


def datetime(value: Any, style: str = "", *, named: bool = False) -> str:
    """12 juin 2026 à 14 h 32; the styles are those of `date`."""
    return (
        f"{date(value, style)} à {time(value, named=named)}" if isinstance(value, dt.datetime) else date(value, style)
    )


def since(value: Any, today: dt.date | None = None) -> str:
    """« aujourd’hui », « hier », « il y a 10 jours », « demain », « dans 3 jours »; in months beyond 60 days.

    An instant is compared with the present day of its own place, a date with `today`, or with the day of the page.
    """
    day = day_of(value)
    if day is None:
        return NOTHING
    if isinstance(value, dt.datetime) and (zone := zones.local(value).tzinfo):
        today = clock.today(str(zone))
    today = today or zones.today()
    gap = (today - day).days
    if gap == 0:
        return "aujourd’hui"
    if abs(gap) == 1:
        return "hier" if gap == 1 else "demain"
    length = f"{abs(gap)} jours" if abs(gap) <= 60 else f"{round(abs(gap) / 30.4)} mois"
    if abs(gap) > 730:
        length = f"{abs(gap) // 365} ans"
    length = length.replace(" ", NBSP)
    return f"il y a {length}" if gap > 0 else f"dans {length}"


def file_size(size: Any) -> str:
    """412 ko, 1,2 Mo (decimal units, as file managers show them)."""
    amount = _decimal(size)
    if amount is None:
        return NOTHING
    for unit, divisor in (("Go", 10**9), ("Mo", 10**6), ("ko", 10**3)):
        if amount >= divisor:
            precision = Decimal("0.1") if amount < 10 * divisor else Decimal(1)
            return f"{number((amount / divisor).quantize(precision))}{NBSP}{unit}"
    return f"{amount}{NBSP}octets"


NBSP = "\u00a0"


def format_french_decimal(value: Decimal, *, places: int | None = None) -> str:
    """Group thousands with U+00A0 and use a comma; `places` pads the decimals, None drops useless zeros."""
    if places is None:
        value = value.normalize() if value else Decimal(0)  # a stored zero has decimals, which are useless too
    text = f"{value:,f}" if places is None else f"{value:,.{places}f}"
    return text.replace(",", NBSP).replace(".", ",")
