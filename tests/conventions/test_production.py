"""Jobs produce the documents: once each, again after a worker was killed, with their progress shown."""

import datetime as dt
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from conventions.documents import production
from conventions.models import Document
from cpo.lib.enums import JobState
from cpo.lib.models import Job, StoredFile
from cpo.lib.work import jobs
from cpo.lib.work.waking import without_waking
from tests.factories import scenarios

ROOT = Path(__file__).resolve().parent.parent.parent


def job() -> Job:
    return Job.objects.filter(kind=production.KIND).latest("pk")


@pytest.mark.django_db
def test_proposing_asks_for_the_document_in_the_same_transaction() -> None:
    scene = scenarios.proposed()
    assert (job().state, job().key) == ("waiting", f"version:{scene.version.pk}:projet")
    assert not Document.objects.exists()


@pytest.mark.pdf
@pytest.mark.django_db
def test_the_document_is_produced_as_soon_as_the_transaction_commits(
    django_capture_on_commit_callbacks: Any,
) -> None:
    scene = scenarios.in_negotiation()
    with django_capture_on_commit_callbacks(execute=True):
        scene.do("propose", scene.director)
    document = Document.objects.latest("pk")
    assert (document.version, document.purpose) == (scene.version, "projet")
    assert document.pages >= 10
    assert "weasyprint" in document.renderer
    assert job().state == JobState.DONE
    assert job().percent == 100


@pytest.mark.django_db
def test_beat_takes_up_what_no_broker_announced() -> None:
    scenarios.proposed()
    assert jobs.take_up() == 2, "the text handed over, and version 1"
    assert Document.objects.count() == 2
    assert jobs.take_up() == 0


@pytest.mark.django_db
def test_a_job_done_twice_makes_one_document() -> None:
    scene = scenarios.proposed()
    first = production.produce(scene.version.pk, "projet")
    again = production.produce(scene.version.pk, "projet")
    assert first == again
    assert Document.objects.count() == 1


@pytest.mark.django_db
def test_a_document_to_sign_that_is_not_wanted_any_more_is_not_stored() -> None:
    scene = scenarios.in_signature(document=False)
    scene.do("reopen", scene.manager, "Une erreur.")
    assert production.produce(scene.version.pk, "a_signer") is None
    assert not Document.objects.filter(purpose="a_signer").exists()


@pytest.mark.django_db
def test_the_stored_bytes_prevail_when_the_signature_opens_again_on_the_same_version() -> None:
    scene = scenarios.in_signature()
    stored = scene.act.documents.get().file
    scene.do("reopen", scene.manager, "Une erreur.")
    scene.do("accept", scene.officer)
    scene.do("accept", scene.director)
    scene.do("open_signature", scene.manager)
    document = production.produce(scene.version.pk, "a_signer")
    assert document is not None
    assert document.file == stored
    assert document.voided_at is None


@pytest.mark.django_db
def test_a_failing_job_is_tried_again_and_then_given_up_with_its_reason(monkeypatch: Any, clock: Any) -> None:
    scenarios.proposed()

    def fail(*args: Any) -> bytes:
        raise RuntimeError("panne")

    monkeypatch.setattr(production, "render", fail)
    for _ in range(jobs.MAX_ATTEMPTS):
        assert job().state == JobState.WAITING
        jobs.take_up()
        clock.shift(jobs.DELAYS[-1])
    assert (job().state, job().error) == (JobState.FAILED, "RuntimeError: panne")


@pytest.mark.django_db
def test_a_job_whose_workers_always_die_is_given_up(clock: Any) -> None:
    scenarios.proposed()
    Job.objects.update(
        state=JobState.RUNNING, attempts=jobs.MAX_ATTEMPTS, lease_until=dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    )
    assert jobs.take_up() == 0
    assert job().state == JobState.FAILED


