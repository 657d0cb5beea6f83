"""A fiche that a workbook adds to an avenant runs from the years of the avenant, as one added on the page does."""

import datetime as dt
from typing import Any

import pytest

from conventions.models import Act
from tests.actions.books import at, doubled, edited, exported, read_content
from tests.factories import scenarios

pytestmark = pytest.mark.django_db


def test_a_new_fiche_begins_with_the_avenant_and_a_stored_one_keeps_its_years() -> None:
    scene = scenarios.with_later_act()
    Act.objects.filter(pk=scene.act.pk).update(effective_on=dt.date(2027, 1, 1))
    programme = Act.objects.get(pk=scene.act.pk).programme

    def change(book: Any) -> None:
        doubled("Fiches")(book)
        at(book["Fiches"], "Code", 3).value = "9-Z"
        for row in (2, 3):
            for title in ("Première année", "Dernière année"):
                at(book["Fiches"], title, row).value = None

    content = read_content(edited(exported(programme), change), programme)
    years = {sheet.fields["code"]: (sheet.fields["first_year"], sheet.fields["last_year"]) for sheet in content.sheets}
    [stored] = programme.sheets.values_list("code", flat=True)
    assert years == {stored: (2025, 2027), "9-Z": (2027, 2027)}
