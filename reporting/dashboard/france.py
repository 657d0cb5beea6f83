"""The map of France, drawn on the server. Outlines: MIT data of @gouvfr/dsfr-chart (fixtures/map/regions.json)."""

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from arml.models import Territory
from conventions.enums import ConventionState

from .board import REACHED, Selection, by_territory

OUTSIDE = "hors de votre périmètre"


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
def draw(shape: Shape, step: int, name: str, sign: str) -> tuple[SafeString, SafeString]:
    """SVG of the outline and of the mark of a region at a step; cached, as it is the same for everybody."""
    outline = format_html('<path class="e{}" d="{}"/>', step, shape.path)
    label = ""
    if shape.transform:
        outline = format_html('<g transform="{}">{}</g>', shape.transform, outline)
        label = format_html('<text class="nom" y="93">{}</text>', name)
    mark = format_html(
        '<g transform="translate({} {})"><circle r="30" stroke-width="2"/>'
        '<text y="12" class="cpo-rang">{}</text>{}</g>',
        shape.x,
        shape.y,
        sign,
        label,
    )
    return outline, mark


def nothing_in(selection: Selection) -> str:
    """What is said of a territory without any step: who sees only what is shared or published knows no more."""
    return "sans convention" if selection.sees_drafts else "aucune convention visible"


def shapes(selection: Selection, territories: Iterable[Territory], seen: Collection[str]) -> list[dict[str, str]]:
    """Each region: name, outline and mark of the most advanced step (class e1…e4, e0 for none), address of its list.

    `seen`: the codes of the territories of which the person may see conventions. Of the others nothing is known.
    """
    nothing = nothing_in(selection)
    states = by_territory(selection)
    by_code = {territory.code: territory for territory in territories}
    regions = []
    for shape in outlines():
        territory = by_code.get(shape.code)
        state = states.get(territory.pk) if territory else None
        step = REACHED[ConventionState(state)] if state else 0
        name = territory.name if territory else shape.code
        sign = "R" if state == ConventionState.TERMINATED else str(step or "–")
        outline, mark = draw(shape, step, name, sign)
        regions.append(
            {
                "name": name,
                "outline": outline,
                "mark": mark,
                "label": ConventionState(state).label if state else nothing if shape.code in seen else OUTSIDE,
                "url": selection.link("conventions", territoire=shape.code) if shape.code in seen else "",
            }
        )
    return regions
