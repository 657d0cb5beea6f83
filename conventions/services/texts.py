"""Values typed for the variables of the model: dates, references, long texts."""

import datetime as dt
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError

from arml.models import User
from conventions.enums import VariableType
from conventions.models import Act, ModelVariable, ModelVariant
from conventions.text.values import as_list, is_computed
from conventions.text.wording import NAME, Wording
from cpo.lib.actor import Actor
from cpo.lib.enums import Side

from .base import act_editing

STATE_SOURCES = ("service", "cycle")


def editable_variables(act: Act, side: str = Side.STATE) -> list[ModelVariable]:
    """The variables that people fill in: printed, neither computed nor tables; the association leaves the service's
    alone."""
    needed = needed_names(act) | {name for name, value in act.values.items() if value}
    return [
        variable
        for variable in ModelVariable.objects.filter(version=act.model_version_id).order_by("id")
        if variable.name in needed
        and not is_computed(variable.name)
        and variable.type != VariableType.TABLE
        and not variable.name.startswith("variante_")
        and variable.source != "cycle"
        and (side == Side.STATE or variable.source not in STATE_SOURCES)
    ]


def needed_names(act: Act) -> set[str]:
    """The variables that the articles kept, with the wordings chosen, print."""
    chosen = {}
    for variant in ModelVariant.objects.filter(version=act.model_version_id):
        wanted = act.options.get(variant.option)
        if wanted == variant.value or (wanted is None and variant.default):
            chosen[variant.group] = variant.body
    wording = Wording(variants=chosen)
    bodies = act.articles.filter(included=True).values_list("body", flat=True)
    return {name for body in bodies for name in NAME.findall(wording.expanded(body))}


def set_values(*, act: Act, values: Mapping[str, Any], by: User | Actor, expected_revision: int | None) -> None:
    """Write some values; an empty one goes back to what is proposed. Raises ValidationError keyed by variable.

    Dates are kept as AAAA-MM-JJ, amounts and rates as decimal numbers, lists as lists; paper alone formats them.
    """
    variables = {variable.name: variable for variable in ModelVariable.objects.filter(version=act.model_version_id)}
    errors: dict[str, str] = {}
    cleaned: dict[str, Any] = {}
    for name, value in values.items():
        variable = variables.get(name)
        if variable is None or is_computed(name) or variable.type == VariableType.TABLE:
            errors[name] = "Cette information ne se saisit pas ici."
            continue
        try:
            cleaned[name] = clean_value(variable.type, value)
        except ValueError:
            errors[name] = f"« {value} » ne convient pas : {VariableType(variable.type).label} attendu."
    if errors:
        raise ValidationError(errors)
    labels = [variables[name].label for name in cleaned if act.values.get(name, "") != cleaned[name]]
    with act_editing(act, by=by, expected_revision=expected_revision, element=_element(labels)) as (fresh, actor):
        if actor.side == Side.BENEFICIARY:
            _leave_service_alone(variables[name] for name in cleaned if fresh.values.get(name, "") != cleaned[name])
        merged = {name: value for name, value in (fresh.values | cleaned).items() if value not in ("", [])}
        type(fresh).objects.filter(pk=fresh.pk).update(values=merged)
        act.values = fresh.values = merged


def _element(labels: list[str]) -> str:
    return f"les informations ({labels[0]})" if len(labels) == 1 else "les informations de la convention"


def _leave_service_alone(variables: Iterable[ModelVariable]) -> None:
    if any(variable.source in STATE_SOURCES for variable in variables):
        raise PermissionDenied("Le service de l’État renseigne lui-même les informations qui le concernent.")


def clean_value(kind: str, value: Any) -> Any:
    """Return what is kept: JSON-ready. Raises ValueError."""
    if kind == VariableType.LIST:
        return as_list(value)
    if value is None or str(value).strip() == "":
        return ""
    if kind == VariableType.DATE:
        return (value if isinstance(value, dt.date) else dt.date.fromisoformat(str(value))).isoformat()
    if kind in (VariableType.AMOUNT, VariableType.PERCENT):
        try:
            return str(Decimal(str(value)))
        except InvalidOperation as error:
            raise ValueError(value) from error
    return str(value).replace("\r\n", "\n").strip()
