"""The tab « Versements », the lines of « À faire », what the plan and the reminders say of the State's money."""

import datetime as dt
import importlib
from decimal import Decimal
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from actions.models import Account
from actions.rows import StoredRows
from arml.models import User
from conventions.enums import FundingKind
from conventions.models import Act, FundingFact
from conventions.money.plan import Plan, facts_of, money_of_state, plan
from cpo.lib import clock
from cpo.lib.actor import Actor
from reporting.guards.payments import effects
from reporting.models import Deadline, Payment
from reporting.services import payments as services
from reporting.services.deadlines import sync
from reporting.todo.home import agenda
from tests.factories import reporting as reports
from tests.factories.arml import make_user
from tests.factories.payments import DAY, Money

pytestmark = pytest.mark.django_db
D = Decimal


@pytest.fixture
def money() -> Money:
    return Money.of()


def text(client: Client, money: Money, user: User, name: str = "convention-payments") -> str:
    client.force_login(User.objects.get(pk=user.pk))
    answer = client.get(reverse(name, args=[money.convention.number]))
    assert answer.status_code == 200, answer.status_code
    return " ".join(answer.content.decode().replace("\u00a0", " ").replace("&nbsp;", " ").split())


def test_the_page_says_what_blocks_and_leads_there_whom_it_is_open_to(client: Client, money: Money) -> None:
    add = reverse("commitment-add", args=[money.convention.number])
    body = text(client, money, money.officer)
    assert "Engagement juridique 2025 : rien n’est engagé" in body and f'href="{add}#id_year"' not in body
    assert f"{add}#id_line" in body and "Bloqué" in body
    body = text(client, money, money.director)
    assert "Engagement juridique 2025" in body and add not in body
    money.commit(2025, 40000)
    money.commit(2026, 40000)
    body = text(client, money, money.officer)
    assert "Compte rendu 2025 : il n’est pas encore recevable" in body
    assert reverse("payment-propose", args=[money.convention.number, 2026, 1]) in body
    assert reverse("payment-propose", args=[money.convention.number, 2026, 2]) not in body
    assert "Débloquer le solde 2026" not in body and "Débloquer le solde 2026" in text(client, money, money.manager)


def test_each_person_finds_the_steps_that_are_theirs(client: Client, money: Money) -> None:
    money.commit(2025, 40000)
    payment = money.propose(2025, 1, by=money.manager)
    page = reverse("payment-transition", args=[money.convention.number, payment.pk, "certify"])
    other = make_user("manager", money.act.dossier.lead)
    assert page not in text(client, money, money.manager) and page in text(client, money, other)
    assert page not in text(client, money, money.officer)
    client.force_login(money.manager)
    assert client.post(page).status_code == 409
    client.force_login(User.objects.get(pk=other.pk))
    assert client.post(page).status_code == 302
    payment.refresh_from_db()
    assert payment.certified_by == other


def test_the_forms_write_what_they_say_and_tell_a_fault_beside_its_field(client: Client, money: Money) -> None:
    number, lead = money.convention.number, money.act.dossier.lead_id
    client.force_login(money.officer)
    data = {"line": f"2025-socle-{lead}", "kind": "engagement", "number": "2102", "amount": "50 000",
            "committed_on": "24/03/2026", "imputation": ""}  # fmt: skip
    page = reverse("commitment-add", args=[number])
    assert "40\u00a0000\u00a0€ conventionnés" in client.post(page, data).content.decode()
    assert client.post(page, data | {"amount": "40 000"}).status_code == 302
    assert client.post(page, data | {"amount": "1 000", "kind": "retrait"}).status_code == 302
    assert [row.amount for row in money.convention.commitments.all()] == [D(40000), D(-1000)]
    page = reverse("payment-propose", args=[number, 2025, 1])
    commitment = money.convention.commitments.all()[0]
    assert "20\u00a0000\u00a0€" in client.post(page, {"commitment": commitment.pk, "amount": "20 001"}).content.decode()
    assert client.post(page, {"commitment": commitment.pk, "amount": "20 000"}).status_code == 302
    payment = Payment.objects.get()
    client.force_login(money.manager)
    void = reverse("payment-transition", args=[number, payment.pk, "void"])
    assert "Dites pourquoi" in client.post(void, {"reason": " "}).content.decode()
    assert client.post(void, {"reason": "Une erreur"}).status_code == 302
    assert "Une erreur" in text(client, money, money.director)


