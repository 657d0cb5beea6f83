"""The guards of acceptance, visa, signature and end; each is tried when it stops a transition and when it does not."""

import datetime as dt
import io
from typing import Any

import pytest

from actions.enums import SigningOrder
from arml.models import Attachment, AttachmentKind, Membership
from conventions import workflow
from conventions.guards import ending, visas
from conventions.guards.addresses import value_url
from conventions.guards.complete import paper_complete
from conventions.guards.signing import (
    first_of,
    may_deposit_now,
    may_record_now,
    may_sign_now,
    may_withdraw_now,
    next_to_sign,
    no_other_signature,
    party_to_sign,
    unsigned_parties,
)
from conventions.guards.versions import (
    live_prints_as_typed,
    live_prints_complete,
    version_is_live,
    version_prints_complete,
)
from conventions.models import Act, Convention, Party
from conventions.reads import reads
from conventions.services import threads
from conventions.services.pieces import add_attachment
from conventions.services.texts import set_values
from conventions.workflow.conditions import is_past_term
from tests.access.places import paper
from tests.conventions.guarded import at, lines, messages
from tests.factories import endings as steps
from tests.factories.conventions import actor
from tests.factories.scenarios import (
    Scene,
    accepted_by_both,
    active_convention,
    cosigning_manager,
    in_negotiation,
    in_signature,
    later,
    proposed,
    signed_by_all,
    to_signature,
)

pytestmark = pytest.mark.django_db


def blocking_messages(scene: Scene, name: str, user: Any) -> list[str]:
    return [line.text for line in workflow.ACT.attempt(name, scene.act, user).blocking]


# -- The version ------------------------------------------------------------------------------------------------------


def test_only_a_version_equal_to_the_content_is_accepted() -> None:
    scene = in_negotiation()
    no_version = lines(scene, ["Aucune version n’a encore été proposée. | convention-versions"])
    assert messages(version_is_live, scene) == no_version
    scene.do("propose", scene.director)
    assert messages(version_is_live, scene) == []
    scene.edit()
    message = "Le contenu a changé depuis la version 1\u00a0: proposez une nouvelle version."
    expected_lines = lines(scene, [f"{message} | convention-transition/propose"])
    assert messages(version_is_live, scene) == expected_lines
    assert message in blocking_messages(scene, "accept", scene.officer)


def test_a_content_that_came_back_to_what_the_version_says_is_live_again() -> None:
    scene = proposed()
    sheet = scene.act.programme.sheets.first()
    scene.edit()
    scene.act.programme.sheets.filter(pk=sheet.pk).update(description=sheet.description)
    assert scene.act.programme.revision != scene.version.revision
    assert messages(version_is_live, scene) == []


@pytest.mark.parametrize(
    "name", ["accept", "give_visa", "cosigner_visa", "open_signature", "record_outside_visa", "give_president_visa"]
)
def test_what_commits_a_side_asks_for_a_live_version(name: str) -> None:
    """The test writes past the services, because an edit through them would cancel the acceptances."""
    scene = accepted_by_both(cosigners=1)
    act = scene.act
    act.programme.sheets.update(description="Autre chose.")
    type(act.programme).objects.filter(pk=act.programme_id).update(revision=act.programme.revision + 1)
    missing = [line for guard in workflow.ACT.transitions[name].guards for line in guard(scene.act)]
    assert "Le contenu a changé depuis la version 1" in " ".join(line.text for line in missing)
    assert "error" in {line.severity for line in missing}


def test_what_no_font_draws_is_to_verify_before_proposing_with_its_field() -> None:
    scene = in_negotiation()
    assert messages(live_prints_as_typed, scene) == []
    sheet = scene.act.programme.sheets.order_by("pk")[0]
    type(sheet).objects.filter(pk=sheet.pk).update(context="Un élan 🙂 et 漢.")
    Act.objects.filter(pk=scene.act.pk).update(values=scene.act.values | {"arml_projet_synthese": "Oui 🙂"})
    value, context = messages(live_prints_as_typed, scene, "warning")
    assert value.startswith("À vérifier\u00a0: «\u00a0🙂\u00a0» ne s’imprime pas")
    assert value.endswith(at(scene, "convention-values#id_arml_projet_synthese"))
    assert "«\u00a0🙂\u00a0», «\u00a0漢\u00a0» ne s’impriment pas" in context and f"fiche {sheet.code}" in context


