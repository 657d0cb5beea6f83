"""After the end of a convention, some deadlines and reports are still due and others are not."""

import datetime as dt
from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps

from arml.models import User
from conventions.models import Convention
from cpo.lib import clock
from reporting.models import Deadline, DeadlineRule, Report
from reporting.services import campaigns, reminders
from reporting.services.deadlines import is_met_automatically
from reporting.todo.home import agenda
from tests.factories import endings as steps
from tests.factories import meetings
from tests.factories import reporting as reports
from tests.factories.scenarios import Scene, active_convention, later, with_later_act

pytestmark = pytest.mark.django_db
At = Callable[[str], Any]
TODAY = dt.date(2026, 10, 15)  # the start of the clock of the tests


def deadline(scene: Scene, key: str) -> Deadline:
    return Deadline.objects.select_related("rule", "convention__dossier").get(
        convention=scene.convention, rule__key=key
    )


def pending(scene: Scene) -> set[tuple[str, int | None]]:
    deadlines = Deadline.objects.filter(convention=scene.convention).pending()
    return set(deadlines.values_list("rule__key", "year"))


# -- A request for an avenant ------------------------------------------------------------------------------------------


def test_a_request_for_an_avenant_waits_two_months_for_the_other_side() -> None:
    scene = active_convention()
    avenant = later(scene, by=scene.director)
    row = deadline(scene, "reponse_demande_avenant")
    assert (row.due_on, row.met_on, row.role) == (dt.date(2026, 12, 15), None, "officer")
    avenant.edit()
    avenant.do("propose", avenant.director)
    assert deadline(scene, "reponse_demande_avenant").met_on is None
    avenant.do("accept", avenant.officer)
    assert deadline(scene, "reponse_demande_avenant").met_on == TODAY


@pytest.mark.parametrize("answer", ["propose", "refuse"])
def test_a_proposal_or_a_refusal_answers_and_a_new_request_asks_again(at: At, answer: str) -> None:
    first = with_later_act()
    scene = Scene(first.convention)
    if answer == "propose":
        first.edit()
        first.do("propose", first.officer)
        first.edit()
        first.do("propose", first.director)
        assert deadline(scene, "reponse_demande_avenant").met_on == TODAY
        first.do("refuse", first.officer, "Plus d’objet.")
    else:
        first.do("refuse", first.director, "Non.")
    assert deadline(scene, "reponse_demande_avenant").met_on == TODAY
    at("2026-11-20")
    later(scene, by=scene.director)
    row = deadline(scene, "reponse_demande_avenant")
    assert (row.met_on, row.due_on, row.role) == (None, dt.date(2027, 1, 20), "officer")


def test_a_request_that_its_author_withdraws_has_no_answer_to_wait_for() -> None:
    first = with_later_act()
    scene = Scene(first.convention)
    assert deadline(scene, "reponse_demande_avenant").role == "director"
    first.do("refuse", first.officer, "Une erreur.")
    row = deadline(scene, "reponse_demande_avenant")
    assert row.cancelled_on == TODAY and row.met_on is None


# -- A formal notice ---------------------------------------------------------------------------------------------------


def test_a_formal_notice_has_its_deadline_that_its_withdrawal_meets() -> None:
    scene = active_convention()
    steps.sent(scene)
    row = deadline(scene, "reponse_mise_en_demeure")
    assert (row.due_on, row.role) == (dt.date(2026, 12, 15), "president")
    assert is_met_automatically(row)
    assert reminders.recipients(row, -7)[0] == scene.president, "who must act, then who is informed"
    scene.do("withdraw_notice", scene.manager, "Satisfaite.")
    assert deadline(scene, "reponse_mise_en_demeure").met_on == TODAY
    steps.sent(scene, by=scene.president)
    row = deadline(scene, "reponse_mise_en_demeure")
    assert (row.met_on, row.role) == (None, "manager")


