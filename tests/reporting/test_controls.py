"""Controls and corrections: contradictory phase in dates, then one effect; what an imputation does to the payments."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from conventions.enums import ActKind
from cpo.lib.models import JournalEntry, OutboxMessage
from cpo.lib.workflow import Refused
from reporting.enums import CorrectionEffect as Effect
from reporting.models import Control, Correction, Deadline, Ground, Imputation
from reporting.money.balance import overpaid
from reporting.money.corrections import to_impute
from reporting.money.threshold import not_recovered_below
from reporting.services import controls as services
from reporting.todo.home import agenda
from tests.factories import scenarios
from tests.factories.payments import Money

pytestmark = pytest.mark.django_db
D = Decimal
LETTER = dt.date(2026, 9, 1)  # the clock says 15 October 2026: the month is over
TODAY = dt.date(2026, 10, 15)


@pytest.fixture
def money() -> Money:
    return Money.of()


def announce(money: Money, **fields: Any) -> Control:
    data = {"kind": "place", "announced_on": LETTER, "starts_on": TODAY, "ends_on": None, "scope": "Compte 64."}
    by = fields.pop("by", money.officer)
    return services.announce(convention=money.convention, by=by, **data | fields)


def step(money: Money, name: str, row: Control, by: Any, **data: Any) -> Control:
    return services.apply_to_control(name, Control.objects.get(pk=row.pk), by=by, data=data)


def propose(money: Money, amount: Any = 5000, **fields: Any) -> Correction:
    ground = Ground.objects.get(key="depense_non_justifiee")
    data = {"year": 2025, "amount": D(amount), "ground": ground, "explanation": "Une facture manque."}
    return services.propose(convention=money.convention, by=money.officer, **data | fields)


def do(money: Money, name: str, row: Correction, by: Any = None, **data: Any) -> Correction:
    by = by or (money.manager if name in ("decide", "lift", "reduce") else money.officer)
    return services.apply_to_correction(name, Correction.objects.get(pk=row.pk), by=by, data=data)


def decided(money: Money, effect: str, amount: Any = 5000, **fields: Any) -> Correction:
    row = do(money, "notify", propose(money, amount, **fields), on=LETTER)
    return do(money, "decide", row, effect=effect, decision="Au vu des pièces.")


# -- Controls ---------------------------------------------------------------------------------------------------------


def test_a_control_is_announced_found_answered_and_closed_by_the_manager(money: Money) -> None:
    row = announce(money)
    step(money, "communicate", row, money.officer, findings="Deux factures manquent.")
    with pytest.raises(PermissionDenied):
        step(money, "observe", row, money.manager, observations="Non.")
    step(money, "observe", row, money.director, observations="Les voici.")
    with pytest.raises(Refused, match="déjà répondu"):
        step(money, "observe", row, money.president, observations="Encore.")
    with pytest.raises(PermissionDenied):
        step(money, "close", row, money.officer, conclusions="Conforme.")
    row = step(money, "close", row, money.manager, conclusions="Conforme.")
    assert (row.state, row.closed_on) == ("closed", TODAY)
    told = OutboxMessage.objects.filter(recipient=money.director, subject__contains="contrôle sur place n° 1")
    assert len({one.subject for one in told}) == told.count() == 3, "each subject says which step it is"
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE reporting_control SET conclusions = 'autre'")


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"announced_on": TODAY + dt.timedelta(days=1), "starts_on": TODAY + dt.timedelta(days=2)}, "announced_on"),
        ({"starts_on": LETTER - dt.timedelta(days=1)}, "starts_on"),
        ({"ends_on": TODAY - dt.timedelta(days=1)}, "ends_on"),
    ],
)
def test_the_dates_of_a_control_follow_each_other(money: Money, fields: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as error:
        announce(money, **fields)
    assert list(error.value.message_dict) == [field]


def test_only_the_lead_service_keeps_controls(money: Money) -> None:
    for role in ("signatory", "director"):
        with pytest.raises(PermissionDenied):
            announce(money, by=getattr(money, role))


# -- The contradictory phase ------------------------------------------------------------------------------------------


def test_the_manager_decides_once_the_month_is_over_or_the_association_has_answered(money: Money) -> None:
    row = do(money, "notify", propose(money), on=dt.date(2026, 9, 15))
    assert row.due_on == TODAY
    with pytest.raises(Refused) as refusal:
        do(money, "decide", row, effect=Effect.DROPPED, decision="Rien.")
    assert "15\xa0octobre" in refusal.value.missing[0].text
    rule = {"rule__key": "observations_contradictoire", "met_on": None}
    assert Deadline.objects.get(**rule).due_on == TODAY
    do(money, "observe", row, money.director, observations="La facture existe.")
    assert not Deadline.objects.filter(**rule).exists()
    with pytest.raises(PermissionDenied):
        do(money, "decide", row, money.officer, effect=Effect.DROPPED, decision="Rien.")
    assert do(money, "decide", row, effect=Effect.DROPPED, decision="Vu.").state == "done"
    late = do(money, "notify", propose(money), on=dt.date(2026, 9, 14))
    assert do(money, "decide", late, effect=Effect.DROPPED, decision="Vu.").state == "done"


def test_what_is_suspected_is_read_by_the_state_alone(money: Money) -> None:
    row = propose(money, suspected_fraud=True, explanation="Facture inventée.")
    with pytest.raises(Refused) as refusal:
        do(money, "notify", row, on=LETTER)
    assert "Soupçon" in refusal.value.missing[0].text
    director, officer = Client(), Client()
    director.force_login(money.director)
    officer.force_login(money.officer)
    number = money.convention.number
    page = reverse("convention-controls", args=[number])
    assert "Facture inventée." in officer.get(page).content.decode()
    for url in (page, reverse("convention-journal", args=[number]), reverse("home")):
        text = director.get(url).content.decode()
        assert "inventée" not in text and "correction n°" not in text.lower()
    address = reverse("correction-transition", args=[number, row.pk, "observe"])
    assert director.get(address).status_code == 404
    assert not OutboxMessage.objects.filter(subject__contains="correction").exists()
    do(money, "lift", row, comment="Facture retrouvée.")
    do(money, "notify", row, on=LETTER)
    assert "Facture inventée." in director.get(page).content.decode()
    assert JournalEntry.objects.get(verb="lift").audience == "national"


# -- The effects ------------------------------------------------------------------------------------------------------


def test_a_recovery_has_its_title_and_its_day(money: Money) -> None:
    row = decided(money, Effect.RECOVERY)
    with pytest.raises(ValidationError, match="précède la décision"):
        do(money, "recover", row, title_number="T 12", on=LETTER)
    row = do(money, "recover", row, title_number=" T 12 ", on=TODAY)
    assert (row.state, row.title_number, row.recovered_on) == ("done", "T 12", TODAY)
    follow = propose(money, 40, follows=row, follow_up="interets")
    assert str(follow.follows) == "Correction n° 1"


def test_a_sum_under_the_threshold_is_not_recovered_and_the_threshold_is(money: Money) -> None:
    below = not_recovered_below(money.convention.cycle, TODAY)
    assert below == 30
    with pytest.raises(ValidationError, match="inférieure"):
        decided(money, Effect.NOT_RECOVERED, below)
    assert decided(money, Effect.NOT_RECOVERED, D("29.99")).state == "done"


def test_what_is_given_back_is_not_recovered(money: Money) -> None:
    for effect in (Effect.RECOVERY, Effect.IMPUTATION, Effect.NOT_RECOVERED):
        with pytest.raises(ValidationError, match="rend une somme"):
            decided(money, effect, -20)
    assert decided(money, Effect.DROPPED, -20).state == "done"


def test_an_imputation_blocks_the_certification_until_it_is_consumed_or_postponed(money: Money) -> None:
    money.commit(2025, 40000)
    row = decided(money, Effect.IMPUTATION)
    whole = money.propose(2025, 1)
    with pytest.raises(Refused) as refusal:
        money.do("certify", whole)
    [line] = refusal.value.missing
    assert "5\xa0000\xa0€ à imputer" in line.text and line.url.endswith(f"/corrections/{row.pk}/imputation/")
    with pytest.raises(ValidationError, match="proposez-le pour moins"):
        services.impute(correction=row, payment=whole, by=money.officer)
    money.do("void", whole, comment="Pour moins.")
    less = money.propose(2025, 1, D(15000))
    services.impute(correction=row, payment=less, by=money.officer)
    assert not to_impute(money.convention)
    assert money.do("certify", less).state == "certified"
    with pytest.raises(AssertionError):
        money.planned(2025, 1)  # the five thousand euros that the correction took are not paid later
    assert overpaid(money.convention, 2026) == 0
    with pytest.raises(Refused):
        do(money, "settle", row)
    money.do("pay", money.do("order", less))
    assert do(money, "settle", row).state == "done"


def test_a_voided_payment_bears_nothing_any_more(money: Money) -> None:
    money.commit(2025, 40000)
    row = decided(money, Effect.IMPUTATION)
    less = money.propose(2025, 1, D(15000))
    services.impute(correction=row, payment=less, by=money.officer)
    money.do("void", less, comment="Une erreur.")
    assert to_impute(money.convention) == [row]
    assert money.planned(2025, 1).amount == 20000


def test_a_correction_is_postponed_to_the_next_payment_for_a_reason(money: Money) -> None:
    money.commit(2025, 40000)
    row = decided(money, Effect.IMPUTATION)
    first = money.propose(2025, 1)
    services.impute(correction=row, payment=first, by=money.officer, reason="Trésorerie de l’association.")
    assert money.do("certify", first).state == "certified"
    second = money.propose(2025, 2)
    with pytest.raises(Refused):
        money.do("certify", second)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE reporting_imputation SET amount = 1")
    assert Imputation.objects.get().reason == "Trésorerie de l’association."


def test_a_reduction_opens_the_annual_act_with_its_contribution_lowered() -> None:
    money = Money.of(scenarios.active_convention().act)
    before = {line.year: line.amount for line in money.act.contributions.all()}
    row = do(money, "reduce", decided(money, Effect.REDUCTION), year=2027)
    act = row.act
    assert act is not None and (row.state, act.kind, act.year) == ("done", ActKind.ANNUAL, 2027)
    amounts = {line.year: line.amount for line in act.contributions.all()}
    assert amounts == before | {2027: before[2027] - 5000} and "Correction n° 1" in act.purpose


# -- The pages --------------------------------------------------------------------------------------------------------


def test_everyone_finds_what_waits_for_them(money: Money) -> None:
    row = announce(money)
    step(money, "communicate", row, money.officer, findings="Deux factures manquent.")
    do(money, "notify", propose(money), on=LETTER)

    def titles(person: Any) -> set[str]:
        return {task.title for task in agenda(person).mine}

    assert {
        "Répondre aux constats du contrôle sur place n° 1",
        "Présenter vos observations sur la correction n° 1",
    } <= (titles(money.director))
    assert {"Clore le contrôle sur place n° 1", "Décider de la suite de la correction n° 1"} <= titles(money.manager)


def test_the_tab_takes_as_many_queries_for_three_corrections_as_for_one(money: Money) -> None:
    officer, page = Client(), reverse("convention-controls", args=[money.convention.number])
    officer.force_login(money.officer)
    announce(money)
    decided(money, Effect.IMPUTATION)
    officer.get(page)
    with CaptureQueriesContext(connection) as one:
        officer.get(page)
    for _ in range(2):
        announce(money)
        decided(money, Effect.IMPUTATION, 10)
    with CaptureQueriesContext(connection) as three:
        assert officer.get(page).content.decode().count("Imputer ou reporter") == 3
    assert len(three) == len(one)


def test_the_pages_write_and_tell_what_is_wrong(money: Money) -> None:
    officer = Client()
    officer.force_login(money.officer)
    number = money.convention.number
    data = {"kind": "pieces", "announced_on": "01/09/2026", "starts_on": "15/08/2026", "scope": "Compte 64."}
    wrong = officer.post(reverse("control-add", args=[number]), data)
    assert list(wrong.context["form"].errors) == ["starts_on"] and "Compte 64." in wrong.content.decode()
    assert officer.post(reverse("control-add", args=[number]), data | {"starts_on": "15/10/2026"}).status_code == 302
    form = officer.get(reverse("correction-add", args=[number])).context["form"]
    posted = {
        "year": "2025",
        "kind": "reprise",
        "amount": "5 000",
        "ground": str(Ground.objects.get(key="double_financement").pk),
        "explanation": "Deux financeurs.",
        "sheet": next(iter(form.sheets)),
    }
    assert officer.post(reverse("correction-add", args=[number]), posted | {"amount": "0"}).status_code == 200
    assert officer.post(reverse("correction-add", args=[number]), posted).status_code == 302
    page = officer.get(reverse("convention-controls", args=[number])).content.decode()
    assert "Contrôle sur pièces n° 1" in page and "Double financement" in page
    row = Correction.objects.get()
    assert officer.get(reverse("correction-impute", args=[number, row.pk])).status_code == 409
    assert officer.get(reverse("correction-transition", args=[number, row.pk, "decide"])).status_code == 403
