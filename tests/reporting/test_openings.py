"""The report of a year for one convention: skipped with a reason, opened early with a reason, by whom may decide it."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from conventions.models import Convention
from cpo.lib.models import JournalEntry, OutboxMessage
from cpo.lib.workflow import Refused
from reporting import workflow
from reporting.deadlines.reported import pending
from reporting.models import Deadline, Report, SkippedReport
from reporting.services.campaigns import open_campaign, open_due_reports, open_last_reports
from reporting.services.deadlines import sync
from reporting.services.openings import decide
from tests.factories.arml import make_user
from tests.factories.conventions import member
from tests.factories.reporting import fill, make_active, person

pytestmark = pytest.mark.django_db
REASON = "L’association a été créée en décembre."


def decided(choice, convention, year=2025, role="manager", reason=REASON):
    by = make_user(role) if role.startswith("national") else member(convention.act, role)
    return decide(convention=convention, year=year, choice=choice, reason=reason, by=by)


def url(convention, year=2025):
    return reverse("report-opening", args=[convention.number, year])


# -- Skipped -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["manager", "national_admin"])
def test_a_skipped_report_is_opened_neither_by_a_campaign_nor_by_the_schedule(role):
    skipped, other = make_active().convention, make_active().convention
    assert decided("skipped", skipped, role=role) is None
    assert [one.pk for one in pending(skipped.cycle, 2025)] == [other.pk]
    assert open_campaign(skipped.cycle, 2025) == 1
    assert open_due_reports(skipped, dt.date(2026, 10, 15)) == []
    assert not skipped.reports.exists()
    entry = JournalEntry.objects.get(verb="opening_decided")
    assert (entry.comment, entry.audience) == (REASON, "both")


@pytest.mark.parametrize("role", ["officer", "signatory", "director", "president", "accountant", "national_reader"])
@pytest.mark.parametrize("choice", ["skipped", "early", "usual"])
def test_nobody_else_decides(role, choice):
    convention = make_active().convention
    if role == "accountant":
        make_user(role, convention.dossier.beneficiary)
    with pytest.raises(PermissionDenied):
        decided(choice, convention, role=role)
    assert not (SkippedReport.objects.exists() or Report.objects.exists())


@pytest.mark.parametrize("choice", ["skipped", "early"])
def test_an_exception_without_reason_is_refused_beside_its_field(choice):
    with pytest.raises(ValidationError) as error:
        decided(choice, make_active().convention, reason=" \n")
    assert set(error.value.message_dict) == {"reason"}


def test_the_database_wants_a_reason_and_one_choice_by_year():
    convention = make_active().convention
    decided("skipped", convention)
    row = SkippedReport.objects.get()
    with pytest.raises(DatabaseError), transaction.atomic():
        SkippedReport.objects.filter(pk=row.pk).update(reason="")
    with pytest.raises(DatabaseError), transaction.atomic():
        SkippedReport.objects.create(convention=convention, year=2025, reason="Encore", by=row.by, at=row.at)


def test_nobody_is_reminded_of_a_report_that_is_skipped_and_is_again_once_it_is_owed():
    convention = make_active().convention
    sync(convention)
    of_report = Deadline.objects.filter(convention=convention, year=2025, rule__met_by="rapport_soumis")
    assert of_report.pending().exists()
    decided("skipped", convention)
    assert not of_report.pending().exists()
    decided("usual", convention, reason="")
    assert of_report.pending().exists()
    assert not SkippedReport.objects.exists()
    assert [report.year for report in open_due_reports(convention, dt.date(2026, 10, 15))] == [2025]


def test_the_other_years_are_opened(at):
    convention = make_active().convention
    decided("skipped", convention)
    at("2027-02-01")
    assert [report.year for report in open_due_reports(convention, dt.date(2027, 2, 1))] == [2026]


def test_a_report_that_is_open_is_skipped_no_more():
    convention = make_active().convention
    open_campaign(convention.cycle, 2025)
    with pytest.raises(Refused):
        decided("skipped", convention)
    assert not SkippedReport.objects.exists()


def test_the_same_decision_twice_is_one_event_and_another_reason_is_a_second():
    convention = make_active().convention
    for reason in (REASON, REASON, "Un autre motif."):
        decided("skipped", convention, reason=reason)
    assert SkippedReport.objects.get().reason == "Un autre motif."
    assert JournalEntry.objects.filter(verb="opening_decided").count() == 2


# -- Both sides are told -----------------------------------------------------------------------------------------------


def told(key):
    return set(OutboxMessage.objects.filter(template=key).values_list("recipient", flat=True))


def both_sides(convention):
    """Somebody in each role of both sides, by role; the manager is the one who decides."""
    parties = {convention.dossier.beneficiary: ("director", "president", "accountant")}
    parties[convention.dossier.lead] = ("officer", "manager", "signatory")
    return {role: make_user(role, party).pk for party, roles in parties.items() for role in roles}


def test_both_sides_are_told_of_a_skipped_report_and_why_once_and_not_who_decides():
    convention, other = make_active().convention, make_active().convention
    people, strangers = both_sides(convention), both_sides(other)
    decider = make_user("manager", convention.dossier.lead)
    for _ in range(2):
        decide(convention=convention, year=2025, choice="skipped", reason=REASON, by=decider)
    rows = OutboxMessage.objects.filter(template="rapport_non_attendu")
    expected = {pk for role, pk in people.items() if role != "signatory"}
    assert expected <= told("rapport_non_attendu") and rows.count() == len(told("rapport_non_attendu"))
    assert not {decider.pk, people["signatory"], *strangers.values()} & told("rapport_non_attendu")
    for row in rows:
        assert "2025" in row.subject and REASON in row.body and convention.number in row.body
        assert reverse("convention-reports", args=[convention.number]) in row.body
    decide(convention=convention, year=2025, choice="skipped", reason="Un autre motif.", by=decider)
    assert rows.filter(body__contains="Un autre motif.").count() == len(told("rapport_non_attendu"))


def test_both_sides_are_told_that_a_skipped_report_is_owed_again():
    convention = make_active().convention
    people = both_sides(convention)
    decided("usual", convention, reason="")
    assert not told("rapport_de_nouveau_attendu")  # it was never skipped
    decided("skipped", convention)
    decided("usual", convention, reason="")
    assert {people[role] for role in ("director", "president", "accountant", "officer")} <= told(
        "rapport_de_nouveau_attendu"
    )


def test_of_a_skipped_report_that_opens_at_once_the_association_reads_one_message():
    convention = make_active().convention
    people = both_sides(convention)
    decided("skipped", convention, 2026)
    decided("early", convention, 2026)
    assert people["director"] in told("rapport_ouvert") and people["director"] not in told("rapport_de_nouveau_attendu")
    assert people["officer"] in told("rapport_de_nouveau_attendu")


# -- Opened early ------------------------------------------------------------------------------------------------------


def test_a_report_opened_early_says_why_and_is_sent_only_once_its_year_is_over(at):
    convention = make_active().convention
    director = make_user("director", convention.dossier.beneficiary)
    report = decided("early", convention, 2026)
    assert (report.year, report.opened_early, report.state) == (2026, REASON, "open")
    assert JournalEntry.objects.get(verb="report_opened", subject=f"report:{report.pk}").comment == REASON
    assert OutboxMessage.objects.filter(template="rapport_ouvert", recipient=director).count() == 1
    fill(report)
    president = person(report, "president")
    at("2026-12-31 23:59")
    with pytest.raises(Refused) as refusal:
        workflow.apply("submit", Report.objects.get(pk=report.pk), by=president)
    assert "n’est pas terminée" in " ".join(line.text for line in refusal.value.missing)
    at("2027-01-01 00:01")
    assert workflow.apply("submit", Report.objects.get(pk=report.pk), by=president).state == "submitted"


def test_a_year_that_has_not_begun_is_not_opened_early(at):
    convention = make_active().convention
    at("2026-12-31 23:59")
    with pytest.raises(ValidationError):
        decided("early", convention, 2027)
    at("2027-01-01 00:01")
    assert decided("early", convention, 2027).year == 2027


def test_a_skipped_report_may_be_opened_early_after_all():
    convention = make_active().convention
    decided("skipped", convention, 2026)
    assert decided("early", convention, 2026).opened_early == REASON
    assert not SkippedReport.objects.exists()


def test_a_convention_that_ends_opens_no_skipped_year():
    convention = make_active().convention
    decided("skipped", convention)
    Convention.objects.filter(pk=convention.pk).update(ended_on=dt.date(2026, 6, 30), state="terminated")
    opened = open_last_reports(Convention.objects.get(pk=convention.pk))
    assert [report.year for report in opened] == [2026]


# -- Pages -------------------------------------------------------------------------------------------------------------


def test_the_manager_decides_on_the_tab_and_everybody_of_both_sides_reads_why(client):
    convention = make_active().convention
    tab = reverse("convention-reports", args=[convention.number])
    client.force_login(member(convention.act, "manager"))
    assert url(convention) in client.get(tab).content.decode()
    page = client.post(url(convention), {"choice": "skipped", "reason": ""})
    assert "Dites pourquoi" in page.content.decode()
    assert client.post(url(convention), {"choice": "skipped", "reason": REASON}).headers["Location"] == tab
    for role in ("officer", "director"):
        client.force_login(member(convention.act, role))
        shown = client.get(tab).content.decode()
        assert REASON in shown
        assert url(convention) not in shown
        assert REASON in client.get(reverse("report-list")).content.decode()
    client.force_login(make_user("director"))
    assert REASON not in client.get(reverse("report-list")).content.decode()
    client.force_login(make_user("national_admin"))
    listed = client.get(reverse("campaign-open", args=[convention.cycle.key, 2025])).content.decode()
    assert REASON in listed
    assert "1 sans compte rendu" in client.get(reverse("campaign-list")).content.decode().replace("\u202f", " ")


@pytest.mark.parametrize(("year", "status"), [(2025, 200), (2024, 404), (2031, 404)])
def test_only_the_years_of_the_convention_have_a_page(client, year, status):
    convention = make_active().convention
    client.force_login(member(convention.act, "manager"))
    assert client.get(url(convention, year)).status_code == status


def test_an_opened_report_answers_that_nothing_is_left_to_decide(client):
    convention = make_active().convention
    open_campaign(convention.cycle, 2025)
    client.force_login(member(convention.act, "manager"))
    for response in (client.get(url(convention)), client.post(url(convention), {"choice": "usual"})):
        assert response.status_code == 409


def test_an_early_report_is_marked_in_the_lists_and_the_export(client):
    convention = make_active().convention
    decided("early", convention, 2026)
    client.force_login(member(convention.act, "officer"))
    assert "ouvert par avance" in client.get(reverse("report-list")).content.decode()
    exported = b"".join(client.get(reverse("report-list-csv")).streaming_content).decode()
    assert REASON in exported


def test_the_list_of_reports_takes_as_many_queries_for_one_skipped_report_as_for_three(client):
    client.force_login(make_user("national_reader"))

    def queries(count):
        for _ in range(count):
            decided("skipped", make_active().convention, role="national_admin")
        client.get(reverse("report-list"))
        with CaptureQueriesContext(connection) as captured:
            client.get(reverse("report-list"))
        return len(captured)

    assert queries(1) == queries(2)
