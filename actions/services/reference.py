"""The national administration edits a cycle: its values, axes, objectives and indicators. Signed acts keep their copy.

The journal's root is the cycle, whose row is locked first.
"""

from collections.abc import Mapping
from typing import Any

from django.db import models, transaction

from arml.models import User
from arml.permissions import acting_nationally
from cpo.lib import french, journal
from cpo.lib.actor import Actor
from cpo.lib.editing import StaleRevision, edit
from cpo.lib.enums import Audience

from ..models import Axis, Cycle, IndicatorDefinition, Objective

NBSP = "\u00a0"
# Written from the cycle's own fields and axes: typing them a second time would let them differ.
DERIVED = (
    "annees_convention",
    "annee_1",
    "annee_2",
    "annee_3",
    "instruction_reference",
    "date_instruction",
    "instruction_nor",
    "date_fin",
    "liste_axes",
)


def _lock(cycle: Cycle) -> Cycle:
    return Cycle.objects.select_for_update().get(pk=cycle.pk)


def _record(cycle: Cycle, actor: Actor, verb: str, sentence: str, subject: models.Model | None = None) -> None:
    journal.record(subject or cycle, root=cycle, by=actor, verb=verb, sentence=sentence, audience=Audience.NATIONAL)


def update_values(
    *, cycle: Cycle, values: Mapping[str, str], modes: Mapping[str, bool], expected_revision: int, by: User | Actor
) -> list[str]:
    """Write the values of the cycle that really change, and which ways of signing it admits; return their labels.

    Raises StaleRevision.
    """
    actor = acting_nationally(by)
    with edit(cycle, expected_revision=expected_revision, by=actor, element="valeurs du cycle") as locked:
        return _write_texts(locked, values, actor) + _write_modes(locked, modes, actor)


def _write_texts(locked: Cycle, values: Mapping[str, str], actor: Actor) -> list[str]:
    changed = []
    for text in locked.texts.filter(name__in=[name for name in values if name not in DERIVED]):
        value = values[text.name]
        if value != text.value:
            before, text.value = text.value, value
            text.save(update_fields=["value"])
            changed.append(text.label)
            sentence = (
                f"{text.label[:1].upper()}{text.label[1:]}{NBSP}: «{NBSP}{before}{NBSP}» devient «{NBSP}{value}{NBSP}»"
            )
            _record(locked, actor, "cycle_value_changed", sentence, text)
    return changed


def _write_modes(locked: Cycle, modes: Mapping[str, bool], actor: Actor) -> list[str]:
    changed = []
    for name, admitted in modes.items():
        if getattr(locked, name) != admitted:
            setattr(locked, name, admitted)
            label = str(getattr(Cycle._meta.get_field(name), "verbose_name", name))
            changed.append(label)
            locked.save(update_fields=[name])
            _record(
                locked, actor, "cycle_changed", f"{label[:1].upper()}{label[1:]}{NBSP}: {'oui' if admitted else 'non'}"
            )
    return changed


@transaction.atomic
def update_axis(
    *,
    axis: Axis,
    changes: Mapping[str, str],
    objectives: Mapping[int, Mapping[str, str]],
    expected_revision: int,
    by: User | Actor,
) -> list[str]:
    """Correct the wording of an axis and of its objectives, whose numbers stay; return what changed.

    Raises StaleRevision.
    """
    actor = acting_nationally(by)
    locked = _lock(axis.cycle)
    changed = []
    with edit(axis, expected_revision=expected_revision, by=actor, element="rédaction des axes") as row:
        if _write(row, changes):
            changed.append(f"{locked.axis_label.lower()} {axis.number}")
        for objective in Objective.objects.filter(axis=axis, pk__in=objectives):
            if _write(objective, objectives[objective.pk]):
                changed.append(f"objectif {objective.number}")
    if changed:
        _refresh_list(locked)
        _record(locked, actor, "axis_changed", f"Rédaction modifiée{NBSP}: {', '.join(changed)}", axis)
    return changed


def _write(row: models.Model, changes: Mapping[str, str]) -> list[str]:
    changed = [name for name, value in changes.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, changes[name])
    if changed:
        row.save(update_fields=changed)
    return changed


def axes_list(cycle: Cycle) -> str:
    """The axes as the model prints them, one on each line."""
    word = cycle.axis_label.lower()
    axes = Axis.objects.filter(cycle=cycle).order_by("number")
    return "\n".join(f"{word} {axis.number}{NBSP}: {french.lower_first(axis.label)}" for axis in axes)


def _refresh_list(cycle: Cycle) -> None:
    cycle.texts.filter(name="liste_axes").update(value=axes_list(cycle))


@transaction.atomic
def set_national(*, cycle: Cycle, code: str, national: bool, by: User | Actor) -> IndicatorDefinition:
    """Say that an indicator is, or no longer is, common to all conventions: every version of its code."""
    actor = acting_nationally(by)
    locked = _lock(cycle)
    versions = IndicatorDefinition.objects.filter(cycle=locked, code=code)
    versions.update(national=national)
    indicator = versions.order_by("-version")[0]
    words = "devient national" if national else "n’est plus national"
    _record(locked, actor, "indicator_national", f"L’indicateur {indicator} {words}", indicator)
    return indicator


@transaction.atomic
def revise_indicator(
    *, indicator: IndicatorDefinition, changes: Mapping[str, Any], expected_version: int, by: User | Actor
) -> IndicatorDefinition:
    """Make a new version with another wording; fiches keep the version that they were written with.

    Raises StaleRevision when the form was opened with an older version.
    """
    actor = acting_nationally(by)
    locked = _lock(indicator.cycle)
    last = IndicatorDefinition.objects.filter(cycle=locked, code=indicator.code).order_by("-version")[0]
    if last.version != expected_version:
        raise StaleRevision(expected_version, last.version)
    if all(getattr(last, name) == value for name, value in changes.items()):
        return last
    examples = list(last.examples.all())
    last.pk, last._state.adding, last.version = None, True, last.version + 1
    for name, value in changes.items():
        setattr(last, name, value)
    last.save(force_insert=True)
    for example in examples:
        example.indicators.remove(*example.indicators.filter(code=last.code))
        example.indicators.add(last)
    _record(locked, actor, "indicator_revised", f"Indicateur {last}{NBSP}: version {last.version}", last)
    return last
