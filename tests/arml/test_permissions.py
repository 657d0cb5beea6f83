"""The same people speak for a side everywhere: they draft, propose, receive the e-mails and must answer."""

import pytest

from actions.permissions import BUDGET_DRAFTERS
from arml.enums import Role, Standing
from arml.permissions import SPOKESPERSONS, lead_officer
from conventions import permissions as may
from conventions.enums import PartyRole
from cpo.lib.actor import Actor
from cpo.lib.enums import Side

SIDES = {Standing.LEAD: Side.STATE, Standing.COSIGNER: Side.STATE, Standing.BENEFICIARY: Side.BENEFICIARY}


def actor(role: str, standing: str) -> Actor:
    return Actor(user=None, role=role, side=SIDES.get(Standing(standing), ""), standing=standing)


def who(predicate) -> set[tuple[str, str]]:
    return {(standing, role) for standing in Standing for role in Role if predicate(actor(role, standing))}


def test_officers_and_managers_speak_for_the_lead_directors_and_presidents_for_the_association() -> None:
    assert who(lead_officer) == {("lead", "officer"), ("lead", "manager")}
    assert who(may.negotiator) == who(lead_officer) | {("beneficiary", "director"), ("beneficiary", "president")}


def test_the_accountant_drafts_budgets_besides() -> None:
    assert set(BUDGET_DRAFTERS[Side.BENEFICIARY]) == {*SPOKESPERSONS[Side.BENEFICIARY], Role.ACCOUNTANT}
    assert BUDGET_DRAFTERS[Side.STATE] == SPOKESPERSONS[Side.STATE]


def test_the_manager_and_the_president_decide_when_the_convention_may_end() -> None:
    assert who(may.end_decider) == {("lead", "manager"), ("beneficiary", "president")}


@pytest.mark.parametrize(
    ("party", "role"),
    [(PartyRole.BENEFICIARY, Role.PRESIDENT), (PartyRole.LEAD, Role.SIGNATORY), (PartyRole.COSIGNER, Role.SIGNATORY)],
)
def test_the_president_signs_for_the_association_and_signatories_for_services(party: str, role: str) -> None:
    assert may.signing_role(party) == role
