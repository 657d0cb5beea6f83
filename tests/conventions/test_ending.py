"""The end of a convention: formal notice, its delay, observations, termination, dissolution and closing."""

import datetime as dt
import hashlib
import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from conventions import workflow
from conventions.documents.ending import KIND, is_outdated
from conventions.guards import ending as guards
from conventions.later.in_force import act_in_force
from conventions.models import Act, Convention, FormalNotice, NoticeObservation
from conventions.services import ending
from cpo.lib.files import stored
from cpo.lib.models import Job, JournalEntry, OutboxMessage
from cpo.lib.wording.typography import typographic
from cpo.lib.workflow import Refused
from tests.access import places
from tests.factories import endings as steps
from tests.factories.scenarios import Scene, active_convention, in_signature, later, to_signature, with_later_act
from tests.lib.test_pdf import read

pytestmark = pytest.mark.django_db
At = Callable[[str], Any]
TODAY = dt.date(2026, 10, 15)  # the clock of the tests starts here; the two months end on 15 December


def names(scene: Scene, user: object) -> set[str]:
    return {option.transition.name for option in workflow.ACT.available(scene.act, user)}


def mails(template: str) -> set[str]:
    return set(OutboxMessage.objects.filter(template=template).values_list("to", flat=True))


def state(scene: Scene) -> str:
    return Convention.objects.get(pk=scene.convention.pk).state


# -- Notice ---------------------------------------------------------------------------------------------------------


def test_either_head_prepares_a_notice_that_its_own_side_alone_knows() -> None:
    scene = active_convention()
    steps.prepared(scene)
    entry = JournalEntry.objects.get(verb="prepare_notice")
    assert entry.audience == "state"
    assert {"send_notice", "withdraw_notice", "prepare_notice"} <= names(scene, scene.manager)
    assert not names(scene, scene.director) & {"observe", "send_notice"}
    assert not mails("mise_en_demeure")
    for someone in (scene.officer, scene.director):
        with pytest.raises(PermissionDenied):
            ending.prepare_notice(act=scene.act, breaches="Rien ne va.", by=someone)
    steps.prepared(scene, by=scene.president)
    assert scene.convention.notices.count() == 2


def test_a_notice_prepared_again_is_the_same_record_and_its_letter_is_produced_anew() -> None:
    scene = active_convention()
    steps.prepared(scene, breaches="Un manquement.")
    steps.prepared(scene, breaches="Deux manquements.")
    assert scene.convention.notices.get().breaches == "Deux manquements."
    first, second = Job.objects.filter(kind=KIND).order_by("id")
    assert is_outdated(first) and not is_outdated(second)


def test_a_sent_notice_tells_both_sides_and_runs_two_months(at: At) -> None:
    at("2026-12-31")
    scene = active_convention()
    notice = steps.sent(scene, sent_on=dt.date(2026, 12, 31))
    assert notice.due_on == dt.date(2027, 2, 28)
    assert {scene.president.email, scene.director.email} <= mails("mise_en_demeure")
    assert {scene.manager.email, scene.officer.email} <= mails("mise_en_demeure_envoyee")
    assert "observe" in names(scene, scene.director)
    assert not names(scene, scene.manager) & {"prepare_notice", "send_notice", "observe", "terminate"}


def test_a_service_that_co_signed_is_told_of_a_notice() -> None:
    scene = places.noticed(cosigners=1)
    assert places.cosigner(scene).email in mails("mise_en_demeure_envoyee") & mails("observations_recues")


def test_the_side_that_is_called_upon_reads_what_it_may_do_and_the_other_what_it_waits_for() -> None:
    scene, due = active_convention(), "15\u00a0décembre 2026"
    steps.sent(scene)
    recipient_mail, sender_mail = (OutboxMessage.objects.get(template=key, to=person.email) for key, person in
                      (("mise_en_demeure", scene.president), ("mise_en_demeure_envoyee", scene.manager)))  # fmt: skip
    assert not mails("mise_en_demeure") & mails("mise_en_demeure_envoyee")
    assert "vous met en demeure" in recipient_mail.subject and "mise en demeure envoyée" in sender_mail.subject
    assert (
        f"Vous avez jusqu’au {due} inclus pour y remédier" in recipient_mail.body
        and "L’autre partie" not in recipient_mail.body
    )
    assert f"court jusqu’au {due} inclus. L’autre partie peut y remédier" in sender_mail.body
    assert (
        "s’est achevé" not in recipient_mail.body + sender_mail.body
        and "{{" not in recipient_mail.body + sender_mail.body
    )


