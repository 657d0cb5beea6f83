"""The life of an association in the demonstration: three years in Bretagne, a label that expired, all others empty."""

import datetime as dt
from decimal import Decimal
from typing import Any

from stdnum import luhn

from arml.models import Member
from cpo.lib import clock
from reporting.content.association import REGISTERS, sheets_of
from reporting.permissions import registers as may
from reporting.services.association import add_row

from .story import Story, at

WHOLE, EXPIRED = "arml-bretagne", "amilaura"
# Fictitious places; a member that left, one that joined late.
MEMBERS = (
    ("Villemodèle", "Côtes-d’Armor", 2014, None),
    ("Port-Exemple", "Finistère", 2014, None),
    ("Spécimen-sur-Mer", "Finistère", 2014, None),
    ("Bourg-Témoin et ses environs, du littoral à la forêt", "Ille-et-Vilaine", 2014, None),
    ("Rivière-Essai", "Ille-et-Vilaine", 2014, None),
    ("Lande-Esquisse", "Morbihan", 2014, dt.date(2025, 6, 30)),
    ("Île-Calque", "Morbihan", 2025, None),
)
STEPS = (
    ("self_assessment", dt.date(2023, 4, 20), None, "Autoévaluation avec les directions du réseau"),
    ("improvement", dt.date(2023, 10, 2), None, "Douze actions retenues"),
    ("filed", dt.date(2024, 1, 15), None, ""),
    ("audit", dt.date(2024, 3, 12), None, "Deux jours sur place"),
    ("commission", dt.date(2024, 5, 28), None, ""),
    ("reserves", dt.date(2024, 6, 4), dt.date(2027, 6, 3), "Deux réserves, à lever avant juin 2025"),
)
TRAINING = (
    ("Accueillir un jeune en CEJ", dt.date(2025, 3, 11), dt.date(2025, 3, 12), 14, (3, 2, 4, 0)),
    ("Prévenir les ruptures de parcours", dt.date(2025, 11, 18), dt.date(2025, 11, 18), 7, (2, 5, 1, 3)),
    ("Accueillir un jeune en CEJ", dt.date(2026, 3, 10), dt.date(2026, 3, 11), 14, (4, 3, 2, 2)),
    ("i-milo : saisir et relire ses données", dt.date(2026, 11, 24), dt.date(2026, 11, 24), 7, ()),
)


def siret_of(rank: int) -> str:
    """A SIRET whose zeros show that it is fictitious, with its check digits."""
    siren = f"{rank:08d}"
    siren += luhn.calc_check_digit(siren)
    return f"{siren}0001" + luhn.calc_check_digit(f"{siren}0001")


def tell_association(story: Story) -> None:
    if story.arml.key == EXPIRED:
        with clock.set_to(at(dt.date(2025, 3, 3), 10)):
            _add(story, may.LABEL, step="labelled", day=dt.date(2023, 6, 1), expires_on=dt.date(2026, 5, 31), note="")
    if story.arml.key != WHOLE:
        return
    with clock.set_to(at(dt.date(2026, 9, 7), 10)):
        for step, day, end, note in STEPS:
            _add(story, may.LABEL, step=step, day=day, expires_on=end, note=note)
        _governance(story)
        members = _members(story)
        _training(story, members)
    with clock.set_to(at(dt.date(2026, 9, 14), 11)):
        note = "Réserve sur la gouvernance levée\u00a0: le procès-verbal de juin renouvelle le bureau."
        _add(story, may.NOTES, "officer", day=dt.date(2026, 9, 14), text=note)


Values = dict[str, Any]


def _add(story: Story, register: str, role: str = "director", **values: Any) -> Any:
    return add_row(register=REGISTERS[register], organisation=story.arml, values=values, by=story.user(role))


def _governance(story: Story) -> None:
    president = str(story.user("president"))
    rows = (
        ("president", "Claude Ancien", "Mission locale de Villemodèle", dt.date(2022, 6, 10), dt.date(2025, 6, 11)),
        ("president", president, "Mission locale de Port-Exemple", dt.date(2025, 6, 12), None),
        ("vice_president", "Sacha Modèle", "Mission locale de Rivière-Essai", dt.date(2025, 6, 12), None),
        ("treasurer", "Andréa Gabarit", "Mission locale de Villemodèle", dt.date(2024, 6, 6), None),
        ("secretary", "Lou Maquette", "", dt.date(2025, 6, 12), None),
    )
    for function, holder, represents, since, until in rows:
        _add(story, may.MANDATES, function=function, holder=holder, represents=represents, since=since, until=until)
    for year, day in ((2024, dt.date(2024, 6, 6)), (2025, dt.date(2025, 6, 12)), (2026, dt.date(2026, 6, 11))):
        approved: Values = {"accounts_year": year - 1, "budget_year": year, "note": "", "minutes": None}
        _add(story, may.ASSEMBLIES, kind="ordinary", day=day, **approved)
    changed: Values = {
        "accounts_year": None,
        "budget_year": None,
        "note": "Statuts modifiés\u00a0: siège",
        "minutes": None,
    }
    _add(story, may.ASSEMBLIES, kind="extraordinary", day=dt.date(2025, 6, 12), **changed)


def _members(story: Story) -> list[Member]:
    members = []
    for rank, (place, department, joined, left) in enumerate(MEMBERS, start=900):
        row: Values = {"name": f"Mission locale de {place}", "siret": siret_of(rank), "department": department}
        row |= {"city": place.split(" et ")[0], "joined_on": dt.date(joined, 1, 1), "left_on": left}
        member = _add(story, may.MEMBERS, **row)
        members.append(member)
        for year in (2024, 2025, 2026):
            if member.covers_year(year):
                asked = Decimal(1500 + 25 * (rank - 900) + 50 * (year - 2024))
                late = year == 2026 and rank % 3 == 0  # asked, not paid yet
                _add(story, may.FEES, "accountant", member=member, year=year, asked=asked, paid=None if late else asked)
    return members


def _training(story: Story, members: list[Member]) -> None:
    keys = [key for key, sheet in sheets_of(story.arml).items() if "formation" in sheet.title.lower()]
    common: Values = {
        "sheet_key": keys[0] if keys else None,
        "place": "Villemodèle",
        "trainer": "Organisme Exemple",
        "seats": 16,
    }
    for title, first, last, hours, persons in TRAINING:
        session = _add(story, may.SESSIONS, title=title, starts_on=first, ends_on=last, hours=Decimal(hours), **common)
        for member, count in zip(members, persons, strict=False):
            _add(story, may.ATTENDANCES, session=session, member=member, persons=count)
