"""The dashboard, the campaigns and the lists show the years of the cycle and those that an extension in force adds."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from arml.models import User
from conventions.models import Convention
from conventions.pages.todo import Hats
from cpo.lib.workflow import Refused
from reporting.dashboard.board import Selection, default_year
from reporting.dashboard.money import money
from reporting.deadlines.reported import campaign_years, pending
from reporting.services.campaigns import open_campaign, open_due_reports
from reporting.todo.lines import conventions_of
from reporting.todo.national import national_tasks
from tests.factories.arml import make_user
from tests.factories.deadlines import in_force, move_term, person

pytestmark = pytest.mark.django_db
At = Callable[[str], Any]
CYCLE = [2025, 2026, 2027]


def extended(*, effective_on: str = "2026-10-15") -> Convention:
    convention = in_force()
    move_term(convention, "2028-06-30", effective_on=effective_on)
    return convention


def years(user: User, convention: Convention) -> list[int]:
    return Selection(user, convention.cycle, 2026).years


@pytest.mark.parametrize(("today", "shown"), [("2027-11-30", CYCLE), ("2027-12-01", [*CYCLE, 2028])])
def test_an_extension_adds_its_year_on_the_day_that_it_takes_effect(at: At, today: str, shown: list[int]) -> None:
    convention = extended(effective_on="2027-12-01")
    at(today)
    assert years(make_user("national_reader"), convention) == shown
    assert campaign_years(convention.cycle) == shown


def test_the_year_of_an_extension_is_shown_to_who_sees_the_convention_alone() -> None:
    convention, other = extended(), in_force()
    assert years(person(convention, "officer"), convention) == [*CYCLE, 2028]
    assert years(person(other, "officer"), other) == CYCLE


def test_a_shorter_term_hides_no_year_of_the_cycle_and_counts_for_none_after_it() -> None:
    convention, _ = in_force(), in_force()
    move_term(convention, "2026-12-31", effective_on="2026-10-15")
    selection = Selection(make_user("national_reader"), convention.cycle, 2026)
    assert (selection.years, selection.last_years) == (CYCLE, {2026: 1, 2027: 1})


def test_a_convention_terminated_before_its_extension_adds_no_year() -> None:
    convention = extended()
    Convention.objects.filter(pk=convention.pk).update(state="terminated", ended_on="2027-12-31")
    assert years(make_user("national_reader"), convention) == CYCLE
    Convention.objects.filter(pk=convention.pk).update(ended_on="2028-01-01")
    assert years(make_user("national_reader"), convention) == [*CYCLE, 2028]


def test_a_year_is_firm_for_how_many_of_the_conventions_that_cover_it() -> None:
    convention, _ = extended(), in_force()
    selection = Selection(make_user("national_reader"), convention.cycle, 2028)
    rows = {row["year"]: row for row in money(selection)}
    assert list(rows) == [*CYCLE, 2028]
    move_term(convention, "2028-06-30", effective_on="2026-10-15", kind="annual", year=2028)
    rows = {row["year"]: row["status"] for row in money(selection)}
    assert rows == {2025: "ferme", 2026: "prévision", 2027: "prévision", 2028: "ferme"}


@pytest.mark.parametrize(("shown", "year"), [(CYCLE, 2027), ([*CYCLE, 2028], 2028)])
def test_the_dashboard_opens_on_the_present_year_or_the_nearest_one(at: At, shown: list[int], year: int) -> None:
    at("2028-03-01")
    assert default_year(shown) == year


def test_the_pages_offer_the_year_of_an_extension(client: Client) -> None:
    convention, other = extended(), in_force()
    client.force_login(make_user("national_admin"))
    page = client.get(reverse("dashboard"), {"annee": "2028"})
    assert page.context["selection"].year == 2028
    assert [row["year"] for row in page.context["money"]] == [*CYCLE, 2028]
    lines = {line["number"]: line["outside"] for line in page.context["lines"]}
    assert lines == {convention.number: False, other.number: True}
    assert page.content.decode().count("hors terme") == 1
    assert client.get(reverse("dashboard-list"), {"mesure": "montants", "annee": "2028"}).status_code == 200
    assert client.get(reverse("dashboard"), {"annee": "2029"}).context["selection"].year == 2026
    lines = client.get(reverse("campaign-list")).context["cycles"][0]["years"]
    assert [line["year"] for line in lines] == [*CYCLE, 2028]
    address = {"cycle": convention.cycle.key, "year": 2028}
    assert client.get(reverse("campaign-open", kwargs=address)).status_code == 200
    assert client.get(reverse("campaign-open", kwargs=address | {"year": 2029})).status_code == 404


def test_the_campaign_of_an_extension_year_is_for_the_conventions_that_cover_it(at: At, client: Client) -> None:
    convention, other = extended(), in_force()
    at("2029-01-20")
    assert pending(convention.cycle, 2028) == [convention]
    assert {one.pk for one in pending(convention.cycle, 2027)} == {convention.pk, other.pk}
    tasks = [task for task in national_tasks(make_user("national_admin")) if "2028" in task.title]
    assert [task.detail.rpartition("· ")[2] for task in tasks] == ["1\u00a0convention sans compte rendu ouvert"]
    with pytest.raises(Refused, match="aucune convention"):
        open_campaign(convention.cycle, 2029)
    assert open_campaign(convention.cycle, 2028) == 1
    open_due_reports(other, dt.date(2029, 1, 20))
    client.force_login(make_user("national_reader"))
    form = client.get(reverse("report-list")).context["filter_form"]
    assert [str(year) for year, _ in form.fields["annee"].choices] == ["", "2028", "2027", "2026", "2025"]


@pytest.mark.parametrize(("today", "label"), [("2027-11-30", "2025-2027"), ("2027-12-01", "2025-2028")])
def test_a_list_names_a_convention_by_the_years_of_its_text_in_force(at: At, today: str, label: str) -> None:
    officer = person(extended(effective_on="2027-12-01"), "officer")
    at(today)
    ((row,), _count) = conventions_of(officer, Hats.of(officer), 5)
    assert row["years"] == label
