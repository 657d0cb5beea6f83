"""The letters of a service: from its own texts in versions to a file in the register; signed, sent, who reads them."""

import datetime as dt
import io
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from conventions.documents.letters import letter_content, template_text, values_of
from conventions.enums import LetterKind
from conventions.models import Document, Letter, LetterTemplate
from conventions.services import letters
from conventions.text.letters import LetterText, one_line, shipped_letters, text_faults
from conventions.text.loading import load_letters
from cpo.lib.editing.lock import StaleRevision
from cpo.lib.models import Job, JournalEntry, OutboxMessage
from cpo.lib.wording.spelling import euros_in_words
from cpo.lib.work import jobs
from cpo.lib.workflow import Refused
from tests.factories import endings
from tests.factories.conventions import PDF
from tests.factories.scenarios import Scene, active_convention, in_signature
from tests.lib.test_pdf import read

pytestmark = pytest.mark.django_db
SIGNED = PDF + b"% a letter signed by hand\n%%EOF"
TODAY = dt.date(2026, 10, 15)
TEXT = LetterText("Convention {{ numero_convention }}", "Madame, Monsieur,\n\nUn mot de {{ service_nom_court }}.")


def pdf(data: bytes = SIGNED) -> Any:
    return io.BytesIO(data), "lettre.pdf", len(data)


def written(scene: Scene, kind: str = LetterKind.NOTIFICATION, text: LetterText = TEXT, **more: Any) -> Letter:
    letter = letters.produce(
        convention=scene.convention, kind=kind, text=text, dated_on=TODAY, by=scene.officer, **more
    )
    return letters.print_letter(letter.pk)


def signed(scene: Scene) -> Letter:
    facts = {"signed_on": TODAY, "signatory_name": "Dominique Modèle", "capacity": "directrice", "scan": pdf()}
    return letters.step("sign", written(scene), by=scene.manager, **facts)


def sent(scene: Scene) -> Letter:
    facts = {"sent_on": TODAY, "means": "courriel", "sent_number": "", "proof": None}
    return letters.step("send", signed(scene), by=scene.officer, **facts)


# -- Amounts in words -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("0", "zéro euro"),
        ("1", "un euro"),
        ("80", "quatre-vingts euros"),
        ("81", "quatre-vingt-un euros"),
        ("200", "deux cents euros"),
        ("201.50", "deux cent un euros et cinquante centimes"),
        ("0.01", "un centime"),
        ("1000000", "un million d’euros"),
        ("1200000", "un million deux cent mille euros"),
        ("-12", "moins douze euros"),
    ],
)
def test_an_amount_is_spelled_as_french_agrees_it(amount: str, words: str) -> None:
    assert euros_in_words(Decimal(amount)) == words


# -- The texts --------------------------------------------------------------------------------------------------------


def test_each_kind_has_its_national_text_without_a_fault() -> None:
    assert set(shipped_letters()) == set(LetterKind)
    for text in shipped_letters().values():
        assert not text_faults(text.subject)
        assert not text_faults(text.body)


def test_a_fault_is_told_with_its_line() -> None:
    assert text_faults("Un.\n\n{{ inconnu }}\nTotal : {{ liste_echeances_retard }}.\n{{ Numero") == [
        "Ligne 3\u00a0: la variable « inconnu » n’existe pas : choisissez-en une dans la liste.",
        "Ligne 4\u00a0: la variable « liste_echeances_retard » doit être seule sur sa ligne.",
        "Ligne 5\u00a0: une variable s’écrit {{ nom_de_la_variable }}, en minuscules, entre deux paires d’accolades.",
    ]


def test_a_newer_national_text_becomes_a_version_and_overwrites_none(monkeypatch: pytest.MonkeyPatch) -> None:
    before = LetterTemplate.objects.of(None).count()
    assert load_letters() == 0
    texts = shipped_letters() | {LetterKind.REMINDER: LetterText("Relance", "Autre texte.")}
    monkeypatch.setattr("conventions.text.loading.shipped_letters", lambda: texts)
    assert load_letters() == 1
    rows = LetterTemplate.objects.of(None).filter(kind=LetterKind.REMINDER).order_by("number")
    assert [row.number for row in rows] == [1, 2]
    assert LetterTemplate.objects.of(None).count() == before + 1