def test_a_letter_recorded_late_is_told_with_a_delay_that_is_over(at: At) -> None:
    scene = active_convention()
    steps.prepared(scene)
    at("2027-01-15")
    steps.send(scene, sent_on=TODAY)
    body = OutboxMessage.objects.get(template="mise_en_demeure", to=scene.president.email).body
    assert "s’est achevé le 15\u00a0décembre 2026" in body and "Vous avez jusqu’au" not in body
    assert "tant qu’aucune décision n’est prise" in body


def test_a_letter_sent_on_the_day_when_it_is_typed_needs_no_proof(at: At) -> None:
    scene = active_convention()
    at("2026-11-28")
    steps.prepared(scene)
    steps.send(scene, sent_on=dt.date(2026, 11, 28))
    notice = scene.convention.notices.get()
    assert (notice.due_on, notice.proof) == (dt.date(2027, 1, 28), None)


def test_a_letter_sent_before_it_is_typed_is_recorded_at_its_date_with_its_proof(at: At, client: Client) -> None:
    scene = active_convention()
    at("2026-11-28")
    steps.prepared(scene)
    with pytest.raises(ValidationError, match="preuve de dépôt") as refusal:
        steps.send(scene, sent_on=dt.date(2026, 11, 27))
    assert set(refusal.value.message_dict) == {"proof"}
    assert scene.convention.notices.get().sent_on is None
    steps.send(scene, sent_on=dt.date(2026, 11, 27), proof=steps.PROOF)
    notice = scene.convention.notices.get()
    assert (notice.sent_on, notice.due_on) == (dt.date(2026, 11, 27), dt.date(2027, 1, 27))
    page = reverse("convention-ending", args=[scene.number])
    file = reverse("ending-file", args=[scene.number, "preuve", notice.pk])
    for reader in (scene.officer, scene.director):
        client.force_login(reader)
        assert file in client.get(page).content.decode()
        assert client.get(file).status_code == 200


def test_no_letter_is_sent_before_the_convention_is_notified(at: At) -> None:
    scene = active_convention()
    at("2026-11-28")
    steps.prepared(scene)
    with pytest.raises(ValidationError, match="aucune mise en demeure ne la précède") as refusal:
        steps.send(scene, sent_on=dt.date(2026, 10, 14), proof=steps.PROOF)
    assert set(refusal.value.message_dict) == {"sent_on"}
    steps.send(scene, sent_on=dt.date(2026, 10, 15), proof=steps.PROOF)
    assert scene.convention.notices.get().sent_on == dt.date(2026, 10, 15)


def test_the_missing_proof_is_said_beside_its_field(at: At, client: Client) -> None:
    scene = active_convention()
    at("2026-11-28")
    steps.prepared(scene)
    client.force_login(scene.manager)
    page = reverse("notice-send", args=[scene.number])

    def posted(**files: bytes) -> Any:
        uploads = {name: SimpleUploadedFile(f"{name}.pdf", data, "application/pdf") for name, data in files.items()}
        return client.post(page, {"sent_on": "27/11/2026", "letter_number": "1A 1", **uploads})

    text = posted(letter=steps.FILE).content.decode()
    assert 'href="#id_proof"' in text and text.count("déposez sa preuve de dépôt") == 2
    assert posted(letter=steps.FILE, proof=steps.PROOF).status_code == 302
    proof = scene.convention.notices.get().proof
    assert proof is not None and proof.sha256 == hashlib.sha256(steps.PROOF).hexdigest()


def test_the_draft_that_the_application_produced_is_no_signed_letter(at: At) -> None:
    scene = active_convention()
    steps.prepared(scene)
    run_jobs()
    draft = stored.read(scene.act.documents.get(purpose="mise_demeure").file)
    with pytest.raises(ValidationError, match="celui que l’application a produit") as refusal:
        steps.send(scene, letter=draft)
    assert set(refusal.value.message_dict) == {"letter"}
    steps.prepared(scene, breaches="Autre chose.")  # the voided draft is refused too
    run_jobs()
    with pytest.raises(ValidationError, match="celui que l’application a produit"):
        steps.send(scene, letter=draft)
    steps.sent(scene)
    at("2026-12-16")
    with pytest.raises(ValidationError, match="la décision signée") as refusal:
        steps.terminate(scene, file=steps.pdf("decision.pdf", draft))
    assert set(refusal.value.message_dict) == {"file"}