def test_a_version_that_prints_a_blank_is_not_accepted_whatever_is_given_since() -> None:
    scene = in_negotiation()
    assert messages(version_prints_complete, scene) == []
    Act.objects.filter(pk=scene.act.pk).update(values=scene.act.values | {"arml_projet_synthese": ""})
    assert [line.split(" | ")[1] for line in messages(live_prints_complete, scene)] == [
        at(scene, "convention-values#id_arml_projet_synthese")
    ]
    scene.do("propose", scene.director)
    errors = messages(version_prints_complete, scene, "error")
    assert errors[0].startswith("Absent de la version 1\u00a0: ") and len(errors) == 1
    assert errors[0].endswith(at(scene, "convention-values#id_arml_projet_synthese"))
    assert messages(version_prints_complete, scene, "warning")[0].endswith(at(scene, "convention-transition/propose"))
    values = {"arml_projet_synthese": "Un projet."}
    set_values(act=scene.act, values=values, by=scene.officer, expected_revision=None)
    assert messages(version_prints_complete, scene, "error") == errors
    scene.do("propose", scene.officer)
    assert messages(version_prints_complete, scene) == []


@pytest.mark.parametrize(
    ("name", "page"),
    [
        ("signataire_etat_nom", "convention-parties"),
        ("delegation_raa", "convention-parties"),
        ("arml_representant_nom", "convention-parties"),
        ("contribution_totale", "convention-contribution"),
        ("avance_2026", "convention-contribution"),
        ("cout_total", "programme-detail"),
        ("liste_fiches", "programme-detail"),
        ("date_deliberation", "convention-values#id_date_deliberation"),
        ("arml_projet_synthese", "convention-values#id_arml_projet_synthese"),
    ],
)
def test_a_value_that_is_printed_is_filled_in_where_it_comes_from(name: str, page: str) -> None:
    scene = in_negotiation()
    assert value_url(scene.act, name) == at(scene, page)
    for own, organisation in (("iban", scene.act.dossier.beneficiary), ("service_siret", scene.act.dossier.lead)):
        assert value_url(scene.act, own).endswith(f"/{organisation.key}/")


# -- Warnings ---------------------------------------------------------------------------------------------------------


def test_what_one_side_leaves_open_among_itself_is_said_to_it_alone() -> None:
    scene = proposed()
    threads.start(scene.act, by=scene.director, path="general", text="Entre nous.", internal=True)
    assert messages(visas.internal_threads, scene) == []
    first = threads.start(scene.act, by=scene.officer, path="general", text="Entre nous.", internal=True)
    one = lines(scene, ["Un échange interne reste ouvert | convention-versions#echanges"])
    assert messages(visas.internal_threads, scene) == messages(visas.internal_threads, scene, "warning") == one
    threads.start(scene.act, by=scene.officer, path="general", text="Encore.", internal=True)
    two = lines(scene, ["2 échanges internes restent ouverts | convention-versions#echanges"])
    assert messages(visas.internal_threads, scene) == two
    threads.resolve(first, by=scene.officer)
    assert messages(visas.internal_threads, scene) == one


def test_proposing_again_what_was_just_proposed_is_said_and_stops_nothing() -> None:
    scene = in_negotiation()
    assert messages(visas.nothing_new, scene) == []
    scene.do("propose", scene.director)
    words = "Rien n’a changé depuis la version 1\u00a0: vous pouvez l’accepter telle quelle"
    assert messages(visas.nothing_new, scene, "warning") == lines(scene, [f"{words} | convention-transition/accept"])
    scene.edit()
    assert messages(visas.nothing_new, scene) == []


