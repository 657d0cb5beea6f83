"""An extract of Chorus: what is recognised, what each row may be, and that nothing is written without a click."""

import datetime as dt
import io
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse

from cpo.lib import clock
from cpo.lib.work import jobs
from reporting import tasks  # noqa: F401  its handlers
from reporting.enums import PaymentState
from reporting.models import ChorusExtract, Commitment, Payment
from reporting.money import chorus
from tests.factories.arml import make_user
from tests.factories.kept import kept
from tests.factories.payments import Money
from tests.factories.reporting import make_active

pytestmark = pytest.mark.django_db
HEAD = ["N° EJ", "N° DP", "SIRET", "Montant", "Date de paiement"]


@kept
def certified():
    """The advance of 2025, 20 000 €, certified on the EJ 2102000001 of 24 March 2026."""
    money = Money.of(make_active(funded=True))
    money.commit(2025, 40000)
    money.reach(PaymentState.CERTIFIED, 2025, 1)
    return money.act


def csv_of(*rows, head=HEAD):
    return "\r\n".join(";".join(row) for row in [head, *rows]).encode()


def xlsx_of(*rows):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def read(data, name="extrait.csv"):
    rows = chorus.table(data, name)
    rank, columns = chorus.headers(rows)
    return chorus.read(rows, rank, chorus.recognised(columns))


def send(client, user, data, name="extrait.csv"):
    client.force_login(user)
    assert client.post(reverse("chorus"), {"extract": SimpleUploadedFile(name, data)}).status_code == 302
    jobs.take_up()
    return ChorusExtract.objects.get(user=user)


def plain(page) -> str:
    """The words of a page, with plain spaces."""
    return " ".join(page.content.decode().replace("&nbsp;", " ").replace("\u00a0", " ").split())


GOOD = ["2102000001", "4500000001", "", "20 000,00", "25/03/2026"]


def test_a_workbook_and_a_csv_give_the_same_rows_whatever_stands_above_the_headers():
    day = dt.datetime(2026, 3, 25)
    book = xlsx_of(["INF-PAYMENT"], [], HEAD, [2102000001, 4500000001, None, 20000, day])
    (from_book,), (from_csv,) = read(book, "extrait.xlsx"), read(csv_of(GOOD))
    assert (from_book.pop("row"), from_csv.pop("row")) == (4, 2)
    assert from_book == from_csv
    assert from_csv == {
        "ej": "2102000001", "dp": "4500000001", "siret": "", "amount": "20000.00", "day": "2026-03-25", "fault": "",
    }  # fmt: skip


def test_one_bad_row_stops_no_other():
    bad = ["", "", "", "1.234", "31/02/2026"]
    rows = read(csv_of(bad, GOOD))
    assert [bool(row["fault"]) for row in rows] == [True, False]
    for word in ("montant", "date", "EJ"):
        assert word in rows[0]["fault"]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({0: "2102000009"}, "aucun versement"),
        ({2: "99999999999999"}, "aucun versement"),
        ({3: "20 000,01"}, "aucun versement"),
        ({4: "23/03/2026"}, "précède"),
        ({1: ""}, "numéro de DP manque"),
    ],
)
def test_a_row_is_proposed_only_where_ej_siret_amount_and_day_agree(change, why):
    act = certified()
    payments = list(Payment.objects.select_related("commitment"))
    (row,) = read(csv_of(GOOD))
    assert chorus.match(row, payments).payment.convention_id == act.convention_id
    (row,) = read(csv_of([change.get(place, text) for place, text in enumerate(GOOD)]))
    found = chorus.match(row, payments)
    assert found.payment is None
    assert why in found.why_not


def test_nothing_is_written_without_a_click_and_a_click_writes_one_payment(client):
    money = Money(certified())
    extract = send(client, money.officer, csv_of(GOOD, GOOD))
    payment = Payment.objects.get()
    page = client.get(reverse("chorus")).content.decode()
    assert page.count("Enregistrer payé") == 2
    assert payment.state == PaymentState.CERTIFIED
    url = reverse("chorus-record", kwargs={"row": extract.rows[0]["row"]})
    client.post(url, {"payment": payment.pk + 1})
    payment.refresh_from_db()
    assert payment.state == PaymentState.CERTIFIED, "another payment than the one that was shown"
    client.post(url, {"payment": payment.pk})
    payment.refresh_from_db()
    assert (payment.state, payment.number, payment.paid_on) == (PaymentState.PAID, "4500000001", dt.date(2026, 3, 25))
    page = client.get(reverse("chorus")).content.decode()
    assert "Enregistrer payé" not in page
    assert page.count("déjà enregistré") == 2, "the same row twice in the file is one payment"


def test_columns_that_are_not_recognised_are_chosen(client):
    money = Money(certified())
    head = ["Réf.", "Pièce", "Tiers", "Somme", "Le"]
    extract = send(client, money.officer, csv_of(GOOD, head=head))
    assert extract.reading == "columns"
    assert "Choisissez une colonne" in client.post(reverse("chorus"), {"columns": "1", "ej": "Réf."}).content.decode()
    chosen = {"columns": "1", "ej": "Réf.", "dp": "Pièce", "amount": "Somme", "day": "Le"}
    assert client.post(reverse("chorus"), chosen).status_code == 302
    jobs.take_up()
    assert "Enregistrer payé" in client.get(reverse("chorus")).content.decode()


