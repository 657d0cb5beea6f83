"""The import pages: upload, preview, confirmation or cancellation. Nothing changes before the confirmation."""

import io
import re
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from actions.models import Programme, ProgrammeImport
from actions.tasks import purge_imports
from conventions.models import Acceptance, Act
from cpo.lib import journal
from cpo.lib.models import JournalEntry
from tests.factories.actions import SheetFactory, fill_sheet
from tests.factories.arml import make_user
from tests.factories.conventions import member
from tests.factories.scenarios import accepted_by_both, complete_draft

pytestmark = pytest.mark.django_db


@pytest.fixture
def director(client: Client, act: Act) -> Any:
    """The director is signed in, and the programme has one balanced fiche."""
    fill_sheet(SheetFactory(programme=act.programme, code="1-A", title="Appui"))
    user = member(act, "director")
    client.force_login(user)
    return user


def page(act: Act, name: str = "programme-import") -> str:
    return reverse(name, args=[act.convention.number])


def workbook(client: Client, act: Act, change: Callable[[Any], Any] = lambda book: None) -> bytes:
    """The exported workbook after this change."""
    book = openpyxl.load_workbook(io.BytesIO(client.get(page(act, "programme-export")).content))
    change(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def titled(text: str, row: int = 2) -> Callable[[Any], Any]:
    return lambda book: setattr(book["Fiches"].cell(row, 4), "value", text)


def send(client: Client, act: Act, data: bytes, *, follow: bool = True) -> Any:
    return client.post(page(act), {"workbook": SimpleUploadedFile("programme.xlsx", data)}, follow=follow)


def confirm(client: Client, act: Act, preview: Any, **more: str) -> Any:
    text = preview.content.decode()
    hidden_fields = {name: re.search(f'name="{name}" value="([^"]*)"', text)[1] for name in ("revision", "seen")}  # type: ignore[index]
    return client.post(page(act, "programme-import-preview"), hidden_fields | more, follow=True)


def title(act: Act) -> str:
    return act.programme.sheets.get().title


def revision(act: Act) -> int:
    return Programme.objects.get(pk=act.programme_id).revision


def test_nothing_changes_before_the_confirmation(client: Client, act: Act, director: Any) -> None:
    preview = send(client, act, workbook(client, act, titled("Appui renforcé")))
    text = preview.content.decode()
    assert "Appui renforcé" in text and "Fiches modifiées" in text
    assert (title(act), revision(act)) == ("Appui", 0)
    confirm(client, act, preview)
    assert (title(act), revision(act)) == ("Appui renforcé", 1)
    assert not ProgrammeImport.objects.exists()


def test_an_import_is_one_line_of_the_journal(client: Client, act: Act, director: Any) -> None:
    confirm(client, act, send(client, act, workbook(client, act, titled("Autrement"))))
    entries = JournalEntry.objects.filter(root=journal.key(act.dossier), verb="programme_imported")
    assert entries.get().sentence.endswith("d’un classeur\u00a0: 1 fiche modifiée.")


def test_an_import_can_be_abandoned(client: Client, act: Act, director: Any) -> None:
    preview = send(client, act, workbook(client, act, titled("Autrement")))
    confirm(client, act, preview, abandon="1")
    assert title(act) == "Appui"
    assert not ProgrammeImport.objects.exists()


def test_errors_are_listed_by_cell_and_the_file_is_not_kept(client: Client, act: Act, director: Any) -> None:
    def change(book: Any) -> None:
        book["Charges"]["D2"].value = "douze"

    text = send(client, act, workbook(client, act, change)).content.decode()
    assert "Charges!D2" in text and "«\u00a0douze\u00a0» n’est pas un montant" in text
    assert not ProgrammeImport.objects.exists()
    assert revision(act) == 0


def test_a_file_that_is_no_workbook_is_refused_beside_the_field(client: Client, act: Act, director: Any) -> None:
    text = send(client, act, b"PK\x03\x04 et rien d'autre").content.decode()
    assert "n’est pas un classeur XLSX" in text
    assert not ProgrammeImport.objects.exists()


def test_a_workbook_that_says_what_is_stored_imports_nothing(client: Client, act: Act, director: Any) -> None:
    preview = send(client, act, workbook(client, act))
    assert "exactement ce qui est enregistré" in preview.content.decode()
    assert "Importer le classeur" not in preview.content.decode()


def test_somebody_saved_since_the_preview_nothing_is_overwritten(client: Client, act: Act, director: Any) -> None:
    preview = send(client, act, workbook(client, act, titled("Du classeur")))
    act.programme.sheets.update(title="Entre-temps")
    Programme.objects.filter(pk=act.programme_id).update(revision=1)
    again = confirm(client, act, preview)
    assert again.status_code == 409
    assert "a été modifié entre-temps" in again.content.decode() and "Entre-temps" in again.content.decode()
    assert title(act) == "Entre-temps"
    confirm(client, act, again)
    assert title(act) == "Du classeur", "the second preview showed the newer content"


def test_a_change_elsewhere_in_the_act_does_not_stop_the_import(client: Client, act: Act, director: Any) -> None:
    preview = send(client, act, workbook(client, act, titled("Du classeur")))
    Programme.objects.filter(pk=act.programme_id).update(revision=1)
    assert confirm(client, act, preview).status_code == 200
    assert title(act) == "Du classeur"


def test_a_workbook_exported_before_a_change_says_so(client: Client, act: Act, director: Any) -> None:
    data = workbook(client, act)
    act.programme.sheets.update(title="Entre-temps")
    Programme.objects.filter(pk=act.programme_id).update(revision=1)
    assert "modifiée depuis l’export" in send(client, act, data).content.decode()


def test_a_workbook_of_another_convention_says_so(client: Client, act: Act, director: Any) -> None:
    def change(book: Any) -> None:
        book["Listes"]["B1"].value = "CPO-2025-ZZZ-001"

    assert "vient d’une autre convention" in send(client, act, workbook(client, act, change)).content.decode()


def test_each_person_has_their_own_import(client: Client, act: Act, director: Any) -> None:
    send(client, act, workbook(client, act, titled("Du classeur")))
    other = Client()
    other.force_login(make_user("president", act.dossier.beneficiary))
    assert other.get(page(act, "programme-import-preview")).status_code == 302


def test_an_import_that_waits_too_long_is_forgotten(
    client: Client, act: Act, director: Any, at: Callable[[str], None]
) -> None:
    preview = send(client, act, workbook(client, act, titled("Du classeur")))
    assert purge_imports() == 0
    at("2026-10-20")
    client.force_login(director)
    assert client.get(page(act, "programme-import-preview")).status_code == 302
    confirm(client, act, preview)
    assert title(act) == "Appui"
    assert purge_imports() == 1


def test_an_import_cancels_both_acceptances(client: Client, db: None) -> None:
    act = accepted_by_both().act
    valid_acceptances = Acceptance.objects.filter(version__act=act, cancelled_at=None)
    assert valid_acceptances.count() == 2
    client.force_login(member(act, "officer" if act.programme.side == "state" else "director"))
    confirm(client, act, send(client, act, workbook(client, act, titled("Autrement"))))
    assert valid_acceptances.count() == 0


def test_the_fiches_of_a_paper_convention_come_in_by_the_same_import(client: Client, db: None) -> None:
    scene = complete_draft(origin="paper")
    client.force_login(scene.officer)
    confirm(client, scene.act, send(client, scene.act, workbook(client, scene.act, titled("Comme sur l’original"))))
    assert title(scene.act) == "Comme sur l’original"


def without_first_fiche(book: Any) -> None:
    for name in ("Fiches", "Indicateurs", "Charges", "Produits"):
        rows = [row for row in range(2, book[name].max_row + 1) if "1-A" in [cell.value for cell in book[name][row]]]
        for row in reversed(rows):
            book[name].delete_rows(row)


def test_withdrawn_fiches_are_named_first_and_leave_only_once_confirmed(
    client: Client, act: Act, director: Any
) -> None:
    fill_sheet(SheetFactory(programme=act.programme, code="1-B", title="Animation"))
    preview = send(client, act, workbook(client, act, without_first_fiche))
    text = preview.content.decode()
    assert "1 fiche sera retirée du programme" in text and "1-A Appui" in text
    assert "Je confirme le retrait de cette fiche" in text
    again = confirm(client, act, preview)
    assert "Cochez cette case, ou abandonnez l’import." in again.content.decode()
    assert act.programme.sheets.count() == 2
    confirm(client, act, again, withdraw="on")
    assert act.programme.sheets.get().code == "1-B"


def test_an_import_that_withdraws_nothing_asks_nothing(client: Client, act: Act, director: Any) -> None:
    preview = send(client, act, workbook(client, act, titled("Autrement")))
    assert "Je confirme le retrait" not in preview.content.decode()


def test_a_workbook_without_fiche_is_refused_when_the_programme_has_some(
    client: Client, act: Act, director: Any
) -> None:
    template = client.get(page(act, "programme-template")).content
    text = send(client, act, template).content.decode()
    assert "Ce classeur ne contient aucune fiche" in text
    assert not ProgrammeImport.objects.exists()
    act.programme.sheets.all().delete()
    assert "Ce classeur ne contient aucune fiche" not in send(client, act, template).content.decode()


def test_a_workbook_that_changes_nothing_cancels_nothing(client: Client, act: Act, director: Any) -> None:
    preview = send(client, act, workbook(client, act))
    confirm(client, act, preview)
    assert revision(act) == 0


def test_the_pages_cost_as_many_queries_for_three_fiches_as_for_one(
    client: Client, act: Act, director: Any, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    counts: dict[str, list[int]] = {}
    for _ in range(3):
        send(client, act, workbook(client, act, titled("Du classeur")))
        for name in ("programme-export", "programme-template", "programme-import", "programme-import-preview"):
            with django_assert_max_num_queries(60) as queries:
                assert client.get(page(act, name)).status_code == 200
            counts.setdefault(name, []).append(len(queries))
        fill_sheet(SheetFactory(programme=act.programme), indicators=2)
    assert {name: len(set(numbers)) for name, numbers in counts.items()} == dict.fromkeys(counts, 1), counts


def test_the_way_to_the_import_is_only_shown_to_who_may_edit(client: Client, act: Act, director: Any) -> None:
    assert "Importer un classeur" in client.get(page(act, "programme-detail")).content.decode()
    client.force_login(member(act, "officer"))
    text = client.get(page(act, "programme-detail")).content.decode()
    assert "Importer un classeur" not in text and "Programme en classeur" in text
    assert client.get(page(act)).status_code == 403


def test_a_row_that_lost_its_key_is_asked_about_before_anything_is_imported(
    client: Client, act: Act, director: Any
) -> None:
    def change(book: Any) -> None:
        for name in ("Fiches", "Indicateurs", "Charges", "Produits"):
            for row in book[name].iter_rows(min_row=2):
                row[0].value = "9-Z" if row[0].value == "1-A" else row[0].value
                if name == "Fiches":
                    row[-1].value = None

    key = act.programme.sheets.get().key
    preview = send(client, act, workbook(client, act, change))
    assert "Des lignes ont perdu leur clé" in preview.content.decode()
    again = confirm(client, act, preview)
    assert "Dites ce qu’est cette ligne." in again.content.decode()
    assert act.programme.sheets.get().code == "1-A"
    answered = client.post(page(act, "programme-import-preview"), {"A2": str(key), "answer": "1"}, follow=True)
    assert "retirée du programme" not in answered.content.decode()
    confirm(client, act, answered)
    sheet = act.programme.sheets.get()
    assert (sheet.key, sheet.code) == (key, "9-Z")
