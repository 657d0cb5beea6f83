"""The national administration edits a cycle (values, axes, objectives, indicators, examples) and the accounts.

Signed acts have their own copy and do not change. The journal lists the events under the cycle, whose row is locked
first; events about an account, common to all cycles, are listed under the administration.
"""

from collections.abc import Mapping
from string import ascii_uppercase
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction

from actions.enums import STATE_ACCOUNT, SigningOrder
from actions.models import Account, Axis, Cycle, ExampleSheet, IndicatorDefinition, Objective, Resource
from arml.models import User
from arml.permissions import acting_nationally
from cpo.lib import journal
from cpo.lib.actor import Actor
from cpo.lib.editing import rows
from cpo.lib.editing.lock import StaleRevision, Unchanged, edit
from cpo.lib.enums import Audience
from cpo.lib.forms.fields import parse_french_date
from cpo.lib.signals import content_changed
from cpo.lib.wording import french
from cpo.lib.wording.numbers import parse_percent

NBSP = "\u00a0"
# Derived from the fields and axes of the cycle, hence not editable.
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

# The values that rules compare or that the model prints as a number or a day: no other words, or a guard would read
# what nobody wrote (« 10 % ou 5 000 € »).
PERCENTAGES = ("seuil_adaptation", "taux_excedent", "taux_avance_max", "part_resultats")
DAYS = ("date_limite_bilan",)

# The keys of the content of an example, with the labels of the corresponding fields of a fiche.
CONTENT_LABELS = {
    "context": "contexte et diagnostic",
    "objectives": "objectifs opérationnels",
    "description": "description",
    "steps": "étapes",
    "audience": "public",
    "partners": "partenaires",
    "milestones": "jalons par trimestre",
    "staff": "moyens humains",
    "deliverables": "livrables",
}


def _lock(cycle: Cycle) -> Cycle:
    return Cycle.objects.select_for_update().get(pk=cycle.pk)


def _record(cycle: Cycle, actor: Actor, verb: str, sentence: str, subject: models.Model | None = None) -> None:
    journal.record(subject or cycle, root=cycle, by=actor, verb=verb, sentence=sentence, audience=Audience.NATIONAL)


def update_values(
    *,
    cycle: Cycle,
    values: Mapping[str, str],
    signing: Mapping[str, bool | str],
    expected_revision: int,
    by: User | Actor,
    thresholds: Mapping[str, int] | None = None,
) -> list[str]:
    """Write what differs: values of the cycle, signing rules (ways, order), thresholds of the reports; return labels.

    Raises StaleRevision.
    """
    actor = acting_nationally(by)
    with edit(cycle, expected_revision=expected_revision, by=actor, element="valeurs du cycle") as locked:
        rules = dict(signing) | dict(thresholds or {})
        labels = _write_texts(locked, values, actor) + _write_rules(locked, rules, actor)
        if not labels:
            raise Unchanged
    return labels


def check_value(name: str, value: str) -> None:
    """Raise ValidationError, in French, for a value of the cycle that its readers could not read."""
    try:
        if name in PERCENTAGES:
            parse_percent(value)
        elif name in DAYS:
            parse_french_date(value)
    except ValueError as error:
        wanted = (
            f"un pourcentage de 0 à 100, par exemple 12,5{NBSP}%"
            if name in PERCENTAGES
            else "une date, par exemple 30 septembre 2027"
        )
        raise ValidationError(f"«{NBSP}{value[:60]}{NBSP}»{NBSP}: écrivez ici {wanted}, et rien d’autre.") from error


def _write_texts(locked: Cycle, values: Mapping[str, str], actor: Actor) -> list[str]:
    labels = []
    for text in locked.texts.filter(name__in=[name for name in values if name not in DERIVED]):
        value = values[text.name]
        if value != text.value:
            check_value(text.name, value)
            before, text.value = text.value, value
            text.save(update_fields=["value"])
            labels.append(text.label)
            change = f"«{NBSP}{before}{NBSP}» devient «{NBSP}{value}{NBSP}»" if before else f"«{NBSP}{value}{NBSP}»"
            sentence = f"{french.upper_first(text.label)}{NBSP}: {change}"
            _record(locked, actor, "cycle_value_changed", sentence, text)
    return labels


