"""The pages of an association's life: what each register shows, what the overview adds up."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from arml.models import Member, Organisation, User, label_words, presidency_of
from cpo.lib import clock
from cpo.lib.wording import french
from cpo.lib.wording.typography import typographic
from reporting.content.association import ALL, FeesOfYear, Register, Training, fees_by_year, sheets_of, training_of
from reporting.permissions import registers as may

YEARS = 3  # shown side by side


@dataclass(frozen=True)
class Line:
    """A row of a register: what names it, its other cells, its page when the reader may correct it."""

    title: str
    cells: list[str]
    url: str
    remove_url: str = ""


@dataclass(frozen=True)
class Year:
    year: int
    members: int | None  # None: the register is empty, which is not zero member
    fees: FeesOfYear | None
    training: Training | None


HEADINGS = {
    may.LABEL: ("Étape", "Date", "Fin de validité", "Précision"),
    may.MANDATES: ("Titulaire", "Fonction", "Au titre de", "Depuis le", "Jusqu’au"),
    may.ASSEMBLIES: ("Assemblée", "Comptes approuvés", "Budget approuvé", "Autres décisions", "Procès-verbal"),
    may.MEMBERS: ("Mission locale", "SIRET", "Territoire", "Depuis le", "Jusqu’au"),
    may.FEES: ("Mission locale", "Année", "Appelée", "Versée"),
    may.SESSIONS: ("Session", "Dates", "Lieu", "Formateur", "Heures", "Places", "Fiche"),
    may.ATTENDANCES: ("Session", "Mission locale", "Personnes"),
    may.NOTES: ("Date", "Note", "Écrite par"),
}


def cells_of(register: Register, row: Any, codes: dict[Any, str]) -> list[str]:
    """The cells of a row, in the order of its headings."""
    return [text or french.NOTHING for text in CELLS[register.slug](row, codes)]


def _date(day: dt.date | None) -> str:
    return french.date(day, "num") if day else ""


def _number(value: Any) -> str:
    return "" if value is None else french.number(value)


def _euros(value: Any) -> str:
    return "non renseignée" if value is None else french.euros(value)


def _label(row: Any, codes: dict[Any, str]) -> list[str]:
    return [french.upper_first(row.get_step_display()), _date(row.day), _date(row.expires_on), row.note]


def _mandate(row: Any, codes: dict[Any, str]) -> list[str]:
    function = french.upper_first(row.get_function_display())
    return [row.holder, function, row.represents, _date(row.since), _date(row.until) or "en cours"]


def _assembly(row: Any, codes: dict[Any, str]) -> list[str]:
    title = f"{french.upper_first(row.get_kind_display())}, {_date(row.day)}"
    years = [str(year) if year else "" for year in (row.accounts_year, row.budget_year)]
    return [title, *years, row.note, row.minutes.name if row.minutes else ""]


def _member(row: Any, codes: dict[Any, str]) -> list[str]:
    territory = ", ".join(text for text in (row.city, row.department) if text)
    return [row.name, typographic(row.siret), territory, _date(row.joined_on), _date(row.left_on) or "adhérente"]


def _fee(row: Any, codes: dict[Any, str]) -> list[str]:
    return [row.member.name, str(row.year), _euros(row.asked), _euros(row.paid)]


def _session(row: Any, codes: dict[Any, str]) -> list[str]:
    days = _date(row.starts_on) if row.starts_on == row.ends_on else f"{_date(row.starts_on)} au {_date(row.ends_on)}"
    fiche = codes.get(row.sheet_key, "")
    return [row.title, days, row.place, row.trainer, _number(row.hours), _number(row.seats), fiche]


def _attendance(row: Any, codes: dict[Any, str]) -> list[str]:
    return [f"{row.session.title}, {_date(row.session.starts_on)}", row.member.name, _number(row.persons)]


def _note(row: Any, codes: dict[Any, str]) -> list[str]:
    return [_date(row.day), row.text, f"{row.author}, {row.service}"]


CELLS = {
    may.LABEL: _label,
    may.MANDATES: _mandate,
    may.ASSEMBLIES: _assembly,
    may.MEMBERS: _member,
    may.FEES: _fee,
    may.SESSIONS: _session,
    may.ATTENDANCES: _attendance,
    may.NOTES: _note,
}


def lines(register: Register, organisation: Organisation, rows: Any, user: User) -> list[Line]:
    """The lines of a page of a register, in a constant number of queries."""
    writes = may.register_writer(user, organisation, register.slug) is not None
    codes = {}
    if register.slug == may.SESSIONS:
        codes = {key: sheet.code for key, sheet in sheets_of(organisation).items()}
    found = []
    for row in rows:
        first, *others = cells_of(register, row, codes)
        own = writes and (register.slug != may.NOTES or row.author_id == user.pk)
        kwargs = {"key": organisation.key, "register": register.slug, "pk": row.pk}
        urls = [reverse(name, kwargs=kwargs) if own else "" for name in ("association-edit", "association-remove")]
        found.append(Line(first, others, *urls))
    return found


def menu(organisation: Organisation, user: User, current: str) -> list[dict[str, Any]]:
    """The pages of the association's life that the person reads."""
    home = reverse("association", kwargs={"key": organisation.key})
    items = [{"label": "Vue d’ensemble", "url": home, "current": not current}]
    for register in ALL:
        if may.reads_register(user, organisation, register.slug):
            url = reverse("association-register", kwargs={"key": organisation.key, "register": register.slug})
            items.append({"label": register.title, "url": url, "current": register.slug == current})
    return items


def overview(organisation: Organisation, whole: bool) -> dict[str, Any]:
    """What the overview shows; `whole`: to a reader of everything, not of the public part alone."""
    today = clock.today(organisation.time_zone)
    years = range(today.year, today.year - YEARS, -1)
    words, tone = label_words(organisation, today)
    context: dict[str, Any] = {
        "label": words,
        "label_tone": tone,
        "members": _members(organisation, today),
        "years": [_year(organisation, year, today, whole) for year in years],
    }
    if whole:
        current, last = presidency_of(organisation, today)
        context |= {
            "president": current,
            "last_president": last,
            "board": [one for one in organisation.mandates.all() if one.covers(today)],
            "assembly": organisation.general_meetings.filter(day__lte=today).first(),
        }
    return context


def _members(organisation: Organisation, day: dt.date) -> int | None:
    """How many members that day; None while the register has no row at all."""
    members = Member.objects.filter(organisation=organisation)
    return members.on(day).count() if members.exists() else None


def _year(organisation: Organisation, year: int, today: dt.date, whole: bool) -> Year:
    day = min(dt.date(year, 12, 31), today)
    count = _members(organisation, day)
    if not whole:
        return Year(year, count, None, None)
    fees = next((one for one in fees_by_year(organisation) if one.year == year), None)
    return Year(year, count, fees, training_of(organisation, year))