SLOW_WORKER = """
import os, sys, time
import django
django.setup()
from conventions.documents import production
from cpo.lib.work import jobs

def slow(version, purpose):
    print("rendering", flush=True)
    time.sleep(60)

production.render = slow
jobs.run(int(sys.argv[1]))
"""


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_in_mid_render_is_replaced_when_its_lease_ends(clock: Any) -> None:
    with without_waking():  # the job waits, because no worker is woken
        scene = scenarios.proposed()
    Job.objects.exclude(pk=job().pk).delete()  # that of the text handed over
    waiting_job = job()
    environment = os.environ | {"DATABASE_URL": address_of_the_test_database()}
    worker = subprocess.Popen(
        [sys.executable, "-c", SLOW_WORKER, str(waiting_job.pk)],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert worker.stdout is not None
        assert worker.stdout.readline().strip() == "rendering"
    finally:
        worker.send_signal(signal.SIGKILL)
        worker.wait()

    running_job = job()
    assert (running_job.state, running_job.attempts) == (JobState.RUNNING, 1)
    assert jobs.take_up() == 0  # the lease still runs, so no other worker takes the job
    clock.move_to(running_job.lease_until + dt.timedelta(seconds=1))
    assert jobs.take_up() == 1
    assert job().state == JobState.DONE
    assert Document.objects.get().version == scene.version
    assert StoredFile.objects.filter(documents__isnull=False).count() == 1


def address_of_the_test_database() -> str:
    """Return the address of the test database: DATABASE_URL names another database of the same cluster."""
    server, _, name = os.environ["DATABASE_URL"].rpartition("/")
    return f"{server}/{connection.settings_dict['NAME']}{name[len(name.partition('?')[0]) :]}"


# -- The pages -------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_address_of_the_document_says_that_there_is_none_yet(client: Client) -> None:
    scene = scenarios.complete_draft()
    client.force_login(scene.officer)
    answer = client.get(reverse("convention-document", kwargs={"number": scene.number}))
    assert answer.status_code == 404
    assert "Aucune n’a encore été proposée" in answer.content.decode()


@pytest.mark.django_db
def test_while_the_document_is_produced_its_address_shows_the_progress(client: Client) -> None:
    scene = scenarios.proposed()
    client.force_login(scene.director)
    answer = client.get(reverse("convention-document", kwargs={"number": scene.number}))
    assert answer.status_code == 202
    progress = reverse("render-progress", kwargs={"number": scene.number, "n": 1})
    assert progress in answer.content.decode()
    data = client.get(progress, headers={"accept": "application/json"}).json()
    assert data == {"title": "Le document attend d’être produit", "percent": 0, "done": False, "url": ""}

    production.produce(scene.version.pk, "projet")
    data = client.get(progress, headers={"accept": "application/json"}).json()
    assert data["done"]
    assert data["url"] == reverse("convention-documents", kwargs={"number": scene.number})


@pytest.mark.django_db
def test_the_address_of_the_document_gives_the_best_one_with_an_etag(client: Client) -> None:
    scene = scenarios.proposed()
    url = reverse("convention-document", kwargs={"number": scene.number})
    client.force_login(scene.director)
    production.produce(scene.version.pk, "projet")
    answer = client.get(url)
    assert answer.status_code == 200
    assert answer["Content-Disposition"] == f'inline; filename="{scene.number}-version-1-projet.pdf"'
    assert client.get(url, headers={"if-none-match": answer["ETag"]}).status_code == 304

    scene.do("accept", scene.officer)
    scene.do("give_visa", scene.manager)
    scene.do("open_signature", scene.manager)
    assert client.get(url).status_code == 202
    document = scene.store_document()
    answer = client.get(url)
    assert answer["ETag"] == f'"{document.file.sha256}"'
    assert answer["Content-Disposition"] == f'inline; filename="{scene.number}.pdf"'


@pytest.mark.django_db
def test_a_document_whose_production_failed_is_asked_for_again(client: Client) -> None:
    scene = scenarios.proposed()
    Job.objects.update(state=JobState.FAILED, error="RuntimeError: panne")
    client.force_login(scene.officer)
    url = reverse("render-progress", kwargs={"number": scene.number, "n": 1})
    page = client.get(url).content.decode()
    assert "n’a pas pu être produit" in page
    assert "panne" not in page
    client.post(url)
    assert Job.objects.filter(state=JobState.WAITING).count() == 1


@pytest.mark.django_db
def test_observers_read_the_signed_document_and_no_draft(client: Client) -> None:
    from tests.factories.arml import make_user

    scene = scenarios.proposed()
    reader = make_user("reader")
    reader.roles[0].organisation.national_scope = True
    reader.roles[0].organisation.save()
    url = reverse("convention-document", kwargs={"number": scene.number})
    client.force_login(reader)
    assert client.get(url).status_code == 404

    active = scenarios.active_convention()
    draft = production.produce(active.version.pk, "projet")
    assert draft is not None
    url = reverse("convention-document", kwargs={"number": active.number})
    assert client.get(url).status_code == 200
    file = reverse("document-file", kwargs={"number": active.number, "pk": draft.pk})
    assert client.get(file).status_code == 404
