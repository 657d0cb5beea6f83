"""Report services: rights per part, blank values, locking, campaigns, documents, and the deadlines that follow."""

import datetime as dt
import io
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from actions.enums import Unit
from actions.models import IndicatorDefinition
from arml.models import Attachment, AttachmentKind, Dossier
from cpo.lib.editing.lock import StaleRevision
from cpo.lib.models import OutboxMessage
from cpo.lib.workflow import Refused
from reporting import permissions as may
from reporting.deadlines.rules import SENT_BACK
from reporting.forms.sheets import SheetForm
from reporting.models import ActualExpense, Report, Value
from reporting.services import documents, reports
from reporting.services.campaigns import open_campaign, open_report, pending
from tests.factories.arml import OrganisationFactory, make_user
from tests.factories.conventions import PDF
from tests.factories.reporting import (
    account,
    admissible,
    fill,
    make_active,
    make_report,
    person,
    sent_back,
    sheet_input,
    submitted,
)

pytestmark = pytest.mark.django_db


def save(report, by, **changes):
    part = report.sheets.first()
    values = sheet_input(part) | {"by": by, "expected_revision": None} | changes
    return reports.save_sheet(part, **values)


# -- Writing -------------------------------------------------------------------------------------------------------


def test_the_first_write_starts_the_report():
    report = make_report()
    save(report, person(report, "director"))
    assert Report.objects.get(pk=report.pk).state == "in_progress"


def test_a_blank_value_has_no_row_and_a_zero_has_one():
    report = make_report()
    director = person(report, "director")
    indicator = report.sheets.get().sheet.indicators.get()
    save(report, director, values=[reports.ValueInput(indicator.pk, number=Decimal(0))])
    assert Value.objects.get().number == 0
    save(report, director, values=[reports.ValueInput(indicator.pk)])
    assert not Value.objects.exists()
    save(report, director, expenses=[reports.AmountInput(account("64").pk, Decimal(0))])
    assert ActualExpense.objects.get().amount == 0
    save(report, director, expenses=[reports.AmountInput(account("64").pk, None)])
    assert not ActualExpense.objects.exists()


@pytest.mark.parametrize(("unit", "expected"), [("%", "42.86"), ("nb", "0.43")])
def test_a_ratio_is_computed_from_its_numerator_and_denominator(unit, expected):
    value = reports.ValueInput(1, numerator=Decimal(3), denominator=Decimal(7))
    assert reports.ratio(value, unit) == Decimal(expected)
    assert reports.ratio(reports.ValueInput(1, numerator=Decimal(3)), unit) is None


def test_an_indicator_of_another_fiche_is_refused():
    report = make_report(sheets=2)
    other = report.sheets.all()[1].sheet.indicators.get()
    with pytest.raises(ValueError, match="another fiche"):
        save(report, person(report, "director"), values=[reports.ValueInput(other.pk, number=Decimal(1))])


def test_the_accountant_writes_the_amounts_and_not_the_texts_nor_the_values():
    report = make_report()
    part, accountant = report.sheets.get(), make_user("accountant", report.dossier.beneficiary)
    charges = [reports.AmountInput(account("64").pk, Decimal(700))]
    reports.save_sheet(part, fields={}, values=[], expenses=charges, by=accountant, expected_revision=None)
    assert ActualExpense.objects.get().amount == 700
    for change in ({"fields": {"narrative": "Un récit."}}, {"values": sheet_input(part)["values"]}):
        data = {"fields": {}, "values": [], "expenses": []} | change
        with pytest.raises(PermissionDenied, match="montants"):
            reports.save_sheet(part, **data, by=accountant, expected_revision=None)
    with pytest.raises(PermissionDenied, match="direction"):
        reports.save_general(report, fields={"highlights": "x"}, by=accountant, expected_revision=None)
    reports.save_finance(report, comment="", expenses=[], resources=[], by=accountant, expected_revision=None)
    assert Report.objects.get(pk=report.pk).state == "in_progress"


def test_the_form_of_a_fiche_takes_amounts_alone_from_an_accountant():
    report = make_report()
    reports.save_sheet(
        report.sheets.get(), **sheet_input(report.sheets.get()), by=person(report, "director"), expected_revision=None
    )
    part = report.sheets.get()
    form = SheetForm(
        {"narrative": "Autre.", "charge-extra-amount": "", "revision": "1"}, part=part, revision=1, amounts_only=True
    )
    assert form.is_valid(), form.errors
    assert form.cleaned_data["narrative"] == part.narrative
    opened = {name for name, field in form.fields.items() if not field.disabled}
    assert opened == {name for name in form.fields if name.startswith("charge-")} | {"revision"}


