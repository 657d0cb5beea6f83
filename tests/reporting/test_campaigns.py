"""Only the national administration opens a campaign, after a page that lists the reports. The command is a dry run."""

import datetime as dt

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from arml.models import Territory
from conventions.models import Act, Convention
from reporting.models import Report
from reporting.services.campaigns import open_campaign, open_report
from tests.factories.arml import make_user
from tests.factories.reporting import make_active
from tests.factories.scenarios import Scene, in_force, with_later_act

pytestmark = pytest.mark.django_db


def page(client, role="national_admin"):
    client.force_login(make_user(role))
    return client.get(reverse("campaign-list"))


def address(cycle, year=2025):
    return reverse("campaign-open", kwargs={"cycle": cycle.key, "year": year})


def test_the_pages_say_how_many_reports_would_open_then_opens_them(client):
    cycle = make_active().convention.cycle
    make_active()
    line = page(client).context["cycles"][0]["years"][0]
    assert (line["year"], len(line["pending"]), line["opened"]) == (2025, 2, 0)
    assert "2 conventions en exécution" in client.get(address(cycle)).content.decode()
    assert not Report.objects.exists()
    response = client.post(address(cycle), follow=True)
    assert "2 comptes rendus ouverts" in response.content.decode()
    assert Report.objects.count() == 2


@pytest.mark.parametrize("role", ["national_reader", "manager", "officer", "president", "director", "reader"])
def test_nobody_else_sees_nor_opens_campaigns(client, role):
    cycle = make_active().convention.cycle
    assert page(client, role).status_code == 403
    assert client.get(address(cycle)).status_code == 403
    assert client.post(address(cycle)).status_code == 403
    assert not Report.objects.exists()


def test_a_year_that_is_not_over_is_refused_with_the_reason(client):
    cycle = make_active().convention.cycle
    page(client)
    assert "n’est pas terminée" in client.get(address(cycle, 2026)).content.decode()
    response = client.post(address(cycle, 2026))
    assert response.status_code == 409
    assert "La campagne n’a pas été ouverte" in response.content.decode()
    assert client.get(address(cycle, 2031)).status_code == 404


def test_the_command_says_what_would_open_and_opens_only_when_told(capsys):
    make_active()
    call_command("open_campaign", "2025")
    assert "1 compte(s) rendu(s) à ouvrir (simulation" in capsys.readouterr().out
    assert not Report.objects.exists()
    call_command("open_campaign", "2025", "--open")
    assert "1 compte(s) rendu(s) ouvert(s)." in capsys.readouterr().out
    with pytest.raises(CommandError):
        call_command("open_campaign", "2024")
    with pytest.raises(CommandError):
        call_command("open_campaign", "2027", "--open")


def test_the_report_of_a_past_year_keeps_the_targets_that_were_in_force():
    avenant = with_later_act()
    first = Scene(avenant.convention)
    avenant.edit()
    Act.objects.filter(pk=avenant.act.pk).update(effective_on=dt.date(2026, 9, 1))
    in_force(avenant)
    convention = Convention.objects.get(pk=first.convention.pk)
    for year, act in ((2025, first.act), (2026, avenant.act)):
        open_report(convention, year)
        report = convention.reports.get(year=year)
        assert report.act == act
        sheets = set(report.sheets.values_list("sheet__programme", flat=True))
        assert sheets == {act.programme_id}, "its fiches are the frozen rows of that act"


def test_a_report_opens_when_the_year_is_over_where_the_service_is(at):
    act = make_active()
    Territory.objects.filter(service=act.dossier.lead).update(time_zone="America/Cayenne")
    at("2027-01-01 02:59+00:00")  # 4 h in Paris, 23 h 59 in Cayenne
    assert open_campaign(act.convention.cycle, 2026) == 0
    at("2027-01-01 03:01+00:00")
    assert open_campaign(act.convention.cycle, 2026) == 1