def test_the_association_is_told_before_it_accepts_what_its_president_was_asked_or_refused(at: Any) -> None:
    scene = proposed()
    scene.edit()
    scene.do("propose", scene.officer)
    assert messages(visas.president_visa, scene) == []
    scene.do("ask_president_visa", scene.director)
    page = "convention-versions#visas"
    request_line = f"Visa de la présidence, demandé le 15\u00a0octobre, pas encore donné | {page}"
    assert messages(visas.president_visa, scene, "warning") == lines(scene, [request_line])
    at("2026-10-17")
    scene.do("refuse_president_visa", scene.president, "Trop cher.")
    refusal_line = f"Visa de la présidence, refusé le 17\u00a0octobre\u00a0: «\u00a0Trop cher.\u00a0» | {page}"
    assert messages(visas.president_visa, scene, "warning") == lines(scene, [refusal_line])
    scene.do("propose", scene.director)
    assert messages(visas.president_visa, scene) == [], "nobody was asked about the new version"


def test_the_state_that_gets_the_turn_back_does_not_read_the_refusal_of_the_president() -> None:
    scene = proposed()
    scene.edit()
    scene.do("propose", scene.officer)
    scene.do("ask_president_visa", scene.director)
    scene.do("refuse_president_visa", scene.president, "Trop cher.")
    scene.do("ask_turn", scene.officer, "Une erreur de notre côté.")
    assert len(messages(visas.president_visa, scene)) == 1, "the association, which has the turn, reads it"
    scene.do("give_turn", scene.director)
    assert messages(visas.president_visa, scene) == []


# -- Visas and signature ----------------------------------------------------------------------------------------------


def test_each_service_that_signs_gives_its_visa_on_the_accepted_version() -> None:
    scene = accepted_by_both(cosigners=1)
    cosigner = scene.party("cosigner")
    lead = "Visa du service chef de file sur la version acceptée | convention-versions#visas"
    other = f"Visa de {cosigner.organisation} sur la version acceptée | convention-versions#visas"
    assert messages(visas.visas_given, scene) == lines(scene, [lead, other])
    scene.do("give_visa", scene.manager)
    assert messages(visas.visas_given, scene) == lines(scene, [other])
    Party.objects.filter(pk=cosigner.pk).update(signs=False)
    assert messages(visas.visas_given, scene) == [], "a service that does not sign gives no visa"
    Party.objects.filter(pk=cosigner.pk).update(signs=True)
    assert blocking_messages(scene, "open_signature", scene.manager) == [other.split(" | ")[0]]
    scene.do("cosigner_visa", cosigning_manager(cosigner.organisation))
    assert messages(visas.visas_given, scene) == []
    scene.do("open_signature", scene.manager)


def test_the_last_decision_of_a_service_counts() -> None:
    scene = accepted_by_both()
    scene.do("refuse_visa", scene.manager, "Non.")
    assert len(messages(visas.visas_given, scene)) == 1
    scene.do("give_visa", scene.manager)
    assert messages(visas.visas_given, scene) == [] and visas.visa_given(scene.act)


def test_a_president_in_office_with_an_account_is_asked() -> None:
    scene = proposed()
    assert messages(visas.president_known, scene) == []
    memberships = Membership.objects.filter(user=scene.president)
    for values, is_known in (
        ({"valid_until": dt.date(2026, 10, 15)}, True),
        ({"valid_until": dt.date(2026, 10, 14)}, False),
        ({"valid_until": None, "valid_from": dt.date(2026, 10, 16)}, False),
        ({"valid_from": dt.date(2026, 10, 15)}, True),
    ):
        memberships.update(**values)
        warnings = messages(visas.president_known, scene)
        assert (warnings == []) == is_known, values
        assert all(line.endswith(f"/{scene.act.dossier.beneficiary.key}/") for line in warnings)
    type(scene.president).objects.filter(pk=memberships.get().user_id).update(is_active=False)
    assert len(messages(visas.president_known, scene)) == 1


def test_one_act_at_a_time_is_at_the_signature() -> None:
    first = active_convention()
    avenant, annual = later(first), later(first, "annual")
    assert messages(no_other_signature, annual) == []
    avenant.edit()
    to_signature(avenant)
    words = (
        "L’avenant n°\u00a01 est à la signature\u00a0: il doit d’abord être notifié, ou revenir en négociation."
        " | convention-documents"
    )
    assert messages(no_other_signature, annual) == lines(avenant, [words])
    assert messages(no_other_signature, avenant) == [], "it does not wait for itself"
    avenant.do("reopen", avenant.manager, "Une erreur.")
    assert messages(no_other_signature, annual) == []


