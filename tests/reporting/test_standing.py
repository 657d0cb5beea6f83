"""« Où en est-on »: the five cuts add up, blank stays blank, and what was sent does not move."""

import io
from decimal import Decimal

import pytest
from django.urls import reverse
from hypothesis import example, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from cpo.lib.files.hashing import content_hash
from cpo.lib.money import total
from reporting import permissions as may
from reporting import workflow
from reporting.content import standing
from reporting.models import Report
from reporting.pages import standing as pages
from reporting.services import reports
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
from tests.reporting.test_reports import as_, text, url

A, B = "11111111-1111-1111-1111-111111111111", "22222222-2222-2222-2222-222222222222"


def charge(code: str, actual: str | None, kind: str = "cash", funder: str = "") -> dict:
    return {"account": code, "label": f"Compte {code}", "kind": kind, "funder": funder, "actual": actual}


def content(year: int, sheets: dict[str, list], structure: list = (), resources: list = ()) -> dict:
    titles = {A: ("1-A", "1"), B: ("2-A", "2")}
    return {
        "year": year,
        "sheets": [
            {
                "key": key,
                "code": titles[key][0],
                "title": "Titre",
                "axis": titles[key][1],
                "axis_label": f"{titles[key][1]}. Axe",
                "expenses": lines,
            }
            for key, lines in sheets.items()
        ],
        "finance": {"structure": list(structure), "resources": list(resources)},
    }


def planned(code: str, amount: str, sheet: str = "", funder: str = "", year: int = 2025) -> standing.Entry:
    axis = {A: "1", B: "2"}.get(sheet, "")
    labels = {"sheet_label": f"{axis}-A Titre", "axis_label": f"{axis}. Axe"} if sheet else {}
    return standing.Entry(year, code, f"Compte {code}", Decimal(amount), funder, sheet, axis=axis, **labels)


def rows(table: standing.Table) -> list[tuple]:
    return [
        (row.label, row.budget, row.before, row.now, row.total, row.percent, row.remainder)
        for row in [*table.rows, table.whole]
    ]


def test_the_cuts_are_those_computed_by_hand():
    budget = standing.Source(
        [planned("60", "300", A), planned("64", "600", A), planned("64", "900", B), planned("62", "50")],
        [planned("74-ETAT", "1500", funder="État"), planned("74-REG", "350", funder="Région")],
    )
    lines = {2025: {"socle": Decimal(400), "specifique": Decimal(200)}, 2026: {"socle": Decimal(900)}}
    first = content(2025, {A: [charge("64", "100.10"), charge("860", "70", "in_kind")]}, [charge("62", None)])
    first["finance"]["resources"] = [charge("74-ETAT", "100", funder="État")]
    now = content(2026, {A: [charge("64", None)], B: [charge("64", "0"), charge("65", "12.5")]}, [charge("62", "7")])
    now["finance"]["resources"] = [charge("74-ETAT", "30", funder="État"), charge("74-REG", None, funder="Région")]
    tables = standing.build(budget, lines, [first], now)
    d = Decimal
    assert rows(tables["account"]) == [
        ("60 Compte 60", d(300), None, None, None, None, d(300)),
        ("62 Compte 62", d(50), None, d(7), d(7), d("14.0"), d(43)),
        ("64 Compte 64", d(1500), d("100.10"), d(0), d("100.10"), d("6.7"), d("1399.90")),
        ("65 Compte 65", None, None, d("12.5"), d("12.5"), None, d("-12.5")),
        ("Total", d(1850), d("100.10"), d("19.5"), d("119.60"), d("6.5"), d("1730.40")),
    ]
    assert rows(tables["sheet"])[:3] == [
        ("1-A Titre", d(900), d("100.10"), None, d("100.10"), d("11.1"), d("799.90")),
        ("2-A Titre", d(900), None, d("12.5"), d("12.5"), d("1.4"), d("887.5")),
        ("Hors fiches : structure", d(50), None, d(7), d(7), d("14.0"), d(43)),
    ]
    assert [row.label for row in tables["axis"].rows] == ["1. Axe", "2. Axe", "Hors fiches : structure"]
    assert rows(tables["funder"]) == [
        ("État (74-ETAT)", d(1500), d(100), d(30), d(130), d("8.7"), d(1370)),
        ("Région (74-REG)", d(350), None, None, None, None, d(350)),
        ("Total", d(1850), d(100), d(30), d(130), d("7.0"), d(1720)),
    ]
    assert rows(tables["line"]) == [
        ("Socle", d(1300), d("66.67"), d(30), d("96.67"), d("7.4"), d("1203.33")),
        ("Spécifique", d(200), d("33.33"), None, d("33.33"), d("16.7"), d("166.67")),
        ("Total", d(1500), d(100), d(30), d(130), d("8.7"), d(1370)),
    ]


