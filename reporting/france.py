"""The map of France, drawn on the server. Outlines: MIT data of @gouvfr/dsfr-chart (fixtures/map/regions.json)."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from django.utils.safestring import mark_safe

from arml.models import Territory
from conventions.enums import ConventionState

from .dashboard import STEPS, Scope, by_territory


@dataclass(frozen=True)
class Shape:
    code: str
    path: str
    x: int
    y: int
    transform: str = ""


@lru_cache(maxsize=1)
def outlines() -> tuple[Shape, ...]:
    data = json.loads((settings.FIXTURE_ROOT / "map" / "regions.json").read_text(encoding="utf-8"))
    return tuple(Shape(**region | {"path": mark_safe(region["path"])}) for region in data["regions"])


def shapes(scope: Scope, territories: Iterable[Territory]) -> list[dict[str, object]]:
    """Each region with its name, the step reached (class e1…e4, e0 for none) and the list that it opens."""
    states = by_territory(scope)
    by_code = {territory.code: territory for territory in territories}
    found = []
    for shape in outlines():
        territory = by_code.get(shape.code)
        state = states.get(territory.pk) if territory else None
        step = STEPS[ConventionState(state)] if state else 0
        found.append(
            {
                "shape": shape,
                "name": territory.name if territory else shape.code,
                "overseas": bool(shape.transform),
                "step": step,
                "label": ConventionState(state).label if state else "sans convention",
                "url": scope.link("conventions", territoire=shape.code),
            }
        )
    return found
