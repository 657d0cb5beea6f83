"""Commitments, then payments with four eyes; the balance of a year waits for the report of the year before."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, connection, transaction

from conventions.guards.money import keeps_committed
from conventions.models import Act, Convention
from cpo.lib.models import JournalEntry, OutboxMessage
from cpo.lib.workflow import Refused
from reporting.guards.payments import balance_blocked
from reporting.models import Commitment, Deadline, Payment
from reporting.money.sums import of_year, sums_of
from reporting.services import payments as services
from reporting.services.deadlines import declare_met, is_met_automatically, sync
from reporting.workflow.payments import FOUR_EYES, PAYMENT
from tests.factories import reporting as reports
from tests.factories import scenarios
from tests.factories.arml import make_user
from tests.factories.payments import DAY, Money

pytestmark = pytest.mark.django_db
D = Decimal


@pytest.fixture
def money() -> Money:
    return Money.of()


def test_a_payment_goes_from_its_proposal_to_the_day_when_it_is_paid(money: Money) -> None:
    money.commit(2025, 40000)
    payment = money.propose(2025, 1)
    assert (payment.state, payment.proposed_by, payment.amount) == ("proposed", money.officer, D(20000))
    payment = money.do("certify", payment)
    assert (payment.state, payment.certified_by) == ("certified", money.manager)
    payment = money.do("order", payment, number="4500 000 017")
    payment = money.do("pay", payment, on=dt.date(2026, 3, 30))
    assert (payment.state, payment.number, payment.paid_on) == ("paid", "4500 000 017", dt.date(2026, 3, 30))
    verbs = JournalEntry.objects.filter(subject=f"payment:{payment.pk}").order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["propose", "certify", "order", "pay"]
    part = of_year(sums_of(money.convention), 2025)
    assert (part.conventioned, part.committed, part.paid, part.remaining) == (D(40000), D(40000), D(20000), D(20000))


# -- Four eyes --------------------------------------------------------------------------------------------------------


def test_who_proposed_never_certifies_another_manager_does(money: Money) -> None:
    money.commit(2025, 40000)
    payment = money.propose(2025, 1, by=money.manager)
    assert PAYMENT.option(payment, money.manager, "certify") is None
    with pytest.raises(Refused, match=FOUR_EYES[:30]):
        money.do("certify", payment)
    other = make_user("manager", money.act.dossier.lead)
    assert money.do("certify", payment, other).certified_by == other


@pytest.mark.parametrize("role", ["officer", "signatory", "director", "president"])
def test_only_a_manager_of_the_lead_service_certifies(money: Money, role: str) -> None:
    money.commit(2025, 40000)
    payment = money.propose(2025, 1)
    with pytest.raises(PermissionDenied):
        money.do("certify", payment, getattr(money, role))


@pytest.mark.parametrize("role", ["signatory", "director", "president"])
def test_only_the_lead_service_commits_and_proposes(money: Money, role: str) -> None:
    with pytest.raises(PermissionDenied):
        money.commit(2025, 40000, by=getattr(money, role))
    money.commit(2025, 40000)
    with pytest.raises(PermissionDenied):
        money.propose(2025, 1, by=getattr(money, role))


def refused_by_the_database(sql: str, *values: object) -> str:
    with pytest.raises(DatabaseError) as error, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)
    return str(error.value)


def test_the_database_refuses_what_the_law_refuses(money: Money) -> None:
    money.commit(2025, 40000)
    payment = money.propose(2025, 1)
    certified = (
        "UPDATE reporting_payment SET state = 'certified', certified_at = now(), certified_by_id = %s WHERE id = %s"
    )
    assert "four_eyes" in refused_by_the_database(certified, money.officer.pk, payment.pk)
    paid = "UPDATE reporting_payment SET state = 'paid', paid_on = '2026-03-24' WHERE id = %s"
    assert "payment_has_the_steps_of_its_state" in refused_by_the_database(paid, payment.pk)
    assert "Cannot delete" in refused_by_the_database("DELETE FROM reporting_payment WHERE id = %s", payment.pk)
    assert "Cannot delete" in refused_by_the_database("DELETE FROM reporting_commitment")
    for change in ("amount = 1", f"proposed_by_id = {money.manager.pk}", "year = 2026"):
        assert "Cannot update" in refused_by_the_database(f"UPDATE reporting_payment SET {change}")
    money.do("certify", payment)
    back = "UPDATE reporting_payment SET state = 'proposed', certified_at = NULL, certified_by_id = NULL"
    assert "Cannot update" in refused_by_the_database(back)


# -- Paid ≤ committed ≤ conventioned ----------------------------------------------------------------------------------


def test_no_more_is_committed_than_agreed_to_the_cent(money: Money) -> None:
    money.commit(2025, 30000)
    with pytest.raises(ValidationError, match=r"10\\xa0000\\xa0€"):
        money.commit(2025, D("10000.01"), number="2102 000 002")
    money.commit(2025, 10000, number="2102 000 002")
    assert of_year(sums_of(money.convention), 2025).to_commit == 0


def test_no_more_is_paid_than_committed_to_the_cent(money: Money) -> None:
    money.commit(2025, 15000)
    with pytest.raises(ValidationError, match=r"15\\xa0000\\xa0€"):
        money.propose(2025, 1, D("15000.01"))
    money.propose(2025, 1, D(15000))
    with pytest.raises(Refused) as error:
        money.propose(2025, 1)
    assert "rien n’est engagé" in error.value.missing[0].text and "engagements/nouveau" in error.value.missing[0].url


def test_no_more_is_paid_than_an_instalment_says(money: Money) -> None:
    money.commit(2025, 40000)
    with pytest.raises(ValidationError, match=r"20\\xa0000\\xa0€"):
        money.propose(2025, 1, D("20000.01"))
    money.propose(2025, 1, D(19999))
    assert money.planned(2025, 1).amount == 1


def test_a_payment_is_made_on_a_commitment_of_its_year(money: Money) -> None:
    money.commit(2025, 40000)
    other = money.commit(2026, 40000)
    with pytest.raises(ValidationError, match="2025"):
        money.propose(2025, 1, commitment=other)


def test_the_sums_hold_against_raw_sql(money: Money) -> None:
    row = money.commit(2025, 40000)
    payment = money.pay(2025, 1)
    more = """INSERT INTO reporting_commitment (convention_id, number, siret, year, line, service_id, amount,
        imputation, committed_on, taken_over, recorded_by_id, recorded_at, void_reason)
        SELECT convention_id, 'AUTRE', siret, {year}, line, service_id, {amount},
        '', committed_on, false, recorded_by_id, recorded_at, '' FROM reporting_commitment"""
    assert "committed at most agreed" in refused_by_the_database(more.format(year=2025, amount="0.01"))
    assert "committed at most agreed" in refused_by_the_database(more.format(year=2031, amount=1))
    assert "committed at most agreed" in refused_by_the_database(more.format(year=2025, amount=-20000.01))
    void = """UPDATE reporting_commitment SET voided_at = now(), voided_by_id = recorded_by_id, void_reason = 'x'
        WHERE id = %s"""
    assert "committed at most agreed" in refused_by_the_database(void, row.pk)
    twice = """INSERT INTO reporting_payment (convention_id, commitment_id, year, rank, label, kind, amount, state,
        taken_over, proposed_by_id, proposed_at, number, void_reason) SELECT convention_id, commitment_id, {year}, 2,
        label, kind, {amount}, 'proposed', false, proposed_by_id, proposed_at, '', '' FROM reporting_payment
        WHERE id = %s"""
    assert "committed at most agreed" in refused_by_the_database(twice.format(year=2025, amount="20000.01"), payment.pk)
    assert "its convention and year" in refused_by_the_database(twice.format(year=2026, amount=1), payment.pk)


def test_a_text_that_agrees_less_than_is_committed_is_never_the_last_one(money: Money) -> None:
    money.commit(2025, 40000)
    late = f"UPDATE conventions_act SET latest = false WHERE id = {money.act.pk}; SET CONSTRAINTS ALL IMMEDIATE"
    assert "committed at most agreed" in refused_by_the_database(late)


def test_a_later_text_agrees_at_least_what_is_committed() -> None:
    scene = scenarios.with_later_act(kind="annual")
    money = Money.of(Act.objects.get(convention=scene.convention, number=0))
    money.commit(2026, D("30000.01"))
    scenarios.set_contribution(scene, 2026, D(30000))
    lines = list(keeps_committed(scene.act))
    assert [line.text.replace("\u00a0", " ") for line in lines] == [
        "2026 : 30 000,01 € sont déjà engagés, le texte prévoit 30 000 € ; un retrait d’engagement vient d’abord"
    ]
    assert lines[0].url.endswith(f"#id_m-{scene.act.dossier.lead_id}-socle-2026")
    money.commit(2026, D("-0.01"))
    assert not list(keeps_committed(scene.act))


def test_what_is_taken_back_leaves_what_is_paid(money: Money) -> None:
    money.commit(2025, 40000)
    money.pay(2025, 1)
    with pytest.raises(ValidationError, match=r"20\\xa0000\\xa0€"):
        money.commit(2025, D("-20000.01"))
    money.commit(2025, -20000)
    assert of_year(sums_of(money.convention), 2025).committed == 20000
    money.commit(2025, 20000, number="2102 000 009")


def test_a_commitment_with_payments_is_not_voided(money: Money) -> None:
    row = money.commit(2025, 40000)
    payment = money.pay(2025, 1)
    with pytest.raises(Refused, match="annulez-les"):
        services.void_commitment(commitment=row, by=money.officer, reason="Erreur")
    money.do("void", payment, money.manager, comment="Erreur de saisie")
    with pytest.raises(ValidationError):
        services.void_commitment(commitment=row, by=money.officer, reason=" ")
    services.void_commitment(commitment=row, by=money.officer, reason="Erreur")
    with pytest.raises(Refused, match="déjà annulé"):
        services.void_commitment(commitment=row, by=money.officer, reason="Erreur")
    assert of_year(sums_of(money.convention), 2025).committed == 0


def test_the_same_commitment_is_recorded_once_and_an_ej_of_another_convention_is_refused(money: Money) -> None:
    money.commit(2025, 100)
    with pytest.raises(ValidationError, match="à l’identique"):
        money.commit(2025, 100)
    money.commit(2025, 101)
    other = Money.of(reports.make_active(funded=True, sheets=2))
    siret = money.act.dossier.beneficiary.siret
    type(other.act.dossier.beneficiary).objects.filter(pk=other.act.dossier.beneficiary_id).update(siret=siret)
    with pytest.raises(ValidationError, match="autre convention"):
        other.commit(2025, 100)
    other.commit(2026, 100)


# -- Void -------------------------------------------------------------------------------------------------------------


def test_a_proposal_is_voided_by_its_service_what_is_certified_by_a_manager_with_a_reason(money: Money) -> None:
    money.commit(2025, 40000)
    payment = money.propose(2025, 1)
    with pytest.raises(Refused, match="motif"):
        money.do("void", payment)
    money.do("void", payment, comment="Mauvais montant")
    again = money.do("certify", money.propose(2025, 1))
    with pytest.raises(Refused, match="certifié"):
        money.do("void", again, comment="Erreur")
    assert money.do("void", again, money.manager, comment="Erreur").void_reason == "Erreur"
    assert money.planned(2025, 1).amount == 20000 and Payment.objects.count() == 2


# -- The balance ------------------------------------------------------------------------------------------------------


def test_the_first_year_waits_for_no_report_nor_does_an_advance(money: Money) -> None:
    money.commit(2025, 40000)
    money.commit(2026, 40000)
    assert money.pay(2025, 2).kind == "solde"
    assert money.pay(2026, 1).kind == "avance"


def test_the_balance_waits_for_the_report_of_the_year_before(money: Money) -> None:
    money.commit(2026, 40000)
    with pytest.raises(Refused) as error:
        money.propose(2026, 2)
    assert [line.text for line in error.value.missing] == ["Compte rendu 2025\u00a0: il n’est pas encore recevable"]
    report = reports.submitted(reports.fill(reports.make_report(money.act)))
    with pytest.raises(Refused) as error:
        money.propose(2026, 2)
    assert "(envoyé)" in error.value.missing[0].text and "/rapports/" in error.value.missing[0].url
    assert balance_blocked(money.convention, 2026)
    reports.admissible(report)
    assert not balance_blocked(money.convention, 2026)
    assert money.pay(2026, 2).state == "paid"


def test_the_manager_releases_the_balance_with_a_reason_for_the_state_and_the_dgefp(money: Money) -> None:
    money.commit(2026, 40000)
    for who, error in ((money.officer, PermissionDenied), (money.director, PermissionDenied)):
        with pytest.raises(error):
            services.release_balance(convention=money.convention, year=2026, by=who, reason="Urgence")
    with pytest.raises(ValidationError):
        services.release_balance(convention=money.convention, year=2026, by=money.manager, reason=" ")
    services.release_balance(convention=money.convention, year=2026, by=money.manager, reason="Urgence")
    entry = JournalEntry.objects.get(verb="balance_released")
    assert (entry.audience, entry.comment) == ("national", "Urgence")
    assert money.propose(2026, 2).state == "proposed"
    with pytest.raises(Refused, match="pas bloqué"):
        services.release_balance(convention=money.convention, year=2026, by=money.manager, reason="Encore")
    assert "Cannot" in refused_by_the_database("UPDATE reporting_balancerelease SET reason = 'autre'")


def test_a_convention_that_is_not_signed_or_is_closed_takes_no_money(money: Money) -> None:
    money.commit(2025, 40000)
    payment = money.propose(2025, 1)
    Convention.objects.filter(pk=money.act.convention_id).update(state="closed", ended_on=DAY)
    with pytest.raises(Refused):
        money.commit(2025, -1)
    with pytest.raises(Refused):
        money.do("certify", payment)
    assert PAYMENT.available(Payment.objects.get(), money.manager) == []


# -- What follows -----------------------------------------------------------------------------------------------------


def test_an_instalment_that_is_paid_meets_its_deadline_until_it_is_voided(money: Money) -> None:
    sync(money.convention)
    first = Deadline.objects.get(convention=money.act.convention, rule__key="versement_annee_1")
    advance = Deadline.objects.get(convention=money.act.convention, rule__key="avance_annuelle", year=2026)
    assert is_met_automatically(first) and is_met_automatically(advance)
    with pytest.raises(PermissionDenied):
        declare_met(advance, on=DAY, by=money.officer)
    money.commit(2025, 40000)
    money.commit(2026, 40000)
    money.reach("ordered", 2026, 1)
    advance.refresh_from_db()
    assert advance.met_on is None
    payment = money.do("pay", Payment.objects.get())
    money.pay(2025, 1)
    first.refresh_from_db(), advance.refresh_from_db()
    assert (first.met_on, advance.met_on) == (DAY, DAY)
    money.do("void", payment, money.manager, comment="Rejeté par la banque")
    first.refresh_from_db(), advance.refresh_from_db()
    assert (first.met_on, advance.met_on) == (DAY, None)


def test_the_other_managers_are_asked_to_certify_and_the_association_is_told_of_the_payment(money: Money) -> None:
    money.commit(2025, 40000)
    other = make_user("manager", money.act.dossier.lead)
    payment = money.propose(2025, 1, by=money.manager)
    asked = OutboxMessage.objects.filter(template="versement_a_certifier")
    assert [one.recipient for one in asked] == [other]
    assert "« Avance 2025 » de 20 000 €" in asked[0].body.replace("\u00a0", " ").replace("\u202f", " ")
    money.do("certify", payment, other)
    money.do("order", payment)
    assert not OutboxMessage.objects.filter(template="versement_paye").exists()
    money.do("pay", payment)
    told = OutboxMessage.objects.filter(template="versement_paye").order_by("recipient")
    assert {one.recipient for one in told} == {money.director, money.president}
    assert "Avance 2025" in told[0].subject and "/versements/" in told[0].body
    assert " : 20 000 €." in told[0].body.replace("\u00a0", " ").replace("\u202f", " ")


@pytest.mark.parametrize(("step", "day"), [("order", "2026-03-23"), ("order", "2026-10-16"), ("pay", "2026-03-23")])
def test_a_step_is_not_before_the_one_before_nor_tomorrow(money: Money, step: str, day: str) -> None:
    money.commit(2025, 40000)
    payment = money.reach("certified" if step == "order" else "ordered", 2025, 1)
    with pytest.raises(ValidationError):
        money.do(step, payment, on=dt.date.fromisoformat(day))
    money.do(step, payment, on=DAY)


def test_a_request_of_payment_is_of_one_payment(money: Money) -> None:
    money.commit(2025, 40000)
    money.do("order", money.reach("certified", 2025, 1), number="4500")
    second = money.reach("certified", 2025, 2)
    with pytest.raises(ValidationError, match="Un autre versement"):
        money.do("order", second, number=" 4500 ")
    assert Commitment.objects.count() == 1
