"""People and roles of the demonstration. `is_demo` accounts sign in with one click; the others only act in stories."""

import datetime as dt
from itertools import count
from typing import Any

from actions.models import CycleText
from arml.enums import OrganisationKind, Role
from arml.models import Delegation, Membership, Organisation, Territory, User
from arml.permissions import BENEFICIARY_ROLES, STATE_ROLES
from cpo.lib.wording.accents import plain

from .story import load, programme_data

DOMAIN = "demo.example"
SINCE = dt.date(2025, 1, 1)
TITLES = {
    Role.OFFICER: "chargé·e de mission jeunesse",
    Role.MANAGER: "responsable du pôle emploi",
    Role.DIRECTOR: "directeur·rice",
    Role.PRESIDENT: "président·e",
    Role.ACCOUNTANT: "responsable administrative et financière",
}
# Budget codes of the cycle, which nines show to be fictitious.
CODES = {"action_budgetaire": "02.99", "activite_chorus": "010299999999"}
_number = count()


def _name() -> tuple[str, str]:
    first, last = load("histoires")["prenoms"], load("histoires")["noms"]
    n = next(_number)
    return first[n % len(first)], last[(n * 7 + n // len(first)) % len(last)]


def _join(organisation: Organisation, role: str, email: str, demo: bool, person: dict[str, Any]) -> User:
    first, last = (person["prenom"], person["nom"]) if person else _name()
    user = User(email=email, first_name=first, last_name=last, is_demo=demo)
    user.set_unusable_password()
    user.save()
    title = person.get("fonction") or TITLES.get(Role(role)) or _signatory_title(organisation)
    Membership.objects.create(
        user=user,
        organisation=organisation,
        role=role,
        title=title,
        valid_from=SINCE,
        mandated_on=dt.date(2026, 1, 12) if role == Role.DIRECTOR and demo else None,
    )
    return user


def _signatory_title(organisation: Organisation) -> str:
    territory = organisation.served_territories.order_by("-is_region", "code").first()
    return territory.prefect_title.removeprefix("le ").removeprefix("la ") if territory else "préfet de région"


def make_people(stories: list[dict[str, Any]]) -> dict[tuple[int, str], User]:
    """Create everybody; return the person of each (organisation id, role)."""
    _identify(stories)
    organisations = Organisation.objects.in_bulk(field_name="key")
    people: dict[tuple[int, str], User] = {}
    for account in load("histoires")["comptes"]:
        for kind, roles in (("service", STATE_ROLES), ("arml", BENEFICIARY_ROLES)):
            if kind in account:
                organisation = organisations[account[kind]]
                for role in roles:
                    email = f"{role}.{account['place']}@{DOMAIN}"
                    people[organisation.pk, role] = _join(organisation, role, email, True, _person_of(account, role))
    for story in stories:
        role_sets = [(story["service"], STATE_ROLES), (story["arml"], BENEFICIARY_ROLES)]
        role_sets += [(key, STATE_ROLES) for key in story.get("cosignataires", [])]
        for key, roles in role_sets:
            for role in roles:
                organisation = organisations[key]
                if (organisation.pk, role) not in people:
                    people[organisation.pk, role] = _join(organisation, role, f"{role}.{key}@{DOMAIN}", False, {})
    for row in load("histoires")["nationaux"]:
        organisation = organisations[row["organisation"]]
        person = {**row, "fonction": row["titre"]}
        people[organisation.pk, row["role"]] = _join(
            organisation, row["role"], f"{row['courriel']}@{DOMAIN}", True, person
        )
    _delegations(organisations)
    return people


def _person_of(account: dict[str, Any], role: str) -> dict[str, Any]:
    """The fictitious person of this role in the programme's fixture; empty when there is none."""
    sources = {name: name for name in ("bretagne", "occitanie", "antilles-guyane")} | {"guadeloupe": "antilles-guyane"}
    source = sources.get(account["place"])
    if source is None:
        return {}
    return next((person for person in programme_data(source)["personnes"] if person["role"] == role), {})


def _identify(stories: list[dict[str, Any]]) -> None:
    """Create the observers; give the cycle its codes, and every organisation identifiers that look fictitious."""
    for row in load("histoires")["observateurs"]:
        organisation = Organisation.objects.create(
            key=row["cle"],
            kind=row["nature"],
            name=row["nom"],
            short_name=row["nom"],
            article_name=row["article"],
            sort_name=plain(row["nom"]),
        )
        organisation.territories.set(Territory.objects.filter(code=row["territoire"]))
    for name, value in CODES.items():
        CycleText.objects.filter(name=name).update(value=value)
    keys = [story[name] for story in stories for name in ("arml", "service")]
    keys += [key for story in stories for key in story.get("cosignataires", [])]
    for rank, organisation in enumerate(Organisation.objects.filter(key__in=keys).order_by("id"), 1):
        organisation.siret = f"{rank:014d}"
        organisation.address = "au 1 rue de l’Exemple, 00000 Villemodèle"
        if organisation.kind == OrganisationKind.ARML:
            organisation.rna = f"W{rank:09d}"
            organisation.bank_holder = organisation.short_name
            organisation.iban = "FR9599999999990000000000199"
            organisation.bic = "XXXXFRPPXXX"
            organisation.statutory_purpose = "animer, représenter et appuyer les missions locales adhérentes"
        else:
            organisation.accounting_officer = "le directeur régional des finances publiques"
        organisation.save()


def _delegations(organisations: dict[str, Organisation]) -> None:
    """In Occitanie the director signs by delegation of the préfet."""
    data = programme_data("occitanie")["convention"]["delegation"]
    service = organisations["dreets-occitanie"]
    holder = Membership.objects.select_related("user").get(organisation=service, role=Role.SIGNATORY)
    Delegation.objects.create(
        organisation=service,
        holder_name=str(holder.user),
        holder_capacity="directeur régional de l’économie, de l’emploi, du travail et des solidarités",
        reference=f"l’{data['reference']}",
        dated=data["date"],
        raa="RAA n° R76-2025-999",
        ceiling=data["plafond"],
        valid_until=data["fin"],
    )