def test_a_letter_is_needed_with_its_number_and_a_day_that_is_not_to_come() -> None:
    scene = active_convention()
    steps.prepared(scene)
    tomorrow = dt.date(2026, 10, 16)
    with pytest.raises(ValidationError) as refusal:
        ending.send_notice(
            act=scene.act,
            sent_on=tomorrow,
            letter_number=" ",
            letter=(io.BytesIO(b"no pdf"), "lettre.pdf", 6),
            by=scene.manager,
        )
    assert set(refusal.value.message_dict) == {"sent_on", "letter_number", "letter"}


def test_the_other_side_answers_as_often_as_it_wants_and_its_words_are_kept() -> None:
    scene = active_convention()
    steps.sent(scene)
    steps.observed(scene)
    ending.give_observations(act=scene.act, text="Encore un mot.", by=scene.president)
    assert NoticeObservation.objects.count() == 2
    assert mails("observations_recues") >= {scene.manager.email, scene.director.email}
    with pytest.raises(PermissionDenied):
        ending.give_observations(act=scene.act, text="Un mot.", by=scene.signatory)
    with pytest.raises(Refused, match="n’attend de réponse"):
        ending.give_observations(act=scene.act, text="Un mot.", by=scene.officer)
    for change in ({"text": "Rien."}, {"side": "state"}):
        with pytest.raises(DatabaseError), transaction.atomic():
            NoticeObservation.objects.update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        NoticeObservation.objects.all().delete()


def test_a_satisfied_notice_is_withdrawn_with_a_reason_and_another_may_follow() -> None:
    scene = active_convention()
    steps.sent(scene)
    with pytest.raises(Refused, match="motif"):
        scene.do("withdraw_notice", scene.manager)
    scene.do("withdraw_notice", scene.manager, "Les documents sont arrivés.")
    notice = scene.convention.notices.get()
    assert (notice.withdrawn_on, notice.withdrawn_reason) == (TODAY, "Les documents sont arrivés.")
    assert mails("mise_en_demeure_retiree") >= {scene.president.email, scene.manager.email}
    assert state(scene) == "active"
    steps.sent(scene)
    assert scene.convention.notices.count() == 2


def test_a_notice_given_up_before_it_is_sent_is_nobody_else_s_business() -> None:
    scene = active_convention()
    steps.prepared(scene, by=scene.president)
    scene.do("withdraw_notice", scene.president, "Nous en avons parlé.")
    assert JournalEntry.objects.get(verb="withdraw_notice").audience == "beneficiary"
    assert not mails("mise_en_demeure_retiree")
    assert is_outdated(Job.objects.get(kind=KIND))


def test_nobody_is_put_on_notice_before_the_convention_is_signed() -> None:
    scene = in_signature()
    with pytest.raises(Refused):
        ending.prepare_notice(act=scene.act, breaches="Rien ne va.", by=scene.manager)
    assert "prepare_notice" not in names(scene, scene.manager)


# -- Termination ----------------------------------------------------------------------------------------------------


def test_no_decision_before_the_two_months_are_over(at: At) -> None:
    scene = active_convention()
    assert steps.sent(scene).due_on == dt.date(2026, 12, 15)
    at("2026-12-15 23:59")
    assert "terminate" not in names(scene, scene.manager)
    with pytest.raises(Refused, match="jusqu’au 15\u00a0décembre 2026 inclus"):
        steps.terminate(scene)
    at("2026-12-16 00:01")
    assert "terminate" in names(scene, scene.manager)
    with pytest.raises(ValidationError) as refusal:
        steps.terminate(scene, decided_on=dt.date(2026, 12, 15))
    assert set(refusal.value.message_dict) == {"decided_on"}
    assert state(scene) == "active"


def test_a_termination_is_recorded_with_the_decision_that_was_signed(at: At, client: Any) -> None:
    scene = active_convention()
    notice, day = steps.sent(scene), dt.date(2026, 12, 16)
    at("2026-12-16")
    client.force_login(scene.manager)
    form_data = {"decision": "Rien.", "decided_on": "16/12/2026", "notified_on": "16/12/2026"}
    page = client.post(reverse("convention-terminate", args=[scene.number]), form_data | {"decision_number": "1A 1"})
    assert "Choisissez le PDF de la décision." in page.content.decode()
    assert state(scene) == "active"
    decision_fields = {"decided_on": day, "decided_by": scene.manager, "decision": "Rien.", "notified_on": day}
    with pytest.raises(IntegrityError, match="termination_has_its_signed_decision"), transaction.atomic():
        FormalNotice.objects.filter(pk=notice.pk).update(**decision_fields)