@pytest.mark.parametrize(
    ("order", "first"),
    [
        (SigningOrder.FREE, ["lead", "cosigner", "beneficiary"]),
        (SigningOrder.BENEFICIARY_FIRST, ["beneficiary"]),
        (SigningOrder.STATE_FIRST, ["lead", "cosigner"]),
    ],
)
def test_the_order_of_the_act_says_who_signs_first_and_the_others_follow(order: str, first: list[str]) -> None:
    scene = in_signature(cosigners=1)
    scene.admit(signing_order=order)
    unsigned = unsigned_parties(scene.act)
    assert [party.role for party in first_of(scene.act, unsigned)] == first
    assert [party.role for party in next_to_sign(scene.act)] == first
    rest = [party for party in unsigned if party.role not in first]
    assert first_of(scene.act, rest) == rest


WAYS = (may_sign_now, may_record_now, may_deposit_now, may_withdraw_now)


def answers(scene: Scene, role: str) -> str:
    """Return four letters, for signing, recording, depositing and withdrawing; « x » when the role may."""
    return "".join("x" if rule(scene.act, actor(scene.act, role)) else "-" for rule in WAYS)


def test_who_may_sign_record_and_take_back_before_one_between_and_after_both_signatures() -> None:
    scene = in_signature()
    assert [answers(scene, role) for role in ("signatory", "manager", "president", "director", "officer")] == [
        "xxx-", "-xx-", "xxx-", "-x--", "-x--",
    ]  # fmt: skip
    scene.sign(scene.president)
    assert [answers(scene, role) for role in ("signatory", "manager", "president")] == ["xxx-", "-xx-", "---x"]
    scene.sign(scene.signatory)
    assert {answers(scene, role) for role in ("signatory", "manager", "president", "director")} == {"----"}


@pytest.mark.parametrize(
    ("closed", "signatory", "manager"),
    [("browser_signature", "-xx-", "-xx-"), ("scan_signature", "x-x-", "--x-"), ("pades_signature", "xx--", "-x--")],
    ids=["no browser", "no scan", "no certificate"],
)
def test_a_way_of_signing_that_the_act_does_not_admit_is_open_to_nobody(
    closed: str, signatory: str, manager: str
) -> None:
    scene = in_signature()
    scene.admit(**{closed: False})
    assert (answers(scene, "signatory"), answers(scene, "manager")) == (signatory, manager)


def test_a_signature_that_another_person_is_named_for_is_nobody_else_s() -> None:
    scene = in_signature()
    lead = scene.party("lead")
    signatory, manager = actor(scene.act, "signatory"), actor(scene.act, "manager")
    assert party_to_sign(scene.act, signatory) == lead
    Party.objects.filter(pk=lead.pk).update(signatory=scene.manager)
    assert party_to_sign(scene.act, signatory) is None
    assert party_to_sign(scene.act, manager) == lead
    Party.objects.filter(pk=lead.pk).update(signatory=None)
    assert party_to_sign(scene.act, signatory) == lead, "any signatory of the service may sign when nobody is named"
    assert party_to_sign(scene.act, manager) is None


def test_what_everybody_signed_is_neither_reopened_nor_abandoned() -> None:
    scene = signed_by_all()
    options = {option.transition.name for option in workflow.ACT.available(scene.act, scene.manager)}
    assert "notify" in options and not options & {"reopen", "abandon", "withdraw_signature", "record_signature"}
    assert unsigned_parties(scene.act) == []


# -- Paper ------------------------------------------------------------------------------------------------------------


def no_scan(scene: Scene) -> None:
    scene.act.documents.filter(purpose="a_signer").update(voided_at=dt.datetime(2026, 10, 15, tzinfo=dt.UTC))


def dates(**values: Any) -> Any:
    return lambda scene: Act.objects.filter(pk=scene.act.pk).update(**values)