def test_the_manager_writes_versions_of_the_service_and_old_ones_stay() -> None:
    scene = active_convention()
    lead = scene.convention.dossier.lead
    assert template_text(lead, LetterKind.REMINDER) == shipped_letters()[LetterKind.REMINDER]

    def save(body: str, number: int, by: Any = None) -> Any:
        return letters.save_template(
            service=lead, kind="relance", subject="Rappel", body=body, by=by or scene.manager, expected_number=number
        )

    for other in (scene.officer, scene.director):
        with pytest.raises(PermissionDenied):
            save("Un.", 0, other)
    assert save("Un.", 0).number == 1
    assert save("Un.", 1) is None  # nothing changed
    assert one_line(" Convention 1\u00a0:\n relance ") == "Convention 1\u00a0: relance"
    with pytest.raises(StaleRevision):
        save("Deux.", 0)
    with pytest.raises(ValidationError) as refused:
        save("{{ x }}", 1)
    assert list(refused.value.message_dict) == ["body"]
    second = save("Deux.", 1)
    assert template_text(lead, LetterKind.REMINDER).body == "Deux."
    assert LetterTemplate.objects.of(lead).get(number=1).body == "Un."
    assert JournalEntry.objects.filter(verb="letter_template_written").count() == 2
    for change in (lambda: LetterTemplate.objects.update(body="x"), second.delete):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


# -- One letter -------------------------------------------------------------------------------------------------------


def test_a_letter_is_frozen_numbered_and_entered_in_the_register_once() -> None:
    scene = active_convention()
    letter = written(scene)
    assert letter.reference == f"{scene.convention.number}-L1"
    assert letter.edited
    assert (letter.document.purpose, letter.document.content_sha256) == ("lettre", letter.content_sha256)
    assert letters.print_letter(letter.pk).document_id == letter.document_id
    assert Document.objects.filter(purpose="lettre").count() == 1
    assert written(scene).number == 2
    with pytest.raises(DatabaseError), transaction.atomic():
        Letter.objects.filter(pk=letter.pk).update(content={})
    with pytest.raises(DatabaseError), transaction.atomic():
        Letter.objects.filter(pk=letter.pk).update(document=None)
    with pytest.raises(DatabaseError), transaction.atomic():
        letter.delete()


def test_a_letter_waits_for_the_signature_of_the_convention_and_for_each_value() -> None:
    with pytest.raises(Refused, match="signée et notifiée"):
        written(in_signature(document=False))
    scene = active_convention()
    with pytest.raises(ValidationError) as refused:
        written(scene, text=LetterText("Réunion", "Le {{ reunion_date }}, {{ reunion_horaires }}."))
    assert refused.value.message_dict == {"body": ["Il manque\u00a0: date de la prochaine réunion."]}
    with pytest.raises(Refused, match="Fin de la convention"):
        written(scene, kind=LetterKind.NOTICE)
    for person in (scene.director, scene.president):
        with pytest.raises(PermissionDenied):
            letters.produce(convention=scene.convention, kind="relance", text=TEXT, dated_on=TODAY, by=person)


def test_the_amounts_are_those_of_the_text_in_figures_and_in_words() -> None:
    scene = active_convention()
    content = {
        "values": {},
        "convention": {"effective_on": "2025-01-01", "ends_on": "2027-12-31"},
        "contributions": [{"year": 2025, "amount": "60000.00"}, {"year": 2026, "amount": "80000.00"}],
    }
    values = values_of(scene.convention, content, dated_on=TODAY)
    assert values["contribution_totale"] == "140\u00a0000\u00a0€"
    assert values["contribution_totale_lettres"] == "cent quarante mille euros"
    assert values["contribution_annee_lettres"] == "quatre-vingt mille euros"
    assert values["liste_contributions_annees"] == ["2025\u00a0: 60\u00a0000\u00a0€", "2026\u00a0: 80\u00a0000\u00a0€"]


