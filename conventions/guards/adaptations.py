"""The last day on which a budget adaptation is told (article 3.4). A late one is said to be late, and not refused."""

import datetime as dt
import re
from collections.abc import Iterator

from conventions.enums import ActKind
from conventions.guards.addresses import url
from conventions.models import Act
from conventions.text.values import printed_text
from cpo.lib import clock
from cpo.lib.dates import MONTHS
from cpo.lib.wording import french
from cpo.lib.wording.accents import plain
from cpo.lib.workflow import Missing

USUAL_LIMIT = (7, 1)  # month and day
_DAY = re.compile(rf"([0-9]{{1,2}})(?:er)? ({'|'.join(plain(month) for month in MONTHS)})")


def late_adaptation(act: Act) -> Iterator[Missing]:
    if act.kind == ActKind.ADAPTATION and act.year and (words := late_words(act, act.year)):
        yield Missing(words, url(act, "act-terms", "id_purpose"), "warning")


def late_words(act: Act, year: int) -> str:
    """Say that an adaptation of this year, told today, is late; "" if it is not."""
    last = last_day(act, year)
    if clock.today(act.dossier.time_zone) <= last:
        return ""
    return (
        f"L’adaptation du budget {year} est tardive\u00a0: l’article 3.4 la demande "
        f"au plus tard le {french.date(last)}. Dites pourquoi dans son objet"
    )


def last_day(act: Act, year: int) -> dt.date:
    """The day and month that the text prints, in this year; those of the national model if they cannot be read."""
    match = _DAY.fullmatch(plain(printed_text(act, "date_limite_adaptation")))
    months = [plain(month) for month in MONTHS]
    try:
        return dt.date(year, months.index(match[2]) + 1, int(match[1])) if match else dt.date(year, *USUAL_LIMIT)
    except ValueError:
        return dt.date(year, *USUAL_LIMIT)
