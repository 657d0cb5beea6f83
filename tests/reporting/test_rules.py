"""The years of a deadline rule are typed, among those of its cycle."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from arml.models import User
from reporting.models import DeadlineRule
from reporting.services import rules as rule_services
from tests.factories.arml import make_user
from tests.test_reference_pages import KEY, initial, last_entry

pytestmark = pytest.mark.django_db
URL = "reference-rule"


@pytest.fixture
def admin() -> User:
    return make_user("national_admin")


@pytest.fixture
def page(client: Client, admin: User) -> Client:
    client.force_login(admin)
    return client


def post(page: Client, key: str, **changes: Any) -> Any:
    url = reverse(URL, args=[KEY, key])
    return page.post(url, initial(page.get(url)) | changes)


def test_the_years_of_a_rule_are_chosen_among_those_of_its_cycle(page: Client, admin: User) -> None:
    key = "justificatifs_annuels"
    for years in ([], ["2024"], ["2028"], ["2026", "²026"], ["9" * 19], ["deux mille"]):
        assert "years" in post(page, key, years=years).context["form"].errors, years
    draft = post(page, key, years=["2026"], preview="1")
    assert [one["year"] for one in draft.context["previews"]] == [2026]
    assert post(page, key, years=["2027", "2025"]).status_code == 302
    rule = DeadlineRule.objects.get(key=key)
    assert (rule.years, rule.revision) == ([2025, 2027], 1)
    assert "années" in last_entry().sentence
    for years in ([], [2025, 2028]):
        with pytest.raises(ValidationError) as error:
            rule_services.update_rule(rule=rule, changes={"years": years}, expected_revision=1, by=admin)
        assert set(error.value.message_dict) == {"years"}


def test_a_rule_that_holds_once_for_a_convention_has_no_years(page: Client) -> None:
    rule = DeadlineRule.objects.filter(scope="convention").first()
    assert rule is not None
    assert "years" not in page.get(reverse(URL, args=[KEY, rule.key])).context["form"].fields
