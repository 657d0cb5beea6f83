"""The demonstration data of `make run`, loaded once for the whole module, then read as its people."""

import datetime as dt
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.db import transaction
from django.db.models import F
from django.test import Client
from django.urls import reverse

from actions.rows import StoredRows
from arml.models import Organisation, User
from conventions.enums import ENDED, ConventionState
from conventions.guards.signing import unsigned_parties
from conventions.later.in_force import act_in_force
from conventions.models import Act, Convention, OutsideVisa, Proposal, Signature, SignedDeposit, Version
from conventions.money import plan as plan_money
from cpo.lib.models import Job
from reporting.enums import (
    ControlState,
    CorrectionEffect,
    CorrectionState,
    DecisionState,
    EvaluationState,
    ForecastState,
    MeetingState,
    PaymentState,
    ReportState,
)
from reporting.guards.payments import balance_blocked
from reporting.models import (
    Control,
    Correction,
    Decision,
    Evaluation,
    Forecast,
    Meeting,
    Payment,
    Report,
    SheetFile,
    SheetReport,
    SkippedReport,
)
from reporting.money.balance import schedule_of
from reporting.money.reading import with_money
from reporting.money.sums import of_year, sums_of
from tests.access.world import _files, _own_files  # noqa: F401
from tests.factories.signed_files import plain_document

pytestmark = pytest.mark.slow  # loading takes a minute and a half

PLACES = {
    "officer": ("bretagne", "corse", "occitanie", "guadeloupe", "martinique"),
    "manager": ("bretagne", "corse", "occitanie", "guadeloupe", "martinique"),
    "signatory": ("bretagne", "corse", "occitanie", "guadeloupe", "martinique"),
    "director": ("bretagne", "corse", "occitanie", "antilles-guyane"),
    "president": ("bretagne", "corse", "occitanie", "antilles-guyane"),
    "accountant": ("bretagne", "corse", "occitanie", "antilles-guyane"),
}
OTHERS = ("national.admin", "national.reader", "unml", "reader.region-bretagne", "reader.ddets-finistere")
ACCOUNTS = [f"{role}.{place}" for role, places in PLACES.items() for place in places] + list(OTHERS)
PAGES = ("convention-detail", "programme-detail", "convention-reports")
DAY = "2026-11-20 10:00"


@pytest.fixture(scope="module")
def db(django_db_setup: None, django_db_blocker: Any, _files: Any) -> Iterator[str]:  # noqa: F811
    """Load the data and yield the output of the command. The rows are rolled back after the module."""
    output = StringIO()
    with pytest.MonkeyPatch.context() as patch, time_machine.travel(DAY, tick=True):
        patch.setattr("django.conf.settings.MEDIA_ROOT", _files)
        patch.setattr("conventions.documents.production.render", _stand_in)
        with django_db_blocker.unblock(), transaction.atomic():
            call_command("load_demo", stdout=output)
            yield output.getvalue()
            transaction.set_rollback(True)


def _stand_in(version: Version, purpose: str) -> bytes:
    """Replace the renderer: ten documents take half a minute, and tests/conventions/test_documents.py covers them."""
    return plain_document(f"{version.content_sha256} {purpose}", places=4)


@pytest.fixture(autouse=True)
def _day(at: Any) -> None:
    at(DAY)


def test_each_association_has_a_convention_and_each_state_is_reached(db: str):
    assert "15 conventions" in db
    associations = Organisation.objects.filter(kind="arml")
    assert associations.count() == 15 == associations.filter(dossiers__convention__isnull=False).distinct().count()
    assert set(Convention.objects.values_list("state", flat=True)) == set(ConventionState.values) - set(ENDED)
    assert Convention.objects.get(number="CPO-2025-BRE-001").state == ConventionState.ACTIVE
    assert Convention.objects.filter(origin="paper").count() == 1
    assert Convention.objects.filter(dossier__services__isnull=False).exists()


def test_every_party_of_an_active_convention_signed_its_stored_file(db: str):
    acts = Act.objects.filter(state=ConventionState.ACTIVE)
    assert acts and not [party for act in acts for party in unsigned_parties(act)]
    signatures = Signature.objects.filter(voided_at=None, document__act__in=acts)
    assert signatures.values("document__act").distinct().count() == len(acts)
    assert not signatures.exclude(file_sha256=F("document__file__sha256"))


