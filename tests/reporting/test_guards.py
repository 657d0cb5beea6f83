"""What a fiche and a review must hold before the report goes on, line by line, with the address of each field."""

import datetime as dt

import pytest
from django.urls import reverse

from reporting.guards import review_held, sheet_missing, sheet_parts
from reporting.models import Report, Review
from tests.factories.reporting import make_report

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


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, []),
        ({"held_on": None}, ["Date du dialogue de gestion | id_held_on"]),
        ({"attendees": " \n"}, ["Participants | id_attendees"]),
        ({"opinion": ""}, ["Avis d’ensemble | id_opinion"]),
        ({"decisions": "", "conclusion": ""}, []),
    ],
)
def test_a_review_was_held_once_its_date_its_attendees_and_its_opinion_are_written(
    change: dict[str, object], expected: list[str]
) -> None:
    report = make_report()
    held = {"held_on": dt.date(2026, 10, 1), "attendees": "Les deux parties", "opinion": "partiel"}
    Review.objects.create(report=report, **held | change)
    page = reverse("review", kwargs={"number": report.convention.number, "year": 2025})
    lines = [(line.text, line.url) for line in review_held(Report.objects.get(pk=report.pk))]
    assert lines == [(text, f"{page}#{field}") for text, field in (line.split(" | ") for line in expected)]


def test_a_review_that_nobody_wrote_was_not_held() -> None:
    assert len(list(review_held(make_report()))) == 3
