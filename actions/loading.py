"""The cycle 2025-2027: values, axes, objectives, functions, nomenclature, indicators, example actions."""

from typing import Any

from actions.services.catalogue import axes_list
from cpo.lib.loading import create_missing, read_yaml

from .enums import IN_KIND_TITLES, AccountKind, AccountSide
from .models import Account, Axis, Cycle, CycleText, ExampleSheet, Function, IndicatorDefinition, Objective


def load() -> int:
    created = load_cycle()
    cycle = Cycle.objects.get(key=read_yaml("cycle.yaml")["cycle"]["cle"])
    created += load_axes(cycle)
    created += load_texts(cycle)
    created += load_accounts()
    created += load_indicators(cycle)
    created += load_examples(cycle)
    return created


def load_cycle() -> int:
    row, frame = read_yaml("cycle.yaml")["cycle"], read_yaml("axes.yaml")
    values = {
        "key": row["cle"],
        "label": row["libelle"],
        "first_year": row["premiere_annee"],
        "last_year": row["derniere_annee"],
        "beneficiary_kind": row["beneficiaire"],
        "axis_label": row["nom_des_axes"],
        "number_prefix": row["prefixe_des_numeros"],
        "version": row["version"],
        "instruction_reference": row["instruction"],
        "instruction_nor": row["nor"],
        "instruction_dated": row["date_instruction"],
        "notes": {
            "framing_texts": frame["referentiel"]["textes_de_cadrage"],
            "expected_results": [result["libelle"] for result in frame["resultats_attendus"]],
        },
    }
    return len(create_missing(Cycle, ["key"], [values]))


def load_axes(cycle: Cycle) -> int:
    data = read_yaml("axes.yaml")
    axes = create_missing(
        Axis,
        ["cycle_id", "number"],
        [
            {
                "cycle_id": cycle.pk,
                "number": row["numero"],
                "label": row["libelle"],
                "short_label": row["libelle_court"],
                "description": row["description"],
            }
            for row in data["axes"]
        ],
    )
    ids = dict(cycle.axes.values_list("number", "pk"))
    objectives = create_missing(
        Objective,
        ["axis_id", "number"],
        [
            {
                "axis_id": ids[axis["numero"]],
                "number": row["numero"],
                "label": row["libelle"],
                "description": row["description"],
                "origin": row["origine"],
            }
            for axis in data["axes"]
            for row in axis["objectifs"]
        ],
    )
    functions = create_missing(
        Function,
        ["code"],
        [
            {"code": row["code"], "label": row["libelle"], "description": row["description"]}
            for row in data["fonctions"]
        ],
    )
    return len(axes) + len(objectives) + len(functions)


def load_texts(cycle: Cycle) -> int:
    """The values that the cycle gives to the variables of the model, and the list of its axes."""
    rows = [
        {"cycle_id": cycle.pk, "name": row["nom"], "label": row["sens"], "value": row["valeur"]}
        for row in read_yaml("cycle.yaml")["valeurs"]
    ]
    rows.append({"cycle_id": cycle.pk, "name": "liste_axes", "label": "les axes du cycle", "value": axes_list(cycle)})
    return len(create_missing(CycleText, ["cycle_id", "name"], rows))


def load_accounts() -> int:
    """Load accounts in the order of the official forms.

    A two-digit account accepts amounts (rule `saisie_au_compte_principal`), unless it adds up contributions in kind. A
    budget then uses this account or its detail, not both.
    """
    data = read_yaml("comptes.yaml")
    titles_open = data["saisie_au_compte_principal"] == "autorisee"
    lines = [
        (AccountSide.EXPENSE if side == "charges" else AccountSide.RESOURCE, row)
        for side in ("charges", "produits")
        for group in data[side].values()
        for row in group
    ]
    rows = [_account(side, row, rank, titles_open=titles_open) for rank, (side, row) in enumerate(lines, start=1)]
    created = create_missing(Account, ["code"], rows)
    ids = dict(Account.objects.values_list("code", "pk"))
    parents = {row["code"]: ids[row["parent"]] for _, row in lines if "parent" in row}
    for account in created:
        account.parent_id = parents.get(account.code)
    Account.objects.bulk_update([account for account in created if account.parent_id], ["parent"])
    return len(created)


def _account(side: AccountSide, row: dict[str, Any], rank: int, *, titles_open: bool) -> dict[str, Any]:
    return {
        "code": row["code"],
        "label": row["libelle"],
        "side": side,
        "kind": AccountKind.IN_KIND if row["equilibre"] == "nature" else AccountKind.CASH,
        "enterable": row["saisissable"] or (titles_open and row["code"] not in IN_KIND_TITLES),
        "funder": row.get("financeur", ""),
        "restricted": row.get("anc_2022_06", ""),
        "note": row.get("note", ""),
        "rank": rank,
    }


def load_indicators(cycle: Cycle) -> int:
    """Load indicators. None is national until the national administration decides it; the file only proposes."""
    rows = [
        {
            "cycle_id": cycle.pk,
            "code": row["code"],
            "version": 1,
            "label": row["libelle"],
            "definition": row["definition"],
            "method": row["mode_calcul"],
            "unit": row["unite"],
            "type": row["type"],
            "direction": row["sens"],
            "source": row["source"],
            "aggregation": row["agregation"],
            "year_aggregation": row["agregation_annees"],
            "numerator": row.get("numerateur", ""),
            "denominator": row.get("denominateur", ""),
            "proposed_national": row["national_propose"],
            "usual_target": row["cible_type"],
        }
        for action in read_yaml("exemples.yaml")["actions"]
        for row in action["indicateurs"]
    ]
    return len(create_missing(IndicatorDefinition, ["cycle_id", "code", "version"], rows))


def load_examples(cycle: Cycle) -> int:
    actions = {row["code"]: row for row in read_yaml("exemples.yaml")["actions"]}
    axes = dict(cycle.axes.values_list("number", "pk"))
    objectives = dict(Objective.objects.filter(axis__cycle=cycle).values_list("number", "pk"))
    created = create_missing(
        ExampleSheet,
        ["cycle_id", "code"],
        [
            {
                "cycle_id": cycle.pk,
                "code": code,
                "axis_id": axes[row["axe"]],
                "objective_id": objectives[row["objectif"]],
                "title": row["intitule"],
                "content": _content(row),
            }
            for code, row in actions.items()
        ],
    )
    functions = dict(Function.objects.values_list("code", "pk"))
    indicators = dict(cycle.indicators.filter(version=1).values_list("code", "pk"))
    to_function, to_indicator = ExampleSheet.functions.through, ExampleSheet.indicators.through
    to_function._default_manager.bulk_create(
        to_function(examplesheet_id=example.pk, function_id=functions[code])
        for example in created
        for code in actions[example.code]["fonctions"]
    )
    to_indicator._default_manager.bulk_create(
        to_indicator(examplesheet_id=example.pk, indicatordefinition_id=indicators[row["code"]])
        for example in created
        for row in actions[example.code]["indicateurs"]
    )
    return len(created)


def _content(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "context": row["contexte"],
        "objectives": row["objectifs_operationnels"],
        "description": row["description"],
        "steps": row["etapes"],
        "audience": row["public"],
        "partners": row["partenaires_types"],
        "deliverables": row["livrables"],
        "milestones": row["calendrier_type"],
        "staff": [
            {"function": staff["fonction"], "fte_min": staff["etp_min"], "fte_max": staff["etp_max"]}
            for staff in row["moyens_humains"]
        ],
        "budget_shares": row["budget_type"],
    }
