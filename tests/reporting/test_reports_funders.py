"""What an association received from the State is not typed under another name in its report."""

from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from actions.models import Account
from reporting.models import Report
from reporting.services.reports import AmountInput, save_finance
from tests.factories.reporting import make_report, person
from tests.reporting.test_reports import as_, form_values, url

pytestmark = pytest.mark.django_db


def send(client: Client, report: Report, code: str, funder: str) -> Any:
    as_(client, report, "director")
    account = Account.objects.get(code=code)
    extra = {"account": str(account.pk), "amount": "500", "funder": funder}
    address = url(report, "report-finance")
    data = form_values(client, address, **{f"produit-extra-{name}": value for name, value in extra.items()})
    return client.post(address, data)


@pytest.mark.parametrize(
    ("code", "message"),
    [("74-ETAT", "L’État se choisit parmi les services du dossier"), ("74-EP", "est l’État\u00a0: portez ce montant")],
)
def test_the_state_is_not_typed_under_another_name(client: Client, code: str, message: str) -> None:
    report = make_report()
    answer = send(client, report, code, "Deets Martinik")
    [error] = answer.context["form"].errors["produit-extra-funder"]
    assert message in error
    assert not report.resources.exists()
    assert 'value="Deets Martinik"' in answer.content.decode(), "what was typed is kept"


def test_a_service_of_the_dossier_is_offered_and_taken(client: Client) -> None:
    report = make_report()
    lead = report.dossier.lead.short_name
    assert send(client, report, "74-ETAT", lead).status_code == 302
    assert report.resources.get().funder == lead
    assert f'<option value="{lead}">' in client.get(url(report, "report-finance")).content.decode()


def test_another_funder_is_typed(client: Client) -> None:
    report = make_report()
    assert send(client, report, "74-EP", "Fondation Exemple").status_code == 302
    assert report.resources.get().amount == Decimal(500)


def test_the_service_refuses_it_too_and_leaves_what_was_stored() -> None:
    report = make_report()
    account = Account.objects.get(code="74-EP")
    planned = report.act.programme.resources.filter(account__code="74-ETAT").first()
    assert planned is not None and planned.funder == "État", "a name that is no service of the dossier"
    common: dict[str, Any] = {"comment": "", "expenses": (), "by": person(report, "director")}
    typed = AmountInput(account.pk, Decimal(5), "Deets Martinik")
    with pytest.raises(ValidationError):
        save_finance(report, resources=[typed], expected_revision=None, **common)
    report.resources.create(account=account, funder="Deets Martinik", amount=3)
    lines = [AmountInput(planned.account_id, Decimal(5), "État"), AmountInput(account.pk, Decimal(4), "Deets Martinik")]
    save_finance(report, resources=lines, expected_revision=None, **common)
    assert sorted(report.resources.values_list("amount", flat=True)) == [4, 5]
