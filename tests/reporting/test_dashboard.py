"""Each figure of the dashboard equals the total of the list behind it."""

import pytest
from django.urls import reverse

from reporting.dashboard import board as figures
from tests.factories.arml import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def scope(db):
    reader = make_user("national_reader")
    cycle = figures.current_cycle(reader)
    return figures.Selection(reader, cycle, 2026)


def test_an_empty_cycle_shows_dashes_and_not_zeros(client, scope):
    client.force_login(scope.user)
    page = client.get(reverse("dashboard"))
    assert page.status_code == 200
    assert "Aucune convention à montrer" in page.content.decode()
    assert figures.money(scope)[0]["total"] is None


def test_an_unknown_year_or_territory_in_the_address_falls_back(client, scope):
    client.force_login(scope.user)
    assert client.get(reverse("dashboard"), {"annee": "1999", "territoire": "zz"}).status_code == 200
    assert client.get(reverse("dashboard-list"), {"mesure": "axes", "axe": "99999999999"}).status_code == 200


def test_an_empty_territory_leads_back_to_the_whole_country(client, scope):
    client.force_login(scope.user)
    page = client.get(reverse("dashboard"), {"territoire": "53"}).content.decode()
    assert "Aucune convention à montrer" in page and "Voir la France entière" in page
    assert "Voir la France entière" not in client.get(reverse("dashboard")).content.decode()
