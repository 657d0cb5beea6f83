"""The work that failed is told to the national administration, which starts it again."""

import datetime as dt

import pytest
from django.urls import reverse

from cpo.lib import clock
from cpo.lib.enums import JobState
from cpo.lib.models import Job
from reporting.todo.national import national_tasks
from tests.factories import scenarios
from tests.factories.arml import make_user

pytestmark = pytest.mark.django_db
PAGE = "reference-jobs"


@pytest.fixture
def admin():
    return make_user("national_admin")


def given_up(**fields):
    values = {"state": JobState.FAILED, "attempts": 9, "error": "OSError: No space left", "created_at": clock.now()}
    return Job.objects.create(kind="render_version", **values | fields)


def test_what_failed_is_a_task_of_the_national_administration_and_of_nobody_else(admin):
    assert not [task for task in national_tasks(admin) if task.url == reverse(PAGE)]
    given_up(key="a")
    (task,) = [task for task in national_tasks(admin) if task.url == reverse(PAGE)]
    assert task.title == "1 document n’a pas pu être produit"
    given_up(key="b", state=JobState.WAITING, retry_at=clock.now() + dt.timedelta(hours=3))
    (task,) = [task for task in national_tasks(admin) if task.url == reverse(PAGE)]
    assert task.title == "2 documents n’ont pas pu être produits"
    assert not [task for task in national_tasks(make_user("national_reader")) if task.url == reverse(PAGE)]


def test_the_list_says_what_why_and_when_it_is_tried_again(client, admin):
    scene = scenarios.proposed()
    Job.objects.all().delete()
    given_up(key="a", arguments={"version": scene.version.pk})
    given_up(key="b", state=JobState.WAITING, attempts=4, retry_at=clock.now() + dt.timedelta(hours=1))
    client.force_login(admin)
    page = client.get(reverse(PAGE)).content.decode().replace("\u00a0", " ")
    assert f"Production d’un document, {scene.number}" in page
    assert "OSError: No space left" in page and "abandonné" in page and "10 h 00" in page


def test_a_job_that_is_started_again_leaves_the_list(client, admin, django_capture_on_commit_callbacks):
    job = given_up(key="a")
    client.force_login(admin)
    assert client.post(reverse(PAGE), {"travail": str(job.pk)}).status_code == 302
    assert Job.objects.filter(key="a", state=JobState.WAITING).count() == 1
    assert "Aucun travail n’est en échec" in client.get(reverse(PAGE)).content.decode()


@pytest.mark.parametrize("number", ["", "x", "²", "9" * 19, "1" * 18 + "x", "0", "-1"])
def test_a_job_that_did_not_fail_is_not_started_again(client, admin, number):
    job = given_up(key="a", state=JobState.DONE)
    client.force_login(admin)
    for value in (number, str(job.pk)):
        assert client.post(reverse(PAGE), {"travail": value}).status_code == 404
    assert Job.objects.count() == 1