@pytest.mark.parametrize("role", ["officer", "manager", "signatory"])
def test_the_service_never_writes_the_report(role):
    report = make_report()
    with pytest.raises(PermissionDenied, match="association"):
        save(report, person(report, role))


def test_a_report_that_was_sent_is_closed_and_only_the_parts_sent_back_reopen():
    report = submitted(fill(make_report(sheets=2)))
    director = person(report, "director")
    with pytest.raises(PermissionDenied, match="envoyé"):
        save(report, director)
    first = report.sheets.first()
    report = sent_back(report, may.sheet_path(first.sheet.key))
    save(report, director)
    second = report.sheets.exclude(pk=first.pk).get()
    with pytest.raises(PermissionDenied, match="rouverte"):
        reports.save_sheet(second, **sheet_input(second), by=director, expected_revision=None)
    with pytest.raises(PermissionDenied, match="rouverte"):
        reports.save_general(report, fields={"highlights": "Autre"}, by=director, expected_revision=None)


def test_saving_over_a_newer_revision_writes_nothing():
    report = make_report()
    director, president = person(report, "director"), person(report, "president")
    opened_with = report.revision
    save(report, president, fields={"narrative": "De la présidente"}, expected_revision=opened_with)
    with pytest.raises(StaleRevision):
        save(report, director, fields={"narrative": "Du directeur"}, expected_revision=opened_with)
    assert report.sheets.get().narrative == "De la présidente"


# -- Reading -------------------------------------------------------------------------------------------------------


def test_the_service_reads_a_part_once_sent_and_not_while_it_is_reopened():
    report = fill(make_report())
    officer, national = person(report, "officer"), make_user("national_reader")
    path = may.sheet_path(report.sheets.get().sheet.key)
    assert not may.may_read(officer, report, path)
    assert not may.may_read(national, report, path)
    assert may.may_read(person(report, "director"), report, path)
    report = submitted(report)
    assert may.may_read(officer, report, path)
    report = Report.objects.get(pk=sent_back(report, "finance").pk)
    assert may.may_read(officer, report, path)
    assert not may.may_read(officer, report, "finance")


def test_observers_see_admissible_reports_only():
    report = submitted()
    Dossier.objects.filter(pk=report.dossier.pk).update(published_on=dt.date(2025, 10, 8))
    union = make_user("reader", OrganisationFactory(national_scope=True))
    assert not Report.objects.visible_to(union).exists()
    admissible(report)
    assert Report.objects.visible_to(union).count() == 1
    assert may.may_read(union, Report.objects.get(), "general")


def test_parties_and_the_dgefp_see_the_report_from_its_opening_and_strangers_never():
    report = make_report()
    for role in ("officer", "director", "president", "signatory"):
        assert Report.objects.visible_to(person(report, role)).count() == 1
    assert Report.objects.visible_to(make_user("national_reader")).count() == 1
    for role in ("officer", "director"):
        assert not Report.objects.visible_to(make_user(role)).exists()


# -- Documents -----------------------------------------------------------------------------------------------------


def kind(key="comptes_annuels"):
    return AttachmentKind.objects.get(key=key)


def upload(data=PDF, name="comptes.pdf"):
    return {"upload": io.BytesIO(data), "name": name, "size": len(data)}


def test_documents_are_received_until_the_report_is_admissible():
    report = submitted()
    accountant = make_user("accountant", report.dossier.beneficiary)
    documents.add_document(report, kind=kind(), by=accountant, **upload(PDF + b"1%%EOF"))
    assert Attachment.objects.current().get(kind=kind()).replaces is not None
    report = admissible(report)
    with pytest.raises(PermissionDenied, match="recevable"):
        documents.add_document(report, kind=kind(), by=accountant, **upload())


def test_a_provisional_document_does_not_make_the_file_complete():
    from reporting import guards

    report = make_report()
    director = person(report, "director")
    documents.add_document(report, kind=kind(), by=director, provisional=True, **upload())
    assert any("Comptes annuels" in line.text for line in guards.missing_documents(report))
    documents.add_document(report, kind=kind(), by=director, **upload(PDF + b"2%%EOF"))
    assert not any("Comptes annuels" in line.text for line in guards.missing_documents(report))


