"""An adaptation told after the day of article 3.4 is said to be late, where it is opened and where it is declared."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from conventions import workflow
from conventions.guards.adaptations import last_day, late_adaptation
from conventions.models import Act
from cpo.lib.models import JournalEntry
from tests.conventions.guarded import lines, messages
from tests.factories.scenarios import Scene, active_convention, later, proposed, with_later_act

pytestmark = pytest.mark.django_db
LATE = (
    "L’adaptation du budget 2026 est tardive\u00a0: l’article 3.4 la demande au plus tard le 1er\u00a0juillet 2026. "
    "Dites pourquoi dans son objet | act-terms#id_purpose"
)


@pytest.mark.parametrize(
    ("day", "year", "late"),
    [("2026-12-31", 2027, False), ("2027-07-01", 2027, False), ("2027-07-02", 2027, True), ("2026-10-15", 2026, True)],
)
def test_it_is_late_from_the_day_after_the_limit_of_its_year(at: Any, day: str, year: int, late: bool) -> None:
    scene = with_later_act(kind="notice", year=year)
    at(day)
    assert messages(late_adaptation, scene) == messages(late_adaptation, scene, "warning")
    assert bool(messages(late_adaptation, scene)) == late


def test_it_is_said_on_both_pages_and_in_the_journal_and_stops_nothing(client: Client) -> None:
    first = active_convention()
    client.force_login(first.director)
    page = client.get(reverse("act-open-adaptation", args=[first.number])).content.decode()
    assert "L’adaptation du budget 2026 est tardive" in page and "budget 2027 est tardive" not in page
    scene = later(first, "notice")
    assert messages(late_adaptation, scene) == lines(scene, [LATE])
    assert "après la date limite de l’article 3.4" in JournalEntry.objects.get(verb="open_adaptation").sentence
    scene.adapt(Decimal(100))
    option = workflow.ACT.attempt("declare", scene.act, scene.director)
    assert option.ready and "tardive" in " ".join(line.text for line in option.missing)
    scene.do("declare", scene.director)
    assert "après la date limite de l’article 3.4" in JournalEntry.objects.get(verb="declare").sentence


def test_one_of_a_year_to_come_is_not_said_late(client: Client) -> None:
    scene = with_later_act(kind="notice", year=2027)

    assert "article 3.4" not in JournalEntry.objects.get(verb="open_adaptation").sentence
    assert messages(late_adaptation, scene) == []


@pytest.mark.parametrize(
    ("typed", "month_and_day"),
    [("15 septembre", (9, 15)), ("1er août", (8, 1)), ("31 février", (7, 1)), ("au plus tôt", (7, 1)), ("", (7, 1))],
)
def test_the_limit_is_the_one_that_the_text_prints(typed: str, month_and_day: tuple[int, int]) -> None:
    scene = proposed()
    Act.objects.filter(pk=scene.act.pk).update(values=scene.act.values | {"date_limite_adaptation": typed})
    assert last_day(scene.act, 2026) == dt.date(2026, *month_and_day)


@pytest.mark.parametrize("kind", ["avenant", "annual"])
def test_the_other_acts_have_no_such_limit(kind: str) -> None:
    scene: Scene = with_later_act(kind=kind)
    assert messages(late_adaptation, scene) == []
