"""Each figure of the dashboard equals the total of the list behind it."""

import datetime as dt

import pytest
from django.urls import reverse

from cpo.lib import clock
from reporting.dashboard import board as figures
from reporting.models import Deadline, Report
from reporting.services.campaigns import open_report
from tests.factories.arml import make_user
from tests.factories.deadlines import in_force, person

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


def test_a_key_figure_says_of_what_it_is_a_part_and_of_which_year(client, scope):
    convention = in_force()
    open_report(convention, 2025)
    client.force_login(scope.user)
    page = client.get(reverse("dashboard"), {"annee": "2025"}).content.decode()
    assert "sur 1 dans le cycle" in page and "conventions en exécution" in page
    assert "sur 1 attendus" in page and "comptes rendus 2025 recevables" in page


def test_a_report_is_late_in_the_figure_as_in_the_list_from_the_midnight_of_its_service(client, scope, at):
    """Sent back, it is expected on the day of its answer: it was late in the figure, and not in the list."""
    convention = in_force(zone="Indian/Reunion")
    report = open_report(convention, 2025)
    Report.objects.filter(pk=report.pk).update(due_on=dt.date(2026, 12, 31))

    def late():
        client.force_login(scope.user)  # a session does not last two months
        figure = next(row for row in figures.report_counts(scope) if row["year"] == 2025)["late"]
        rows = client.get(reverse("dashboard-list"), {"mesure": "rapports", "annee": "2025", "etat": "late"})
        listed = client.get(reverse("report-list"), {"retard": "1"}).context["lines"]
        return figure, rows.context["page_obj"].paginator.count, len(listed)

    at("2026-12-31 19:59+00:00")
    assert late() == (0, 0, 0)
    at("2026-12-31 20:01+00:00")
    assert late() == (1, 1, 1)
    rule = convention.cycle.deadline_rules.filter(base_event="renvoi_rapport").first()
    Deadline.objects.update_or_create(
        convention=convention,
        rule=rule,
        year=2025,
        defaults={"due_on": dt.date(2027, 1, 15), "created_on": dt.date(2027, 1, 1)},
    )
    sent = {"submitted_at": clock.now(), "submitted_by": person(convention, "president"), "round": 1}
    Report.objects.filter(pk=report.pk).update(state="to_complete", **sent)
    assert late() == (0, 0, 0)
