"""The value of every variable of the model for an act, formatted as the document prints it.

There are three sources, in this order: values computed from the act (money, parties, dates, lists: never typed), values
typed for it (`act.values`), and proposals taken from the organisations, the territory or the cycle. A date of a pièce
comes before a typed one. Only the dates of pièces are queried; else `act` as `freeze.build_content` prefetched it, and
the content itself, are read.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from actions.retained import retain
from arml.enums import OrganisationKind
from arml.models import Organisation, Territory
from conventions.enums import PartyRole, VariableType
from conventions.models import Act, Party
from conventions.money.eligible import eligible_costs
from conventions.text.dating import piece_dates
from conventions.text.variables import OF_YEARS
from cpo.lib.dates import add_months
from cpo.lib.money import share, total
from cpo.lib.wording import french
from cpo.lib.wording.typography import long_date

Content = dict[str, Any]
Value = str | list[str]
AFTER_THE_TERM = "sans objet"  # the amount of a year that an act has put after the term of the convention
BILAN_MONTHS = 3  # article 9.4: at least three months before the term
REGION_ACCOUNT = "74-REGION"

# Values computed from the rest of the act: a value typed by mistake under these names is never printed.
COMPUTED_SOURCES = (
    "numero_convention", "annees_convention", "date_effet", "date_fin", "signataire_etat_nom",
    "signataire_etat_qualite", "delegation_reference", "date_delegation", "delegation_raa", "service_nom",
    "service_adresse", "service_siret", "liste_services_cosignataires", "liste_signataires_services",
    "liste_repartition_services", "region_nom", "region_representant", "contribution_region_totale", "arml_nom",
    "arml_adresse", "arml_siret", "arml_rna", "arml_representant_nom", "arml_representant_qualite",
    "liste_territoires", "liste_axes", "liste_fiches_actions", "cout_total", "contribution_totale",
    "taux_contribution", "liste_lignes_etat", "avance_annee_1", "solde_annee_1", "titulaire_compte", "iban", "bic",
    "derniere_annee", "liste_annees_suivantes", "liste_couts_annees", "liste_contributions_annees",
)  # fmt: skip
COMPUTED_PREFIXES = ("annee_", "cout_annee_", "contribution_annee_", "taux_contribution_annee_")


def is_computed(name: str) -> bool:
    return name in COMPUTED_SOURCES or name.startswith(COMPUTED_PREFIXES)


def resolve_values(act: Act, content: Content) -> dict[str, Value]:
    """Return name → text, or list of texts, for each variable except tables and variants; "" or [] without value."""
    computed_values = _computed_values(act, content)
    dates = piece_dates(act)
    proposed_values = proposals(act)
    values: dict[str, Value] = {}
    for variable in act.model_version.variables.all():
        name = variable.name
        if variable.type == VariableType.TABLE or name.startswith("variante_"):
            continue
        if name in computed_values:
            value: Any = computed_values[name]
        else:
            value = dates.get(name) or act.values.get(name) or proposed_values.get(name, "")
        values[name] = as_list(value) if variable.type == VariableType.LIST else format_value(value, variable.type)
    return values | {name: str(computed_values[name]) for name in OF_YEARS if name in computed_values}


def as_list(value: Any) -> list[str]:
    rows: Iterable[Any] = value.splitlines() if isinstance(value, str) else value or []
    return [str(row).strip() for row in rows if str(row).strip()]


def format_value(value: Any, kind: str) -> str:
    """Write a typed value as the document prints it: « 1er janvier 2025 », « 1 016 000 € », « 42,4 % »."""
    if isinstance(value, list):
        return ", ".join(value)
    text = str(value or "").strip()
    try:
        if kind == VariableType.DATE and text:
            return long_date(text)
        if kind == VariableType.AMOUNT and text:
            return french.euros(Decimal(text))
        if kind == VariableType.PERCENT and text:
            return french.percent(Decimal(text))
    except (ValueError, InvalidOperation):
        return text
    return text


def lead_territory(act: Act) -> Territory | None:
    """The territory that the lead service serves, else the first. The text names its préfet, court and city."""
    territories = retain(act.programme, act.dossier.territories.all())
    served_territories = (territory for territory in territories if territory.service_id == act.dossier.lead_id)
    return next(served_territories, territories[0] if territories else None)


def proposals(act: Act) -> dict[str, Value]:
    """Values proposed when nothing was typed; they come from the organisations, the territory and the cycle."""
    texts = retain(act.programme, act.programme.cycle.texts.all())
    lead, beneficiary = retain(act.programme, [act.dossier.lead, act.dossier.beneficiary])
    territories, territory = retain(act.programme, act.dossier.territories.all()), lead_territory(act)
    values: dict[str, Value] = {text.name: text.value for text in texts}
    values |= {
        "comptable_assignataire": lead.accounting_officer,
        "contact_donnees_etat": lead.email,
        "contact_donnees_arml": beneficiary.email,
        "arml_objet_statutaire": beneficiary.statutory_purpose,
        "situation_labellisation": beneficiary.get_label_status_display(),
        "territoire_libelle": and_list([t.in_sentence for t in territories]),
        "organe_deliberant": "son conseil d’administration",
        "nombre_exemplaires": "deux",
        "date_limite_derniers_justificatifs": f"{act.ends_on.year + 1}-06-30",
        "sommes_deja_versees": "0",
    }
    if act.ends_on != dt.date(act.programme.cycle.last_year, 12, 31):
        values["date_limite_bilan"] = add_months(act.ends_on, -BILAN_MONTHS).isoformat()
    if territory:
        values |= {
            "prefet_qualite": territory.prefect_title,
            "ordonnateur": territory.prefect_title.partition(",")[0],
            "bloc_marque": contracted(territory.prefect_title.partition(",")[0]),
            "tribunal_administratif": territory.court,
            "lieu_signature": territory.prefecture,
        }
    return {name: value for name, value in values.items() if value}


def printed_text(act: Act, name: str) -> str:
    """A value of the cycle as the text of an act prints it: typed for this act, else the one that it retains."""
    texts = retain(act.programme, act.programme.cycle.texts.filter(name=name))
    return str(act.values.get(name) or "".join(text.value for text in texts))


def contracted(title: str) -> str:
    """« le préfet de … » → « du préfet de … »; « la préfète » → « de la préfète »."""
    return f"du {title[3:]}" if title.startswith("le ") else f"de {title}"


def and_list(items: list[str]) -> str:
    """A, B et C."""
    return items[0] if len(items) == 1 else ", ".join(items[:-1]) + " et " + items[-1] if items else ""


def _computed_values(act: Act, content: Content) -> dict[str, Value]:
    values: dict[str, Value] = {
        "numero_convention": act.convention.number,
        "annees_convention": f"{act.programme.cycle.first_year}-{act.programme.years_to_fill[-1]}",
        "date_effet": long_date(act.convention.act.effective_on),
        "date_fin": long_date(act.ends_on),
        "liste_territoires": [territory["name"] for territory in content["territories"]],
        "liste_axes": [axis["label"] for axis in content["axes"]],
        "liste_fiches_actions": [f"{sheet['code']} {sheet['title']}" for sheet in content["sheets"]],
    }
    return values | _organisations(act) | _parties(act) | _money(content) | _instalments(content)


def _organisations(act: Act) -> dict[str, Value]:
    lead, beneficiary = act.dossier.lead, act.dossier.beneficiary
    return {
        "service_nom": lead.article_name,
        "service_adresse": lead.address,
        "service_siret": lead.siret,
        "arml_nom": beneficiary.article_name,
        "arml_adresse": beneficiary.address,
        "arml_siret": beneficiary.siret,
        "arml_rna": beneficiary.rna,
        "titulaire_compte": beneficiary.bank_holder or beneficiary.name,
        "iban": beneficiary.iban,
        "bic": beneficiary.bic,
    }


def _parties(act: Act) -> dict[str, Value]:
    parties = {party.role: party for party in act.parties.all()}
    lead, beneficiary = parties.get(PartyRole.LEAD), parties.get(PartyRole.BENEFICIARY)
    cofunders = (party for party in act.parties.all() if party.role == PartyRole.COFUNDER and party.signs)
    region = next((party for party in cofunders if party.organisation.kind == OrganisationKind.REGION), None)
    cosigners = [party for party in act.parties.all() if party.role == PartyRole.COSIGNER]
    delegation = lead.delegation if lead and lead.by_delegation else None
    return {
        "signataire_etat_nom": lead.signatory_name if lead else "",
        "signataire_etat_qualite": lead.capacity if lead else "",
        "delegation_reference": french.decree(delegation.reference) if delegation else "",
        "date_delegation": long_date(delegation.dated if delegation else None),
        "delegation_raa": delegation.raa if delegation else "",
        "arml_representant_nom": beneficiary.signatory_name if beneficiary else "",
        "arml_representant_qualite": beneficiary.capacity if beneficiary else "",
        "region_nom": region.organisation.article_name if region else "",
        "region_representant": _person(region) if region else "",
        "liste_services_cosignataires": [_cosigner(act, party) for party in cosigners],
        "liste_signataires_services": [_person(party) for party in cosigners],
    }


def _person(party: Party) -> str:
    return ", ".join(part for part in (party.signatory_name, party.capacity) if part)


def _cosigner(act: Act, party: Party) -> str:
    """la DEETS de la Martinique, représentée par …, pour la Martinique."""
    organisation: Organisation = party.organisation
    territories = retain(act.programme, act.dossier.territories.all())
    names = [territory.name for territory in territories if territory.service_id == organisation.pk]
    text = organisation.article_name
    if _person(party):
        text += f", représentée par {_person(party)}"
    return f"{text} ({and_list(names)})" if names else text


def _money(content: Content) -> dict[str, Value]:
    cost = eligible_costs(content)
    state: dict[int, Decimal] = defaultdict(Decimal)
    services: dict[tuple[str, int], Decimal] = defaultdict(Decimal)
    for row in content["contributions"]:
        state[row["year"]] += Decimal(row["amount"])
        services[row["service"], row["year"]] += Decimal(row["amount"])
    region = [
        Decimal(row["amount"])
        for owner in [*content["sheets"], content["structure"]]
        for row in owner["resources"]
        if row["account"] == REGION_ACCOUNT
    ]
    whole_state, whole_cost = total(state.values()), total(cost.values())
    values: dict[str, Value] = {
        "cout_total": _amount(whole_cost),
        "contribution_totale": _amount(whole_state),
        "taux_contribution": _rate(share(whole_state, whole_cost)) if whole_state else "",
        "contribution_region_totale": _amount(total(region)),
        "liste_lignes_etat": [
            _line(row, several=len({s for s, _ in services}) > 1) for row in content["contributions"]
        ],
        "liste_repartition_services": [
            f"{service} : {_amount(amount)} en {year}" for (service, year), amount in sorted(services.items())
        ],
    }
    return values | _of_years(content, state, cost)


def _of_years(content: Content, state: Mapping[int, Decimal], cost: Mapping[int, Decimal]) -> dict[str, Value]:
    """The amounts of each year, one by one and in lists that follow the term."""
    first, last = content["cycle"]["first_year"], int(content["convention"]["ends_on"][:4])
    later = range(first + 1, last + 1)
    values: dict[str, Value] = {
        "derniere_annee": str(last),
        "liste_annees_suivantes": [str(year) for year in later],
        "liste_couts_annees": [
            f"année {year} : {_amount(cost[year])}" for year in range(first, last + 1) if cost[year]
        ],
        "liste_contributions_annees": [
            f"année {year} : {_contribution(state[year], cost[year])}"
            for year in later
            if state[year] or year > content["cycle"]["last_year"]  # an extension may bring none
        ]
        or ([] if later else [AFTER_THE_TERM]),
    }
    years = range(first, max(content["cycle"]["last_year"], *content["cycle"]["years"]) + 1)
    for rank, year in enumerate(years, start=1):
        blank = "" if year <= last else AFTER_THE_TERM
        values |= {
            f"annee_{rank}": str(year),
            f"cout_annee_{rank}": _amount(cost[year]) or blank,
            f"contribution_annee_{rank}": _amount(state[year]) or blank,
            f"taux_contribution_annee_{rank}": (_rate(share(state[year], cost[year])) if state[year] else "") or blank,
        }
    return values


def _contribution(state: Decimal, cost: Decimal) -> str:
    """« 470 000 €, soit 42,7 % du coût éligible de l’année »."""
    if not state:
        return "aucune contribution"
    rate = _rate(share(state, cost))
    return _amount(state) + (f", soit {rate} du coût éligible de l’année" if rate else "")


def _line(row: dict[str, Any], *, several: bool) -> str:
    """2025, socle : 430 000 €."""
    service = f", {row['service']}" if several else ""
    note = f" ({row['note']})" if row["note"] else ""
    return f"{row['year']}, {row['line_label']}{service} : {_amount(Decimal(row['amount']))}{note}"


def _instalments(content: Content) -> dict[str, Value]:
    """The first payment of year 1 is its advance; the other payments of that year are its balance."""
    first = content["cycle"]["first_year"]
    rows = [Decimal(row["amount"]) for row in content["instalments"] if row["year"] == first]
    return {
        "avance_annee_1": _amount(rows[0]) if rows else "",
        "solde_annee_1": _amount(total(rows[1:])) if len(rows) > 1 else "",
    }


def _amount(amount: Decimal) -> str:
    """An amount in euros; "" for zero, so that the text shows a missing value instead of « 0 € »."""
    return french.euros(amount) if amount else ""


def _rate(value: Decimal | None) -> str:
    return french.percent(value) if value is not None else ""


__all__ = ["is_computed", "lead_territory", "proposals", "resolve_values"]
