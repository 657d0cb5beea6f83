"""What was sent stays: versions of a report, their differences, the answers to requests, the reopening."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction

from arml.models import Attachment, AttachmentKind, Dossier
from cpo.lib import clock
from cpo.lib.files import stored
from cpo.lib.files.hashing import content_hash
from cpo.lib.models import Job, OutboxMessage
from cpo.lib.workflow import Refused
from reporting import permissions as may
from reporting import workflow
from reporting.content import freeze
from reporting.content.comparison import compare
from reporting.guards import requests_answered
from reporting.models import Report, ReportVersion, Value
from reporting.services import reports, request_answers
from tests.factories.arml import OrganisationFactory, make_user
from tests.factories.conventions import PDF
from tests.factories.payments import Money
from tests.factories.reporting import (
    account,
    admissible,
    answer,
    fill,
    make_active,
    make_report,
    person,
    sent_back,
    sheet_input,
    submitted,
)
from tests.reporting.test_reports import as_, text, url

pytestmark = pytest.mark.django_db


def rewrite(report: Report, amount: str = "61000.40", **fields: str) -> Report:
    """The director writes the first fiche anew."""
    part = report.sheets.first()
    data = sheet_input(part, **fields) | {"expenses": [reports.AmountInput(account("64").pk, Decimal(amount))]}
    reports.save_sheet(part, **data, by=person(report, "director"), expected_revision=None)
    return Report.objects.get(pk=report.pk)


def sheet_path(report: Report) -> str:
    return may.sheet_path(report.sheets.first().sheet.key)


def test_the_partners_are_frozen_compared_and_read_and_a_fiche_without_them_is_as_it_was_before():
    report = submitted()
    sent = report.versions.get(number=1).content
    assert "partners" not in sent["sheets"][0]
    report = submitted(rewrite(sent_back(report, sheet_path(report)), partners="La Région."))
    after = report.versions.get(number=2).content
    assert after["sheets"][0]["partners"] == "La Région."
    (change,) = [row for row in compare(sent, after) if row.key.startswith("sheet/")]
    told = [field for field in change.fields if field.label == "Partenaires mobilisés"]
    assert len(told) == 1


# -- Sendings ----------------------------------------------------------------------------------------------------------


def test_each_sending_stays_as_it_was_after_the_report_is_rewritten_and_sent_again():
    report = submitted()
    first = report.versions.get(number=1)
    before = dict(first.content)
    report = sent_back(report, sheet_path(report))
    report = submitted(rewrite(report, narrative="Autre récit."))
    first.refresh_from_db()
    second = report.versions.get(number=2)
    assert first.content == before
    assert content_hash(first.content) == first.content_sha256 != second.content_sha256
    assert first.content["sheets"][0]["narrative"] == "Ce qui a été fait."
    assert second.content["sheets"][0]["narrative"] == "Autre récit."
    assert (first.changes, second.changes) == (None, 1)


def test_the_acknowledgement_cites_the_version_that_was_received():
    report = submitted()
    content = Job.objects.get(kind="acknowledge_report").arguments["content"]
    assert content["content_sha256"] == report.versions.get().content_sha256
    assert content["parts"][0]["sha256"] == content_hash(report.versions.get().content["sheets"][0])


def test_the_same_tables_give_the_same_content_and_a_value_changes_its_part_alone():
    report = fill(make_report(make_active(sheets=2)))
    before = freeze.build(report)
    assert freeze.build(report) == before
    Value.objects.filter(sheet_report=report.sheets.first()).update(number=91)
    after = freeze.build(report)
    assert [a == b for a, b in zip(before["sheets"], after["sheets"], strict=True)] == [False, True]
    assert [before[name] == after[name] for name in freeze.SUBSTANCE] == [True, False, True, True]
    assert not freeze.same_substance(before, after)


@pytest.mark.parametrize("statement", ["UPDATE {} SET content = '{{}}'", "UPDATE {} SET number = 9", "DELETE FROM {}"])
def test_a_version_never_changes_even_against_raw_sql(statement):
    from django.db import connection

    submitted()
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format("reporting_reportversion"))


def test_the_differences_of_two_sendings_name_each_field_with_its_gap():
    report = submitted()
    report = submitted(rewrite(sent_back(report, sheet_path(report)), narrative="Autre récit."))
    first, second = (report.versions.get(number=number).content for number in (1, 2))
    (change,) = compare(first, second)
    fields = {row.label: row.gap for row in change.fields}
    assert "Ce qui a été fait" in fields
    assert fields["Dépensé, compte 64"] == "+1 099,90 €"
    assert compare(first, first) == []


def test_the_officer_is_told_how_much_changed(client):
    report = submitted()
    report = submitted(rewrite(sent_back(report, sheet_path(report)), narrative="Autre récit."))
    bodies = OutboxMessage.objects.filter(template="rapport_envoye").values_list("body", flat=True)
    assert sum("Une rubrique change depuis l’envoi précédent." in body for body in bodies) == 1, bodies
    page = text(as_(client, report, "officer").get(url(report)))
    address = url(report, "report-compare", before=1, after=2)
    assert address in page
    page = text(client.get(address))
    assert "Dépensé, compte 64" in page


def test_a_sending_is_read_whole_and_so_is_the_former_one(client):
    report = submitted()
    report = submitted(rewrite(sent_back(report, sheet_path(report)), narrative="Autre récit."))
    as_(client, report, "officer")
    assert "Ce qui a été fait." in text(client.get(url(report, "report-version", sending=1)))
    page = text(client.get(url(report, "report-version", sending=2)))
    assert "Autre récit." in page
    assert report.versions.get(number=2).content_sha256 in page
    assert client.get(url(report, "report-version", sending=3)).status_code == 404


def test_a_service_without_the_confidential_documents_does_not_read_their_names_in_a_sending(client):
    report = fill(make_report())
    Attachment.objects.create(
        dossier=report.dossier,
        kind=AttachmentKind.objects.get(confidential=True),
        year=report.year,
        file=stored.store(PDF, "application/pdf"),
        name="remunerations.pdf",
        added_by=person(report, "president"),
        added_at=clock.now(),
    )
    report = submitted(report)
    confidential = [row for row in report.versions.get().content["attachments"] if row["confidential"]]
    assert confidential[0]["name"] in text(as_(client, report, "officer").get(url(report, "report-version", sending=1)))
    client.force_login(make_user("national_reader"))
    assert confidential[0]["name"] not in text(client.get(url(report, "report-version", sending=1)))


def test_an_observer_reads_the_admissible_sending_only(client):
    report = submitted(sent_back(submitted(), "general"))
    Dossier.objects.filter(pk=report.dossier.pk).update(published_on=dt.date(2025, 10, 8))
    client.force_login(make_user("reader", OrganisationFactory(national_scope=True)))
    assert client.get(url(report, "report-version", sending=2)).status_code == 404
    admissible(report)
    assert client.get(url(report, "report-version", sending=2)).status_code == 200
    assert client.get(url(report, "report-version", sending=1)).status_code == 404
    assert client.get(url(report, "report-compare", before=2, after=2)).status_code == 403


# -- Answers -----------------------------------------------------------------------------------------------------------


def missing(report: Report) -> list[tuple[str, str]]:
    return [(line.text, line.severity) for line in requests_answered(Report.objects.get(pk=report.pk))]


def test_a_request_needs_a_change_of_its_part_or_an_answer():
    report = sent_back(submitted(), "general", "finance")
    president = person(report, "president")
    assert [text for text, severity in missing(report) if severity == "error"] == [
        "Rubrique general : rien n’a changé, dites pourquoi",
        "Rubrique finance : rien n’a changé, dites pourquoi",
    ]
    reports.save_general(report, fields={"highlights": "Autre."}, by=president, expected_revision=None)
    assert [severity for _, severity in missing(report)] == ["error"]
    with pytest.raises(Refused):
        workflow.apply("submit", report, by=president)
    (request,) = [row for row in report.send_backs.all() if row.path == "finance"]
    request_answers.answer_requests(report, answers={request.pk: "Exact."}, by=president, expected_revision=None)
    assert missing(report) == []
    report = workflow.apply("submit", Report.objects.get(pk=report.pk), by=president)
    answers = {row["path"]: row["answer"] for row in report.versions.get(number=2).content["answers"]}
    assert answers == {"general": "", "finance": "Exact."}


def test_an_answer_of_spaces_is_none_and_a_sending_without_any_change_is_asked_about():
    report = sent_back(submitted(), "finance")
    answer(report, "   ")
    assert "error" in [severity for _, severity in missing(report)]
    answer(report)
    assert missing(report) == [("Le compte rendu est le même qu’au dernier envoi", "warning")]


def test_who_may_not_write_a_part_does_not_answer_for_it():
    report = sent_back(submitted(), "general", "finance")
    rows = {row.path: row for row in report.send_backs.all()}
    answers = {row.pk: "Voir les comptes." for row in rows.values()}
    accountant = make_user("accountant", report.dossier.beneficiary)
    request_answers.answer_requests(report, answers=answers, by=accountant, expected_revision=None)
    assert dict(report.send_backs.values_list("path", "answer")) == {"general": "", "finance": "Voir les comptes."}
    for stranger in (person(report, "officer"), make_user("director")):
        with pytest.raises(PermissionDenied):
            request_answers.answer_requests(report, answers=answers, by=stranger, expected_revision=None)


def test_the_page_of_the_answers_keeps_them_and_the_service_reads_them_once_sent_only(client):
    report = sent_back(submitted(), "finance")
    (request,) = report.send_backs.all()
    as_(client, report, "director")
    address = url(report, "report-answers")
    assert "Précisez ce point." in text(client.get(address))
    data = {f"answer{request.pk}": "Sans changement : exact.", "revision": report.revision}
    assert client.post(address, data).status_code == 302
    assert "Sans changement : exact." in text(client.get(url(report)))
    assert "Sans changement : exact." not in text(as_(client, report, "officer").get(url(report)))
    assert client.get(address).status_code == 403
    workflow.apply("submit", Report.objects.get(pk=report.pk), by=person(report, "president"))
    assert "Sans changement : exact." in text(as_(client, report, "officer").get(url(report)))


def test_the_president_is_told_when_the_report_is_sent_back():
    report = sent_back()
    told = set(OutboxMessage.objects.filter(template="rapport_renvoye").values_list("recipient", flat=True))
    assert person(report, "president").pk in told


# -- Reopening ---------------------------------------------------------------------------------------------------------


def reopen(report: Report, scope: str = "full", *, reason: str = "Une erreur au compte 64.") -> Report:
    parts = [(sheet_path(report), "Fiche"), ("general", "Synthèse"), ("finance", "Finances"), ("documents", "Pièces")]
    data = {"scope": scope, "parts": parts}
    return workflow.apply("reopen", report, by=person(report, "manager"), comment=reason, data=data)


def test_the_manager_reopens_an_admissible_report_with_a_reason_and_what_was_admissible_stays():
    report = admissible()
    with pytest.raises(Refused):
        reopen(report, reason=" ")
    report = reopen(report)
    assert (report.state, report.reopening, report.admissible_on) == ("to_complete", "full", None)
    report = submitted(rewrite(report, narrative="Corrigé."))
    assert report.versions.get(number=1).content["sheets"][0]["narrative"] == "Ce qui a été fait."
    report = admissible(report)
    assert (report.round, report.reopening) == (2, "")
    sides = set(OutboxMessage.objects.filter(template="rapport_rouvert").values_list("recipient", flat=True))
    assert {person(report, role).pk for role in ("director", "president", "officer")} <= sides


@pytest.mark.parametrize("state", ["submitted", "concluded"])
def test_a_report_that_is_not_admissible_or_is_concluded_is_not_reopened(state):
    report = submitted() if state == "submitted" else admissible()
    Report.objects.filter(pk=report.pk).update(state=state)
    with pytest.raises(Refused):
        reopen(Report.objects.get(pk=report.pk))


def test_an_officer_does_not_reopen():
    report = admissible()
    with pytest.raises(PermissionDenied):
        workflow.apply("reopen", report, by=person(report, "officer"), comment="Motif", data={"scope": "full"})


def test_a_limited_reopening_takes_texts_and_no_figure():
    report = reopen(admissible(), "limited")
    with pytest.raises(PermissionDenied):
        rewrite(report, "61000.40")
    report = rewrite(report, "59900.50", narrative="Texte corrigé.")
    assert report.sheets.first().narrative == "Texte corrigé."
    with pytest.raises(PermissionDenied):
        reports.save_finance(
            report, comment="", expenses=[], resources=[], by=person(report, "director"), expected_revision=None
        )


def test_the_form_of_a_limited_reopening_shows_the_figures_closed(client):
    report = reopen(admissible(), "limited")
    key = report.sheets.first().sheet.key
    address = url(report, "report-sheet", key=key)
    form = as_(client, report, "director").get(address).context["form"]
    opened = {name for name, field in form.fields.items() if not field.disabled}
    assert "narrative" in opened
    assert "fte_used" not in opened
    assert not [name for name in opened if name.startswith("charge-") and not name.endswith("-comment")]


def test_figures_are_not_reopened_under_a_later_year_that_was_settled():
    act = make_active()
    former, later = admissible(submitted(fill(make_report(act)))), make_report(act, year=2026)
    Report.objects.filter(pk=later.pk).update(
        state="admissible", submitted_at=former.submitted_at, submitted_by=former.submitted_by
    )
    with pytest.raises(Refused) as refusal:
        reopen(former)
    assert "2026" in str(refusal.value)
    assert reopen(former, "limited").state == "to_complete"


@pytest.mark.parametrize(("ranks", "settled"), [((1,), False), ((1, 2), True)])
def test_figures_are_not_reopened_once_the_balance_that_they_free_is_paid(ranks, settled):
    money = Money.of()
    report = admissible(submitted(fill(make_report(money.act))))
    money.commit(2026, 40_000)
    for rank in ranks:
        money.pay(2026, rank)
    if settled:
        with pytest.raises(Refused, match="solde de 2026"):
            reopen(report)
    assert reopen(report, "limited" if settled else "full").state == "to_complete"


def test_the_page_of_the_reopening_asks_for_the_reason_beside_its_field(client):
    report = admissible()
    address = url(report, "report-transition", name="reopen")
    page = as_(client, report, "manager").get(url(report))
    assert "Rouvrir le compte rendu" in text(page)
    assert page.context["primary"] is None or page.context["primary"]["option"].transition.name != "reopen"
    answer_page = client.post(address, {"scope": "limited", "comment": ""})
    assert "Dites pourquoi" in answer_page.context["form"].errors["comment"][0]
    assert client.post(address, {"scope": "limited", "comment": "Une faute."}).status_code == 302
    assert Report.objects.get(pk=report.pk).reopening == "limited"
    assert ReportVersion.objects.count() == 1