def test_acts_after_the_first_are_in_force_and_negotiated_on_both_conventions_that_one_click_opens(db: str):
    expected = [
        ("bretagne", "annual", "active"), ("bretagne", "annual", "negotiation"),
        ("bretagne", "avenant", "active"), ("bretagne", "avenant", "negotiation"),
        ("grand-est", "annual", "negotiation"),  # a correction reduces its contribution
        ("occitanie", "annual", "active"), ("occitanie", "avenant", "negotiation"),
    ]  # fmt: skip
    acts = Act.objects.filter(number__gt=0, convention__dossier__beneficiary__key__startswith="arml-").order_by("pk")
    rows = [(act.dossier.beneficiary.key.removeprefix("arml-"), act.kind, act.state) for act in acts]
    assert sorted(rows) == sorted(expected)
    text = act_in_force(Convention.objects.get(number="CPO-2025-BRE-001"), dt.date(2026, 7, 1))
    assert text and text.name == "Avenant n°\u00a01"
    turns = set(Act.objects.filter(number__gt=0, state="negotiation").values_list("programme__side", flat=True))
    assert turns == {"state", "beneficiary"}


def test_an_association_tells_nothing_of_the_region_whose_fiches_it_borrows(db: str):
    acts = Act.objects.filter(number=0, values__has_key="diagnostic_regional")
    texts = {act.dossier.beneficiary.key: act.values["diagnostic_regional"] for act in acts}
    assert len(texts) > 10
    assert [key for key, words in texts.items() if "Guyane" in words] == ["arml-antilles-guyane"]
    assert [key for key, words in texts.items() if "dix-sept missions" in words] == ["arml-bretagne"]


def test_loading_again_changes_nothing(db: str):
    before = [model.objects.count() for model in (Convention, User, Report, Signature, Job)]
    output = StringIO()
    call_command("load_demo", stdout=output)
    assert "déjà présentes" in output.getvalue()
    assert before == [model.objects.count() for model in (Convention, User, Report, Signature, Job)]


def test_a_negotiation_can_be_played_from_both_sides_in_one_click(db: str):
    assert Proposal.objects.filter(accepted_at=None, comment__thread__act__convention__number="CPO-2025-COR-001")
    for role in ("officer", "director"):
        user = User.objects.get(email=f"{role}.corse@demo.example", is_demo=True)
        assert Convention.objects.visible_to(user).get().state == ConventionState.NEGOTIATION


def test_a_visa_of_the_president_waits_and_a_visa_given_outside_is_kept(db: str):
    assert Act.objects.get(president_visa_asked_at__isnull=False).convention.number == "CPO-2025-COR-001"
    visa = OutsideVisa.objects.get()
    assert (visa.version.act.convention.number, visa.version.act.state) == ("CPO-2025-BRE-001", ConventionState.ACTIVE)


def test_a_signed_pdf_is_accepted_another_refused_and_another_being_checked(db: str):
    deposits = SignedDeposit.objects.order_by("pk")
    rows = [(one.party.role, one.answer) for one in deposits]
    assert rows == [("lead", "accepted"), ("cosigner", "refused"), ("beneficiary", "pending")]
    act = deposits[0].document.act
    assert {party.role for party in unsigned_parties(act)} == {"cosigner", "beneficiary"}
    client = Client()
    for account, one, words in (
        ("signatory.guadeloupe", deposits[0], "Le PDF signé est vérifié et enregistré"),
        ("manager.guadeloupe", deposits[1], "ne porte aucune signature électronique nouvelle"),
        ("president.antilles-guyane", deposits[2], "en cours de vérification"),
    ):
        client.force_login(User.objects.get(email=f"{account}@demo.example"))
        page = client.get(reverse("convention-signed-deposit", args=[act.convention.number, one.pk]), follow=True)
        assert page.status_code == 200 and words in page.content.decode(), account


@pytest.mark.parametrize("account", ACCOUNTS)
def test_each_promised_account_signs_in_and_reads_its_pages(db: str, account: str):
    client = Client()
    address = f"{account}@demo.example"
    client.post(reverse("login"), {"username": address, "password": "demo-cpo-2025"})
    assert client.session.get("_auth_user_id") == str(User.objects.get(email=address).pk)
    assert client.get(reverse("home")).status_code == 200
    visible = Convention.objects.visible_to(User.objects.get(email=address)).order_by("number")
    assert visible
    for name in PAGES:
        assert client.get(reverse(name, args=[visible[0].number])).status_code == 200, name


