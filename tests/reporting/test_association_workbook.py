"""The registers of an association go out and come back as a workbook: all or nothing, each error at its cell."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from arml.models import LabelStep, Mandate, Member, MemberFee, Organisation
from reporting.content.association import IMPORTED, state_of
from reporting.forms.registers import take_in
from reporting.models import AssociationImport, Attendance, TrainingSession
from reporting.spreadsheet.association import write_registers
from tests.actions.books import Book, at, contents, edited
from tests.factories.arml import DossierFactory, make_user

pytestmark = pytest.mark.django_db
SIRET, OTHER = "73282932000074", "55208131766522"
D = dt.date
MEMBERS, FEES, SESSIONS, CAME = (
    "Missions locales adhérentes",
    "Cotisations",
    "Sessions de formation",
    "Présences aux sessions",
)


@pytest.fixture
def arml() -> Organisation:
    """An association with a row in every register."""
    arml: Organisation = DossierFactory().beneficiary
    LabelStep.objects.create(organisation=arml, step="reserves", day=D(2024, 1, 2), expires_on=D(2027, 1, 1), note="=1")
    Mandate.objects.create(organisation=arml, function="president", holder="Camille Exemple", since=D(2024, 1, 1))
    arml.general_meetings.create(kind="ordinary", day=D(2025, 6, 1), accounts_year=2024)
    member = Member.objects.create(organisation=arml, name="ML Un", siret=SIRET, joined_on=D(2024, 1, 1))
    MemberFee.objects.create(member=member, year=2025, asked=Decimal("1200.50"), paid=Decimal(0))
    session = TrainingSession.objects.create(
        organisation=arml, title="Accueil", starts_on=D(2026, 3, 1), ends_on=D(2026, 3, 2), hours=Decimal("10.5")
    )
    Attendance.objects.create(session=session, member=member, persons=0)
    return arml


def take(arml: Organisation, data: bytes, *, role: str = "director", write: bool = True) -> Any:
    return take_in(arml, data, make_user(role, arml), write=write)


def faults(arml: Organisation, change: Any, role: str = "director") -> dict[str, str]:
    before = state_of(arml)
    found = take(arml, edited(write_registers(arml), change), role=role)
    assert state_of(arml) == before
    return {fault.address: fault.message for fault in found.faults}


def add_row(book: Book, sheet: str, **cells: Any) -> None:
    page = book[sheet]
    row = max((cell.row for line in page.iter_rows() for cell in line if cell.value is not None), default=1) + 1
    for title, value in cells.items():
        at(page, title.replace("_", " "), row).value = value


def test_export_import_export_is_the_identity(arml: Organisation) -> None:
    data = write_registers(arml)
    outcome = take(arml, data)
    assert (list(outcome.faults), outcome.changes) == ([], [])
    assert contents(write_registers(arml)) == contents(data)


def test_what_is_exported_fills_an_empty_association(arml: Organisation) -> None:
    data, other = write_registers(arml), DossierFactory().beneficiary
    outcome = take(other, data)
    assert (list(outcome.faults), len(outcome.changes)) == ([], len(IMPORTED))
    assert contents(write_registers(other)) == contents(data)
    fee = MemberFee.objects.get(member__organisation=other)
    assert (fee.asked, fee.paid) == (Decimal("1200.50"), Decimal(0))


def test_a_member_comes_with_its_fee_and_who_came(arml: Organisation) -> None:
    def change(book: Book) -> None:
        add_row(book, MEMBERS, Dénomination="ML Deux", SIRET="552 081 317 66522", Adhérente_depuis_le="01/02/2025")
        add_row(book, FEES, SIRET=OTHER, Année=2026, Cotisation_appelée="800,5")
        add_row(book, CAME, Session="Accueil", Du=dt.datetime(2026, 3, 1), SIRET=OTHER, Personnes=3)

    data = edited(write_registers(arml), change)
    seen = take(arml, data, write=False)
    assert [row["new"] for row in seen.changes] == [True, True, True]
    assert arml.members.count() == 1
    assert take(arml, data).changes == seen.changes
    fee = MemberFee.objects.get(member__siret=OTHER)
    assert (fee.asked, fee.paid) == (Decimal("800.50"), None)


def test_a_row_that_the_workbook_lacks_stays(arml: Organisation) -> None:
    outcome = take(arml, edited(write_registers(arml), lambda book: book[FEES].delete_rows(2)))
    assert (list(outcome.faults), outcome.changes) == ([], [])
    assert MemberFee.objects.count() == 1


def test_an_emptied_cell_is_blank_and_not_zero(arml: Organisation) -> None:
    def change(book: Book) -> None:
        at(book[FEES], "Cotisation versée").value = None

    outcome = take(arml, edited(write_registers(arml), change))
    assert outcome.changes[0]["fields"] == [{"label": "Cotisation versée", "current": "0", "imported": "non renseigné"}]
    assert MemberFee.objects.get().paid is None


WRONG = {
    "a SIRET that is none": (MEMBERS, "SIRET", "123", "B2", "n’est pas un SIRET"),
    "a SIRET with a wrong key": (MEMBERS, "SIRET", "73282932000075", "B2", "La clé de ce SIRET est fausse"),
    "a day that is none": (MEMBERS, "Adhérente depuis le", "31/02/2026", "E2", "n’est pas une date"),
    "a departure before the arrival": (MEMBERS, "Dernier jour d’adhésion", "31/12/2023", "F2", "ne part pas avant"),
    "no name": (MEMBERS, "Dénomination", None, "A2", "Donnez le nom"),
    "a fee of nobody": (FEES, "SIRET", OTHER, "A2", "Aucune adhérente n’a le SIRET"),
    "a fee before the membership": (FEES, "Année", 2023, "C2", "n’était pas adhérente en 2023"),
    "a fee that is no amount": (FEES, "Cotisation appelée", "mille", "D2", "n’est pas un montant"),
    "a negative fee": (FEES, "Cotisation versée", -1, "E2", "ne peut pas être inférieur"),
    "a step that is none": ("Labellisation", "Étape", "presque", "A2", "n’est pas dans la liste"),
    "an end of an audit": ("Labellisation", "Étape", "audit", "C2", "Seul un label obtenu"),
    "a session that ends first": (SESSIONS, "Au", "01/02/2026", "D2", "ne peut pas finir avant"),
    "a fiche that is none": (SESSIONS, "Fiche", "9-Z", "B2", "Aucune fiche de la convention"),
    "a session without hours": (SESSIONS, "Heures", 0, "G2", "plus de zéro heure"),
    "a presence at no session": (CAME, "Session", "Autre", "A2", "Aucune session « Autre »"),
    "persons that are no number": (CAME, "Personnes", "quatre", "E2", "nombre"),
}


@pytest.mark.parametrize("case", list(WRONG))
def test_an_error_stands_at_its_cell_and_nothing_is_written(case: str, arml: Organisation) -> None:
    sheet, title, value, cell, words = WRONG[case]

    def change(book: Book) -> None:
        at(book[sheet], title).value = value
        add_row(book, MEMBERS, Dénomination="ML Deux", SIRET=OTHER, Adhérente_depuis_le="01/02/2025")

    found = faults(arml, change)
    assert words in found[f"{sheet}!{cell}"]
    assert not Member.objects.filter(siret=OTHER).exists()


def test_a_row_typed_twice_and_an_overlap_are_told(arml: Organisation) -> None:
    def change(book: Book) -> None:
        add_row(book, MEMBERS, Dénomination="ML Un", SIRET=SIRET, Adhérente_depuis_le="01/01/2024")
        add_row(book, MEMBERS, Dénomination="ML Un", SIRET=SIRET, Adhérente_depuis_le="01/02/2025")

    found = faults(arml, change)
    assert found[f"{MEMBERS}!E3"] == "Cette ligne est là deux fois."
    assert "ne se chevauchent pas" in found[f"{MEMBERS}!E4"]


def test_a_lost_column_is_an_error(arml: Organisation) -> None:
    found = faults(arml, lambda book: book[FEES].delete_cols(4))
    assert found == {f"{FEES}!A1": "Il manque la colonne «\u00a0Cotisation appelée\u00a0»."}


def test_the_accountant_imports_fees_and_nothing_else(arml: Organisation) -> None:
    def wrong(book: Book) -> None:
        at(book[MEMBERS], "Dénomination").value = "Autre nom"

    assert faults(arml, wrong, "accountant") == {
        f"{MEMBERS}!A2": "Ce registre est tenu par la direction de l’association."
    }

    def right(book: Book) -> None:
        at(book[FEES], "Cotisation versée").value = 1200.5

    assert len(take(arml, edited(write_registers(arml), right), role="accountant").changes) == 1
    assert MemberFee.objects.get().paid == Decimal("1200.50")


def test_what_was_written_meanwhile_is_read_again_before_the_import(arml: Organisation) -> None:
    client = Client()
    client.force_login(make_user("director", arml))
    url = reverse("association-import", args=[arml.key])
    preview = reverse("association-import-preview", args=[arml.key])

    def change(book: Book) -> None:
        at(book[MEMBERS], "Commune du siège").value = "Rennes"

    upload = SimpleUploadedFile("r.xlsx", edited(write_registers(arml), change))
    assert client.post(url, {"workbook": upload}).headers["Location"] == preview
    assert "Rennes" in client.get(preview).content.decode()
    Member.objects.update(name="ML Une", revision=1)
    page = client.post(preview)
    assert page.status_code == 409
    assert "ML Un<" in page.content.decode()  # the name that the workbook would bring back
    assert not Member.objects.filter(city="Rennes").exists()
    assert client.post(preview, follow=True).status_code == 200
    assert Member.objects.get().city == "Rennes"
    assert not AssociationImport.objects.exists()


def test_another_workbook_is_refused_with_its_reason(arml: Organisation) -> None:
    client = Client()
    client.force_login(make_user("director", arml))
    url = reverse("association-import", args=[arml.key])
    for data, words in (
        (b"PK", "n’est pas un"),
        (edited(write_registers(arml), _without_fees), "n’est pas celui des registres d’une association"),
    ):
        page = client.post(url, {"workbook": SimpleUploadedFile("r.xlsx", data)})
        assert words in page.content.decode()
    assert not AssociationImport.objects.exists()


def _without_fees(book: Book) -> None:
    del book[FEES]