def _write_rules(locked: Cycle, rules: Mapping[str, bool | str | int], actor: Actor) -> list[str]:
    labels = []
    for name, value in rules.items():
        if rows.set_changed(locked, {name: value}):
            label = str(getattr(Cycle._meta.get_field(name), "verbose_name", name))
            labels.append(label)
            _record(locked, actor, "cycle_changed", f"{label[:1].upper()}{label[1:]}{NBSP}: {_rule_words(value)}")
    return labels


def _rule_words(value: bool | str | int) -> str:
    if isinstance(value, bool):
        return ("non", "oui")[value]
    return french.lower_first(SigningOrder(value).label) if isinstance(value, str) else f"{value}{NBSP}%"


@transaction.atomic
def update_axis(
    *,
    axis: Axis,
    changes: Mapping[str, str],
    objectives: Mapping[int, Mapping[str, str]],
    expected_revision: int,
    by: User | Actor,
) -> list[str]:
    """Correct the wording of an axis and of its objectives, not their numbers; return the labels of what changed.

    Raises StaleRevision.
    """
    actor = acting_nationally(by)
    locked = _lock(axis.cycle)
    labels = []
    with edit(axis, expected_revision=expected_revision, by=actor, element="rédaction des axes") as row:
        if rows.set_changed(row, changes):
            labels.append(f"{locked.axis_label.lower()} {axis.number}")
        for objective in Objective.objects.filter(axis=axis, pk__in=objectives):
            if rows.set_changed(objective, objectives[objective.pk]):
                labels.append(f"objectif {objective.number}")
        if not labels:
            raise Unchanged
    if labels:
        _refresh_list(locked)
        _record(locked, actor, "axis_changed", f"Rédaction modifiée{NBSP}: {', '.join(labels)}", axis)
    return labels


def axes_list(cycle: Cycle) -> str:
    """Return the axes as the model prints them, one per line."""
    word = cycle.axis_label.lower()
    axes = Axis.objects.filter(cycle=cycle).order_by("number")
    return "\n".join(f"{word} {axis.number}{NBSP}: {french.lower_first(axis.label)}" for axis in axes)


def _refresh_list(cycle: Cycle) -> None:
    cycle.texts.filter(name="liste_axes").update(value=axes_list(cycle))


def current_indicators(cycle: Cycle) -> models.QuerySet[IndicatorDefinition]:
    """Return the latest version of each indicator."""
    last = IndicatorDefinition.objects.filter(cycle=cycle, code=models.OuterRef("code")).order_by("-version")
    return (
        IndicatorDefinition.objects.filter(cycle=cycle)
        .annotate(last=models.Subquery(last.values("version")[:1]))
        .filter(version=models.F("last"))
        .order_by("code")
    )


@transaction.atomic
def set_national(*, cycle: Cycle, code: str, national: bool, by: User | Actor) -> IndicatorDefinition:
    """Make an indicator national (common to all conventions) or not, for every version of its code."""
    actor = acting_nationally(by)
    locked = _lock(cycle)
    versions = IndicatorDefinition.objects.filter(cycle=locked, code=code)
    indicator = versions.order_by("-version")[0]
    if not versions.exclude(national=national).update(national=national):
        return indicator
    indicator.national = national
    words = "devient national" if national else "n’est plus national"
    _record(locked, actor, "indicator_national", f"L’indicateur {indicator} {words}", indicator)
    for version in versions:
        content_changed.send(IndicatorDefinition, root=version, actor=actor, element="indicateurs nationaux")
    return indicator