def test_only_the_side_that_gave_notice_decides(at: At) -> None:
    scene = active_convention()
    steps.sent(scene)
    at("2026-12-16")
    with pytest.raises(Refused, match="suit une mise en demeure"):
        steps.terminate(scene, by=scene.president)
    with pytest.raises(PermissionDenied):
        steps.terminate(scene, by=scene.officer)


def test_either_side_terminates(at: At) -> None:
    scene = active_convention()
    steps.sent(scene, by=scene.president)
    steps.sent(scene)
    at("2026-12-16")
    steps.terminate(scene, by=scene.president)
    assert state(scene) == "terminated"
    own, other = (scene.convention.notices.get(side=side) for side in ("beneficiary", "state"))
    assert own.decided_on == dt.date(2026, 12, 16)
    assert other.withdrawn_reason.startswith("Sans objet")


def test_a_terminated_convention_keeps_its_text_and_stops_what_was_open(at: At) -> None:
    scene = active_convention()
    avenant, annual = later(scene), later(scene, "annual")
    avenant.edit()
    to_signature(avenant)
    steps.terminated(scene, at)
    convention = Convention.objects.get(pk=scene.convention.pk)
    assert (convention.state, convention.ended_on) == ("terminated", dt.date(2026, 12, 16))
    assert (scene.act.state, scene.act.latest, scene.act.shown_state) == ("active", True, "terminated")
    assert act_in_force(convention, dt.date(2026, 12, 16)) == scene.act
    assert {avenant.act.state, annual.act.state} == {"abandoned"}
    assert not avenant.act.documents.filter(purpose="a_signer", voided_at=None).exists()
    assert {avenant.act.turn, annual.act.turn} == {""}
    entries = JournalEntry.objects.filter(verb="end_with_convention")
    assert {entry.comment for entry in entries} == {"La convention est résiliée."}
    assert mails("convention_resiliee") >= {scene.president.email, scene.officer.email}
    for user in (scene.manager, scene.officer, scene.president, scene.director):
        assert names(scene, user) == set()
    with pytest.raises(Refused, match="La convention est résiliée depuis le"):
        later(scene)
    with pytest.raises(Refused, match="La convention est résiliée depuis le"):
        steps.prepared(scene)


def test_the_end_of_the_association_ends_the_convention_without_delay() -> None:
    scene = active_convention()
    steps.prepared(scene)
    with pytest.raises(ValidationError) as refusal:
        ending.record_dissolution(act=scene.act, facts="Dissoute.", effective_on=dt.date(2099, 1, 1), by=scene.manager)
    assert set(refusal.value.message_dict) == {"effective_on"}
    day = dt.date(2026, 10, 12)
    ending.record_dissolution(act=scene.act, facts="Dissoute par son assemblée.", effective_on=day, by=scene.manager)
    convention = Convention.objects.get(pk=scene.convention.pk)
    assert (convention.state, convention.ended_on) == ("terminated", day)
    assert convention.notices.filter(ground="dissolution", decided_on=day).count() == 1
    assert not convention.notices.open().exists()


# -- Refusals of the database -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        {"breaches": "Autre chose."},
        {"sent_on": dt.date(2026, 1, 1), "due_on": dt.date(2026, 3, 1)},
        {"letter_number": "0"},
        {"proof": None},
        {"decided_on": dt.date(2026, 10, 20), "decision": "Tôt.", "notified_on": dt.date(2026, 10, 20)},
        {"withdrawn_on": dt.date(2026, 10, 20)},
        {"side": "beneficiary"},
    ],
)
def test_the_database_keeps_what_was_sent_and_the_two_months(change: dict[str, Any]) -> None:
    scene = active_convention()
    steps.prepared(scene)
    steps.send(scene, proof=steps.PROOF)
    notice = scene.convention.notices.get()
    if "decided_on" in change:
        change = change | {"decided_by": scene.manager}
    with pytest.raises(DatabaseError), transaction.atomic():
        FormalNotice.objects.filter(pk=notice.pk).update(**change)