DATES = "Dates de signature et de notification | convention-paper-original#id_notified_on"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda scene: None, []),
        (no_scan, ["Original signé numérisé | convention-paper-original#id_scan"]),
        (dates(signed_on=None), [DATES]),
        (dates(notified_on=None), [DATES]),
        (
            lambda scene: scene.act.parties.filter(role="lead").update(signatory_name=""),
            ["{lead}\u00a0: nom du signataire | convention-parties"],
        ),
        (lambda scene: scene.act.parties.filter(role="lead").update(signatory_name="", signs=False), []),
        (
            lambda scene: scene.act.contributions.all().delete(),
            ["Contribution de l’État par année | convention-contribution"],
        ),
        (lambda scene: scene.act.programme.sheets.all().delete(), ["Aucune fiche action | programme-detail"]),
    ],
)
def test_a_paper_convention_is_recorded_with_all_that_the_paper_says(change: Any, expected: list[str]) -> None:
    scene = paper()
    change(scene)
    expected_lines = lines(scene, expected)
    assert messages(paper_complete, scene) == expected_lines
    assert blocking_messages(scene, "record_paper", scene.officer) == [line.split(" | ")[0] for line in expected_lines]


# -- The end ----------------------------------------------------------------------------------------------------------


def test_a_convention_is_closed_when_each_year_is_concluded() -> None:
    scene = active_convention()
    words = [
        f"Compte rendu {year}\u00a0: l’année n’est pas conclue | convention-reports" for year in (2025, 2026, 2027)
    ]
    for years, expected in (([], words), ([2025, 2027], [words[1]]), ([2025, 2026, 2027], []), ([2024], words)):
        Convention.objects.filter(pk=scene.convention.pk).update(years_concluded=years)
        assert messages(ending.years_concluded, scene) == lines(scene, expected)


def test_the_joint_evaluation_is_concluded_before_the_end() -> None:
    scene = active_convention()
    expected_lines = lines(scene, ["Évaluation conjointe\u00a0: elle n’est pas conclue | convention-evaluation"])
    assert messages(ending.evaluation_given, scene) == expected_lines
    steps.ready_to_close(scene)
    assert messages(ending.evaluation_given, scene) == []


def test_a_convention_taken_over_from_paper_may_have_a_signed_evaluation_for_good() -> None:
    scene = active_convention()
    Convention.objects.filter(pk=scene.convention.pk).update(origin="paper")
    page = "convention-evaluation"
    assert messages(ending.evaluation_given, scene) == lines(
        scene, [f"Évaluation conjointe\u00a0: elle n’est pas conclue | {page}"]
    )
    add_attachment(
        act=scene.act,
        kind=AttachmentKind.objects.get(key="evaluation_conjointe"),
        by=scene.officer,
        upload=io.BytesIO(steps.FILE),
        name="evaluation.pdf",
    )
    assert messages(ending.evaluation_given, scene) == []
    Attachment.objects.filter(kind__key="evaluation_conjointe").update(provisional=True)
    assert len(messages(ending.evaluation_given, scene)) == 1, "a provisional file is no evaluation"


def test_nothing_is_left_open_behind_a_closing() -> None:
    scene = active_convention()
    assert messages(ending.nothing_open, scene) == []
    annual = later(scene, "annual")
    open_act = "L’acte financier 2026 est encore en cours\u00a0: terminez-le, ou retirez-le | convention-detail"
    assert messages(ending.nothing_open, scene) == lines(annual, [open_act])
    annual.do("refuse", annual.officer, "Plus nécessaire.")
    steps.prepared(scene)
    assert messages(ending.nothing_open, scene) == [], "a notice that was not sent stops nothing"
    steps.send(scene)
    notice = "Une mise en demeure est en cours\u00a0: retirez-la, ou décidez de ses suites | convention-ending"
    assert messages(ending.nothing_open, scene) == lines(scene, [notice])


def test_the_term_is_over_the_day_after_it(at: Any) -> None:
    scene = active_convention()
    assert reads(scene.act).term == dt.date(2027, 12, 31)
    at("2027-12-31 23:59")
    assert not is_past_term(scene.act)
    at("2028-01-01 00:01")
    assert is_past_term(scene.act)
