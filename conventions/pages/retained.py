"""What changed in reference data since an act began, in words; how many open texts a change leaves as they are."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Count, Model

from actions.models import Axis, Cycle, CycleText, IndicatorDefinition, Objective
from arml.models import User
from conventions.content.retained import Change, open_acts_with
from conventions.enums import ConventionState
from conventions.models import Act
from cpo.lib.wording import french

STATES = (
    (ConventionState.DRAFT, "en rédaction"),
    (ConventionState.NEGOTIATION, "en négociation"),
    (ConventionState.SIGNATURE, "à la signature"),
)


def rows(changes: Iterable[Change]) -> list[dict[str, Any]]:
    """Return each change with the words of its line: what it is, its value in this text, its value today."""
    return [
        {
            "key": change.key,
            "label": _label(change),
            "before": _words(change, change.before),
            "after": _words(change, change.after),
        }
        for change in changes
    ]


def _label(change: Change) -> str:
    """« Adresse, DREETS Bretagne », « Axe 2, libellé », or what the value of the cycle means."""
    row = change.row
    if isinstance(row, CycleText):
        return french.upper_first(row.label)
    if isinstance(row, IndicatorDefinition):
        return f"Indicateur {row.code} {row.label}"
    name = french.upper_first(str(row._meta.get_field(change.field).verbose_name))  # type: ignore[union-attr]
    if isinstance(row, Axis):
        return f"{name}, {french.lower_first(row.cycle.axis_label)} {row.number}"
    if isinstance(row, Objective):
        return f"{name}, objectif {row.number}"
    return f"{name}, {row}"


def _words(change: Change, value: Any) -> str:
    if isinstance(value, bool) and isinstance(change.row, Cycle):
        return "oui" if value else "non"
    if isinstance(value, bool):
        return "national" if value else "non national"
    field = change.row._meta.get_field(change.field)
    choices = dict(getattr(field, "flatchoices", ()))
    return str(choices.get(value, value)) if value not in ("", None) else ""


def left_as_they_are(row: Model, user: User) -> str:
    """Say how many open texts that the person sees hold the present value of a row of reference data."""
    visible = Act.objects.visible_to(user).filter(pk__in=open_acts_with(row).values("pk"))
    states = visible.values_list("state").annotate(n=Count("pk"))
    counts = dict(states.order_by())
    parts = [f"{counts[state]} {words}" for state, words in STATES if counts.get(state)]
    if not parts:
        return "Aucun texte en cours n’emploie cette valeur ; aucun texte signé ne change."
    total = sum(counts.values())
    texts, keep = ("texte en cours garde", "sa") if total == 1 else ("textes en cours gardent", "leur")
    return (
        f"{total} {texts} {keep} valeur d’aujourd’hui ({', '.join(parts)}) jusqu’à ce que la partie qui a la main "
        "prenne la nouvelle en compte. Aucun texte signé ne change."
    )