def test_the_reason_of_a_release_is_read_by_the_state_and_the_dgefp(client: Client, money: Money) -> None:
    services.release_balance(convention=money.convention, year=2026, by=money.manager, reason="Trésorerie tendue")
    from tests.factories.arml import NationalFactory

    national = make_user("national_reader", NationalFactory())
    for user in (money.officer, national):
        assert "Trésorerie tendue" in text(client, money, user)
    body = text(client, money, money.director)
    assert "Solde 2026 débloqué" in body and "Trésorerie tendue" not in body
    assert "Trésorerie tendue" in text(client, money, national, "convention-journal")
    assert "Trésorerie tendue" not in text(client, money, money.director, "convention-journal")


def test_the_page_costs_the_same_with_one_payment_and_with_three(client: Client, money: Money) -> None:
    money.commit(2025, 40000)
    money.pay(2025, 1, 1000)
    money.propose(2025, 2, 1000)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            text(client, money, money.manager)
        return len(captured)

    queries()
    one = queries()
    money.commit(2026, 40000)
    money.pay(2025, 1, 1000)
    money.reach("certified", 2025, 1, 1000)
    money.propose(2026, 1, 1000)
    assert queries() == one
    assert one <= 45


def titles(user: User) -> list[str]:
    return [task.title.replace("\u00a0", " ") for task in agenda(User.objects.get(pk=user.pk)).mine]


def test_who_proposed_reads_that_another_person_certifies(client: Client, money: Money) -> None:
    money.commit(2025, 40000)
    money.propose(2025, 1, by=money.manager)
    other = make_user("manager", money.act.dossier.lead)
    words = "Vous avez proposé ce versement : une autre personne certifie le service fait."
    assert words in text(client, money, money.manager)
    assert words not in text(client, money, other)


def test_a_faire_asks_the_officer_to_propose_and_another_manager_to_certify(money: Money) -> None:
    sync(money.convention)
    assert "Premier versement de l’année 2025" in titles(money.officer)
    money.commit(2025, 40000)
    assert {"Proposer le versement : Avance 2025", "Proposer le versement : Solde 2025"} <= set(titles(money.officer))
    assert "Premier versement de l’année 2025" not in titles(money.officer), "its line tells it"
    payment = money.propose(2025, 1, by=money.manager)
    other = make_user("manager", money.act.dossier.lead)
    certify = "Certifier le service fait : Avance 2025"
    assert certify in titles(other) and certify not in [*titles(money.manager), *titles(money.officer)]
    money.do("certify", payment, other)
    assert "Mandater : Avance 2025" in titles(money.officer) and certify not in titles(other)
    money.do("order", payment)
    assert "Enregistrer le paiement : Avance 2025" in titles(money.officer)


def test_no_two_lines_of_an_instalment_paid_in_parts_are_alike(money: Money) -> None:
    money.commit(2025, 40000)
    for _ in range(2):
        money.reach("certified", 2025, 1, 5000)  # the same amount, of one convention: the lines were the same words
    money.reach("paid", 2025, 2, 5000)
    ordered = {f"Mandater : Avance 2025, versement {rank} sur 2" for rank in (1, 2)}
    rest = {"Proposer le versement : Avance 2025, le reste", "Proposer le versement : Solde 2025, le reste"}
    found = titles(money.officer)
    assert ordered | rest <= set(found) and len(found) == len(set(found))
    payment = money.propose(2025, 1, 5000, by=money.manager)
    assert "Certifier le service fait : Avance 2025, versement 3 sur 3" in titles(
        make_user("manager", money.act.dossier.lead)
    )
    waits = [one.title.replace("\u00a0", " ") for one in agenda(User.objects.get(pk=money.officer.pk)).others]
    assert "Certification du service fait : Avance 2025, versement 3 sur 3" in waits
    assert payment.state == "proposed"


def test_the_page_tells_the_parts_of_an_instalment_apart_as_the_home_does(client: Client, money: Money) -> None:
    money.commit(2025, 40000)
    money.reach("certified", 2025, 1, 5000)
    assert "Versement 1 sur" not in text(client, money, money.officer), "paid at once so far"
    money.reach("certified", 2025, 1, 5000)
    body = text(client, money, money.officer)
    assert [body.count(words) for words in ("Versement 1 sur 2", "Versement 2 sur 2", "Le reste")] == [1, 1, 1]