def test_each_signed_convention_has_grants_and_payments_and_some_payments_go_beyond(db: str):
    acts = Act.objects.filter(state=ConventionState.ACTIVE).select_related("programme__cycle", "convention")
    plans = [
        plan_money.plan(StoredRows(act.programme), act.programme.cycle.years, plan_money.facts_of(act).valid())
        for act in acts
    ]
    assert plans and all(plan.funders for plan in plans)
    assert all(act.convention.funding_facts.filter(kind="paid").exists() for act in acts)
    assert 0 < sum(bool(plan.warnings) for plan in plans) < len(plans)


# What a person of the demonstration must meet somewhere: every state, from the enumeration. `EXCEPT` says why not.
STATES: dict[type[Any], type[Any]] = {
    Report: ReportState,
    Payment: PaymentState,
    Control: ControlState,
    Correction: CorrectionState,
    Meeting: MeetingState,
    Decision: DecisionState,
    Forecast: ForecastState,
    Evaluation: EvaluationState,
}
EXCEPT = {
    (Payment, PaymentState.PLANNED): "read from the text, never stored: asked of the schedules below",
    (Evaluation, EvaluationState.CONCLUDED): "concluded in the last quarter of the last year, which is to come",
}


@pytest.mark.parametrize(
    ("model", "state"),
    [(model, state) for model, states in STATES.items() for state in states if (model, state) not in EXCEPT],
    ids=lambda one: one.__name__ if isinstance(one, type) else str(one),
)
def test_something_stands_in_each_state(db: str, model: Any, state: str):
    assert model.objects.filter(state=state).exists()


@pytest.mark.parametrize("effect", CorrectionEffect)
def test_a_correction_ends_in_each_way(db: str, effect: str):
    assert Correction.objects.filter(effect=effect).exists()


def test_some_instalments_are_planned_and_one_balance_is_blocked(db: str):
    convention = with_money(Convention.objects.filter(dossier__beneficiary__key="arml-occitanie")).get()
    assert any(line.next and line.next.state == PaymentState.PLANNED for line in schedule_of(convention))
    assert balance_blocked(convention, 2026)
    assert all(of_year(sums_of(convention), year).remaining >= 0 for year in (2025, 2026, 2027))


def test_a_suspicion_of_fraud_is_read_by_the_state_alone(db: str):
    row = Correction.objects.get(suspected_fraud=True)
    dossier = row.convention.dossier
    for organisation, role, reads in ((dossier.lead, "officer", True), (dossier.beneficiary, "director", False)):
        user = User.objects.get(memberships__organisation=organisation, memberships__role=role)
        assert Correction.objects.visible_to(user).filter(pk=row.pk).exists() == reads, role


def test_bretagne_lives_its_three_years(db: str):
    convention = Convention.objects.get(number="CPO-2025-BRE-001")
    assert dict(convention.reports.values_list("year", "state")) == {2025: "admissible", 2026: "in_progress"}
    acts = convention.acts.filter(kind="annual").values_list("year", "state")
    assert dict(acts) == {2026: "active", 2027: "negotiation"}
    assert {2025, 2026} <= set(Payment.objects.filter(convention=convention).values_list("year", flat=True))
    assert Meeting.objects.filter(convention=convention).exists()
    assert Evaluation.objects.filter(convention=convention).exists()


@pytest.mark.parametrize("place", ["bretagne", "occitanie"])
@pytest.mark.parametrize("role", ["officer", "manager", "director", "accountant"])
def test_the_home_of_each_one_shows_work(db: str, role: str, place: str):
    client = Client()
    client.force_login(User.objects.get(email=f"{role}.{place}@demo.example"))
    page = client.get(reverse("home"), {"tout": "1"})
    titles = [line["title"] for line in page.context["lines"]]
    assert titles and page.context["count"] == len(titles)
    told = [(line["title"], line["detail"]) for line in page.context["lines"]]
    assert sorted(set(told)) == sorted(told)  # no two lines that nothing tells apart


def test_the_dashboard_draws_national_indicators_with_their_coverage(db: str):
    client = Client()
    client.force_login(User.objects.get(email="national.reader@demo.example"))
    page = client.get(reverse("dashboard"), {"annee": 2025})
    shown = {one.code: one.aggregate for one in page.context["indicators"]}
    assert set(shown) == {"1-A-1", "2-A-3", "3-A-2", "3-B-2"}
    assert all(one.value is not None and 0 < one.covered < one.expected for one in shown.values())
    assert 'id="t-indicateurs"' in page.content.decode()


def test_a_report_is_skipped_another_was_opened_early_and_a_fiche_has_a_file_and_partners(db: str):
    assert SkippedReport.objects.exclude(reason="").exists()
    assert SheetFile.objects.current().exists()
    assert SheetReport.objects.exclude(partners="").exists()
