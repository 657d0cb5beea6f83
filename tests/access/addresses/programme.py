"""The programme: fiches, indicators, amounts. Everybody reads; the side that has the turn writes."""

from typing import Any

from .base import Block, Place, constant, on_convention, typed

STRANGE_KEY = "00000000-0000-4000-8000-000000000000"


def key(place: Place) -> Any:
    return place.sheet.key


def example(place: Place) -> dict[str, Any]:
    return {"examples": [place.act.programme.cycle.examples.order_by("pk").first().pk]}


def new_sheet(place: Place) -> dict[str, Any]:
    axis = place.act.programme.cycle.axes.order_by("number").first()
    return {"axis": axis.pk, "title": "Une action de plus", "description": "Ce qui est fait."}


BLOCKS: dict[str, Block] = {
    "programme-detail": on_convention(),
    "programme-budget": on_convention(),
    "programme-structure": on_convention(),
    "sheet-create": on_convention(new_sheet),
    "sheet-from-example": on_convention(example),
    "sheet-detail": on_convention(key=key),
    "sheet-detail unknown": on_convention(states=("state-turn",), key=constant(STRANGE_KEY)),
    "sheet-edit": on_convention(typed(description="Autrement."), key=key),
    "sheet-indicators": on_convention(key=key),
    "sheet-budget": on_convention(key=key),
    "sheet-delete": on_convention(key=key),
    "sheet-duplicate": on_convention(key=key),
    "sheet-move": on_convention(typed(direction="up"), key=key),
}
