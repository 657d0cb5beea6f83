"""The transitions of a yearly report: actors, source states, conditions, and the constraints of the database."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction

from cpo.lib.models import Job, JournalEntry, OutboxMessage
from cpo.lib.workflow import Refused
from reporting import workflow
from reporting.models import ActualExpense, Report, SheetReport, Value
from reporting.services import conclusion
from tests.factories.arml import make_user
from tests.factories.meetings import concluded, dialogue
from tests.factories.reporting import admissible, fill, make_report, person, sent_back, submitted

pytestmark = pytest.mark.django_db


def names(report, user):
    return [option.transition.name for option in workflow.REPORT.available(report, user)]


def test_the_president_submits_and_a_director_without_mandate_does_not():
    report = fill(make_report())
    assert names(report, person(report, "director")) == []
    with pytest.raises(PermissionDenied):
        workflow.apply("submit", report, by=person(report, "director"))
    report = workflow.apply("submit", report, by=person(report, "president"))
    assert (report.state, report.round, report.submitted_as) == ("submitted", 1, "président ou présidente")


@pytest.mark.parametrize(
    ("mandated_on", "until", "may"),
    [("2026-01-10", None, True), ("2026-01-10", "2026-06-30", False), ("2026-12-01", None, False)],
)
def test_a_director_submits_only_while_a_dated_mandate_is_in_force(mandated_on, until, may):
    report = fill(make_report())
    director = person(report, "director")
    director.memberships.update(mandated_on=mandated_on, mandate_until=until)
    director.__dict__.pop("roles", None)
    assert ("submit" in names(report, director)) is may
    if may:
        report = workflow.apply("submit", report, by=director)
        assert "mandat" in report.submitted_as


def test_nobody_of_the_state_submits_and_nobody_of_the_association_examines():
    report = submitted()
    assert names(report, person(report, "director")) == []
    assert names(report, person(report, "president")) == ["sign"]
    fresh = fill(make_report())
    for role in ("officer", "manager", "signatory"):
        assert names(fresh, person(fresh, role)) == []


def test_an_incomplete_report_is_not_sent_and_each_missing_line_has_an_address():
    report = make_report()
    president = person(report, "president")
    option = workflow.REPORT.option(report, president, "submit")
    assert not option.ready
    assert all(line.url.startswith("/") for line in option.missing)
    with pytest.raises(Refused) as refusal:
        workflow.apply("submit", report, by=president)
    texts = " ".join(line.text for line in refusal.value.missing)
    assert "avancement" in texts
    assert "Faits marquants" in texts


def test_missing_documents_do_not_stop_the_sending_but_stop_the_admissibility():
    report = submitted(fill(make_report(), documents=False))
    option = workflow.REPORT.option(report, person(report, "manager"), "declare_admissible")
    assert any("Comptes annuels" in line.text for line in option.blocking)
    with pytest.raises(Refused):
        workflow.apply("declare_admissible", report, by=person(report, "manager"))


def test_sending_asks_for_an_acknowledgement_and_tells_the_officer(django_capture_on_commit_callbacks):
    report = submitted()
    assert Job.objects.filter(kind="acknowledge_report", key=f"report:{report.pk}:1").exists()
    assert OutboxMessage.objects.filter(template="rapport_envoye", recipient=person(report, "officer")).count() == 1


def test_the_officer_sends_back_with_reasons_kept_per_round_and_the_manager_alone_declares_admissible():
    report = submitted()
    officer, manager = person(report, "officer"), person(report, "manager")
    assert names(report, officer) == ["send_back"]
    assert names(report, manager) == ["declare_admissible", "send_back"]
    report = sent_back(report, "finance", "general")
    assert report.state == "to_complete"
    message = OutboxMessage.objects.filter(template="rapport_renvoye").first()
    assert "Rubrique finance" in message.body
    report = sent_back(submitted(report), "general")
    rounds = list(report.send_backs.values_list("round", "path"))
    assert sorted(rounds) == [(1, "finance"), (1, "general"), (2, "general")]


def test_sending_back_without_any_reason_is_refused():
    report = submitted()
    with pytest.raises(Refused):
        workflow.apply(
            "send_back", report, by=person(report, "officer"), data={"requests": [("finance", "Finances", "  ")]}
        )
    assert Report.objects.get(pk=report.pk).state == "submitted"


def test_a_service_of_another_territory_has_no_say():
    report = submitted()
    stranger = make_user("manager")
    assert names(report, stranger) == []
    with pytest.raises(PermissionDenied):
        workflow.apply("declare_admissible", report, by=stranger)


def test_the_year_ends_with_a_dialogue_that_was_held_and_a_written_conclusion():
    report = admissible()
    officer, manager = person(report, "officer"), person(report, "manager")
    with pytest.raises(Refused):
        workflow.apply("review", report, by=officer)
    meeting = dialogue(report)
    report = workflow.apply("review", Report.objects.get(pk=report.pk), by=officer)
    with pytest.raises(PermissionDenied):
        workflow.apply("conclude", report, by=officer)
    with pytest.raises(Refused):
        workflow.apply("conclude", Report.objects.get(pk=report.pk), by=manager)
    report = concluded(report)
    assert report.state == "concluded"
    fields = {"conclusion": "Autre"}
    with pytest.raises(PermissionDenied):
        conclusion.save_conclusion(meeting, report, fields=fields, by=manager, expected_revision=None)
    verbs = list(JournalEntry.objects.filter(subject=f"report:{report.pk}").values_list("verb", flat=True))
    assert {"submit", "declare_admissible", "review", "conclude"} <= set(verbs)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE reporting_report SET highlights = 'autre' WHERE id = %(report)s",
        "UPDATE reporting_report SET financial_comment = 'autre' WHERE id = %(report)s",
        "UPDATE reporting_sheetreport SET narrative = 'autre' WHERE report_id = %(report)s",
        "DELETE FROM reporting_value WHERE sheet_report_id IN"
        " (SELECT id FROM reporting_sheetreport WHERE report_id = %(report)s)",
        "UPDATE reporting_actualexpense SET amount = 1 WHERE report_id = %(report)s",
        "DELETE FROM reporting_actualresource WHERE report_id = %(report)s",
    ],
)
def test_the_database_itself_refuses_to_change_an_admissible_report(statement):
    report = admissible()
    with pytest.raises(DatabaseError, match=r"admissible|Cannot update"), transaction.atomic():  # noqa: SIM117
        with connection.cursor() as cursor:
            cursor.execute(statement, {"report": report.pk})


def test_the_database_refuses_new_rows_below_an_admissible_report():
    report = admissible()
    part = report.sheets.get()
    with pytest.raises(DatabaseError), transaction.atomic():
        ActualExpense.objects.create(report=report, account_id=report.expenses.get().account_id, amount=1)
    with pytest.raises(DatabaseError), transaction.atomic():
        Value.objects.filter(sheet_report=part).update(number=1)
    with pytest.raises(DatabaseError), transaction.atomic():
        SheetReport.objects.filter(pk=part.pk).update(progress="abandonnee")