def test_the_day_for_an_answer_is_one_on_which_the_service_works() -> None:
    """Fifteen days after 7 May 2026 is Friday 22 May: a holiday in Martinique alone, before Whit Monday."""
    scene = active_convention()
    territory = scene.convention.dossier.lead.served_territories.first()
    may_7 = dt.date(2026, 5, 7)

    def answer() -> Any:
        dossier = type(scene.convention.dossier).objects.get(pk=scene.convention.dossier_id)
        scene.convention.dossier = dossier
        content = letter_content(
            scene.convention, "relance", LetterText("x", "{{ date_reponse }}"), dated_on=may_7, by=None
        )
        return content["of_body"]["date_reponse"]

    assert answer() == "22\u00a0mai 2026"
    type(territory).objects.filter(code="02").update(code="99")
    type(territory).objects.filter(pk=territory.pk).update(code="02")
    assert answer() == "26\u00a0mai 2026"


# -- What becomes of it -----------------------------------------------------------------------------------------------


def test_a_letter_is_signed_with_its_proof_then_sent_and_never_changes_again() -> None:
    scene = active_convention()
    letter = written(scene)
    facts = {"signed_on": TODAY, "signatory_name": "Dominique Modèle", "capacity": "directrice", "scan": pdf()}
    with pytest.raises(PermissionDenied):
        letters.step("sign", letter, by=scene.officer, **facts)
    with pytest.raises(ValidationError) as refused:
        letters.step("sign", letter, by=scene.manager, **facts | {"signed_on": TODAY - dt.timedelta(days=1)})
    assert list(refused.value.message_dict) == ["signed_on"]
    with pytest.raises(ValidationError) as refused:
        letters.step("sign", letter, by=scene.manager, **facts | {"signed_on": TODAY + dt.timedelta(days=1)})
    assert refused.value.message_dict == {"signed_on": [letters.FUTURE]}
    with pytest.raises(Refused):
        letters.step("send", letter, by=scene.officer, sent_on=TODAY, means="courriel", sent_number="", proof=None)
    letter = letters.step("sign", letter, by=scene.manager, **facts)
    with pytest.raises(ValidationError) as refused:
        letters.step("send", letter, by=scene.officer, sent_on=TODAY, means="recommande", sent_number=" ", proof=None)
    assert list(refused.value.message_dict) == ["sent_number"]
    letter = letters.step("send", letter, by=scene.officer, sent_on=TODAY, means="courriel", sent_number="", proof=None)
    assert letter.state == "sent"
    with pytest.raises(Refused):
        letters.step("void", letter, by=scene.officer, comment="Trop tard.")
    for change in ({"sent_on": None}, {"voided_reason": "x"}, {"signatory_name": "Autre"}, {"state": "signed"}):
        with pytest.raises(DatabaseError), transaction.atomic():
            Letter.objects.filter(pk=letter.pk).update(**change)


def test_the_file_that_was_produced_is_no_signed_letter() -> None:
    from cpo.lib.files import stored

    scene = active_convention()
    letter = written(scene)
    facts = {"signed_on": TODAY, "signatory_name": "Dominique Modèle", "capacity": "directrice"}
    with pytest.raises(ValidationError) as refused:
        letters.step("sign", letter, by=scene.manager, scan=pdf(stored.read(letter.document.file)), **facts)
    assert refused.value.message_dict == {"scan": [letters.UNSIGNED_FILE]}


def test_a_voided_letter_stays_with_its_reason_and_its_number() -> None:
    scene = active_convention()
    letter = letters.step("void", written(scene), by=scene.officer, comment="Une erreur de date.")
    assert (letter.state, letter.voided_reason) == ("voided", "Une erreur de date.")
    assert Document.objects.get(pk=letter.document_id).voided_at is not None
    assert written(scene).number == 2


