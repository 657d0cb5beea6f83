"""The map of France, drawn on the server. Outlines: MIT data of @gouvfr/dsfr-chart (fixtures/map/regions.json)."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from arml.models import Territory
from conventions.enums import ConventionState

from .board import STEPS, Scope, by_territory


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


@lru_cache(maxsize=200)
def drawn(shape: Shape, step: int, name: str) -> tuple[SafeString, SafeString]:
    """The outline of a region at a step, and its mark. The same for everybody: drawn once."""
    outline = format_html('<path class="e{}" d="{}"/>', step, shape.path)
    label = ""
    if shape.transform:
        outline = format_html('<g transform="{}">{}</g>', shape.transform, outline)
        label = format_html('<text class="nom" y="93">{}</text>', name)
    place = format_html(
        '<g transform="translate({} {})"><circle r="30" stroke-width="2"/>'
        '<text y="12" class="cpo-rang">{}</text>{}</g>',
        shape.x,
        shape.y,
        step or "–",
        label,
    )
    return outline, place


def shapes(scope: Scope, territories: Iterable[Territory]) -> list[dict[str, str]]:
    """Each region with its name, its outline and mark at the step reached (class e1…e4, e0 for none), its list."""
    states = by_territory(scope)
    by_code = {territory.code: territory for territory in territories}
    found = []
    for shape in outlines():
        territory = by_code.get(shape.code)
        state = states.get(territory.pk) if territory else None
        step = STEPS[ConventionState(state)] if state else 0
        name = territory.name if territory else shape.code
        outline, mark = drawn(shape, step, name)
        found.append(
            {
                "name": name,
                "outline": outline,
                "mark": mark,
                "label": ConventionState(state).label if state else "sans convention",
                "url": scope.link("conventions", territoire=shape.code),
            }
        )
    return found