def test_retained_amounts_stand_beside_the_charges_and_the_unexamined_are_told():
    now = content(2026, {A: [charge("64", "10")], B: [charge("64", "20")]}, [charge("62", "7")])
    table = standing.frozen(standing.build(standing.Source(), {}, [], now))
    found = standing.read(table, {(1, A, "64"): Decimal(9), (1, B, "64"): None, (1, "", "62"): Decimal(7)})
    assert [(row.label, row.retained, row.partial) for row in found["account"].rows] == [
        ("62 Compte 62", Decimal(7), False),
        ("64 Compte 64", Decimal(9), True),
    ]
    assert [(row.retained, row.partial) for row in found["axis"].rows] == [
        (Decimal(9), False),
        (None, True),
        (Decimal(7), False),
    ]
    assert (found["sheet"].whole.retained, found["sheet"].whole.partial) == (Decimal(16), True)
    assert standing.read(table)["account"].whole.retained is None


euros = st.one_of(st.none(), st.integers(0, 10**9).map(lambda cents: str(Decimal(cents) / 100)))
accounts = st.sampled_from(["60", "62", "64", "IND"])
charges = st.lists(st.builds(charge, accounts, euros, st.sampled_from(["cash", "in_kind"])), max_size=4)
received = st.lists(st.builds(charge, st.sampled_from(["74-ETAT", "74-REG"]), euros, funder=st.just("X")), max_size=3)
contents = st.builds(
    content, st.sampled_from([2025, 2026]), st.fixed_dictionaries({A: charges, B: charges}), charges, received
)
amounts = st.integers(1, 10**9).map(lambda cents: Decimal(cents) / 100)
shares = st.dictionaries(
    st.sampled_from([2025, 2026]), st.dictionaries(st.sampled_from(["socle", "complementaire", "specifique"]), amounts)
)


THIRDS = content(2025, {A: [], B: []}, [], [charge("74-ETAT", "100", funder="X")])


@settings(max_examples=60, deadline=None)
@given(st.lists(contents, max_size=2), contents, shares)
@example([], THIRDS, {2025: dict.fromkeys(["socle", "complementaire", "specifique"], Decimal(1))})
def test_whatever_the_figures_the_rows_add_up_in_the_five_cuts_without_a_rounding_gap(earlier, now, lines):
    budget = standing.Source([planned("64", "100.01", A), planned("60", "3", B), planned("62", "5")], [])
    tables = standing.read(standing.frozen(standing.build(budget, lines, earlier, now)))

    def spent(one: dict) -> list:
        sheets = [line for sheet in one["sheets"] for line in sheet["expenses"]] + one["finance"]["structure"]
        return [Decimal(line["actual"]) for line in sheets if line["kind"] == "cash" and line["actual"] is not None]

    for cut in standing.CHARGES:
        whole = tables[cut].whole
        assert (whole.budget, whole.now or 0) == (Decimal("108.01"), total(spent(now)))
        assert (whole.before or 0) == total(amount for one in earlier for amount in spent(one))
        assert (whole.now is None) == (not spent(now))
    state = [row for row in tables["funder"].rows if row.key == "74-ETAT|X"]
    for name in ("before", "now"):
        assert (getattr(tables["line"].whole, name) or 0) == total(getattr(row, name) for row in state)
    for table in tables.values():
        assert (table.whole.total or 0) == total(row.total for row in table.rows)
        assert (table.whole.remainder or 0) == total(row.remainder for row in table.rows)