def test_the_association_reads_and_is_told_of_what_is_sent_alone() -> None:
    scene = active_convention()
    unsent = written(scene)
    assert not Letter.objects.visible_to(scene.director).exists()
    assert unsent in Letter.objects.visible_to(scene.manager)
    assert not OutboxMessage.objects.filter(template="lettre_envoyee").exists()
    letter = sent(scene)
    assert list(Letter.objects.visible_to(scene.director)) == [letter]
    told = set(OutboxMessage.objects.filter(template="lettre_envoyee").values_list("to", flat=True))
    assert told == {scene.director.email, scene.president.email}
    client = Client()
    client.force_login(scene.director)
    answers = {
        row.pk: client.get(reverse("letter-file", args=[scene.convention.number, row.pk, "lettre"])).status_code
        for row in (unsent, letter)
    }
    assert answers == {unsent.pk: 404, letter.pk: 200}


# -- Many letters -----------------------------------------------------------------------------------------------------


def test_a_batch_writes_each_letter_once_and_tells_which_could_not_be() -> None:
    scene, other = active_convention(), active_convention()
    job = letters.ask_batch(
        kind="relance", text=TEXT, dated_on=TODAY, conventions=[scene.convention.pk], by=scene.officer
    )
    with pytest.raises(PermissionDenied):
        letters.ask_batch(
            kind="relance",
            text=TEXT,
            dated_on=TODAY,
            conventions=[scene.convention.pk, other.convention.pk],
            by=scene.officer,
        )
    with pytest.raises(ValidationError):
        letters.ask_batch(kind="relance", text=TEXT, dated_on=TODAY, conventions=[], by=scene.officer)
    for _ in range(2):  # a worker that died is followed by another one
        Job.objects.filter(pk=job.pk).update(state="waiting")
        assert jobs.run(job.pk)
    assert [row.batch for row in scene.convention.letters.all()] == [job.key]
    assert Job.objects.get(pk=job.pk).result == {"refused": []}
    lacking = LetterText("Réunion", "Le {{ reunion_date }}.")
    job = letters.ask_batch(
        kind="convocation", text=lacking, dated_on=TODAY, conventions=[scene.convention.pk], by=scene.officer
    )
    assert jobs.run(job.pk)
    reason = "Il manque\u00a0: date de la prochaine réunion."
    assert Job.objects.get(pk=job.pk).result == {"refused": [{"number": scene.convention.number, "reason": reason}]}


# -- The paper --------------------------------------------------------------------------------------------------------


@pytest.mark.pdf
def test_the_paper_has_its_letterhead_its_object_and_its_place_to_sign(tmp_path: Path) -> None:
    from cpo.lib.files import stored

    scene = active_convention()
    text = shipped_letters()[LetterKind.NOTIFICATION]
    letter = written(scene, text=text)
    assert not letter.edited
    paper = " ".join(read(stored.read(letter.document.file), tmp_path).split())
    for words in (f"{scene.convention.number}-L1", "Objet", "15 octobre 2026", "euros", "Affaire suivie par"):
        assert words in paper.replace("\xa0", " ")


@pytest.mark.pdf
def test_a_formal_notice_of_the_service_is_printed_from_its_own_text(tmp_path: Path) -> None:
    from cpo.lib.files import stored

    scene = active_convention()
    letters.save_template(
        service=scene.convention.dossier.lead,
        kind=LetterKind.NOTICE,
        subject="Mise en demeure",
        body="Nos mots à nous.\n\n{{ manquements }}",
        by=scene.manager,
        expected_number=0,
    )
    endings.prepared(scene)
    assert jobs.run(Job.objects.get(kind="print_ending").pk)
    document = Document.objects.get(purpose="mise_demeure")
    paper = read(stored.read(document.file), tmp_path).replace("\xa0", " ")
    assert "Nos mots à nous." in paper
    assert "Article 9.1 : aucun comité" in paper
    assert "Lettre recommandée" in paper