@pytest.mark.parametrize("data", [b"", b"bonjour", PDF.replace(b"%%EOF", b"")])
def test_a_bad_file_is_refused_with_the_reason(data):
    report = make_report()
    with pytest.raises(ValidationError) as refusal:
        documents.add_document(report, kind=kind(), by=person(report, "director"), **upload(data))
    assert "upload" in refusal.value.message_dict


def test_the_service_adds_no_document_to_the_association_s_report():
    report = submitted()
    with pytest.raises(PermissionDenied):
        documents.add_document(report, kind=kind(), by=person(report, "officer"), **upload())


# -- Campaigns -----------------------------------------------------------------------------------------------------


def test_the_dgefp_opens_a_year_once_for_each_active_convention():
    acts = [make_active(), make_active()]
    cycle = acts[0].convention.cycle
    assert len(pending(cycle, 2025)) == 2
    assert open_campaign(cycle, 2025, by=make_user("national_admin")) == 2
    assert pending(cycle, 2025) == []
    assert open_campaign(cycle, 2025, by=make_user("national_admin")) == 0
    report = Report.objects.first()
    assert (report.due_on, report.act) == (dt.date(2026, 6, 30), report.convention.act)
    assert OutboxMessage.objects.filter(template="rapport_ouvert").count() == 2


def test_a_campaign_pins_only_the_fiches_that_run_that_year():
    act = make_active(sheets=2)
    assert open_report(act.convention, 2025).sheets.count() == 2
    assert open_report(act.convention, 2024) is None


@pytest.mark.parametrize("role", ["national_reader", "manager", "president"])
def test_nobody_else_opens_a_campaign(role):
    act = make_active()
    with pytest.raises(PermissionDenied):
        open_campaign(act.convention.cycle, 2025, by=make_user(role))


def test_a_year_that_is_not_over_or_not_of_the_cycle_is_refused():
    act = make_active()
    for year in (2026, 2031):
        with pytest.raises(Refused):
            open_campaign(act.convention.cycle, year, by=make_user("national_admin"))


# -- Deadlines -----------------------------------------------------------------------------------------------------


def answer(report):
    return report.convention.deadlines.filter(rule__base_event=SENT_BACK, year=report.year).first()


def test_a_report_sent_back_is_due_fifteen_days_later_and_answered_by_the_next_sending(at):
    report = submitted()
    at("2026-10-20")
    report = sent_back(report)
    assert (answer(report).due_on, answer(report).met_on) == (dt.date(2026, 11, 4), None)
    at("2026-10-25")
    report = submitted(report)
    assert answer(report).met_on == dt.date(2026, 10, 25)
    at("2026-10-28")
    report = sent_back(report)
    assert (answer(report).due_on, answer(report).met_on) == (dt.date(2026, 11, 12), None)


def test_a_rate_that_cannot_be_is_refused_beside_its_denominator():
    ratio = IndicatorDefinition.objects.filter(numerator__gt="", unit=Unit.PERCENT).first()
    part = make_report(make_active(indicator={"definition_from": ratio, "unit": ratio.unit})).sheets.get()
    name = f"v{part.sheet.indicators.get().pk}"
    data = {f"{name}-num": "999999999999", f"{name}-den": "0,01"}
    form = SheetForm(data, part=part, revision=part.report.revision)
    assert "vraisemblable" in form.errors[f"{name}-den"][0]
    form = SheetForm(data | {f"{name}-num": "3", f"{name}-den": "2"}, part=part, revision=part.report.revision)
    assert f"{name}-den" not in form.errors


def test_without_object_is_neither_blank_nor_zero_and_has_a_reason_and_no_value():
    report = make_report()
    part, director = report.sheets.get(), person(report, "director")
    indicator = part.sheet.indicators.get().pk

    def save(**value):
        entry = reports.ValueInput(indicator, not_applicable=True, **value)
        reports.save_sheet(part, fields={}, values=[entry], expenses=[], by=director, expected_revision=None)

    for wrong in ({"comment": " "}, {"comment": "Aucun salon.", "number": Decimal(0)}):
        with pytest.raises(ValidationError):
            save(**wrong)
    save(comment="Aucun salon.", source="Registre")
    value = part.values.get()
    assert (value.number, value.not_applicable, value.source) == (None, True, "Registre")
    for change in ({"number": 0}, {"comment": ""}):
        with pytest.raises(IntegrityError), transaction.atomic():
            part.values.update(**change)
