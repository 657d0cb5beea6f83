"""An extension brings its years, everywhere; a shorter term refuses what stands beyond it."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from actions.models import Account, Expense, Programme
from actions.services import update_sheet
from conventions.content.freeze import build_content
from conventions.guards.complete import nothing_missing
from conventions.guards.ending import years_concluded
from conventions.guards.money import money_adds_up
from conventions.guards.term import within_term
from conventions.later.term import covered_years, term
from conventions.models import Act, Convention
from conventions.services.articles import unknown_variables
from conventions.services.later import set_terms
from conventions.services.money import ContributionRow, InstalmentRow, set_contributions, set_instalments
from reporting.services.campaigns import pending, reported_years
from tests.actions.books import contents, exported, faults_of, fresh, read_back
from tests.conventions.guarded import lines, messages
from tests.factories import deadlines
from tests.factories.scenarios import Scene, in_force, later, with_later_act

pytestmark = pytest.mark.django_db


def until(scene: Scene, day: str) -> None:
    set_terms(
        act=scene.act, by=scene.officer, expected_revision=None, effective_on=scene.act.effective_on,
        ends_on=dt.date.fromisoformat(day),
    )  # fmt: skip


def moved(day: str) -> Scene:
    scene = with_later_act()
    until(scene, day)
    return scene


def years(scene: Scene) -> tuple[list[int], list[int]]:
    programme = Programme.objects.get(pk=scene.act.programme_id)
    return programme.years, programme.years_to_fill


@pytest.mark.parametrize(
    ("day", "shown", "to_fill"),
    [
        ("2027-12-31", [2025, 2026, 2027], [2025, 2026, 2027]),
        ("2028-01-01", [2025, 2026, 2027, 2028], [2025, 2026, 2027, 2028]),
        ("2027-01-01", [2025, 2026, 2027], [2025, 2026, 2027]),
        ("2028-12-31", [2025, 2026, 2027, 2028], [2025, 2026, 2027, 2028]),
        ("2026-12-31", [2025, 2026, 2027], [2025, 2026]),
    ],
)
def test_the_years_of_a_programme_follow_the_term(day: str, shown: list[int], to_fill: list[int]) -> None:
    assert years(moved(day)) == (shown, to_fill)


def test_the_pages_of_an_extension_take_its_year(client: Client) -> None:
    scene = moved("2028-06-30")
    sheet = scene.act.programme.sheets.first()
    update_sheet(sheet=sheet, by=scene.officer, expected_revision=None, last_year=2028)
    client.force_login(scene.officer)
    fiche = {"number": scene.number, "key": sheet.key}
    for name, kwargs, field in (
        ("convention-contribution", {"number": scene.number}, "socle-2028"),
        ("sheet-edit", fiche, '<option value="2028"'),
        ("sheet-indicators", fiche, "target_2028"),
        ("sheet-budget", fiche, "y2028"),
        ("programme-structure", {"number": scene.number}, "y2028"),
        ("programme-budget", {"number": scene.number}, "2028"),
    ):
        assert field in client.get(reverse(name, kwargs=kwargs)).content.decode(), name


def test_an_extension_says_what_its_year_lacks() -> None:
    scene = moved("2028-06-30")
    alone = ["2028\u00a0: aucune action ne court pendant la prolongation | programme-detail"]
    assert messages(within_term, scene, "warning") == lines(scene, alone)
    assert [text.partition(" | ")[0] for text in messages(money_adds_up, scene)] == [
        "2028\u00a0: la prolongation ne porte pas de contribution de l’État"
    ]
    assert messages(money_adds_up, scene, "error") == []
    update_sheet(sheet=scene.act.programme.sheets.first(), by=scene.officer, expected_revision=None, last_year=2028)
    texts = [line.text for line in nothing_missing(scene.act) if line.severity == "error"]
    assert "Fiche 1-A\u00a0: budget 2028" in texts
    assert "Fiche 1-A\u00a0: cible 2028 de «\u00a0Stagiaires formés\u00a0»" in texts
    assert messages(within_term, scene) == []


def test_the_money_of_the_added_year_is_saved_frozen_and_adds_up() -> None:
    scene = moved("2028-06-30")
    act = scene.act
    rows = [ContributionRow(row.year, row.amount, row.service) for row in act.contributions.select_related("service")]
    more = ContributionRow(2028, Decimal(10000), act.dossier.lead)
    set_contributions(act=act, rows=[*rows, more], by=scene.officer, expected_revision=None)
    parts = [InstalmentRow(row.year, row.amount, row.label, "", row.due_on) for row in act.instalments.all()]
    more_parts = InstalmentRow(2028, Decimal(10000), "Solde", "", dt.date(2028, 6, 30))
    set_instalments(act=act, rows=[*parts, more_parts], by=scene.officer, expected_revision=None)
    content = build_content(scene.act)
    assert content["cycle"]["years"] == [2025, 2026, 2027, 2028]
    assert content["values"]["annees_convention"] == "2025-2028"
    assert content["values"]["contribution_totale"] == "130\u00a0000\u00a0€"
    assert any("2028\u00a0: les fiches demandent 0\u00a0€" in text for text in messages(money_adds_up, scene, "error"))
    with pytest.raises(ValidationError, match="hors de la convention"):
        set_contributions(
            act=act,
            rows=[ContributionRow(2029, Decimal(1), act.dossier.lead)],
            by=scene.officer,
            expected_revision=None,
        )


def test_the_next_act_and_the_reports_have_the_years_of_the_text_in_force() -> None:
    scene = moved("2028-06-30")
    in_force(scene)
    convention = scene.convention
    assert reported_years(type(convention).objects.get(pk=convention.pk)) == [2025, 2026, 2027, 2028]
    assert pending(convention.cycle, 2028) == [convention]
    assert [line.text for line in years_concluded(Act.objects.get(convention=convention, number=0))][-1].startswith(
        "Compte rendu 2028"
    )
    assert years(later(Scene(convention)))[1] == [2025, 2026, 2027, 2028]


def remove_2027(scene: Scene) -> None:
    act = scene.act
    for rows in (act.contributions, act.instalments, act.programme.expenses, act.programme.resources):
        rows.filter(year=2027).delete()
    for sheet in act.programme.sheets.all():
        sheet.indicators.get().targets.filter(year=2027).delete()
        update_sheet(sheet=sheet, by=scene.officer, expected_revision=None, last_year=2026)


def test_a_convention_that_ends_sooner_reports_on_no_year_after() -> None:
    scene = moved("2026-12-31")
    remove_2027(scene)
    in_force(scene)
    assert reported_years(type(scene.convention).objects.get(pk=scene.convention.pk)) == [2025, 2026]
    assert pending(scene.convention.cycle, 2027) == []
    assert pending(scene.convention.cycle, 2026) == [scene.convention]


AFTER = "après le terme de la convention, le 31\u00a0décembre 2026"


def test_a_shorter_term_refuses_what_stands_beyond_it_each_at_its_field() -> None:
    scene = moved("2026-12-31")
    account = Account.objects.get(code="64")
    Expense.objects.create(programme=scene.act.programme, account=account, year=2027, amount=Decimal(5))
    assert messages(within_term, scene, "error") == lines(
        scene,
        [
            f"Fiche 1-A\u00a0: l’action court jusqu’en 2027, {AFTER} | sheet-edit#id_last_year",
            f"Coûts de structure 2027\u00a0: des montants sont inscrits {AFTER} | programme-structure#annee-2027",
            f"Contribution 2027, socle\u00a0: 40\u00a0000\u00a0€ {AFTER}"
            " | convention-contribution#id_m-{lead_pk}-socle-2027",
            f"Avance 2027\u00a0: 20\u00a0000\u00a0€ {AFTER} | convention-contribution#id_versement-4-year",
            f"Solde 2027\u00a0: 20\u00a0000\u00a0€ {AFTER} | convention-contribution#id_versement-5-year",
        ],
    )
    missing = {line.text for line in nothing_missing(scene.act) if line.severity == "error"}
    assert f"Fiche 1-A\u00a0: l’action court jusqu’en 2027, {AFTER}" in missing


def test_once_it_is_removed_the_shorter_term_holds_and_asks_for_no_year_after() -> None:
    scene = moved("2026-12-31")
    remove_2027(scene)
    assert messages(within_term, scene) == []
    assert messages(money_adds_up, scene) == []
    assert not [line for line in nothing_missing(scene.act) if "2027" in line.text]


@pytest.mark.parametrize(("day", "beyond"), [("2027-06-30", False), ("2027-06-29", True)])
def test_an_action_does_not_finish_after_the_term(day: str, beyond: bool) -> None:
    scene = moved(day)
    scene.act.programme.sheets.update(ends_on=dt.date(2027, 6, 30))
    said: list[Any] = [text for text in messages(within_term, scene, "error") if "l’action finit le" in text]
    assert bool(said) == beyond


# -- The years of a convention on a day ------------------------------------------------------------------------------


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


@pytest.mark.parametrize(
    ("effective_on", "ends_on", "on", "last"),
    [
        ("2027-12-01", "2028-06-30", "2027-11-30", 2027),  # signed, not in force
        ("2027-12-01", "2028-06-30", "2027-12-01", 2028),
        ("2027-12-01", "2028-06-30", "2028-07-01", 2028),  # the day after the term
        ("2027-12-01", "2028-01-01", "2027-12-31", 2028),  # a year of one day is a year
        ("2026-11-01", "2026-12-31", "2026-10-31", 2027),
        ("2026-11-01", "2026-12-31", "2026-11-01", 2026),
        ("2026-11-01", "2026-12-31", "2027-01-01", 2026),
    ],
)
def test_a_convention_covers_the_years_of_its_text_in_force_on_the_day(
    effective_on: str, ends_on: str, on: str, last: int
) -> None:
    convention = deadlines.in_force()
    deadlines.move_term(convention, ends_on, effective_on=effective_on)
    assert covered_years(convention, day(on)) == list(range(2025, last + 1))


@pytest.mark.parametrize(("ended_on", "last"), [("2027-12-31", 2027), ("2028-01-01", 2028), ("2028-09-01", 2028)])
def test_an_ended_convention_covers_no_year_after_its_end(ended_on: str, last: int) -> None:
    convention = deadlines.in_force()
    deadlines.move_term(convention, "2028-06-30", effective_on="2026-10-15")
    Convention.objects.filter(pk=convention.pk).update(state="terminated", ended_on=day(ended_on))
    convention = Convention.objects.get(pk=convention.pk)
    assert covered_years(convention, day("2029-01-01"))[-1] == last
    assert term(convention, day("2029-01-01")) == min(day(ended_on), day("2028-06-30"))


def test_the_workbook_has_the_years_of_the_act_and_reads_them_back() -> None:
    scene = moved("2028-06-30")
    update_sheet(sheet=scene.act.programme.sheets.first(), by=scene.officer, expected_revision=None, last_year=2028)
    programme = fresh(scene.act.programme)
    assert "2028" in {str(cell) for rows in contents(exported(programme)).values() for row in rows for cell in row}
    reading = read_back(exported(programme), programme)
    assert not faults_of(reading)
    assert reading.content is not None and reading.content.sheets[0].fields["last_year"] == 2028


# -- The tables and the words of the text ----------------------------------------------------------------------------


def test_the_tables_of_a_text_have_the_years_until_the_term_and_those_where_something_stands(client: Client) -> None:
    scene = moved("2026-12-31")
    assert build_content(scene.act)["cycle"]["years"] == [2025, 2026, 2027]
    remove_2027(scene)
    assert years(scene)[0] == [2025, 2026, 2027]  # its forms still have the year, until it is signed
    content = build_content(scene.act)
    assert content["cycle"]["years"] == [2025, 2026]
    assert content["values"]["derniere_annee"] == "2026"
    assert content["values"]["liste_annees_suivantes"] == ["2026"]
    assert content["values"]["contribution_annee_3"] == "sans objet"
    assert len(content["values"]["liste_contributions_annees"]) == 1
    in_force(scene)
    assert years(scene) == ([2025, 2026], [2025, 2026])
    assert build_content(scene.act)["cycle"]["years"] == [2025, 2026]
    client.force_login(scene.officer)
    pages = {"number": Scene(scene.convention).number}
    assert len(client.get(reverse("convention-contribution", kwargs=pages)).context["sums"]) == 2
    assert client.get(reverse("convention-funding", kwargs=pages)).context["plan"].years == [2025, 2026]
    assert years(later(Scene(scene.convention))) == ([2025, 2026], [2025, 2026])


def test_a_term_that_comes_back_keeps_its_years_on_view_while_the_act_is_written() -> None:
    scene = moved("2028-06-30")
    until(scene, "2027-12-31")
    assert years(scene) == ([2025, 2026, 2027, 2028], [2025, 2026, 2027])
    assert build_content(scene.act)["cycle"]["years"] == [2025, 2026, 2027]


def test_the_text_of_an_extension_names_the_amounts_of_its_year() -> None:
    scene = moved("2028-06-30")
    values = build_content(scene.act)["values"]
    assert (values["annee_4"], values["derniere_annee"]) == ("2028", "2028")
    assert values["liste_annees_suivantes"] == ["2026", "2027", "2028"]
    assert values["liste_contributions_annees"][-1] == "année 2028\u00a0: aucune contribution"
    act, lead = scene.act, scene.act.dossier.lead
    rows = [ContributionRow(row.year, row.amount, row.service) for row in act.contributions.select_related("service")]
    added = [*rows, ContributionRow(2028, Decimal(10000), lead)]
    set_contributions(act=act, rows=added, by=scene.officer, expected_revision=None)
    update_sheet(sheet=act.programme.sheets.first(), by=scene.officer, expected_revision=None, last_year=2028)
    account, sheet = Account.objects.get(code="64"), act.programme.sheets.first()
    Expense.objects.create(programme=act.programme, sheet=sheet, account=account, year=2028, amount=Decimal(20000))
    values = build_content(scene.act)["values"]
    assert values["contribution_annee_4"] == "10\u00a0000\u00a0€"
    assert values["cout_annee_4"] == "20\u00a0000\u00a0€"
    assert values["liste_couts_annees"][-1] == "année 2028\u00a0: 20\u00a0000\u00a0€"
    assert values["liste_contributions_annees"][-1] == (
        "année 2028\u00a0: 10\u00a0000\u00a0€, soit 50\u00a0% du coût éligible de l’année"
    )
    assert unknown_variables(scene.act, "{{ contribution_annee_4 }}, {{ cout_annee_4 }}, {{ annee_4 }}") == []
    assert unknown_variables(scene.act, "{{ contribution_annee_6 }}") != []