def test_the_page_says_which_headings_it_wants_and_in_which_columns_it_read(client):
    money = Money(certified())
    send(client, money.officer, csv_of(GOOD, head=["Réf.", "Pièce", "Tiers", "Somme", "Le"]))
    page = plain(client.get(reverse("chorus")))
    assert "sont nécessaires" in page and "« n° ej »" in page and "« date de paiement »" in page
    assert "Colonnes lues" not in page


def test_a_column_that_was_taken_for_another_one_is_chosen_again(client):
    money = Money(certified())
    wrong = ["2102000001", "4500000001", "", "1,00", "25/03/2026", "20 000,00"]
    send(client, money.officer, csv_of(wrong, head=["N° EJ", "N° DP", "SIRET", "Montant", "Date", "Payé net"]))
    page = plain(client.get(reverse("chorus")))
    assert "montant payé dans « Montant »" in page and "numéro d’EJ dans « N° EJ »" in page
    assert "Enregistrer payé" not in page and "?colonnes=1" in page
    form = plain(client.get(reverse("chorus"), {"colonnes": "1"}))
    assert '<option value="Montant" selected>' in form
    chosen = {"columns": "1", "ej": "N° EJ", "dp": "N° DP", "amount": "Payé net", "day": "Date"}
    assert client.post(f"{reverse('chorus')}?colonnes=1", chosen).status_code == 302
    jobs.take_up()
    page = plain(client.get(reverse("chorus")))
    assert "montant payé dans « Payé net »" in page and "Enregistrer payé" in page


@pytest.mark.parametrize(("data", "name"), [(b"PK\x03\x04rien", "a.xlsx"), (b"\0\0", "a.csv"), (b" \r\n", "a.csv")])
def test_a_file_that_cannot_be_read_says_why(client, data, name):
    money = Money(certified())
    extract = send(client, money.officer, data, name)
    assert extract.reading == "refused"
    assert extract.reason in client.get(reverse("chorus")).content.decode()


def test_the_extract_of_another_person_and_the_money_of_another_service_are_closed(client):
    money, other = Money(certified()), Money(make_active(funded=True))
    send(client, money.officer, csv_of(GOOD))
    send(client, other.officer, csv_of(GOOD))
    assert "aucun versement certifié" in client.get(reverse("chorus")).content.decode()
    client.force_login(money.director)
    assert client.get(reverse("chorus")).status_code == 403


def test_what_is_certified_is_exported_for_entry(client):
    money = Money(certified())
    client.force_login(money.manager)
    file = b"".join(client.get(reverse("chorus-export")).streaming_content).decode()
    _, line = file.strip().splitlines()
    assert line.startswith("2102000001;")
    assert "20000,00" in line


def test_the_database_keeps_an_ej_to_one_beneficiary_and_one_convention_of_a_year():
    money, other = Money(certified()), Money(make_active(funded=True))
    known = Commitment.objects.get()
    money.commit(2025, -10), "several lines of one EJ"
    key = other.key(2025)
    values = {"convention": other.convention, "line": key[1], "service_id": key[2], "amount": 5, "number": known.number}
    values |= {"recorded_by": other.officer, "recorded_at": known.recorded_at, "committed_on": known.committed_on}
    for siret, year in (("11111111111111", 2026), (known.siret, 2025)):
        with pytest.raises(IntegrityError, match="commitment_has_one_key"), transaction.atomic():
            Commitment.objects.create(siret=siret, year=year, **values)


@pytest.mark.parametrize(
    ("reading", "words"), [("waiting", "La lecture est en cours"), ("refused", "Aucune colonne ne se reconnaît.")]
)
def test_the_page_says_that_an_extract_is_being_read_or_why_it_cannot_be(client: Any, reading: str, words: str) -> None:
    officer = make_user("officer")
    reason = "Aucune colonne ne se reconnaît." if reading == "refused" else ""
    ChorusExtract.objects.create(
        user=officer, name="extrait.csv", data=b"x", reading=reading, reason=reason, created_at=clock.now()
    )
    client.force_login(officer)
    assert words in client.get(reverse("chorus")).content.decode()


def test_a_cosigning_officer_reads_a_match_without_a_button(client):
    """What one may not record has no button: its row says who may."""
    act = certified()
    officer = make_user("officer", act.dossier.lead)
    from tests.factories.arml import ServiceFactory

    other = ServiceFactory()
    act.dossier.services.add(other)
    cosigner = make_user("officer", other)
    payment = Payment.objects.get()
    row = [payment.commitment.number, "DP1", "", "20 000,00", "15/10/2026"]
    for user, offered in ((officer, True), (cosigner, False)):
        send(client, user, csv_of(row))
        page = client.get(reverse("chorus")).content.decode()
        assert ("Enregistrer payé" in page) is offered
        assert ("le service chef de file enregistre ce versement" in page) is not offered
