"""Celery tasks of the library: outbox, jobs, drafts."""

from celery import shared_task

from cpo.lib.mail.emails import deliver

from .editing import drafts
from .forms import once
from .work import ceilings, jobs


@shared_task(name="lib.deliver_outbox")
def deliver_outbox() -> int:
    return deliver()


@shared_task(name="lib.run_job")
def run_job(job_id: int) -> bool:
    return jobs.run(job_id)


@shared_task(name="lib.take_up_jobs")
def take_up_jobs() -> int:
    return jobs.take_up()


@shared_task(name="lib.purge_counted")
def purge_counted() -> int:
    return ceilings.purge() + once.purge()


@shared_task(name="lib.purge_drafts")
def purge_drafts() -> int:
    return drafts.purge()
