"""What a fiche and a meeting must hold before the report goes on, line by line, with the address of each field."""

import datetime as dt
from decimal import Decimal

import pytest

from actions.models import Account, Cycle
from reporting.guards import (
    address,
    annex_missing,
    balance_missing,
    explanations_missing,
    gaps_to_explain,
    minutes_complete,
    review_held,
    sheet_missing,
    sheet_parts,
)
from reporting.models import Meeting, Report, Value
from tests.factories.meetings import dialogue
from tests.factories.reporting import fill, make_active, make_report

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("progress", "expected"),
    [
        ("non_demarree", []),
        ("abandonnee", []),
        ("reportee", []),
        ("en_cours", ["valeur", "charges"]),
        ("realisee", ["valeur", "charges"]),
        ("", ["id_progress", "valeur", "charges"]),
    ],
)
def test_an_action_that_was_not_done_needs_its_story_and_neither_values_nor_charges(
    progress: str, expected: list[str]
) -> None:
    report = make_report()
    report.sheets.update(progress=progress, narrative="Ce qui s’est passé.")
    part = sheet_parts(report)[0]
    fields = [line.url.partition("#")[2] for line in sheet_missing(report, part)]
    assert [field.replace(f"valeur-{part.sheet.indicators.get().pk}", "valeur") for field in fields] == expected
    report.sheets.update(narrative=" \n")
    fields = [line.url.partition("#")[2] for line in sheet_missing(report, sheet_parts(report)[0])]
    assert "id_narrative" in fields and len(fields) == len(expected) + 1


COMING = "La réunion se tient le 16\u00a0octobre 2026\u00a0: son relevé s’enregistre ensuite"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, []),
        ({"day": None}, ["Date de la réunion | meeting-edit id_day"]),
        ({"attendees": " \n"}, ["Participants | meeting-minutes id_attendees"]),
        ({"opinion": ""}, ["Avis d’ensemble | meeting-minutes id_opinion"]),
        ({"day": dt.date(2026, 10, 16)}, [COMING]),
        ({"day": dt.date(2026, 10, 15)}, []),
        ({"kind": "pilotage", "opinion": ""}, []),
    ],
)
def test_minutes_are_complete_with_their_day_past_their_participants_and_the_opinion_of_a_dialogue(
    change: dict[str, object], expected: list[str]
) -> None:
    meeting = dialogue(make_report())
    Meeting.objects.filter(pk=meeting.pk).update(**change)
    meeting = Meeting.objects.get(pk=meeting.pk)
    lines = [(line.text, line.url) for line in minutes_complete(meeting)]
    wanted = [(text, place.split()) for text, _, place in (line.partition(" | ") for line in expected)]
    assert [text for text, _ in lines] == [text for text, _ in wanted]
    for (_, url), (_, place) in zip(lines, wanted, strict=True):
        route, fragment = place or ("meeting-detail", "")
        assert url == address(meeting, route, fragment)


def test_a_dialogue_that_nobody_planned_was_not_held() -> None:
    (line,) = review_held(make_report())
    assert line.url.endswith("/reunions/nouvelle/?nature=dialogue&annee=2025")


# -- What calls for a word ---------------------------------------------------------------------------------------------


def explained(report: Report) -> list[str]:
    return [
        line.url.partition("#")[2].partition("-")[0] for line in explanations_missing(report, sheet_parts(report)[0])
    ]


@pytest.mark.parametrize(
    ("amount", "comment", "expected"),
    [
        ("54000", "", []),  # a tenth below
        ("53999.99", "", ["charges"]),
        ("66000.00", "", []),
        ("66000.01", "", ["charges"]),
        ("30000", "Un poste vacant.", []),
        ("30000", " ", ["charges"]),
    ],
)
def test_a_charge_more_than_a_tenth_from_its_forecast_is_explained(
    amount: str, comment: str, expected: list[str]
) -> None:
    report = fill(make_report())
    report.expenses.update(amount=Decimal(amount), comment=comment)
    assert explained(report) == expected