def test_the_database_refuses_a_shorter_delay_a_second_notice_and_any_deletion() -> None:
    scene = active_convention()
    notice = steps.sent(scene)
    twin = {"convention": scene.convention, "author": scene.manager, "breaches": "x", "prepared_on": notice.sent_on}
    with pytest.raises(IntegrityError, match="notice_sent_before_it_was_typed_has_its_proof"), transaction.atomic():
        FormalNotice.objects.create(
            side="beneficiary", sent_on=notice.sent_on, letter=notice.letter, letter_number="1",
            due_on=notice.due_on, **twin | {"prepared_on": dt.date(2026, 10, 16)},
        )  # fmt: skip
    with pytest.raises(IntegrityError), transaction.atomic():
        FormalNotice.objects.create(side="state", **twin)
    with pytest.raises(IntegrityError), transaction.atomic():
        FormalNotice.objects.create(
            side="beneficiary", sent_on=notice.sent_on, letter=notice.letter, letter_number="1",
            due_on=dt.date(2026, 12, 14), **twin,
        )  # fmt: skip
    with pytest.raises(DatabaseError), transaction.atomic():
        notice.delete()
    scene.do("withdraw_notice", scene.manager, "Satisfaite.")
    with pytest.raises(DatabaseError), transaction.atomic():
        FormalNotice.objects.filter(pk=notice.pk).update(withdrawn_on=None, withdrawn_reason="")


