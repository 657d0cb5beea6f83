"""The pages of a convention are those of its text in force today, whichever act made it, and agree with the lists."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from actions.services import create_sheet, update_sheet
from conventions.later.in_force import texts_to_come
from conventions.services.later import set_terms
from reporting.dashboard.board import Selection
from reporting.dashboard.money import money
from tests.dom.tree import packed
from tests.factories import scenarios
from tests.factories.actions import account, fill_sheet
from tests.factories.arml import make_user
from tests.factories.kept import kept
from tests.factories.scenarios import Scene, in_force, later, with_later_act

pytestmark = pytest.mark.django_db

BEFORE, AFTER = "120 000 €", "131 500 €"


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def text(client: Client, name: str, number: str = "", query: str = "", **kwargs: Any) -> str:
    address = reverse(name, kwargs={"number": number, **kwargs} if number else {})
    response = client.get(address + query, follow=True)
    assert response.status_code == 200, (name, number, query)
    page = packed(response.content.decode())
    for space in ("\u202f", "\u00a0", "&nbsp;"):
        page = page.replace(space, " ")
    return page.replace("<sup>er</sup>", "er")


@kept
def raised(effective_on: dt.date | None = None) -> tuple[Scene, Scene]:
    """A convention of 120 000 €, and its signed avenant, which gives 11 500 € more in 2027 and adds the fiche 3-Z."""
    scene = with_later_act()
    scenarios.set_contribution(scene, 2027, Decimal(51_500))
    programme = scene.act.programme
    sheet = create_sheet(
        programme=programme, by=scene.officer, axis=programme.cycle.axes.last(), code="3-Z", title="Venue plus tard"
    )
    update_sheet(sheet=sheet, by=scene.officer, expected_revision=None, description="Une action de plus.")
    fill_sheet(sheet, cost=100, state=60)
    region = account("74-REGION")
    sheet.resources.filter(account__code="74-ETAT").update(account=region, funder="Région")
    if effective_on:
        texts = {name: getattr(scene.act, name) for name in ("purpose", "cause", "consequences")}
        set_terms(act=scene.act, by=scene.officer, expected_revision=None, effective_on=effective_on, **texts)
    in_force(scene)
    return Scene(scene.convention), scene


def test_the_tabs_of_a_convention_show_the_text_in_force_and_those_of_an_act_its_own() -> None:
    first, avenant = raised()
    client = signed_in(first.director)
    key = avenant.act.programme.sheets.get(code="3-Z").key
    for number, amount, has_sheet in (
        (first.number, AFTER, True),
        (avenant.number, AFTER, True),
        (f"{first.number}-initiale", BEFORE, False),
    ):
        assert (amount in text(client, "convention-detail", number)) is True, number
        other = BEFORE if amount == AFTER else AFTER
        assert other not in text(client, "convention-detail", number), number
        assert ("3-Z – Venue plus tard" in text(client, "programme-detail", number)) is has_sheet, number
        assert ("3-Z" in text(client, "programme-budget", number)) is has_sheet, number
        assert ("Venue plus tard" in text(client, "programme-print", number)) is has_sheet, number
        assert ("51 500 €" in text(client, "convention-contribution", number)) is has_sheet, number
        status = client.get(reverse("sheet-detail", kwargs={"number": number, "key": key})).status_code
        assert (status == 200) is has_sheet, number


def test_a_fiche_that_an_avenant_added_is_offered_for_a_payment_from_the_convention() -> None:
    first, _avenant = raised()
    assert "3-Z Venue plus tard" in text(signed_in(first.director), "funding-record", first.number)


def test_list_home_page_dashboard_and_synthesis_give_the_same_contribution() -> None:
    first, _avenant = raised()
    client = signed_in(first.officer)
    assert AFTER in text(client, "convention-detail", first.number)
    assert AFTER in text(client, "convention-list")
    assert AFTER in text(client, "home")
    exported = b"".join(client.get(reverse("convention-list-csv")).streaming_content).decode()
    assert "131500,00" in exported
    assert whole(first) == Decimal(131_500)


def whole(scene: Scene) -> Decimal:
    cycle = scene.convention.cycle
    selection = Selection(user=scene.officer, cycle=cycle, year=2027)
    return sum((row["total"] or Decimal(0) for row in money(selection)), Decimal(0))


def test_an_avenant_signed_for_a_later_day_changes_no_figure_before_this_day(at: Any) -> None:
    first, avenant = raised(dt.date(2027, 1, 1))
    at("2026-12-31 23:30")
    client = signed_in(first.officer)
    assert texts_to_come() == {first.convention.pk: first.act.pk}
    page = text(client, "convention-detail", first.number)
    assert BEFORE in page and AFTER not in page
    assert "Modifiée par l’avenant n° 1 à partir du 1er janvier 2027" in page
    assert whole(first) == Decimal(120_000)
    assert "Venue plus tard" not in text(client, "programme-detail", first.number)
    assert AFTER in text(client, "convention-detail", avenant.number)
    at("2027-01-01 00:30")
    assert texts_to_come() == {}
    assert "Venue plus tard" in text(client, "programme-detail", first.number)
    assert AFTER in text(client, "convention-detail", first.number)
    assert whole(first) == Decimal(131_500)


def test_the_text_takes_effect_on_the_day_of_its_own_zone(at: Any) -> None:
    first, _avenant = raised(dt.date(2027, 1, 1))
    first.act.dossier.territories.update(time_zone="America/Cayenne")
    at("2027-01-01 03:30")  # still 31 December, 23:30, in Cayenne
    assert BEFORE in text(signed_in(first.officer), "convention-detail", first.number)
    assert whole(first) == Decimal(120_000)
    at("2027-01-01 04:30")
    assert AFTER in text(signed_in(first.officer), "convention-detail", first.number)
    assert whole(first) == Decimal(131_500)


def test_the_title_says_which_acts_made_the_text_and_since_when() -> None:
    first, avenant = raised()
    client = signed_in(first.director)
    page = text(client, "convention-articles", first.number)
    assert "Texte en vigueur depuis le 15 octobre 2026 :" in page
    assert ">convention</a>" in page and ">avenant n° 1</a>" in page
    page = text(client, "convention-articles", f"{first.number}-initiale")
    assert "Texte en vigueur du 1er janvier 2025 au 14 octobre 2026, puis modifié par l’avenant n° 1" in page
    page = text(client, "convention-articles", avenant.number)
    assert "Texte en vigueur depuis le 15 octobre 2026" in page


def test_any_earlier_day_opens_from_the_synthesis() -> None:
    first, avenant = raised()
    client = signed_in(first.director)
    address = reverse("convention-detail", args=[first.number])
    assert client.get(f"{address}?au=2026-10-14")["Location"] == reverse(
        "convention-detail", args=[f"{first.number}-initiale"]
    )
    assert client.get(f"{address}?au=2026-10-15").status_code == 200
    assert client.get(f"{address}?au=15/10/2026").status_code == 200
    for query, words in (("?au=2024-12-31", "Aucun texte n’était en vigueur le 31 décembre 2024"), ("?au=demain", "")):
        page = text(client, "convention-detail", first.number, query)
        assert AFTER in page and words in page and 'class="fr-alert' in page
    assert avenant.act.latest


def test_the_timeline_shows_to_each_person_the_acts_that_they_may_read() -> None:
    first, avenant = raised()
    second = later(first, purpose="Un second changement.")
    page = text(signed_in(first.director), "convention-detail", first.number)
    frieze = page[page.index("cpo-frise") :]
    for number in (f"{first.number}-initiale", avenant.number, second.number):
        assert reverse("convention-detail", args=[number]) in frieze
    observer = make_user("reader")
    type(observer.roles[0].organisation).objects.update(national_scope=True)
    page = text(signed_in(observer), "convention-detail", first.number)
    assert avenant.number in page and second.number not in page


def test_the_head_tells_an_observer_of_no_act_that_is_not_signed() -> None:
    first = Scene(with_later_act().convention)
    observer = make_user("reader")
    type(observer.roles[0].organisation).objects.update(national_scope=True)
    page = text(signed_in(observer), "convention-detail", first.number)
    assert "Texte en vigueur depuis" not in page and "cpo-frise" not in page and f"{first.number}-A1" not in page
    page = text(signed_in(first.director), "convention-detail", first.number)
    assert "cpo-frise" in page and f"{first.number}-A1" in page


def test_the_years_that_annual_acts_fixed_are_firm_on_the_convention() -> None:
    first = scenarios.active_convention()
    annual = later(first, "annual", year=2026)
    page = text(signed_in(first.director), "convention-detail", first.number)
    assert page.count(">ferme<") == 1
    in_force(annual)
    page = text(signed_in(first.director), "convention-detail", first.number)
    assert page.count(">ferme<") == 2 and page.count(">prévision<") == 1


def test_a_page_of_the_text_in_force_costs_the_same_with_one_later_act_and_with_three() -> None:
    first, _avenant = raised()
    client, address = signed_in(first.director), reverse("programme-detail", args=[first.number])

    def queries() -> int:
        client.get(address)
        with CaptureQueriesContext(connection) as captured:
            client.get(address)
        return len(captured)

    one = queries()
    in_force(later(first, "annual", year=2026))
    in_force(later(first, "annual", year=2027))
    assert queries() == one


@pytest.mark.parametrize("number", ["{0}-A1-initiale", "{0}-initiale-initiale", "{0}-initial"])
def test_an_address_that_names_no_act_is_not_found(number: str) -> None:
    first, _avenant = raised()
    client = signed_in(first.director)
    assert client.get(reverse("convention-detail", args=[number.format(first.number)])).status_code == 404
