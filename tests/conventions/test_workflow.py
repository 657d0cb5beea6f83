"""The life of a convention, rule by rule, through the engine and the table of transitions."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from actions.models import Sheet
from conventions import workflow
from conventions.agreement import accepted_by_both, accepting_sides
from conventions.guards.signing import signing_document, unsigned_parties
from conventions.guards.visas import visa_given
from conventions.models import Acceptance, Act, Signature
from cpo.lib.models import JournalEntry, OutboxMessage
from cpo.lib.workflow import Refused
from tests.factories import scenarios
from tests.factories.arml import make_user

pytestmark = pytest.mark.django_db


def mails(template: str) -> list[str]:
    return list(OutboxMessage.objects.filter(template=template).order_by("id").values_list("to", flat=True))


def names(scene: scenarios.Scene, user: object) -> set[str]:
    return {option.transition.name for option in workflow.ACT.available(scene.act, user)}


# -- Asking for the turn back ---------------------------------------------------------------------------------------


def test_the_side_that_proposed_asks_for_the_turn_and_the_other_gives_it_back_without_a_version() -> None:
    scene = scenarios.proposed()
    assert "give_turn" not in names(scene, scene.officer), "nobody asked"
    scene.do("ask_turn", scene.director, "Un montant est faux.")
    assert set(mails("main_redemandee")) == {scene.officer.email, scene.manager.email}
    assert "Un montant est faux." in OutboxMessage.objects.filter(template="main_redemandee").first().body
    assert scene.act.turn == "state"
    assert "ask_turn" not in names(scene, scene.director), "it cannot be asked twice"

    scene.do("give_turn", scene.officer)
    act = scene.act
    assert (act.turn, act.turn_asked_at, act.versions.proposed().count()) == ("beneficiary", None, 1)
    assert set(mails("main_rendue")) == {scene.director.email, scene.president.email}
    scene.edit(scene.director)
    assert JournalEntry.objects.filter(verb__in=["ask_turn", "give_turn"], audience="both").count() == 2


def test_the_page_shows_the_request_and_gives_the_turn_back_in_one_click(client: Client) -> None:
    scene = scenarios.proposed()
    scene.do("ask_turn", scene.director, "Un montant est faux.")
    page = reverse("convention-detail", kwargs={"number": scene.number})
    button = reverse("convention-transition", kwargs={"number": scene.number, "name": "give_turn"})
    client.force_login(scene.director)
    assert f'action="{button}"' not in client.get(page).content.decode()
    client.force_login(scene.officer)
    text = client.get(page).content.decode()
    assert "Un montant est faux." in text and f'action="{button}"' in text
    client.post(button)
    assert scene.act.turn == "beneficiary"


def test_asking_for_the_turn_says_why() -> None:
    scene = scenarios.proposed()
    with pytest.raises(Refused, match="motif"):
        scene.do("ask_turn", scene.director, " ")


def test_who_has_the_turn_does_not_ask_for_it_nor_anybody_once_both_accepted() -> None:
    scene = scenarios.proposed()
    with pytest.raises(Refused):
        scene.do("ask_turn", scene.officer, "?")
    with pytest.raises(PermissionDenied):
        scene.do("ask_turn", scene.signatory, "?")
    scene.do("accept", scene.officer)
    with pytest.raises(Refused):
        scene.do("ask_turn", scene.director, "?")


def test_proposing_answers_the_request_and_the_acceptance_of_who_asked_still_stands_when_the_turn_comes_back() -> None:
    scene = scenarios.proposed()
    scene.do("ask_turn", scene.director, "Un montant est faux.")
    scene.do("propose", scene.officer)
    assert scene.act.turn_asked_at is None
    assert "give_turn" not in names(scene, scene.director)
    scene.do("ask_turn", scene.officer, "Une coquille.")
    scene.do("give_turn", scene.director)
    assert scene.version.acceptances.filter(cancelled_at=None, side="state").exists()


# -- Draft ----------------------------------------------------------------------------------------------------------


def test_sharing_shows_the_draft_to_the_association_and_gives_it_the_turn() -> None:
    scene = scenarios.complete_draft()
    assert not Act.objects.visible_to(scene.director).exists()

    scene.do("share", scene.officer, "Bonne lecture.")

    assert Act.objects.visible_to(scene.director).exists()
    assert scene.act.state == "negotiation"
    assert scene.act.convention.state == "negotiation"
    assert scene.act.turn == "beneficiary"
    assert set(mails("negociation_ouverte")) == {scene.director.email, scene.president.email}


def test_the_association_cannot_open_the_negotiation() -> None:
    scene = scenarios.complete_draft()
    with pytest.raises(PermissionDenied, match="ne permet pas"):
        scene.do("share", scene.director)


@pytest.mark.parametrize(
    ("role", "words"),
    [
        ("lead", "Le service chef de file n’est pas désigné comme partie."),
        ("beneficiary", "L’association n’est pas désignée comme partie."),
    ],
)
def test_a_draft_without_one_of_its_two_parties_is_not_shared(role: str, words: str) -> None:
    scene = scenarios.complete_draft()
    scene.party(role).delete()
    with pytest.raises(Refused) as refusal:
        scene.do("share", scene.officer)
    assert [line.text for line in refusal.value.missing] == [words]
    assert (scene.act.state, scene.act.turn) == ("draft", "state")
    assert not Act.objects.visible_to(scene.director).exists()


# -- Turn, versions, acceptances ------------------------------------------------------------------------------------


def test_proposing_freezes_a_version_accepts_it_and_gives_the_turn_to_the_other_side() -> None:
    scene = scenarios.in_negotiation()
    scene.do("propose", scene.director, "Voici notre projet.")

    version = scene.version
    assert (version.number, version.side, version.note) == (1, "beneficiary", "Voici notre projet.")
    assert list(version.acceptances.values_list("side", "cancelled_at")) == [("beneficiary", None)]
    assert scene.act.turn == "state"
    assert set(mails("proposition_recue")) == {scene.officer.email, scene.manager.email}


def test_only_the_side_that_has_the_turn_proposes_or_accepts() -> None:
    scene = scenarios.proposed()
    assert {"propose", "accept"} <= names(scene, scene.officer)
    assert names(scene, scene.director) == {"ask_turn"}
    with pytest.raises(Refused, match="L’autre partie a la main"):
        scene.do("propose", scene.director)
    with pytest.raises(Refused):
        scene.do("accept", scene.president)


def test_an_incomplete_version_may_be_proposed_but_not_accepted() -> None:
    scene = scenarios.in_negotiation()
    scene.act.instalments.all().delete()
    option = workflow.ACT.option(scene.act, scene.director, "propose")
    assert option.ready
    assert any("échéancier" in line.text for line in option.missing)
    scene.do("propose", scene.director)

    with pytest.raises(Refused) as refusal:
        scene.do("accept", scene.officer)
    assert any("échéancier" in line.text and line.url for line in refusal.value.missing)
    assert not Acceptance.objects.filter(side="state").exists()


def test_the_other_side_accepts_and_the_state_keeps_the_turn_for_the_visa() -> None:
    scene = scenarios.proposed()
    scene.do("accept", scene.officer)
    assert accepting_sides(scene.act) == {"state", "beneficiary"}
    assert scene.act.turn == "state"
    assert set(mails("acceptation_deux_parties")) == {scene.director.email, scene.president.email}


def test_an_edit_cancels_both_acceptances_and_tells_both_sides() -> None:
    scene = scenarios.accepted_by_both()
    scene.do("ask_visa", scene.officer)
    scene.edit()

    assert accepting_sides(scene.act) == set()
    assert Acceptance.objects.filter(cancelled_at=None).count() == 0
    assert all("1-A" in line for line in Acceptance.objects.values_list("cancelled_by", flat=True))
    assert set(mails("acceptations_annulees")) == {
        user.email for user in (scene.officer, scene.manager, scene.director, scene.president)
    }
    assert scene.act.visa_asked_at is None
    assert JournalEntry.objects.filter(verb="acceptances_cancelled", sentence__contains="version 1").count() == 1


def test_a_version_that_the_content_has_left_is_not_accepted() -> None:
    scene = scenarios.proposed()
    scene.edit()
    with pytest.raises(Refused) as refusal:
        scene.do("accept", scene.officer)
    assert "Le contenu a changé depuis la version 1" in refusal.value.missing[0].text


def test_only_the_latest_version_is_accepted() -> None:
    scene = scenarios.proposed()
    scene.edit()
    scene.do("propose", scene.officer)
    with pytest.raises(Refused, match="version 2 a été proposée entre-temps"):
        scene.do("accept", scene.director, expected_version="1")
    scene.do("accept", scene.director, expected_version="2")
    assert accepted_by_both(scene.act)


def test_a_new_version_cancels_the_acceptance_of_the_former_one() -> None:
    scene = scenarios.proposed()
    scene.edit()
    scene.do("propose", scene.officer)
    first = Acceptance.objects.get(version__number=1)
    assert first.cancelled_at is not None
    assert accepting_sides(scene.act) == {"state"}
    assert scene.version.changes == 1


def test_what_both_accepted_is_not_proposed_again() -> None:
    scene = scenarios.accepted_by_both()
    assert "propose" not in names(scene, scene.officer)


@pytest.mark.parametrize("role", ["signatory", "accountant", "national_admin", "reader"])
def test_who_does_not_negotiate_is_refused_by_role(role: str) -> None:
    scene = scenarios.proposed()
    organisation = {"signatory": scene.act.dossier.lead, "accountant": scene.act.dossier.beneficiary}.get(role)
    user = make_user(role, organisation)
    with pytest.raises(PermissionDenied, match="ne permet pas"):
        scene.do("accept", user)


# -- Visa ------------------------------------------------------------------------------------------------------------


def test_the_visa_is_given_by_the_manager_who_did_not_propose() -> None:
    scene = scenarios.accepted_by_both()
    scene.do("ask_visa", scene.officer)
    assert mails("visa_demande") == [scene.manager.email]
    scene.do("give_visa", scene.manager)
    visa = scene.version.visas.get()
    assert (visa.by, visa.override_reason) == (scene.manager, "")
    assert visa_given(scene.act)


def test_who_proposed_gives_the_visa_only_with_a_reason_that_the_national_level_reads() -> None:
    scene = scenarios.proposed()
    scene.edit(by=scene.manager)
    scene.do("propose", scene.manager)
    scene.do("accept", scene.director)
    with pytest.raises(Refused, match="vous en donnez le motif"):
        scene.do("give_visa", scene.manager)
    scene.do("give_visa", scene.manager, "Seul responsable présent en août.")

    assert scene.version.visas.get().override_reason == "Seul responsable présent en août."
    entry = JournalEntry.objects.get(verb="give_visa")
    assert (entry.audience, entry.comment) == ("national", "Seul responsable présent en août.")


def test_the_officer_does_not_give_the_visa() -> None:
    scene = scenarios.accepted_by_both()
    with pytest.raises(PermissionDenied):
        scene.do("give_visa", scene.officer)


def test_a_refused_visa_needs_its_reason_and_blocks_the_signature() -> None:
    scene = scenarios.accepted_by_both()
    with pytest.raises(Refused, match="motif est obligatoire"):
        scene.do("refuse_visa", scene.manager, "   ")
    scene.do("refuse_visa", scene.manager, "Le plan de financement est à revoir.")
    option = workflow.ACT.option(scene.act, scene.manager, "open_signature")
    assert [line.text for line in option.blocking] == [
        "Visa du service chef de file sur la version acceptée, "
        "refusé le 15\u00a0octobre\u00a0: «\u00a0Le plan de financement est à revoir.\u00a0»"
    ]


def test_a_cosigning_service_is_told_that_its_visa_is_awaited_and_never_that_it_has_the_turn(client: Client) -> None:
    scene = scenarios.proposed(cosigners=1)
    cosigner = scene.party("cosigner").organisation
    manager = scenarios.cosigning_manager(cosigner)
    client.force_login(manager)
    page = client.get(reverse("convention-detail", args=[scene.number])).content.decode()
    assert "La main est à vous" not in page
    assert f"La main est à {scene.act.dossier.lead.in_sentence}" in page
    assert "Vous serez prévenu" not in page

    assert mails("visa_cosignataire_attendu") == []
    scene.do("accept", scene.officer)
    assert manager.email in mails("visa_cosignataire_attendu")
    OutboxMessage.objects.all().delete()
    scene.do("cosigner_visa", manager)
    scene.do("give_visa", scene.manager)
    scene.do("open_signature", scene.manager)
    scene.do("reopen", scene.manager, "Une faute de frappe.")
    scene.do("accept", scene.officer)
    scene.do("accept", scene.director)
    assert mails("visa_cosignataire_attendu") == []  # the service has already given its visa on this version


def test_the_visa_of_each_cosigning_service_is_needed() -> None:
    scene = scenarios.accepted_by_both(cosigners=1)
    scene.do("give_visa", scene.manager)
    cosigner = scene.party("cosigner").organisation
    option = workflow.ACT.option(scene.act, scene.manager, "open_signature")
    assert f"Visa de {cosigner} sur la version acceptée" in [line.text for line in option.blocking]

    scene.do("cosigner_visa", scenarios.cosigning_manager(cosigner))
    option = workflow.ACT.option(scene.act, scene.manager, "open_signature")
    assert f"Visa de {cosigner} sur la version acceptée" not in [line.text for line in option.blocking]


# -- Signature -------------------------------------------------------------------------------------------------------


def test_the_signature_opens_only_with_the_visa() -> None:
    scene = scenarios.accepted_by_both()
    with pytest.raises(Refused) as refusal:
        scene.do("open_signature", scene.manager)
    assert "Visa du service chef de file" in refusal.value.missing[0].text
    assert scene.act.state == "negotiation"


def test_opening_the_signature_closes_edition_and_tells_each_signatory() -> None:
    scene = scenarios.in_signature()
    assert (scene.act.state, scene.act.turn) == ("signature", "")
    assert set(mails("document_a_signer")) == {scene.signatory.email, scene.president.email}
    with pytest.raises(PermissionDenied, match="signature est ouverte"):
        scene.edit(by=scene.officer)


def test_only_the_manager_opens_the_signature() -> None:
    scene = scenarios.accepted_by_both()
    scene.do("give_visa", scene.manager)
    with pytest.raises(PermissionDenied):
        scene.do("open_signature", scene.officer)


def test_each_party_signs_and_the_others_are_told() -> None:
    scene = scenarios.in_signature()
    scene.sign(scene.president)
    assert mails("signature_autre_partie") == [scene.signatory.email]
    assert scene.act.signed_on is None
    assert [party.role for party in unsigned_parties(scene.act)] == ["lead"]
    with pytest.raises(Refused):
        scene.do("notify", scene.officer)

    scene.sign(scene.signatory)
    assert unsigned_parties(scene.act) == []
    assert scene.act.signed_on is not None


def test_notifying_makes_the_convention_active_and_its_content_frozen_by_the_database() -> None:
    scene = scenarios.active_convention()
    act = scene.act
    assert (act.state, act.convention.state) == ("active", "active")
    assert act.notified_on is not None
    assert act.effective_on < act.signed_on
    assert act.dossier.published_on is not None
    sheet = act.programme.sheets.first()
    for write in (
        lambda: Sheet.objects.filter(pk=sheet.pk).update(title="Autre"),
        lambda: act.contributions.update(amount=1),
        lambda: act.parties.update(capacity="autre"),
        lambda: act.articles.all().delete(),
        lambda: Act.objects.filter(pk=act.pk).update(values={}),
        lambda: type(act.programme).objects.filter(pk=act.programme_id).update(frozen=False),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            write()
    everyone = {user.email for user in (scene.officer, scene.manager, scene.signatory, scene.director, scene.president)}
    assert set(mails("convention_en_vigueur")) == everyone


def test_a_signature_is_neither_changed_nor_deleted() -> None:
    signature = scenarios.signed_by_all().version.documents.get().signatures.first()
    for write in (
        lambda: Signature.objects.filter(pk=signature.pk).update(signatory_name="Autre"),
        lambda: Signature.objects.filter(pk=signature.pk).delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            write()


# -- Going back ------------------------------------------------------------------------------------------------------


def test_reopening_needs_a_reason_and_voids_document_signatures_and_acceptances() -> None:
    scene = scenarios.in_signature()
    scene.sign(scene.president)
    with pytest.raises(Refused, match="motif est obligatoire"):
        scene.do("reopen", scene.manager)
    scene.do("reopen", scene.manager, "Erreur sur le RIB.")

    assert (scene.act.state, scene.act.turn) == ("negotiation", "state")
    assert signing_document(scene.act) is None
    assert not Signature.objects.filter(voided_at=None).exists()
    assert accepting_sides(scene.act) == set()
    assert OutboxMessage.objects.filter(template="retour_negociation", body__contains="Erreur sur le RIB").count() == 5


def test_after_reopening_both_sides_can_accept_the_same_version_again() -> None:
    scene = scenarios.in_signature()
    scene.do("reopen", scene.manager, "Erreur de date.")
    scene.do("accept", scene.officer)
    assert scene.act.turn == "beneficiary"
    scene.do("accept", scene.director)
    assert accepted_by_both(scene.act)
    assert scene.act.turn == "state"
    # The visa that was given on this version is still valid.
    scene.do("open_signature", scene.manager)
    assert scene.act.state == "signature"


def test_the_officer_does_not_reopen() -> None:
    scene = scenarios.in_signature()
    with pytest.raises(PermissionDenied):
        scene.do("reopen", scene.officer, "Non.")


@pytest.mark.parametrize("make", [scenarios.complete_draft, scenarios.proposed, scenarios.in_signature])
def test_a_convention_is_abandoned_with_a_reason_from_any_open_state(make: object) -> None:
    scene = make()
    with pytest.raises(Refused, match="motif"):
        scene.do("abandon", scene.manager)
    scene.do("abandon", scene.manager, "L’association renonce.")
    assert (scene.act.state, scene.act.turn) == ("abandoned", "")
    assert names(scene, scene.manager) == set()


def test_abandoning_a_draft_that_was_not_shared_tells_the_service_alone() -> None:
    scene = scenarios.complete_draft()
    scene.do("abandon", scene.manager, "Doublon.")
    assert scene.director.email not in mails("convention_abandonnee")
    assert scene.officer.email in mails("convention_abandonnee")


def test_an_active_convention_is_not_abandoned() -> None:
    scene = scenarios.active_convention()
    with pytest.raises(Refused, match="n’est plus possible"):
        scene.do("abandon", scene.manager, "Non.")


def test_every_transition_writes_one_line_in_the_journal_in_the_capacity_acted_in() -> None:
    scene = scenarios.active_convention()
    verbs = list(
        JournalEntry.objects.filter(subject=f"act:{scene.act.pk}", verb__in=list(workflow.ACT.transitions))
        .order_by("id")
        .values_list("verb", "role", "to_state")
    )
    assert verbs == [
        ("share", "officer", "negotiation"),
        ("propose", "director", "negotiation"),
        ("accept", "officer", "negotiation"),
        ("give_visa", "manager", "negotiation"),
        ("open_signature", "manager", "signature"),
        ("sign", "president", "signature"),
        ("sign", "signatory", "signature"),
        ("notify", "officer", "active"),
    ]
