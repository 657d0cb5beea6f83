"""The programme: fiches, indicators, amounts. Everybody reads; the side that has the turn writes."""

from typing import Any

from actions.models import ProgrammeImport
from actions.services import SHEET_FIELDS, ProgrammeData, SheetData, read_programme
from actions.spreadsheet import write_workbook
from cpo.lib import clock
from tests.access.places import STATES

from .base import Block, Place, constant, file, form_values, on_convention

STRANGE_KEY = "00000000-0000-4000-8000-000000000000"


def key(place: Place) -> Any:
    return place.sheet.key


def example(place: Place) -> dict[str, Any]:
    return {"examples": [place.act.programme.cycle.examples.order_by("pk").first().pk]}


def sheets_to_take(place: Place) -> dict[str, Any]:
    first, second, *_ = place.act.programme.cycle.years
    sheet = place.act.programme.sheets.order_by("pk").first()
    return {"source": f"annee-{first}", "sheets": [sheet.pk], "to_year": second}


def new_sheet(place: Place) -> dict[str, Any]:
    axis = place.act.programme.cycle.axes.order_by("number").first()
    return {"axis": axis.pk, "title": "Une action de plus", "description": "Ce qui est fait."}


def workbook(place: Place) -> bytes:
    """The programme of the place as a workbook, with one more fiche."""
    programme = place.act.programme
    content = read_programme(programme)
    axis = programme.cycle.axes.order_by("number").first()
    fields = dict.fromkeys(SHEET_FIELDS, "") | {"code": "1-ZZ", "axis": axis, "title": "Une action importée"}
    fields |= dict.fromkeys(("objective", "fte", "starts_on", "ends_on"))
    fields |= {"nature": "nouvelle", "first_year": programme.cycle.first_year, "last_year": programme.cycle.last_year}
    more = ProgrammeData((*content.sheets, SheetData(fields)), content.expenses, content.resources)
    return write_workbook(programme, more, number=place.number)


def upload(place: Place) -> dict[str, Any]:
    return {"workbook": file("programme.xlsx", place.once("workbook", lambda: workbook(place)))}


def waiting(place: Place) -> dict[str, Any]:
    """Every person of the place has a workbook to confirm, so that only the right decides the answer."""

    def send() -> bool:
        for person in {person for person in place.people.values() if person}:
            workbook_fields = {"name": "programme.xlsx", "data": workbook(place), "created_at": clock.now()}
            ProgrammeImport.objects.create(programme=place.act.programme, user=person, **workbook_fields)
        return True

    place.once("waiting", send)
    return {"number": place.number}


BLOCKS: dict[str, Block] = {
    "programme-detail": on_convention(),
    "programme-budget": on_convention(),
    "programme-print": on_convention(),
    "programme-structure": on_convention(),
    "programme-export": on_convention(),
    "programme-template": on_convention(),
    "programme-import": on_convention(upload),
    "programme-import-preview": Block(STATES, waiting, form_values()),
    "sheet-create": on_convention(new_sheet),
    "sheet-from-example": on_convention(example),
    "sheets-take": on_convention(sheets_to_take),
    "sheet-detail": on_convention(key=key),
    "sheet-detail unknown": on_convention(states=("state-turn",), key=constant(STRANGE_KEY)),
    "sheet-edit": on_convention(form_values(description="Autrement."), key=key),
    "sheet-indicators": on_convention(key=key),
    "sheet-budget": on_convention(key=key),
    "sheet-delete": on_convention(key=key),
    "sheet-duplicate": on_convention(key=key),
    "sheet-move": on_convention(form_values(direction="up"), key=key),
}
