"""What each person may do in each state is written here; the rest is refused. Nobody writes without the turn."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from actions.models import Programme, Resource, Sheet, SheetIndicator
from actions.services import (
    create_sheet,
    delete_sheet,
    duplicate_sheet,
    move_sheet,
    set_indicators,
    set_sheet_budget,
    update_sheet,
)
from actions.services.indicators import stored_indicator
from conventions import workflow
from conventions.models import Acceptance, Act
from conventions.services.articles import set_article
from conventions.services.drafting import set_options
from conventions.services.money import ContributionRow, set_contributions, set_instalments
from conventions.services.parties import set_party
from conventions.services.texts import set_values
from cpo.lib.models import JournalEntry
from cpo.lib.workflow import Refused
from tests.access.places import cosigner
from tests.factories.kept import kept
from tests.factories.scenarios import (
    Scene,
    accepted_by_both,
    active_convention,
    complete_draft,
    cosigning_manager,
    in_negotiation,
    in_signature,
    proposed,
    signed_by_all,
    with_later_act,
)

pytestmark = pytest.mark.django_db


@kept
def edited() -> Scene:
    scene = proposed(cosigners=1)
    scene.edit()
    return scene


@kept
def answered() -> Scene:
    """The State has proposed version 2, and the association has the turn."""
    scene = edited()
    scene.do("propose", scene.officer)
    return scene


@kept
def endorsed() -> Scene:
    scene = accepted_by_both(cosigners=1)
    scene.do("give_visa", scene.manager)
    scene.do("cosigner_visa", cosigning_manager(scene.party("cosigner").organisation))
    return scene


@kept
def half_signed() -> Scene:
    scene = in_signature(cosigners=1)
    scene.sign(scene.president)
    return scene


@kept
def abandoned() -> Scene:
    scene = proposed(cosigners=1)
    scene.do("abandon", scene.manager, "L’association a renoncé.")
    return scene


SCENES: dict[str, Callable[[], Scene]] = {
    "draft": lambda: complete_draft(cosigners=1),
    "first words": lambda: in_negotiation(cosigners=1),
    "proposed": lambda: proposed(cosigners=1),
    "edited": edited,
    "answered": answered,
    "accepted": lambda: accepted_by_both(cosigners=1),
    "endorsed": endorsed,
    "signature": lambda: in_signature(cosigners=1),
    "half signed": half_signed,
    "signed": lambda: signed_by_all(),
    "active": lambda: active_convention(),
    "abandoned": abandoned,
    "avenant": with_later_act,
    "notice": lambda: with_later_act(kind="notice"),
}
ROLES = ("officer", "manager", "signatory", "director", "president")


def people(scene: Scene) -> dict[str, Any]:
    users = {role: getattr(scene, role) for role in ROLES}
    if scene.act.parties.filter(role="cosigner").exists():
        users["cosigning manager"] = cosigning_manager(scene.party("cosigner").organisation)
        users["cosigning signatory"] = cosigner(scene)
    return users


# Written by hand: scene → person → transitions offered. A person who is not named is offered nothing.
OFFERED: dict[str, dict[str, str]] = {
    "draft": {
        "officer": "share",
        "manager": "abandon share",
    },
    "first words": {
        "officer": "ask_turn",
        "manager": "abandon ask_turn",
        "director": "propose",
        "president": "propose",
    },
    "proposed": {
        "officer": "accept propose",
        "manager": "abandon accept propose",
        "director": "ask_turn",
        "president": "ask_turn",
    },
    "edited": {
        "officer": "accept propose",
        "manager": "abandon accept propose",
        "director": "ask_turn",
        "president": "ask_turn",
    },
    "answered": {
        "officer": "ask_turn",
        "manager": "abandon ask_turn",
        "director": "accept ask_president_visa propose",
        "president": "accept propose",
    },
    "accepted": {
        "officer": "ask_visa record_outside_visa",
        "manager": "abandon ask_visa give_visa open_signature record_outside_visa refuse_visa",
        "cosigning manager": "cosigner_visa refuse_cosigner_visa",
        "cosigning signatory": "cosigner_visa refuse_cosigner_visa",
    },
    "endorsed": {
        "officer": "record_outside_visa",
        "manager": "abandon open_signature record_outside_visa",
    },
    "signature": {
        "officer": "record_outside_visa",
        "manager": "abandon deposit_signature record_outside_visa record_signature reopen",
        "signatory": "decline_signature deposit_signature sign",
        "president": "decline_signature deposit_signature record_signature sign",
        "cosigning signatory": "decline_signature deposit_signature sign",
    },
    "half signed": {
        "officer": "record_outside_visa",
        "manager": "abandon deposit_signature record_outside_visa record_signature reopen",
        "signatory": "decline_signature deposit_signature sign",
        "president": "withdraw_signature",
        "cosigning signatory": "decline_signature deposit_signature sign",
    },
    "signed": {
        "officer": "notify record_outside_visa",
        "manager": "notify record_outside_visa",
    },
    "active": {
        "officer": "open_amendment open_annual",
        "manager": "open_amendment open_annual prepare_notice record_dissolution",
        "director": "open_amendment open_adaptation",
        "president": "open_amendment open_adaptation prepare_notice record_dissolution",
    },
    "abandoned": {},
    "avenant": {
        "officer": "propose refuse",
        "manager": "propose refuse",
        "director": "ask_turn refuse",
        "president": "ask_turn refuse",
    },
    "notice": {
        "director": "declare refuse",
        "president": "declare refuse",
    },
}


@pytest.mark.parametrize("name", SCENES)
def test_what_is_offered_in_each_state_is_what_is_written_and_all_the_rest_is_refused(name: str) -> None:
    scene, table = SCENES[name](), OFFERED[name]
    act, everybody = scene.act, people(scene)
    assert set(table) <= set(everybody)
    for role, user in everybody.items():
        verbs = {option.transition.name for option in workflow.ACT.available(act, user)}
        assert verbs == set(table.get(role, "").split()), role
        for verb in workflow.ACT.transitions:
            if verb not in verbs:
                with pytest.raises((Refused, PermissionDenied)):
                    workflow.ACT.attempt(verb, act, user)
    assert_rest_refused(scene, table, everybody)


def assert_rest_refused(scene: Scene, table: dict[str, str], everybody: dict[str, Any]) -> None:
    """Try each verb as the first person whose role allows it at another time: it is refused and writes nothing."""
    act, attempts = scene.act, 0
    before = (act.state, act.turn, JournalEntry.objects.count(), Acceptance.objects.count())
    for verb, transition in workflow.ACT.transitions.items():
        for role, user in everybody.items():
            able = any(transition.who(actor) for actor in workflow.capacities(user, act))
            if not able or verb in table.get(role, "").split():
                continue
            with pytest.raises(Refused) as refusal:
                scene.do(verb, user, "Un motif.")
            assert refusal.value.message and not refusal.value.missing, (verb, role)
            attempts += 1
            break
    act = scene.act
    assert (act.state, act.turn, JournalEntry.objects.count(), Acceptance.objects.count()) == before
    assert attempts > 10


def test_every_verb_is_offered_to_somebody_somewhere_or_has_a_scene_elsewhere() -> None:
    offered_verbs = {verb for table in OFFERED.values() for verbs in table.values() for verb in verbs.split()}
    elsewhere = {
        "give_turn": "tests/conventions/test_workflow.py",
        "give_president_visa": "tests/conventions/test_visas.py",
        "refuse_president_visa": "tests/conventions/test_visas.py",
        "record_paper": "tests/conventions/test_guards_signing.py",
        "open_paper_act": "tests/conventions/test_paper_acts.py",
        "correct_record": "tests/conventions/test_corrections.py",
        **dict.fromkeys(
            ("send_notice", "observe", "withdraw_notice", "terminate", "close", "end_with_convention"),
            "tests/conventions/test_ending.py",
        ),
    }
    assert offered_verbs | set(elsewhere) == set(workflow.ACT.transitions)
    assert not offered_verbs & set(elsewhere)


@pytest.mark.parametrize(
    ("make", "role", "verb", "words"),
    [
        (in_negotiation, "officer", "propose", "L’autre partie a la main"),
        (in_negotiation, "director", "accept", "Aucune version n’a encore été proposée."),
        (in_negotiation, "officer", "accept", "Aucune version n’a encore été proposée."),
        (proposed, "director", "propose", "L’autre partie a la main"),
        (proposed, "president", "accept", "Votre partie a déjà accepté la version 1."),
        (answered, "officer", "accept", "Votre partie a déjà accepté la version 2."),
        (answered, "officer", "propose", "L’autre partie a la main"),
        (accepted_by_both, "officer", "propose", "Les deux parties ont déjà accepté la version 1."),
        (accepted_by_both, "director", "accept", "Les deux parties ont déjà accepté la version 1."),
        (proposed, "officer", "ask_turn", "La main est déjà à vous."),
        (proposed, "officer", "give_turn", "L’autre partie ne redemande pas la main."),
        (proposed, "director", "give_turn", "L’autre partie a la main"),
        (proposed, "manager", "open_signature", "Les deux parties n’ont pas encore accepté la même version."),
        (proposed, "manager", "give_visa", "Le visa porte sur une version que les deux parties ont acceptée."),
        (endorsed, "manager", "give_visa", "Le visa du service est déjà donné."),
        (active_convention, "manager", "terminate", "La résiliation suit une mise en demeure envoyée"),
        (active_convention, "manager", "send_notice", "Préparez d’abord la mise en demeure."),
        (active_convention, "manager", "close", "La convention court jusqu’au 31\u00a0décembre 2027."),
        (active_convention, "manager", "withdraw_notice", "Votre partie n’a pas de mise en demeure en cours."),
        (active_convention, "director", "observe", "Aucune mise en demeure n’attend de réponse de votre partie."),
        (signed_by_all, "manager", "reopen", "Toutes les parties ont signé"),
        (signed_by_all, "manager", "abandon", "Toutes les parties ont signé"),
    ],
)
def test_a_refusal_says_what_the_rule_looked_at(make: Any, role: str, verb: str, words: str) -> None:
    scene = make()
    with pytest.raises(Refused) as refusal:
        scene.do(verb, getattr(scene, role), "Un motif.")
    assert refusal.value.message.startswith(words)


# -- Writing out of turn ----------------------------------------------------------------------------------------------

Write = Callable[[Scene, Any], Any]


def first(scene: Scene) -> Sheet:
    return scene.act.programme.sheets.first()


def party(scene: Scene, by: Any, role: str = "beneficiary") -> None:
    row = scene.party(role)
    names = {"signatory": row.signatory, "signatory_name": "Une autre personne", "capacity": "présidente"}
    set_party(party=row, by=by, expected_revision=None, **names)


def indicators(scene: Scene, by: Any) -> None:
    rows = [stored_indicator(row) for row in SheetIndicator.objects.filter(sheet=first(scene))]
    rows[0] = replace(rows[0], source="Une autre source")
    set_indicators(sheet=first(scene), indicators=rows, by=by, expected_revision=None)


def money(scene: Scene, by: Any) -> None:
    lead = scene.act.dossier.lead
    rows = [ContributionRow(year, Decimal(1), lead) for year in (2025, 2026, 2027)]
    set_contributions(act=scene.act, rows=rows, by=by, expected_revision=None)


def of_act(verb: Callable[..., Any], **values: Any) -> Write:
    return lambda scene, by: verb(act=scene.act, by=by, expected_revision=None, **values)


def of_sheet(verb: Callable[..., Any], **values: Any) -> Write:
    return lambda scene, by: verb(sheet=first(scene), by=by, expected_revision=None, **values)


def new_sheet(scene: Scene, by: Any) -> None:
    programme = scene.act.programme
    create_sheet(programme=programme, by=by, axis=programme.cycle.axes.first(), title="Une action de plus")


REASON = "Rencontres régulières"
WRITES: dict[str, Write] = {
    "a fiche": of_sheet(update_sheet, description="Autre chose."),
    "its budget": of_sheet(set_sheet_budget, expenses=[], resources=[]),
    "its indicators": indicators,
    "a fiche more": new_sheet,
    "a copy": of_sheet(duplicate_sheet),
    "its place": of_sheet(move_sheet, up=False),
    "a fiche less": of_sheet(delete_sheet),
    "an article": of_act(set_article, key="preambule", body="Autre.", reason=REASON),
    "a value": of_act(set_values, values={"arml_projet_synthese": "Autre."}),
    "who signs": party,
}
OF_THE_STATE: dict[str, Write] = {
    "the contribution": money,
    "the instalments": of_act(set_instalments, rows=[]),
    "the options": of_act(set_options, options={"mode_signature": "manuscrite"}),
}


def content(scene: Scene) -> tuple[Any, ...]:
    act = scene.act
    return (
        act.programme.revision,
        act.values,
        list(act.articles.values_list("body", flat=True)),
        list(act.contributions.values_list("year", "amount")),
        list(Resource.objects.filter(programme=act.programme).values_list("year", "amount")),
        list(act.programme.sheets.values_list("code", "description")),
        list(act.parties.values_list("signatory_name", flat=True)),
    )


@pytest.mark.parametrize(
    ("make", "roles"),
    [
        (complete_draft, "director president"),
        (in_negotiation, "officer manager"),
        (proposed, "director president signatory"),
        (accepted_by_both, "director president"),
        (in_signature, "officer manager director president signatory"),
        (active_convention, "officer manager director president"),
    ],
)
def test_nobody_writes_without_the_turn(make: Any, roles: str) -> None:
    scene = make()
    before = content(scene)
    for role in roles.split():
        by = getattr(scene, role)
        for name, write in {**WRITES, **OF_THE_STATE}.items():
            with pytest.raises(PermissionDenied):
                write(scene, by)
            assert Act.objects.filter(pk=scene.act.pk, programme__revision=before[0]).exists(), (role, name)
    assert content(scene) == before


@pytest.mark.parametrize(
    ("make", "role", "writes"),
    [
        (complete_draft, "officer", {**WRITES, **OF_THE_STATE}),
        (proposed, "manager", {**WRITES, **OF_THE_STATE}),
        (in_negotiation, "director", WRITES),
        (in_negotiation, "president", WRITES),
    ],
)
def test_who_has_the_turn_writes(make: Any, role: str, writes: dict[str, Write]) -> None:
    scene = make()
    by = getattr(scene, role)
    # The deletion comes last, because the other writes need the fiche.
    for name, write in sorted(writes.items(), key=lambda item: item[0] == "a fiche less"):
        before = scene.act.programme.revision
        write(scene, by)
        assert scene.act.programme.revision == before + 1, name


def test_the_turn_does_not_open_the_money_of_the_state_to_the_association() -> None:
    scene = in_negotiation()
    before = content(scene)
    for write in OF_THE_STATE.values():
        with pytest.raises(PermissionDenied):
            write(scene, scene.director)
    with pytest.raises(PermissionDenied):
        party(scene, scene.director, "lead")
    assert content(scene) == before


def test_the_turn_that_passed_while_one_typed_is_looked_at_under_the_lock() -> None:
    """The instance was read before the turn passed to the other side."""
    scene = proposed()
    sheet = first(scene)
    assert sheet.programme.side == "state"
    Programme.objects.filter(pk=sheet.programme_id).update(side="beneficiary")
    with pytest.raises(PermissionDenied, match="La main a changé pendant votre saisie"):
        update_sheet(sheet=sheet, by=scene.officer, expected_revision=None, description="Autre chose.")
    assert first(scene).description != "Autre chose."
