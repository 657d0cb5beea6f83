"""Write the values of the variables of the model: dates, references, long texts."""

import datetime as dt
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError

from arml.models import User
from conventions.enums import VariableType
from conventions.models import Act, ModelVariable, ModelVariant
from conventions.text.dating import piece_dates
from conventions.text.values import as_list, is_computed
from conventions.text.wording import NAME, Wording
from cpo.lib.actor import Actor
from cpo.lib.enums import Side
from cpo.lib.wording.typography import long_date

from .base import act_editing

STATE_SOURCES = ("service", "cycle")


def editable_variables(act: Act, side: str = Side.STATE) -> list[ModelVariable]:
    """Return the variables that people of a side fill in: those that no pièce dates, and what contradicts one."""
    dates = piece_dates(act)
    return [
        variable
        for variable in printed_variables(act, side)
        if variable.name not in dates or act.values.get(variable.name, "") not in ("", dates[variable.name].isoformat())
    ]


def printed_variables(act: Act, side: str = Side.STATE) -> list[ModelVariable]:
    """Return the variables that are printed, and neither computed nor tables.

    The association does not fill in the variables of the service.
    """
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
    """Return the names of the variables that the included articles print, with the variants chosen."""
    variants = {}
    for variant in ModelVariant.objects.filter(version=act.model_version_id):
        option = act.options.get(variant.option)
        if option == variant.value or (option is None and variant.default):
            variants[variant.group] = variant.body
    wording = Wording(variants=variants)
    bodies = act.articles.held().filter(included=True).values_list("body", flat=True)
    return {name for body in bodies for name in NAME.findall(wording.expanded(body))}


def set_values(*, act: Act, values: Mapping[str, Any], by: User | Actor, expected_revision: int | None) -> None:
    """Write some values; an empty one restores the proposed value. Raises ValidationError keyed by variable.

    Dates are stored as AAAA-MM-JJ, amounts and rates as decimal numbers, lists as lists: only printing formats them.
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
    errors |= contradictions(act, cleaned)
    if errors:
        raise ValidationError(errors)
    labels = [variables[name].label for name in cleaned if act.values.get(name, "") != cleaned[name]]
    with act_editing(act, by=by, expected_revision=expected_revision, element=_element(labels)) as (fresh, actor):
        if actor.side == Side.BENEFICIARY:
            _refuse_service_variables(
                variables[name] for name in cleaned if fresh.values.get(name, "") != cleaned[name]
            )
        merged = {name: value for name, value in (fresh.values | cleaned).items() if value not in ("", [])}
        type(fresh).objects.filter(pk=fresh.pk).update(values=merged)
        act.values = fresh.values = merged


def contradictions(act: Act, cleaned: Mapping[str, Any]) -> dict[str, str]:
    """Return the error of each date that is typed anew though a pièce gives another one."""
    return {
        name: f"La pièce déposée est du {long_date(day)}, date qui s’imprime. Videz ce champ, ou remplacez la pièce."
        for name, day in piece_dates(act).items()
        if cleaned.get(name) and cleaned[name] not in (day.isoformat(), act.values.get(name))
    }


def _element(labels: list[str]) -> str:
    return f"les informations ({labels[0]})" if len(labels) == 1 else "les informations de la convention"


def _refuse_service_variables(variables: Iterable[ModelVariable]) -> None:
    if any(variable.source in STATE_SOURCES for variable in variables):
        raise PermissionDenied("Le service de l’État renseigne lui-même les informations qui le concernent.")


def clean_value(kind: str, value: Any) -> Any:
    """Return the value to store, which JSON can hold. Raises ValueError."""
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