def test_each_side_reads_what_the_notice_asks_of_it(at: At) -> None:
    scene = active_convention()
    steps.prepared(scene)
    titles = lambda user: [task.title for task in agenda(user).mine]  # noqa: E731
    assert "Envoyer la mise en demeure, puis enregistrer son envoi" in titles(scene.manager)
    assert not any("mise en demeure" in title for title in titles(scene.president) + titles(scene.officer))
    steps.send(scene)
    notice_task = next(task for task in agenda(scene.president).mine if "mise en demeure" in task.title)
    assert notice_task.due == dt.date(2026, 12, 15) and notice_task.url.endswith("/fin/")
    assert any("mise en demeure" in task.title for task in agenda(scene.director).mine)
    assert any("mise en demeure" in wait.title for wait in agenda(scene.manager).others)
    steps.observed(scene)
    for person in (scene.president, scene.director):
        assert not any("mise en demeure" in title for title in titles(person))
        assert any(wait.title == "Suites de la mise en demeure" for wait in agenda(person).others)
    assert any("observations reçues" in wait.title for wait in agenda(scene.manager).others)
    at("2026-12-15")
    assert "Décider des suites de la mise en demeure" not in titles(scene.manager)
    at("2026-12-16")
    assert "Décider des suites de la mise en demeure" in titles(scene.manager)


# -- Termination -------------------------------------------------------------------------------------------------------


def test_a_terminated_convention_still_owes_its_reports_and_its_last_documents(at: At) -> None:
    scene = active_convention()
    steps.terminated(scene, at)
    assert Convention.objects.get(pk=scene.convention.pk).ended_on == dt.date(2026, 12, 16)
    pending_deadlines = pending(scene)
    assert {
        ("documents_resiliation", None),
        ("justificatifs_annuels", 2025),
        ("justificatifs_annuels", 2026),
    } <= pending_deadlines
    assert not [
        key
        for key, year in pending_deadlines
        if year == 2027 or key in ("comite_pilotage", "dialogue_gestion", "cloture")
    ]
    assert deadline(scene, "documents_resiliation").due_on == dt.date(2027, 6, 16)
    years = dict(Report.objects.filter(convention=scene.convention).values_list("year", "due_on"))
    assert sorted(years) == [2025, 2026] and years[2026] == dt.date(2027, 6, 16)
    at("2028-02-01")
    reminders.sync_all()
    assert sorted(Report.objects.filter(convention=scene.convention).values_list("year", flat=True)) == [2025, 2026]
    assert ("documents_resiliation", None) in pending(scene)


def test_the_last_report_sent_meets_what_the_termination_asks(at: At) -> None:
    scene = active_convention()
    steps.terminated(scene, at)
    report = Report.objects.get(convention=scene.convention, year=2026)
    reports.fill(report)
    reports.submitted(report)
    row = deadline(scene, "documents_resiliation")
    assert row.met_on == dt.date(2026, 12, 16)


def test_a_terminated_convention_is_not_counted_with_those_whose_campaign_opens(at: At) -> None:
    scene = active_convention()
    steps.terminated(scene, at)
    at("2028-01-20")
    assert campaigns.pending(scene.convention.cycle, 2027) == []


# -- Closing -----------------------------------------------------------------------------------------------------------


def test_the_examination_of_a_year_is_told_to_the_convention_and_closing_meets_its_deadline(at: At) -> None:

    scene = active_convention()
    at("2028-07-01")
    reminders.sync_all()
    for report in Report.objects.filter(convention=scene.convention).order_by("year"):
        reports.fill(report)
        reports.admissible(reports.submitted(report))
        report.refresh_from_db()
        meetings.concluded(meetings.reviewed(report, day=clock.today(clock.PARIS)))
    assert Convention.objects.get(pk=scene.convention.pk).years_concluded == [2025, 2026, 2027]
    assert ("cloture", None) in pending(scene)
    words = "Clôture administrative de la convention"
    at("2028-09-15")  # sixteen days before
    asked = {
        role: [task.title for task in agenda(User.objects.get(pk=getattr(scene, role).pk)).mine]
        for role in ("manager", "officer")
    }
    assert words in asked["manager"] and words not in asked["officer"], "only the manager closes"
    at("2028-07-01")
    steps.ready_to_close(scene)
    scene.do("close", scene.manager)
    assert deadline(scene, "cloture").met_on == dt.date(2028, 7, 1)
    assert pending(scene) == set()


def test_the_deadline_of_the_closing_that_was_loaded_names_the_manager_and_one_that_was_edited_stays() -> None:
    migration = import_module("reporting.migrations.0034_the_manager_closes")
    rule = DeadlineRule.objects.filter(key="cloture")
    for edited in (False, True):
        rule.update(**migration.LOADED | ({"informed": ["manager"]} if edited else {}))
        migration.name_the_manager(apps, None)
        row = rule.get()
        expected = ("officer", ["manager"]) if edited else ("manager", ["officer", "director"])
        assert (row.responsible, row.informed) == expected
