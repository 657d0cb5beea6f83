"""Who may write in a programme, whose turn it is, and who reads it before it is signed."""

from typing import Any

import pytest

from actions.permissions import editor, readable
from arml.models import User
from conventions.models import Act
from tests.factories.arml import OrganisationFactory, ServiceFactory, TerritoryFactory, make_user
from tests.factories.scenarios import (
    Scene,
    cosigning_manager,
    in_negotiation,
    in_signature,
    proposed,
    with_later_act,
)

pytestmark = pytest.mark.django_db
PEOPLE = ("officer", "manager", "signatory", "director", "president")


def people(scene: Scene) -> dict[str, User]:
    """Return the people of both sides, the manager of the co-signing service and the accountant."""
    users = {role: getattr(scene, role) for role in PEOPLE}
    users["cosigning manager"] = cosigning_manager(scene.party("cosigner").organisation)
    users["accountant"] = make_user("accountant", scene.act.dossier.beneficiary)
    return users


@pytest.mark.parametrize(
    ("make", "of_texts", "of_budgets"),
    [
        pytest.param(proposed, {"officer", "manager"}, {"officer", "manager"}, id="the State has the turn"),
        pytest.param(
            in_negotiation,
            {"director", "president"},
            {"director", "president", "accountant"},
            id="the association has the turn",
        ),
        pytest.param(in_signature, set(), set(), id="nobody has the turn"),
    ],
)
def test_only_the_drafting_roles_of_the_lead_and_of_the_association_edit_on_their_turn(
    make: Any, of_texts: set[str], of_budgets: set[str]
) -> None:
    scene = make(cosigners=1)
    programme, users = scene.act.programme, people(scene)
    assert {name for name, user in users.items() if editor(user, programme)} == of_texts
    assert {name for name, user in users.items() if editor(user, programme, budget=True)} == of_budgets


def test_a_signed_programme_is_read_by_observers_and_the_next_one_by_both_sides_and_the_national_staff() -> None:
    scene = with_later_act()
    dossier, signed = scene.act.dossier, Act.objects.get(convention=scene.convention, number=0)
    neighbour = TerritoryFactory()
    dossier.territories.add(neighbour)
    readers = {
        "lead": make_user("reader", dossier.lead),
        "territory": make_user("reader", ServiceFactory(serves=[neighbour])),
        "association": make_user("reader", dossier.beneficiary),
        "national": make_user("national_reader"),
        "observer": make_user("reader", OrganisationFactory(territories=[neighbour])),
    }
    assert {name for name, user in readers.items() if readable(user, signed.programme)} == set(readers)
    both_sides_and_national = {"lead", "territory", "association", "national"}
    assert {name for name, user in readers.items() if readable(user, scene.act.programme)} == both_sides_and_national
