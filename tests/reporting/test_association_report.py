"""What the life of an association says elsewhere: the report of a year, deadlines, search."""

import datetime as dt
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.test import Client

from arml.enums import OrganisationKind
from arml.models import LabelStep, Member
from reporting.content.comparison import compare
from reporting.content.freeze import build
from reporting.content.network import table
from reporting.models import Attendance, NetworkFigure, Report, TrainingSession
from reporting.pages.search import search
from reporting.services import reports
from reporting.services.deadlines import sync
from reporting.spreadsheet.writing import write_report
from tests.actions.books import Book, at, edited
from tests.factories.arml import OrganisationFactory, TerritoryFactory, make_user
from tests.factories.deadlines import in_force
from tests.factories.reporting import make_report, person
from tests.reporting.test_reports import as_, url
from tests.reporting.test_spreadsheet import faults, planned

pytestmark = pytest.mark.django_db
D = dt.date


def write(report: Report, **numbers: int | None) -> None:
    director = person(report, "director")
    reports.save_general(report, fields={}, network=numbers, by=director, expected_revision=None)


def test_a_blank_figure_of_the_network_is_not_zero_and_is_frozen_with_the_report() -> None:
    report = make_report()
    before = build(report)
    assert "network" not in before["general"]  # what was sent before they were kept reads the same
    write(report, cej_entrees=0, pacea_entrees=12, accueillis=None)
    after = build(Report.objects.get(pk=report.pk))
    assert after["general"]["network"] == [
        {"measure": "pacea_entrees", "label": "Entrées en PACEA", "number": "12"},
        {"measure": "cej_entrees", "label": "Entrées en CEJ", "number": "0"},
    ]
    (change,) = compare(before, after)
    assert {field.label for field in change.fields} == {"Entrées en PACEA", "Entrées en CEJ"}
    write(report, cej_entrees=None)
    assert not NetworkFigure.objects.filter(measure="cej_entrees").exists()


def test_a_figure_saved_as_it_was_changes_nothing() -> None:
    report = make_report()
    write(report, cej_entrees=5)
    revision = Report.objects.get(pk=report.pk).revision
    write(report, cej_entrees=5)
    assert Report.objects.get(pk=report.pk).revision == revision


def test_years_are_compared_where_both_are_known() -> None:
    first = make_report()
    second = Report.objects.create(
        convention=first.convention, year=first.year + 1, act=first.act, state_since=first.state_since,
        opened_at=first.opened_at,
    )  # fmt: skip
    for report, measure, number in ((first, "cej_entrees", 10), (second, "cej_entrees", 7), (second, "emploi", 3)):
        NetworkFigure.objects.create(report=report, measure=measure, number=number)
    years, rows = table([second, first])
    assert years == [first.year, first.year + 1]
    assert [(row.label, row.numbers, row.gap) for row in rows] == [
        ("Entrées en CEJ", (10, 7), -3),
        ("Accès à l’emploi ou à l’alternance (i-milo)", (None, 3), None),
    ]


def test_an_admissible_report_keeps_its_figures_and_a_limited_reopening_too() -> None:
    report = make_report()
    write(report, cej_entrees=5)
    Report.objects.filter(pk=report.pk).update(reopening="limited")
    with pytest.raises(PermissionDenied, match="les chiffres ne se modifient pas"):
        write(Report.objects.get(pk=report.pk), cej_entrees=6)
    Report.objects.filter(pk=report.pk).update(
        state="admissible", submitted_at=report.opened_at, submitted_by=person(report, "director")
    )
    with pytest.raises(IntegrityError, match="never changes"), transaction.atomic():
        NetworkFigure.objects.update(number=6)


def test_the_workbook_of_the_report_holds_the_figures_and_says_each_error_at_its_cell() -> None:
    report = make_report()
    write(report, accueillis=5)
    assert planned(report, write_report(report)).changes == []

    def set_to(value: Any) -> Any:
        def change(book: Book) -> None:
            at(book["Réseau"], "Nombre").value = value

        return change

    changes = planned(report, edited(write_report(report), set_to(0))).changes
    assert [(row.label, row.imported) for row in changes[0].differences] == [
        ("Jeunes accueillis pour la première fois (i-milo)", "0")
    ]
    assert set(faults(report, set_to("beaucoup"))) == {"Réseau!B2"}

    def without(book: Book) -> None:
        del book["Réseau"]

    assert planned(report, edited(write_report(report), without)).changes == []  # an older export says nothing of them


def test_the_sessions_of_a_fiche_stand_beside_its_values() -> None:
    report = make_report()
    part = report.sheets.select_related("sheet").first()
    assert part is not None
    arml = report.dossier.beneficiary
    days = {"starts_on": D(report.year, 3, 1), "ends_on": D(report.year, 3, 1)}
    session = TrainingSession.objects.create(organisation=arml, title="A", sheet_key=part.sheet.key, **days)
    TrainingSession.objects.create(organisation=arml, title="Hors fiche", **days)
    member = Member.objects.create(organisation=arml, name="ML", siret="73282932000074", joined_on=D(2024, 1, 1))
    client = as_(Client(), report, "director")
    page = client.get(url(report, "report-sheet", key=part.sheet.key)).content.decode()
    assert "1 session</strong>" in page
    assert "présences non renseignées" in page
    Attendance.objects.create(session=session, member=member, persons=0)
    assert "0 personne de 0" in " ".join(
        client.get(url(report, "report-sheet", key=part.sheet.key)).content.decode().split()
    )


def test_the_renewal_of_a_label_is_due_six_months_before_its_end() -> None:
    convention = in_force()
    arml = convention.dossier.beneficiary
    sync(convention)
    assert not convention.deadlines.filter(rule__key="fin_label").exists()
    LabelStep.objects.create(organisation=arml, step="filed", day=D(2024, 1, 1))  # of the label itself: no renewal
    LabelStep.objects.create(organisation=arml, step="labelled", day=D(2024, 6, 4), expires_on=D(2027, 6, 3))
    sync(convention)
    deadline = convention.deadlines.get(rule__key="fin_label")
    assert (deadline.due_on, deadline.met_on) == (D(2026, 12, 3), None)
    LabelStep.objects.create(organisation=arml, step="filed", day=D(2026, 10, 1))
    sync(convention)
    assert convention.deadlines.get(rule__key="fin_label").met_on == D(2026, 10, 1)
    LabelStep.objects.create(organisation=arml, step="labelled", day=D(2026, 10, 10), expires_on=D(2029, 10, 9))
    sync(convention)
    deadline = convention.deadlines.get(rule__key="fin_label")
    assert (deadline.due_on, deadline.met_on) == (D(2029, 4, 9), None)


def test_search_finds_a_member_only_for_who_reads_the_members() -> None:
    report = make_report()
    dossier = report.dossier
    Member.objects.create(
        organisation=dossier.beneficiary, name="Mission locale Zéphyr", siret="73282932000074", joined_on=D(2024, 1, 1)
    )
    near = OrganisationFactory(kind=OrganisationKind.REGION, territories=list(dossier.territories.all()))
    far = OrganisationFactory(kind=OrganisationKind.REGION, territories=[TerritoryFactory()])
    readers = {
        "director": person(report, "director"),
        "officer": person(report, "officer"),
        "near": make_user("reader", near),
        "far": make_user("reader", far),
        "neighbour": make_user("director"),
    }
    found = {name: search(user, "Zéphyr", key="adherentes").total for name, user in readers.items()}
    assert found == {"director": 1, "officer": 1, "near": 1, "far": 0, "neighbour": 0}
