"""A batch produces the texts in force of a cycle: one job each, which another worker takes up after a crash."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from arml.models import Organisation
from conventions.documents import production
from conventions.models import Act, Document
from conventions.services import batches
from cpo.lib import clock
from cpo.lib.models import Job
from cpo.lib.work import jobs
from tests.factories.arml import make_user
from tests.factories.conventions import PDF
from tests.factories.kept import kept
from tests.factories.scenarios import (
    Scene,
    active_convention,
    avenant_in_force,
    in_force,
    signed_by_all,
    with_later_act,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
@kept
def admin():
    return make_user("national_admin", Organisation.objects.filter(kind="national").earliest("pk"))


@pytest.fixture(autouse=True)
def stand_in(monkeypatch):
    """Rendering takes seconds; these tests only check which documents are made, and how many times."""
    monkeypatch.setattr(
        production, "render", lambda version, purpose: PDF + f"% {version.pk} {purpose}\n%%EOF".encode()
    )


def states(scene, user) -> list[str]:
    return [part.state for part in batches.parts(scene.convention.cycle, user)]


def test_one_job_for_each_last_text_signed_and_none_twice(admin) -> None:
    first, _ = active_convention(), signed_by_all()
    avenant = avenant_in_force()
    Job.objects.all().delete()
    cycle = first.convention.cycle
    assert batches.ask(cycle, by=admin) == 2 and batches.ask(cycle, by=admin) == 0
    assert {job.arguments["version"] for job in Job.objects.all()} == {first.version.pk, avenant.version.pk}
    jobs.take_up()
    assert states(first, admin) == ["done", "done"]
    assert Document.objects.filter(purpose="consolidee").count() == 2
    assert batches.ask(cycle, by=admin) == 0


def test_an_avenant_signed_for_later_is_not_in_the_batch_before_its_day(admin, at) -> None:
    avenant = with_later_act()
    scene = Scene(avenant.convention)
    avenant.edit()
    Act.objects.filter(pk=avenant.act.pk).update(effective_on=dt.date(2027, 1, 1))
    in_force(avenant)
    assert [part.act for part in batches.parts(scene.convention.cycle, admin)] == [scene.act]
    at("2027-01-01")
    assert [part.act for part in batches.parts(scene.convention.cycle, admin)] == [avenant.act]


def test_the_part_of_a_killed_worker_is_taken_up_when_its_lease_ends(admin) -> None:
    scenes = [active_convention() for _ in range(3)]
    Job.objects.all().delete()
    batches.ask(scenes[0].convention.cycle, by=admin)
    killed_job = Job.objects.order_by("pk").first()
    Job.objects.filter(pk=killed_job.pk).update(
        state="running", attempts=1, lease_until=clock.now() + dt.timedelta(minutes=1)
    )
    jobs.take_up()
    assert sorted(states(scenes[0], admin)) == ["done", "done", "running"]
    Job.objects.filter(pk=killed_job.pk).update(lease_until=clock.now() - dt.timedelta(seconds=1))
    jobs.take_up()
    assert states(scenes[0], admin) == ["done"] * 3


def test_the_page_follows_the_batch_at_a_constant_number_of_queries(client: Client, admin) -> None:
    scene = active_convention()
    page = reverse("texts-in-force", args=[scene.convention.cycle.key])
    client.force_login(admin)
    assert "Produire les textes manquants" in client.get(page).content.decode()
    client.post(page)
    answer = client.get(page, headers={"accept": "application/json"}).json()
    assert (answer["percent"], answer["done"]) == (0, False)
    jobs.take_up()
    answer = client.get(page, headers={"accept": "application/json"}).json()
    assert (answer["percent"], answer["done"], answer["title"]) == (100, True, "1 texte produit sur 1")
    with CaptureQueriesContext(connection) as one:
        client.get(page)
    active_convention(), active_convention()
    with CaptureQueriesContext(connection) as three:
        client.get(page)
    assert len(one) == len(three)


def test_only_the_national_administration_asks_and_only_it_reads(client: Client, admin) -> None:
    scene = active_convention()
    page = reverse("texts-in-force", args=[scene.convention.cycle.key])
    with pytest.raises(PermissionDenied):
        batches.ask(scene.convention.cycle, by=scene.officer)
    client.force_login(scene.officer)
    assert client.get(page).status_code == client.post(page).status_code == 403
    assert not Job.objects.filter(kind=production.KIND, key__endswith="consolidee").exists()