def test_a_balance_that_is_blocked_is_not_asked_for(money: Money) -> None:
    money.commit(2026, 40000)
    asked = "Proposer le versement : Solde 2026"
    assert asked not in titles(money.officer)
    reports.admissible(reports.submitted(reports.fill(reports.make_report(money.act))))
    assert asked in titles(money.officer)


# -- « Le solde est bloqué » ------------------------------------------------------------------------------------------


def effect_of_the_report(money: Money) -> str:
    sync(money.convention)
    deadline = Deadline.objects.get(convention=money.act.convention, rule__key="justificatifs_annuels", year=2025)
    return effects([deadline])[deadline.pk]


def test_a_reminder_says_that_the_balance_is_blocked_only_if_it_is(money: Money) -> None:
    assert "solde" in effect_of_the_report(money)
    services.release_balance(convention=money.convention, year=2026, by=money.manager, reason="Urgence")
    assert effect_of_the_report(money) == ""


def test_no_balance_is_blocked_where_none_is_planned_or_left(money: Money) -> None:
    by = Actor(user=money.officer)
    services.take_over_payment(convention=money.convention, by=by, year=2026, amount=D(20001), paid_on=DAY)
    assert "solde" in effect_of_the_report(money)
    services.take_over_payment(convention=money.convention, by=by, year=2026, amount=D(19999), paid_on=DAY)
    assert effect_of_the_report(money) == ""
    without = Money.of(reports.make_active())
    assert effect_of_the_report(without) == ""


# -- The funding plan, and what was recorded before -------------------------------------------------------------------


def plan_of(act: Act) -> Plan:
    act = Act.objects.select_related("programme__cycle", "convention__cycle").get(pk=act.pk)
    return plan(StoredRows(act.programme), act.programme.cycle.years, [*facts_of(act).valid(), *money_of_state(act)])


def amounts(act: Act, measure: str) -> list[Any]:
    return [
        cell.amount for funder in plan_of(act).funders for cell in dict(funder.rows)[measure] if funder.name == "État"
    ]


def fact(money: Money, amount: int, **fields: Any) -> FundingFact:
    data: dict[str, Any] = {"kind": FundingKind.PAID, "funder": "État", "year": 2025, "dated_on": dt.date(2025, 11, 20)}
    return FundingFact.objects.create(
        convention=money.act.convention,
        account=Account.objects.get(code="74-ETAT"),
        amount=amount,
        recorded_by=money.officer,
        recorded_at=clock.now(),
        **data | fields,
    )


def test_the_plan_counts_what_the_state_commits_and_pays(money: Money) -> None:
    money.commit(2025, 30000)
    money.pay(2025, 1)
    assert amounts(money.act, "Accordé") == [D(30000), None, None, D(30000)]
    assert amounts(money.act, "Versé") == [D(20000), None, None, D(20000)]


def test_an_observer_reads_no_payment_in_the_plan(client: Client, money: Money) -> None:
    money.commit(2025, 31234)
    from arml.enums import OrganisationKind
    from tests.factories.arml import OrganisationFactory

    union = OrganisationFactory(kind=OrganisationKind.OTHER, national_scope=True)
    assert "31 234 €" in text(client, money, money.director, "convention-funding")
    body = text(client, money, make_user("reader", union), "convention-funding")
    assert "31 234 €" not in body and "Versements" not in body
    assert client.get(reverse("convention-payments", args=[money.convention.number])).status_code == 404


def test_what_was_recorded_before_moves_where_it_fits_and_every_figure_stays(money: Money) -> None:
    facts = [
        fact(money, 25000),
        fact(money, 16000, reference="au-delà"),
        fact(money, 3000, sheet_key=money.act.programme.sheets.get().key, reference="fiche"),
        fact(money, 40000, kind=FundingKind.GRANTED),
    ]
    before = [amounts(money.act, name) for name in ("Demandé", "Accordé", "Versé")]
    importlib.import_module("reporting.migrations.0010_state_money").take_over(apps, None)
    assert [amounts(money.act, name) for name in ("Demandé", "Accordé", "Versé")] == before
    assert before[2][0] == D(44000)
    kept = FundingFact.objects.filter(voided_at=None).values_list("pk", flat=True)
    assert set(kept) == {one.pk for one in facts[1:]}
    assert [(one.rank, one.amount, one.state) for one in Payment.objects.order_by("rank")] == [
        (1, D(20000), "paid"),
        (2, D(5000), "paid"),
    ]