@pytest.mark.parametrize(
    ("number", "comment", "direction", "expected"),
    [
        (85, "", "hausse", []),
        (84, "", "hausse", ["valeur"]),
        (22, "Peu de demandes.", "hausse", []),
        (22, "", "baisse", []),
    ],
)
def test_a_value_below_85_percent_of_its_target_needs_a_comment(
    number: int, comment: str, direction: str, expected: list[str]
) -> None:
    report = fill(make_report(make_active(indicator={"direction": direction})))
    Value.objects.update(number=number, comment=comment)
    assert explained(report) == expected


def test_a_fiche_that_was_dropped_or_not_done_explains_itself_in_its_story() -> None:
    report = fill(make_report())
    report.expenses.update(amount=1)
    for change in ({"progress": "abandonnee"}, {"progress": "realisee", "dropped_on": dt.date(2025, 10, 5)}):
        report.sheets.update(**change)
        assert explained(report) == []


def test_the_contributions_in_kind_balance_and_a_surplus_has_a_word() -> None:
    report = fill(make_report())
    Report.objects.filter(pk=report.pk).update(financial_comment="")
    report = Report.objects.get(pk=report.pk)
    assert [(line.severity, line.url.partition("#")[2]) for line in balance_missing(report)] == [
        ("warning", "id_comment")
    ]
    Report.objects.filter(pk=report.pk).update(financial_comment="Reporté sur 2026.")
    report = Report.objects.get(pk=report.pk)
    assert list(balance_missing(report)) == []
    use, source = Account.objects.filter(kind="in_kind").order_by("code").first(), Account.objects.get(code="875")
    report.expenses.create(report=report, account=use, amount=500)
    assert [line.severity for line in balance_missing(report)] == ["error"]
    report.resources.create(report=report, account=source, funder="Bénévoles", amount=499)
    assert [line.severity for line in balance_missing(report)] == ["error"]
    report.resources.filter(funder="Bénévoles").update(amount=500)
    assert list(balance_missing(report)) == []


def test_the_threshold_is_the_one_that_the_act_retains_else_that_of_the_cycle() -> None:
    report = fill(make_report())
    report.expenses.update(amount=Decimal("50000"), comment="")  # 16.7 percent below
    Cycle.objects.update(gap_threshold=17)
    report = Report.objects.get(pk=report.pk)
    assert explained(report) == ["charges"], "the act was written when it was 10"
    report.act.programme.retained = {}
    assert explained(report) == []


@pytest.mark.parametrize(
    ("received", "text", "expected"),
    [
        ("62895.52", "", []),  # five percent of 59,900.50 and not a cent more
        ("62895.53", "", ["id_surplus_use"]),
        ("62895.53", "Reporté sur la formation de 2026.", []),
        ("100", "", []),
    ],
)
def test_a_surplus_beyond_what_is_presumed_reasonable_is_accounted_for(
    received: str, text: str, expected: list[str]
) -> None:
    report = fill(make_report())
    report.resources.update(amount=Decimal(received))
    Report.objects.filter(pk=report.pk).update(surplus_use=text)
    report = Report.objects.get(pk=report.pk)
    assert [line.url.partition("#")[2] for line in annex_missing(report)] == expected


def test_real_indirect_charges_name_their_keys() -> None:
    report = fill(make_report())
    report.expenses.create(report=report, account=Account.objects.get(code="IND"), amount=500, comment="Un dixième.")
    assert [line.url.partition("#")[2] for line in annex_missing(report)] == ["id_allocation_keys"]
    Report.objects.filter(pk=report.pk).update(allocation_keys="Au temps passé.")
    assert list(annex_missing(Report.objects.get(pk=report.pk))) == []


def test_gaps_outside_the_fiches_and_of_the_resources_are_explained() -> None:
    report = fill(make_report())
    report.expenses.create(report=report, account=Account.objects.get(code="62"), amount=500)
    report.resources.update(amount=1)
    Report.objects.filter(pk=report.pk).update(financial_comment="")
    report = Report.objects.get(pk=report.pk)
    assert [line.url.partition("#")[2] for line in gaps_to_explain(report)] == ["structure", "id_comment"]
    report.expenses.filter(sheet_report=None).update(comment="Un loyer.")
    Report.objects.filter(pk=report.pk).update(financial_comment="La région verse plus tard.")
    assert list(gaps_to_explain(Report.objects.get(pk=report.pk))) == []