@transaction.atomic
def revise_indicator(
    *, indicator: IndicatorDefinition, changes: Mapping[str, Any], expected_version: int, by: User | Actor
) -> IndicatorDefinition:
    """Create a new version with another wording; existing fiches keep their version.

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


def account_fields(account: Account) -> list[str]:
    """Return the fields of an account that may change.

    Code, side and rank never change: budgets are added up by them. Neither does a label stored as the funder of a
    resource: planned and received amounts are matched by it.
    """
    is_funder_name = Resource.objects.filter(account=account, funder=account.label[:120]).exists()
    label = [] if is_funder_name else ["label"]
    withdrawn = ["withdrawn"] if account.enterable and account.code != STATE_ACCOUNT else []
    return [*label, "note", *withdrawn]


def update_account(
    *, account: Account, changes: Mapping[str, Any], expected_revision: int, by: User | Actor
) -> list[str]:
    """Write the fields that differ; return their French names. Existing versions keep the former label.

    Raises StaleRevision.
    """
    actor = acting_nationally(by)
    return rows.update(
        account,
        changes,
        expected_revision=expected_revision,
        by=actor,
        element="nomenclature des comptes",
        verb="account_changed",
        sentence=lambda locked, labels: f"Compte {locked.code}{NBSP}: {labels}",
        root=actor.organisation,
        allowed=account_fields,
        refusal="Des budgets emploient ce compte : rouvrez la page pour voir ce qui se modifie.",
    )


def update_example(
    *, example: ExampleSheet, changes: Mapping[str, Any], expected_revision: int, by: User | Actor
) -> list[str]:
    """Write the fields of an example that differ (see `_write_example`); return their French names.

    Fiches copied from it do not change. Raises StaleRevision.
    """
    actor = acting_nationally(by)
    with transaction.atomic():
        cycle = _lock(example.cycle)
        with edit(example, expected_revision=expected_revision, by=actor, element="exemple d’action") as locked:
            labels = _write_example(locked, changes)
            if not labels:
                raise Unchanged
            _record(cycle, actor, "example_changed", f"Exemple {locked.code}{NBSP}: {', '.join(labels)}", locked)
    return labels


@transaction.atomic
def add_example(*, cycle: Cycle, changes: Mapping[str, Any], by: User | Actor) -> ExampleSheet:
    """Add an example with the next free letter of its axis. Raises ValidationError when no letter is left."""
    actor = acting_nationally(by)
    locked = _lock(cycle)
    axis = changes["objective"].axis
    example = ExampleSheet(cycle=locked, axis=axis, code=_free_code(locked, axis))
    example.objective, example.title = changes["objective"], changes["title"]
    example.save()
    _write_example(example, changes)
    _record(locked, actor, "example_added", f"Exemple ajouté{NBSP}: {example}", example)
    return example


def _free_code(cycle: Cycle, axis: Axis) -> str:
    """Return the letter after the last one of the axis; letters of withdrawn examples are not reused."""
    codes = [f"{axis.number}-{letter}" for letter in ascii_uppercase]
    used_codes = set(ExampleSheet.objects.filter(cycle=cycle).values_list("code", flat=True))
    last = max((rank for rank, code in enumerate(codes) if code in used_codes), default=-1)
    if last + 1 == len(codes):
        raise ValidationError({"objective": f"L’axe {axis.number} n’a plus de lettre libre pour un exemple."})
    return codes[last + 1]


def _write_example(example: ExampleSheet, changes: Mapping[str, Any]) -> list[str]:
    """`changes`: title, objective, withdrawn, content (by key), functions and indicators (lists of rows)."""
    content = changes.get("content", {})
    content_changes = {name: value for name, value in content.items() if example.content.get(name) != value}
    plain = {name: changes[name] for name in ("title", "objective", "withdrawn") if name in changes}
    changed_fields = rows.set_changed(example, plain | {"content": example.content | content})
    labels = rows.change_labels(example, [name for name in changed_fields if name != "content"])
    labels += [CONTENT_LABELS[name] for name in content_changes]
    for name, label in (("functions", "fonctions"), ("indicators", "indicateurs")):
        related = getattr(example, name)
        if name in changes and set(changes[name]) != set(related.all()):
            related.set(changes[name])
            labels.append(label)
    return labels
