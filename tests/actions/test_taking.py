"""Copy fiches from another year of the programme, or from another convention of the association."""

from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from actions import services
from actions.forms.taking import sources
from actions.models import Programme, Target
from arml.models import User
from cpo.lib.models import JournalEntry
from tests.factories import scenarios
from tests.factories.actions import CycleFactory, ProgrammeFactory, SheetFactory, expense, fill_sheet
from tests.factories.conventions import make_convention
from tests.factories.scenarios import Scene

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> Scene:
    """A negotiation with one complete fiche, in which the association has the turn."""
    return scenarios.in_negotiation()


@pytest.fixture
def programme(scene: Scene) -> Programme:
    return scene.act.programme


def figures(programme: Programme, code: str) -> dict[int, tuple[Decimal, int]]:
    """Charges and targets of a fiche, by year."""
    sheet = programme.sheets.get(code=code)
    years = {row.year for row in sheet.expenses.all()} | set(
        Target.objects.filter(indicator__sheet=sheet).values_list("year", flat=True)
    )
    return {
        year: (
            sum((row.amount for row in sheet.expenses.filter(year=year)), Decimal(0)),
            Target.objects.filter(indicator__sheet=sheet, year=year).count(),
        )
        for year in years
    }


def past(programme: Programme, *, axes: int = 3) -> Programme:
    """The programme of the same association in the cycle 2022-2024, with one complete fiche on its first axis."""
    cycle = CycleFactory(first_year=2022, last_year=2024, axes=axes)
    old = ProgrammeFactory(dossier=programme.dossier, cycle=cycle)
    fill_sheet(SheetFactory(programme=old, axis=cycle.axes.first(), first_year=2022, last_year=2024))
    return old


def test_a_fiche_of_one_year_is_taken_into_another_with_its_figures(scene: Scene, programme: Programme) -> None:
    source = programme.sheets.get()
    before = figures(programme, source.code)
    (copy,) = services.take_sheets(
        programme=programme, by=scene.director, sheets=[source], origin="de l’année 2025", move=(2025, 2026)
    )
    assert copy.key != source.key and copy.years == [2026] and copy.title == source.title
    assert figures(programme, copy.code) == {2026: before[2025]}
    assert figures(programme, source.code) == before, "the source fiche does not change"
    sentence = JournalEntry.objects.filter(verb="sheets_taken").latest("pk").sentence
    assert sentence.endswith(f"ajoute la fiche {copy.code} «\u00a0{copy.title}\u00a0», à partir de l’année 2025.")


def test_figures_stay_behind_when_they_are_not_wanted(scene: Scene, programme: Programme) -> None:
    (copy,) = services.take_sheets(
        programme=programme, by=scene.director, sheets=programme.sheets.all(), origin="de x", figures=False
    )
    assert copy.indicators.exists() and figures(programme, copy.code) == {}


def test_the_years_of_a_past_cycle_become_those_of_this_one(scene: Scene, programme: Programme) -> None:
    old = past(programme)
    before = figures(old, old.sheets.get().code)
    (copy,) = services.take_sheets(programme=programme, by=scene.director, sheets=old.sheets.all(), origin="de x")
    assert copy.axis.cycle == programme.cycle and copy.years == programme.cycle.years
    assert figures(programme, copy.code) == {year + 3: amounts for year, amounts in before.items()}
    assert all(one.definition_from is None for one in copy.indicators.all()), "the catalogue of this cycle lacks them"


def test_days_of_another_year_do_not_come_along(scene: Scene, programme: Programme) -> None:
    source = programme.sheets.get()
    type(source).objects.filter(pk=source.pk).update(starts_on="2025-02-01", ends_on="2025-06-30")
    same, other = (
        services.take_sheets(
            programme=programme, by=scene.director, sheets=programme.sheets.filter(pk=source.pk), origin="de x", **more
        )[0]
        for more in ({}, {"move": (2025, 2026)})
    )
    assert same.starts_on is not None
    assert other.starts_on is None and other.ends_on is None


def test_an_axis_that_this_cycle_has_not_is_refused_and_nothing_is_written(scene: Scene, programme: Programme) -> None:
    old = past(programme, axes=9)
    SheetFactory(programme=old, axis=old.cycle.axes.get(number=9), first_year=2022, last_year=2024)
    revision = programme.revision
    with pytest.raises(ValidationError, match="axe 9, que ce cycle n’a pas"):
        services.take_sheets(programme=programme, by=scene.director, sheets=old.sheets.all(), origin="de x")
    programme.refresh_from_db()
    assert programme.sheets.count() == 1 and programme.revision == revision


def test_only_conventions_of_the_association_that_the_person_sees_are_offered(
    scene: Scene, programme: Programme
) -> None:
    other = make_convention()
    SheetFactory(programme=other.act.programme)

    def source_keys(user: User) -> list[str]:
        return [source.key for source in sources(programme, user)]

    assert source_keys(scene.director) == ["annee-2025", "annee-2026", "annee-2027"]
    other.dossier.beneficiary = programme.dossier.beneficiary
    other.dossier.save()
    assert other.number not in source_keys(scene.director), "a draft is not shared yet"
    other.dossier.shared_on = "2026-10-01"
    other.dossier.save()
    assert source_keys(scene.director)[-1] == other.number
    assert other.number not in source_keys(scene.officer), "another service's dossier"


def test_a_fiche_of_another_association_or_out_of_sight_is_refused_by_the_service(
    scene: Scene, programme: Programme
) -> None:
    other = make_convention()
    sheet = SheetFactory(programme=other.act.programme)
    for _ in range(2):
        with pytest.raises(PermissionDenied, match="que vous voyez"):
            services.take_sheets(programme=programme, by=scene.director, sheets=[sheet], origin="de x")
        other.dossier.beneficiary = programme.dossier.beneficiary  # the same association, whose draft is not shared yet
        other.dossier.save()
    assert programme.sheets.count() == 1


def test_the_page_takes_what_is_ticked(client: Client, scene: Scene, programme: Programme) -> None:
    client.force_login(scene.director)
    url = reverse("sheets-take", args=[scene.number])
    sheet = programme.sheets.get()
    page = client.get(url, {"source": "annee-2026"}).content.decode()
    assert f"{sheet.code} – {sheet.title}" in page and "Année qui les reçoit" in page
    data = {"source": "annee-2026", "sheets": [sheet.pk], "to_year": "2027", "figures": "on"}
    assert client.post(url, data).status_code == 302
    assert programme.sheets.exclude(pk=sheet.pk).get().years == [2027]


def test_an_empty_programme_says_that_there_is_nothing_to_take(
    client: Client, scene: Scene, programme: Programme
) -> None:
    programme.sheets.all().delete()
    client.force_login(scene.director)
    assert "Rien à reprendre pour l’instant" in client.get(reverse("sheets-take", args=[scene.number])).content.decode()
    assert client.post(reverse("sheets-take", args=[scene.number]), {}).status_code == 200


def test_the_page_costs_the_same_for_one_fiche_and_for_three(
    client: Client, scene: Scene, programme: Programme
) -> None:
    client.force_login(scene.director)
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get(reverse("sheets-take", args=[scene.number]))
        counts.append(len(queries))
        for _ in range(2):
            expense(SheetFactory(programme=programme, axis=programme.cycle.axes.first()), "64", 2025, 10)
    assert counts[0] == counts[1]