def test_an_ended_convention_has_its_date() -> None:
    scene = active_convention()
    for values in ({"state": "terminated"}, {"ended_on": TODAY}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Convention.objects.filter(pk=scene.convention.pk).update(**values)


# -- Closing --------------------------------------------------------------------------------------------------------


def missing_lines(scene: Scene) -> list[str]:
    return [line.text for guard in (guards.years_concluded, guards.evaluation_given, guards.nothing_open)
            for line in guard(scene.act)]  # fmt: skip


def test_a_convention_is_closed_after_its_term_once_every_year_is_concluded(at: At) -> None:
    scene = active_convention()
    assert "close" not in names(scene, scene.manager)
    with pytest.raises(Refused, match="court jusqu’au 31\u00a0décembre 2027"):
        scene.do("close", scene.manager)
    at("2028-09-01")
    option = workflow.ACT.option(scene.act, scene.manager, "close")
    assert option and len(option.blocking) == 4
    assert [text for text in missing_lines(scene) if "Compte rendu" in text] == [
        f"Compte rendu {year}\u00a0: l’année n’est pas conclue" for year in (2025, 2026, 2027)
    ]
    assert "close" not in names(scene, scene.officer) | names(scene, scene.president)
    steps.ready_to_close(scene)
    assert missing_lines(scene) == []
    scene.do("close", scene.manager, "Partenariat à reconduire.")
    assert state(scene) == "closed"
    assert mails("convention_cloturee") >= {scene.president.email, scene.officer.email}
    assert names(scene, scene.manager) == set()


def test_nothing_open_is_left_behind_by_a_closing(at: At) -> None:
    annual = with_later_act(kind="annual")
    scene = Scene(annual.convention)
    at("2028-09-01")
    steps.ready_to_close(scene)
    steps.sent(scene, by=scene.president)
    assert len(missing_lines(scene)) == 2
    with pytest.raises(Refused):
        scene.do("close", scene.manager)
    annual.do("refuse", annual.officer, "Plus nécessaire.")
    scene.do("withdraw_notice", scene.president, "Satisfaite.")
    steps.prepared(scene)
    scene.do("close", scene.manager)
    assert not scene.convention.notices.open().exists()


def test_an_extended_convention_is_not_closed_before_its_new_term(at: At) -> None:
    avenant = with_later_act(topic="extension")
    scene = Scene(avenant.convention)
    at("2028-02-01")
    assert "close" in names(scene, scene.manager)
    Act.objects.filter(pk=avenant.act.pk).update(ends_on=dt.date(2028, 12, 31))
    Act.objects.filter(pk=scene.act.pk).update(latest=False)
    Act.objects.filter(pk=avenant.act.pk).update(latest=True)
    assert "close" not in names(scene, scene.manager)


def test_nothing_is_opened_after_the_term(at: At) -> None:
    scene = active_convention()
    at("2028-01-01")
    assert not names(scene, scene.officer) & {"open_amendment", "open_annual"}
    with pytest.raises(Refused, match="arrivée à son terme"):
        later(scene)


# -- Documents ------------------------------------------------------------------------------------------------------


def run_jobs() -> None:
    from conventions.tasks import print_ending
    from cpo.lib.work.jobs import Progress

    for job in Job.objects.filter(kind=KIND).order_by("id"):
        print_ending(Progress(job))
        print_ending(Progress(job))  # a second run makes no second entry


def test_each_end_has_its_document_in_the_register(at: At) -> None:
    scene = active_convention()
    steps.terminated(scene, at)
    run_jobs()
    documents = {(row.purpose, row.audience, bool(row.voided_at)) for row in scene.act.documents.exclude(label="")}
    assert documents == {("mise_demeure", "state", False), ("resiliation", "both", False)}
    assert all(len(row.content_sha256) == 64 for row in scene.act.documents.exclude(label=""))


def document_text(scene: Scene, purpose: str, tmp_path: Path) -> str:
    """Return the text of the last document of that purpose."""
    run_jobs()
    document = scene.act.documents.filter(purpose=purpose).latest("id")
    return re.sub(r"[ \n\f]+", " ", read(stored.read(document.file), tmp_path)).strip()


def printed_values(scene: Scene) -> dict[str, str]:
    """Return the values of the text as the document prints them."""
    values = scene.act.versions.latest("number").content["values"]
    return {name: typographic(value) for name, value in values.items() if isinstance(value, str)}


@pytest.mark.pdf
def test_the_papers_of_the_end_name_the_parties_as_the_convention_does(tmp_path: Path) -> None:
    scene = active_convention()
    steps.prepared(scene)
    letter = document_text(scene, "mise_demeure", tmp_path)
    values = printed_values(scene)
    prefect, association = values["prefet_qualite"], values["arml_nom"]
    assert f"conclue entre l’État, représenté par {prefect}, et {association}" in letter
    assert "Pour l’État" in letter and values["signataire_etat_nom"] in letter
    assert "PROJET" not in letter, "it is the letter that is signed and sent"
    assert letter.index("PRÉFET") < letter.index("Mise en demeure")
    assert f"Pour {scene.act.dossier.lead.in_sentence}" not in letter and "République" not in letter


@pytest.mark.pdf
def test_the_letter_of_the_association_is_its_own_and_goes_to_the_prefect(tmp_path: Path) -> None:
    scene = active_convention()
    steps.prepared(scene, by=scene.president)
    letter = document_text(scene, "mise_demeure", tmp_path)
    addressee = printed_values(scene)["prefet_qualite"].partition(",")[0]
    assert letter.index(f"L{addressee[1:]}") < letter.index("Mise en demeure")
    assert "Pour l’association" in letter and "Pour l’État" not in letter


@pytest.mark.pdf
def test_the_record_of_a_termination_quotes_the_signed_decision_and_says_where_it_is_contested(
    at: At, tmp_path: Path
) -> None:
    scene = active_convention()
    steps.terminated(scene, at)
    record = document_text(scene, "resiliation", tmp_path)
    notice = scene.convention.notices.get()
    assert "Constat de la résiliation" in record and "Seule la décision signée et notifiée fait foi" in record
    assert notice.decision in record and notice.decision_number in record
    assert notice.decision_file.sha256 == hashlib.sha256(steps.DECISION).hexdigest() and (
        notice.decision_file.sha256 in record
    )
    assert (
        f"devant le {printed_values(scene)['tribunal_administratif']} dans les deux mois à compter de sa notification"
        in record
    )
    assert "R. 421-1 du code de justice administrative" in record
    assert "sans effet" not in record and "Pour l’État" not in record, "nobody signs this record"


@pytest.mark.pdf
def test_an_abandoned_project_has_its_document(tmp_path: Path) -> None:
    scene = in_signature()
    scene.do("abandon", scene.manager, "L’association a renoncé.")
    run_jobs()
    document = scene.act.documents.get(purpose="abandon")
    assert f"L’État, représenté par {printed_values(scene)['prefet_qualite']}" in document_text(
        scene, "abandon", tmp_path
    )
    assert (document.label, document.audience) == ("Constat d’abandon", "both")


def test_the_letter_of_a_notice_given_up_is_voided() -> None:
    scene = active_convention()
    steps.prepared(scene)
    run_jobs()
    scene.do("withdraw_notice", scene.manager, "Finalement non.")
    assert scene.act.documents.get(purpose="mise_demeure").voided_at
