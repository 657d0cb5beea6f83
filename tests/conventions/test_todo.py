"""The tasks of each person on an act depend on its state and its turn."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from conventions.models import Act
from conventions.pages.todo import Hats
from conventions.pages.todo_acts import act_todo
from tests.factories import scenarios
from tests.factories.arml import make_user
from tests.factories.conventions import make_act, member

pytestmark = pytest.mark.django_db
ROLES = ("officer", "manager", "signatory", "director", "president")


def mine(scene, role):
    user = getattr(scene, role)
    return [task.verb for task in act_todo(Hats.of(user)).mine]


def others(scene, role):
    return [item.title for item in act_todo(Hats.of(getattr(scene, role))).others]


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (scenarios.complete_draft, {"officer": ["Préparer"]}),
        (scenarios.in_negotiation, {"director": ["Préparer"]}),
        (scenarios.proposed, {"officer": ["Lire et répondre"]}),
        (scenarios.accepted_by_both, {"officer": ["Demander"]}),
        (scenarios.in_signature, {"president": ["Signer"], "signatory": ["Signer"]}),
        (scenarios.signed_by_all, {"officer": ["Notifier"], "manager": ["Notifier"]}),
        (scenarios.active_convention, {}),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_the_turn_and_the_state_give_each_role_what_it_has_to_do(make, expected):
    scene = make()
    assert {role: verbs for role in ROLES if (verbs := mine(scene, role))} == expected


def test_what_a_task_announces_is_what_the_workflow_offers():
    from conventions.workflow import ACT

    for make, role, name in (
        (scenarios.complete_draft, "officer", "share"),
        (scenarios.proposed, "officer", "accept"),
        (scenarios.accepted_by_both, "officer", "ask_visa"),
        (scenarios.in_signature, "president", "sign"),
        (scenarios.signed_by_all, "officer", "notify"),
    ):
        scene = make()
        assert mine(scene, role)
        assert ACT.option(scene.act, getattr(scene, role), name)


def test_the_visa_asked_is_for_the_manager_then_the_opening_of_the_signature():
    scene = scenarios.accepted_by_both()
    assert mine(scene, "manager") == []
    scene.do("ask_visa", scene.officer)
    assert mine(scene, "manager") == ["Viser"]
    assert mine(scene, "officer") == []
    assert others(scene, "officer") == ["Visa du service"]
    assert others(scene, "director") == ["Visa, puis ouverture de la signature"]
    scene.do("give_visa", scene.manager)
    assert mine(scene, "manager") == ["Ouvrir"]


def test_a_cosigning_service_gives_its_visa_before_the_signature_opens():
    scene = scenarios.accepted_by_both(cosigners=1)
    scene.do("give_visa", scene.manager)
    party = scene.party("cosigner")
    manager = make_user("manager", party.organisation)
    assert [task.verb for task in act_todo(Hats.of(manager)).mine] == ["Viser"]
    assert mine(scene, "manager") == []
    assert others(scene, "manager") == ["Visa du service cosignataire"]
    scene.do("cosigner_visa", manager)
    assert [task.verb for task in act_todo(Hats.of(manager)).mine] == []
    assert mine(scene, "manager") == ["Ouvrir"]


def test_who_waits_is_told_for_whom():
    scene = scenarios.proposed()
    assert others(scene, "director") == ["Réponse à la version 1"]
    assert mine(scene, "director") == []
    scene.do("propose", scene.officer)
    assert mine(scene, "director") == mine(scene, "president") == ["Lire et répondre"]


def test_a_request_for_the_turn_is_a_line_of_its_own_for_the_other_side():
    scene = scenarios.proposed()
    scene.do("ask_turn", scene.director, "Un montant est faux.")
    assert mine(scene, "officer") == ["Rendre la main", "Lire et répondre"]
    assert others(scene, "director") == ["Réponse à la demande de la main"]
    scene.do("give_turn", scene.officer)
    assert mine(scene, "officer") == []
    assert "Rendre la main" not in mine(scene, "director")


def test_the_changes_and_the_open_exchanges_are_told():
    scene = scenarios.proposed()
    scene.edit(scene.officer)
    scene.do("propose", scene.officer)
    (task,) = act_todo(Hats.of(scene.director)).mine
    assert "version 2 reçue le 15\u00a0octobre" in task.detail
    assert "1\u00a0changement" in task.detail


def test_signing_is_for_the_person_named():
    scene = scenarios.in_signature()
    colleague = make_user("signatory", scene.act.dossier.lead)
    assert act_todo(Hats.of(colleague)).mine == []
    scene.sign(scene.president)
    assert mine(scene, "president") == []
    assert others(scene, "president") == ["Signature de la convention"]


def test_an_officer_who_does_not_follow_the_dossier_is_left_in_peace():
    act = make_act()
    colleague = make_user("officer", act.dossier.lead)
    assert act_todo(Hats.of(colleague)).mine == []
    type(act.dossier).objects.filter(pk=act.dossier.pk).update(officer=None)
    assert len(act_todo(Hats.of(colleague)).mine) == 1


def test_a_service_without_officer_leaves_it_to_its_manager():
    act = make_act()
    member(act, "officer").memberships.all().delete()
    assert [task.verb for task in act_todo(Hats.of(member(act, "manager"))).mine] == ["Préparer"]


def test_an_association_learns_nothing_of_a_project_that_is_not_shared():
    scene = scenarios.complete_draft()
    todo = act_todo(Hats.of(scene.director))
    assert (todo.mine, todo.others) == ([], [])


def test_the_number_of_queries_is_the_same_for_one_act_and_for_three():
    officer = make_user("officer")

    def one_more():
        act = make_act(state="negotiation")
        make_user("officer", act.dossier.lead, user=officer)
        type(act.dossier).objects.filter(pk=act.dossier.pk).update(officer=officer)
        Act.objects.get(pk=act.pk).threads.create(path="articles/1", label="Article", created_at=act.turn_since)

    def count():
        officer.__dict__.pop("roles", None)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            todo = act_todo(Hats.of(officer))
        return len(todo.mine), len(queries)

    one_more()
    assert count() == (1, 6)
    one_more()
    one_more()
    assert count() == (3, 6)
