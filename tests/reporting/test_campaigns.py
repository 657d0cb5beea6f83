"""Only the national administration opens a campaign, after a page that lists the reports. The command is a dry run."""

import datetime as dt

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from arml.models import Territory
from conventions.models import Act, Convention
from cpo.lib.models import Job, JournalEntry, OutboxMessage
from cpo.lib.work import jobs
from reporting import tasks  # noqa: F401  its handlers
from reporting.content.covered import covered
from reporting.models import Report
from reporting.services import campaigns
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
    assert client.post(address(cycle)).headers["Location"] == address(cycle)
    assert "L’ouverture va commencer" in client.get(address(cycle)).content.decode()
    assert jobs.take_up()
    response = client.get(address(cycle))
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


# -- Batches -----------------------------------------------------------------------------------------------------------


def queries_of_a_campaign(count):
    conventions = [make_active().convention for _ in range(count)]
    with CaptureQueriesContext(connection) as queries:
        assert open_campaign(conventions[0].cycle, 2025) == count
    return len(queries)


def test_a_batch_takes_as_many_queries_for_one_convention_as_for_five():
    queries_of_a_campaign(1)  # what is read once and kept
    assert queries_of_a_campaign(5) == queries_of_a_campaign(1)


def test_a_campaign_goes_batch_by_batch_and_says_how_far_it_is(monkeypatch):
    monkeypatch.setattr(campaigns, "BATCH", 2)
    cycle, *_ = (make_active().convention.cycle for _ in range(5))
    steps = []
    assert open_campaign(cycle, 2025, step=lambda done, total: steps.append((done, total))) == 5
    assert steps == [(2, 5), (4, 5), (5, 5)]


def test_each_batch_takes_the_same_queries_and_reads_its_conventions_when_its_turn_comes(monkeypatch):
    monkeypatch.setattr(campaigns, "BATCH", 2)
    first, *_, last = (make_active().convention for _ in range(7))
    counts = []

    def step(done, total):
        counts.append(len(connection.queries_log))
        connection.queries_log.clear()
        if done == 2:  # ended while the campaign runs
            Convention.objects.filter(pk=last.pk).update(state="closed", ended_on=dt.date(2025, 12, 31))
            connection.queries_log.clear()

    with CaptureQueriesContext(connection):
        assert open_campaign(first.cycle, 2025, step=step) == 6
    assert counts[1] == counts[2] > 0
    assert not last.reports.exists()


def test_a_convention_that_fails_fails_alone_in_its_batch(monkeypatch):
    first, second, third = (make_active().convention for _ in range(3))

    def broken(convention, year):
        if convention == second:
            raise ValueError("broken")
        return covered(convention, year)

    monkeypatch.setattr(campaigns, "covered", broken)
    assert open_campaign(first.cycle, 2025) == 2
    assert set(Report.objects.values_list("convention", flat=True)) == {first.pk, third.pk}


def test_each_association_is_told_once_and_each_report_has_its_event_and_its_form():
    first, second = (make_active(sheets=2).convention for _ in range(2))
    for convention in (first, second):
        for role in ("director", "accountant"):
            make_user(role, convention.dossier.beneficiary)
    open_campaign(first.cycle, 2025)
    open_campaign(first.cycle, 2025)
    for convention in (first, second):
        root = f"dossier:{convention.dossier_id}"
        messages = OutboxMessage.objects.filter(template="rapport_ouvert", root=root)
        assert messages.count() == len({message.to for message in messages}) >= 2
        assert all("2 comptes rendus d’action" in message.body for message in messages)
        report = convention.reports.get()
        assert JournalEntry.objects.filter(root=root, verb="report_opened", subject=f"report:{report.pk}").count() == 1
        assert Job.objects.filter(kind="print_report_form", arguments={"report": report.pk}).count() == 1
        assert (report.due_on, report.sheets.count()) == (dt.date(2026, 6, 30), 2)


def test_the_page_says_how_far_the_opening_is(client):
    cycle = make_active().convention.cycle
    page(client)
    job = campaigns.ask_campaign(cycle, 2025, by=make_user("national_admin"))
    Job.objects.filter(pk=job.pk).update(state="running", done_steps=300, total_steps=1500)
    shown = client.get(address(cycle)).content.decode()
    assert "300 sur 1500" in shown.replace("\u202f", "")
    assert "Ouvrir la campagne 2025</button>" not in shown
    told = client.get(address(cycle), headers={"accept": "application/json"}).json()
    assert (told["percent"], told["done"]) == (20, False)
    Job.objects.filter(pk=job.pk).update(state="failed")
    assert "L’ouverture s’est arrêtée" in client.get(address(cycle)).content.decode()
