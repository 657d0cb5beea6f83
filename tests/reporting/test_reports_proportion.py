"""A value out of proportion is asked about, never refused: the confirmation is kept with the value that it is about."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from actions.enums import Direction, Unit
from actions.models import SheetIndicator, Target
from reporting.models import Report, Value
from tests.factories.reporting import make_report
from tests.reporting.test_reports import as_, form_values, sheet_url, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def report() -> Report:
    return make_report()  # the target of the year is 100


def indicator(report: Report) -> SheetIndicator:
    return report.sheets.get().sheet.indicators.get()


def send(client: Client, report: Report, value: str, **more: Any) -> Any:
    as_(client, report, "director")
    name = f"v{indicator(report).pk}"
    data = form_values(client, sheet_url(report), **{name: value} | {f"{name}-{key}": on for key, on in more.items()})
    return client.post(sheet_url(report), data)


def asked(answer: Any, report: Report) -> list[str]:
    return list(answer.context["form"].errors.get(f"v{indicator(report).pk}-confirm", ())) if answer.context else []


@pytest.mark.parametrize(("value", "is_asked"), [("1000", False), ("1000,01", True), ("4000000", True), ("0", False)])
def test_ten_times_the_target_is_asked_about(client: Client, report: Report, value: str, is_asked: bool) -> None:
    answer = send(client, report, value)
    assert bool(asked(answer, report)) is is_asked
    assert Value.objects.exists() is not is_asked


def test_the_question_stands_beside_a_box_to_tick(client: Client, report: Report) -> None:
    page = text(send(client, report, "4000000"))
    assert "4\u00a0000\u00a0000\u00a0: c’est plus de 10 fois la cible (100)." in page
    assert f'name="v{indicator(report).pk}-confirm"' in page


def test_the_box_is_not_there_before_the_question(client: Client, report: Report) -> None:
    as_(client, report, "director")
    assert "-confirm" not in client.get(sheet_url(report)).content.decode()


def test_a_confirmation_is_kept_and_not_asked_for_again(client: Client, report: Report) -> None:
    assert send(client, report, "4000000", confirm="on").status_code == 302
    assert Value.objects.get().confirmed == Decimal(4000000)
    assert send(client, report, "4000000").status_code == 302
    assert Value.objects.get().is_confirmed
    assert "Valeur inhabituelle, confirmée" in text(client.get(sheet_url(report)))


def test_another_value_is_asked_about_again(client: Client, report: Report) -> None:
    send(client, report, "4000000", confirm="on")
    assert asked(send(client, report, "5000000"), report)
    assert send(client, report, "500").status_code == 302
    assert Value.objects.get().confirmed is None


@pytest.mark.parametrize(("value", "is_asked"), [("100", False), ("100,01", True)])
def test_a_rate_above_a_hundred_percent_is_asked_about(
    client: Client, report: Report, value: str, is_asked: bool
) -> None:
    measure = as_(client, report, "director").get(sheet_url(report)).context["form"].indicators[0]
    measure.indicator.unit = Unit.PERCENT
    assert bool(measure.out_of_proportion(Decimal(value.replace(",", ".")))) is is_asked


def test_a_target_above_a_hundred_percent_makes_such_a_rate_usual(client: Client, report: Report) -> None:
    measure = as_(client, report, "director").get(sheet_url(report)).context["form"].indicators[0]
    measure.indicator.unit, measure.target.number = Unit.PERCENT, Decimal(120)
    assert measure.out_of_proportion(Decimal(150)) == ""


def test_without_a_target_the_year_before_is_the_measure(client: Client, report: Report) -> None:
    measure = as_(client, report, "director").get(sheet_url(report)).context["form"].indicators[0]
    measure.target, measure.previous = None, Value(number=Decimal(3))
    assert measure.out_of_proportion(Decimal(30)) == ""
    assert "10 fois celle de l’année précédente" in measure.out_of_proportion(Decimal(31))
    measure.previous = None
    assert measure.out_of_proportion(Decimal(31)) == "", "nothing to compare with"


def test_less_is_better_is_asked_about_too(client: Client, report: Report) -> None:
    measure = as_(client, report, "director").get(sheet_url(report)).context["form"].indicators[0]
    measure.indicator.direction = Direction.DOWN
    measure.target = Target(number=Decimal(2))
    assert measure.out_of_proportion(Decimal(21))


def charge(client: Client, report: Report, amount: str, *confirm: str) -> Any:
    as_(client, report, "director")
    line = client.get(sheet_url(report)).context["form"].charges.rows[0]
    data = form_values(client, sheet_url(report), **{line.name: amount, f"{line.name}-comment": "Écart expliqué."})
    return client.post(sheet_url(report), data | {"confirm": list(confirm)})


def test_a_charge_ten_times_the_forecast_is_asked_about_until_it_is_confirmed(client: Client, report: Report) -> None:
    answer = charge(client, report, "100 000 000")
    [(figure, label)] = answer.context["form"].fields["confirm"].choices
    assert figure.endswith("\u00a0: 100\u00a0000\u00a0000\u00a0€") and "le prévu" in label.help_text
    assert not report.expenses.exists()
    assert charge(client, report, "100 000 000", figure).status_code == 302
    assert report.expenses.get().amount == Decimal(100_000_000)
    assert charge(client, report, "100 000 000").status_code == 302, "what was confirmed is not asked again"
    assert charge(client, report, "200 000 000").status_code == 200


def test_an_account_that_was_not_planned_is_compared_with_the_whole_table(client: Client, report: Report) -> None:
    as_(client, report, "director")
    form = client.get(sheet_url(report)).context["form"]
    other = next(
        pk
        for pk, _ in form.fields["charge-extra-account"].choices
        if pk and pk != str(form.charges.rows[0].line.account_id)
    )
    data = form_values(
        client, sheet_url(report), **{"charge-extra-account": other, "charge-extra-amount": "900 000 000"}
    )
    answer = client.post(sheet_url(report), data)
    [(figure, label)] = answer.context["form"].fields["confirm"].choices
    assert figure.startswith("Montant dépensé") and "le prévu de toutes les lignes" in label.help_text
