"""A page reads the facts of its act once; a decision on the same act reads them again."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from arml.models import User
from conventions.agreement import accepting_sides, latest_version
from conventions.guards.complete import nothing_missing
from conventions.models import Act, Thread
from conventions.pages.act_page import ActPage, find_page, page_of
from conventions.services import threads
from conventions.workflow import ACT
from cpo.lib import clock
from cpo.lib.workflow import Refused
from tests.factories import scenarios
from tests.factories.arml import OrganisationFactory, make_user
from tests.factories.scenarios import Scene

pytestmark = pytest.mark.django_db


def page(scene: Scene, user: User) -> ActPage:
    act_page = find_page(user, scene.number)
    assert act_page is not None
    return act_page


def test_guards_and_conditions_ask_the_page_which_asks_once() -> None:
    scene = scenarios.proposed()
    act_page = page(scene, scene.officer)
    assert {"accept", "propose"} <= {option.transition.name for option in act_page.options}
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert latest_version(act_page.act) is act_page.latest_version
        assert accepting_sides(act_page.act) == {"beneficiary"}
        assert nothing_missing(act_page.act) is act_page.missing
    assert not captured.captured_queries


def test_an_act_without_a_page_remembers_nothing() -> None:
    act = scenarios.proposed().act
    assert act.reads is None
    assert latest_version(act) is not latest_version(act)
    assert nothing_missing(act) is not nothing_missing(act)
    assert act.reads is None


def test_a_decision_does_not_believe_what_the_page_had_read() -> None:
    scene = scenarios.proposed()
    act_page = page(scene, scene.officer)
    (accept,) = [option for option in act_page.options if option.transition.name == "accept"]
    assert accept.ready
    scene.edit()
    with pytest.raises(Refused):
        ACT.apply("accept", act_page.act, by=scene.officer)


def test_the_counts_are_the_same_whichever_way_the_act_was_found() -> None:
    scene = scenarios.proposed()
    threads.start(scene.act, by=scene.director, path="general", text="À tous.")
    threads.start(scene.act, by=scene.director, path="general", text="Entre nous.", internal=True)
    counts, pages = {}, {}
    for name in ("officer", "director"):
        person = getattr(scene, name)
        programme = Act.objects.select_related("programme__act__convention", "programme__dossier").get(pk=scene.act.pk)
        pages[name] = page(scene, person)
        counts[name] = pages[name].counts
        assert page_of(programme.programme, person).counts == counts[name]
    assert pages["director"].thread_count == 2 and pages["officer"].thread_count == 1
    assert counts["officer"].shared_thread_count == 1
    assert counts["officer"].article_count == scene.act.articles.filter(included=True).count()
    assert counts["officer"].sheet_count == scene.act.programme.sheets.count()
    assert (counts["officer"].has_later_acts, counts["officer"].has_open_notices) == (False, False)


def test_an_observer_is_not_told_how_many_exchanges_are_open() -> None:
    """Neither one who takes part in the exchanges of another dossier for the State."""
    scene = scenarios.active_convention()
    Thread.objects.create(act=scene.act, path="general", label="Tout", audience="both", created_at=clock.now())
    Thread.objects.create(act=scene.act, path="general", label="Tout", audience="state", created_at=clock.now())
    union = OrganisationFactory(national_scope=True)
    counts = {
        role: page(scene, user).thread_count
        for role, user in {
            "officer": scene.officer,
            "director": scene.director,
            "national": make_user("national_reader"),
            "observer": make_user("reader", union),
            "both": make_user("officer", user=make_user("reader", union)),
        }.items()
    }
    assert counts == {"officer": 2, "director": 1, "national": 1, "observer": 0, "both": 0}
