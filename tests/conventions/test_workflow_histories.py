"""Hypothesis calls the services and the workflow of one convention; the invariants below are written by hand."""

import contextlib
import io
from decimal import Decimal
from typing import Any, ClassVar

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from actions.completeness import totals
from actions.models import Account, Expense
from actions.services import AmountLine, set_sheet_budget, update_sheet
from conventions import workflow
from conventions.agreement import accepted_by_both
from conventions.content.freeze import build_content
from conventions.models import Acceptance, Act, OutsideVisa, Signature
from conventions.services import visas
from conventions.services.money import ContributionRow, set_contributions
from cpo.lib import clock
from cpo.lib.files.hashing import content_hash
from cpo.lib.work.waking import without_waking
from cpo.lib.workflow import Refused
from tests.factories import scenarios
from tests.factories.conventions import PDF
from tests.factories.scenarios import Scene

NOT_NOW = (Refused, PermissionDenied, ValidationError)
ROLES = ("officer", "manager", "director", "president", "signatory")
WITH_DATA = {"sign", "record_signature", "record_outside_visa"}  # these transitions need data from their pages
cents = st.decimals(min_value=Decimal("0.01"), max_value=Decimal("250000"), places=2)


class Life(RuleBasedStateMachine):
    """Five people act on one convention. A rule may be refused; the invariants always hold.

    Each example runs in a savepoint that is rolled back at its end, so the scenes are made once.
    """

    scenes: ClassVar[dict[str, Scene]] = {}
    reached_states: ClassVar[set[str]] = set()

    def __init__(self) -> None:
        super().__init__()
        self.no_waking = without_waking()
        self.no_waking.__enter__()
        self.block = transaction.atomic()
        self.block.__enter__()
        self.expected: dict[tuple[str, int], Decimal] = {}

    @initialize(where=st.sampled_from(["draft", "negotiation", "accepted", "signature", "signed"]))
    def begin(self, where: str) -> None:
        self.scene = self.scenes[where]
        self.people = {role: getattr(self.scene, role) for role in ROLES}
        self.accounts = {account.code: account for account in Account.objects.all()}

    def attempt(self, action: Any) -> bool:
        """Run the action; when it is refused, undo what it wrote."""
        try:
            with transaction.atomic():
                action()
        except NOT_NOW:
            return False
        return True

    @rule(
        role=st.sampled_from(ROLES),
        name=st.sampled_from(sorted(set(workflow.ACT.transitions) - WITH_DATA - {"abandon"})),
    )
    def transition(self, role: str, name: str) -> None:
        self.attempt(lambda: self.scene.do(name, self.people[role], "Un motif."))
        self.produce()

    @rule(role=st.sampled_from(["president", "signatory", "director"]))
    def sign(self, role: str) -> None:
        if self.scene.act.state == "signature":
            with contextlib.suppress(StopIteration):  # this person has nothing to sign
                self.attempt(lambda: self.scene.sign(self.people[role]))

    @precondition(lambda self: self.scene.act.state in ("draft", "negotiation"))
    @rule()
    def agree(self) -> None:
        """Follow the usual steps to the signature, so that examples reach it."""
        for name, role in (
            ("share", "officer"), ("propose", "director"), ("accept", "officer"), ("propose", "officer"),
            ("accept", "director"), ("give_visa", "manager"), ("open_signature", "manager"),
        ):  # fmt: skip
            self.attempt(lambda name=name, role=role: self.scene.do(name, self.people[role], "Un motif."))
        self.produce()

    @precondition(lambda self: self.scene.act.versions.exists())
    @rule(role=st.sampled_from(ROLES))
    def record_outside_visa(self, role: str) -> None:
        scan = PDF + str(OutsideVisa.objects.count()).encode() + b"\n%%EOF"
        self.attempt(
            lambda: visas.record_outside_visa(
                act=self.scene.act,
                version=self.scene.version,
                authority="SGAR",
                name="Camille Exemple",
                capacity="adjointe",
                given_on=clock.today(clock.PARIS),
                upload=io.BytesIO(scan),
                upload_name="visa.pdf",
                upload_size=len(scan),
                by=self.people[role],
            )
        )

    @precondition(lambda self: self.scene.act.state == "signature")
    @rule()
    def finish(self) -> None:
        self.sign("president")
        self.sign("signatory")
        self.attempt(lambda: self.scene.do("notify", self.people["officer"]))

    @rule()
    def abandon_rarely(self) -> None:
        if self.scene.act.state == "draft":
            self.attempt(lambda: self.scene.do("abandon", self.people["manager"], "Un motif."))

    def produce(self) -> None:
        act = self.scene.act
        if act.state == "signature" and not act.documents.filter(purpose="a_signer", voided_at=None).exists():
            self.scene.store_document()

    @rule(role=st.sampled_from(["officer", "director"]), words=st.text(alphabet="abc é", min_size=1, max_size=12))
    def edit_sheet(self, role: str, words: str) -> None:
        sheet = self.scene.act.programme.sheets.first()
        self.attempt(
            lambda: update_sheet(
                sheet=sheet, by=self.people[role], expected_revision=None, description=f"Action. {words}"
            )
        )

    @rule(role=st.sampled_from(["officer", "director"]), amounts=st.lists(cents, min_size=3, max_size=3))
    def edit_budget(self, role: str, amounts: list[Decimal]) -> None:
        programme = self.scene.act.programme
        sheet = programme.sheets.first()
        by_year = dict(zip(programme.cycle.years, amounts, strict=True))
        success = self.attempt(
            lambda: set_sheet_budget(
                sheet=sheet,
                by=self.people[role],
                expected_revision=None,
                expenses=[AmountLine(self.accounts["64"], by_year)],
                resources=[AmountLine(self.accounts["74-ETAT"], by_year)],
            )
        )
        if success:
            self.expected = {("64", year): amount for year, amount in by_year.items()}

    @rule(amounts=st.lists(cents, min_size=3, max_size=3))
    def edit_contribution(self, amounts: list[Decimal]) -> None:
        act = self.scene.act
        lead = act.dossier.lead
        rows = [
            ContributionRow(year, amount, lead) for year, amount in zip(act.programme.cycle.years, amounts, strict=True)
        ]
        success = self.attempt(
            lambda: set_contributions(act=act, rows=rows, by=self.people["officer"], expected_revision=None)
        )
        if success:
            assert sum(row.amount for row in self.scene.act.contributions.all()) == sum(amounts)

    @rule()
    def write_past_the_services(self) -> None:
        """The database refuses a direct write to a signed content."""
        act = self.scene.act
        if act.state == "active":
            with pytest.raises(DatabaseError), transaction.atomic():
                Expense.objects.filter(programme=act.programme).update(amount=Decimal(1))

    # -- Invariants ------------------------------------------------------------------------------------------------

    @invariant()
    def active_means_that_every_party_signed_the_stored_file(self) -> None:
        if not hasattr(self, "scene"):
            return
        act = self.scene.act
        if act.state == "active":
            document = act.documents.get(purpose="a_signer", voided_at=None)
            for party in act.parties.filter(signs=True):
                signature = Signature.objects.get(document=document, party=party, voided_at=None)
                assert signature.file_sha256 == document.file.sha256
            assert act.signed_on is not None
            assert act.notified_on is not None
            assert act.programme.frozen

    @invariant()
    def accepted_by_both_means_that_the_live_content_is_the_version(self) -> None:
        if not hasattr(self, "scene"):
            return
        acceptances = Acceptance.objects.filter(version__act__convention=self.scene.convention, cancelled_at=None)
        versions = {acceptance.version_id for acceptance in acceptances.select_related("version")}
        assert len(versions) <= 1
        if acceptances.count() == 2:
            version = acceptances.first().version
            assert version == self.scene.version
            assert content_hash(build_content(self.scene.act)) == version.content_sha256

    @invariant()
    def what_is_signed_is_what_was_accepted(self) -> None:
        if not hasattr(self, "scene"):
            return
        act = self.scene.act
        if act.state in ("signature", "active"):
            assert accepted_by_both(act)
            assert act.turn == ""

    @invariant()
    def at_most_one_content_act_is_open(self) -> None:
        if not hasattr(self, "scene"):
            return
        assert Act.objects.filter(convention=self.scene.convention, state__in=Act.OPEN).count() <= 1
        act = self.scene.act
        assert act.state == act.convention.state
        self.reached_states.add(act.state)

    @invariant()
    def amounts_never_lose_a_cent(self) -> None:
        if not hasattr(self, "scene"):
            return
        programme = self.scene.act.programme
        rows = list(programme.expenses.select_related("account"))
        sums = totals(programme)
        assert sum(sums.eligible_by_year.values()) == sum(row.amount for row in rows)
        for (code, year), amount in self.expected.items():
            assert [row.amount for row in rows if (row.account.code, row.year) == (code, year)] == [amount]

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.block.__exit__(None, None, None)
        self.no_waking.__exit__(None, None, None)


def _to_the_end() -> None:
    """Play one life from the draft to the text in force, which the examples of Hypothesis may not reach."""
    life = Life()
    try:
        life.begin(where="negotiation")
        life.at_most_one_content_act_is_open()
        life.begin(where="draft")
        for step in (life.agree, life.finish, life.write_past_the_services):
            life.at_most_one_content_act_is_open()
            step()
            life.active_means_that_every_party_signed_the_stored_file()
            life.what_is_signed_is_what_was_accepted()
        life.at_most_one_content_act_is_open()
        assert life.scene.act.state == "active"
    finally:
        life.teardown()


@pytest.mark.slow
@pytest.mark.django_db
def test_whatever_people_do_the_invariants_hold() -> None:
    with without_waking():
        Life.scenes = {
            "draft": scenarios.complete_draft(),
            "negotiation": scenarios.in_negotiation(),
            "accepted": scenarios.accepted_by_both(),
            "signature": scenarios.in_signature(),
            "signed": scenarios.signed_by_all(),
        }
    _to_the_end()
    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=12,
            stateful_step_count=12,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            derandomize=True,
        ),
    )
    assert {"negotiation", "signature", "active"} <= Life.reached_states