# -- In the sendings ---------------------------------------------------------------------------------------------------


def second_year(act) -> Report:
    """The report of 2026, filled in, after that of 2025 was sent."""
    return fill(make_report(act, year=2026))


@pytest.mark.django_db
def test_a_sending_freezes_the_table_and_says_on_which_sendings_it_was_built(at):
    act = make_active(funded=True)
    at("2027-03-01")
    report = submitted(fill(make_report(act)))
    later = submitted(second_year(act))
    version = later.versions.get()
    first = report.versions.get()
    assert version.content["bases"] == [{"year": 2025, "sending": 1, "sha256": first.content_sha256}]
    row = standing.read(version.content["standing"])["account"].rows[0]
    assert (row.before, row.now, row.total) == (Decimal("59900.50"), Decimal("59900.50"), Decimal("119801.00"))
    assert content_hash(version.content) == version.content_sha256


@pytest.mark.django_db
def test_reopening_a_year_moves_no_later_sending_and_the_later_one_says_that_newer_figures_exist(at):
    act = make_active(funded=True)
    at("2027-03-01")
    report = admissible(submitted(fill(make_report(act))))
    later = submitted(second_year(act))
    sent = later.versions.get().content
    report = reopened(report)
    assert pages.newer_bases(sent, report.convention_id) == []
    report = submitted(respend(report, "50000.00"))
    later.refresh_from_db()
    assert later.versions.get().content == sent
    assert pages.newer_bases(sent, report.convention_id) == [(2025, 1, 2)]
    later = sent_back(later)
    again = submitted(later).versions.get(number=2).content
    assert again["bases"][0]["sending"] == 2
    assert standing.read(again["standing"])["account"].rows[0].before == Decimal("50000.00")
    assert pages.newer_bases(again, report.convention_id) == []


def reopened(report: Report) -> Report:
    parts = [(may.sheet_path(part.sheet.key), str(part.sheet)) for part in report.sheets.all()]
    data = {"scope": "full", "parts": parts}
    return workflow.apply("reopen", report, by=person(report, "manager"), comment="Une erreur.", data=data)


def respend(report: Report, amount: str) -> Report:
    part = report.sheets.first()
    data = sheet_input(part) | {"expenses": [reports.AmountInput(account("64").pk, Decimal(amount), comment="Moins.")]}
    reports.save_sheet(part, **data, by=person(report, "director"), expected_revision=None)
    return Report.objects.get(pk=report.pk)


@pytest.mark.django_db
def test_the_page_reads_the_live_report_for_who_writes_it_and_the_last_sending_for_the_service(client, at):
    report = fill(make_report(make_active(funded=True)))
    address = url(report, "report-standing")
    assert as_(client, report, "officer").get(address).status_code == 403
    assert "en cours de saisie" in text(as_(client, report, "director").get(address))
    report = sent_back(submitted(report), may.sheet_path(report.sheets.get().sheet.key))
    respend(report, "100.00")
    page = text(client.get(address + "?par=fiche"))
    assert "100\xa0€" in page
    assert "Retenu" in page
    page = text(as_(client, report, "officer").get(address))
    assert "59\xa0900,50\xa0€" in page
    assert "envoi n° 1" in page
    tab = text(client.get(reverse("convention-reports", args=[report.convention.number]) + "?par=ligne"))
    assert "Socle" in tab
    assert "Retenu" not in tab, "the State's lines count resources"


@pytest.mark.django_db
def test_the_workbook_has_one_sheet_for_each_cut_with_numbers_and_blanks(client):
    report = submitted()
    response = as_(client, report, "officer").get(url(report, "report-standing-xlsx"))
    book = load_workbook(io.BytesIO(response.content))
    assert book.sheetnames == ["Lisez-moi", "Compte", "Fiche", "Axe", "Financeur", "Ligne de l’État"]
    rows_of = [[cell.value for cell in row] for row in book["Compte"].iter_rows()]
    assert rows_of[0][:3] == ["Compte", "Budget de l’acte en vigueur", "Déjà déclaré"]
    assert rows_of[1][2:5] == [None, 59900.5, 59900.5]
    assert rows_of[-1][0] == "Total"
