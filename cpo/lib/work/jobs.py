"""Long work: a row with a lease. When a worker is killed, another one restarts its job after the lease ends."""

import datetime as dt
import logging
from collections.abc import Callable
from typing import Any

from django.db import models, transaction

from cpo.lib import clock
from cpo.lib.enums import JobState
from cpo.lib.models import Job
from cpo.lib.wording.characters import clean

from .waking import wake

LEASE = dt.timedelta(minutes=2)
# After each failure, the wait before the next try: a full disk, a key or a server away is mended within two days.
DELAYS = [dt.timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 360, 720, 1440)]
MAX_ATTEMPTS = len(DELAYS) + 1
logger = logging.getLogger(__name__)

Handler = Callable[["Progress"], dict[str, Any]]
HANDLERS: dict[str, Handler] = {}


class Progress:
    """The argument of a handler: the arguments of its job, and `step()`, which shows progress and extends the lease."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.arguments: dict[str, Any] = job.arguments

    def step(self, done: int, total: int) -> None:
        Job.objects.filter(pk=self.job.pk).update(done_steps=done, total_steps=total, lease_until=clock.now() + LEASE)


def handler(kind: str) -> Callable[[Handler], Handler]:
    """Register the function for a kind of job. It may run twice, so it must be idempotent."""

    def register(function: Handler) -> Handler:
        HANDLERS[kind] = function
        return function

    return register


def enqueue(kind: str, key: str, **arguments: Any) -> Job:
    """Create the job, or return the open one for the same object; wake a worker after the commit.

    One that waits for its next try after a failure is tried at once: somebody asked.
    """
    with transaction.atomic():
        job, _ = Job.objects.get_or_create(
            kind=kind,
            key=key,
            state__in=[JobState.WAITING, JobState.RUNNING],
            defaults={"state": JobState.WAITING, "arguments": arguments, "created_at": clock.now()},
        )
        Job.objects.filter(pk=job.pk, retry_at__isnull=False).update(retry_at=None)
        job.retry_at = None
        transaction.on_commit(wake("lib.run_job", job.pk))
    return job


def enqueue_all(kind: str, wanted: dict[str, dict[str, Any]]) -> None:
    """Do `enqueue` for many objects, in a constant number of queries; `wanted`: the arguments by key."""
    open_states = [JobState.WAITING, JobState.RUNNING]
    with transaction.atomic():
        known = Job.objects.filter(kind=kind, key__in=wanted, state__in=open_states)
        present = set(known.values_list("key", flat=True))
        Job.objects.bulk_create(
            [
                Job(kind=kind, key=key, state=JobState.WAITING, arguments=arguments, created_at=clock.now())
                for key, arguments in wanted.items()
                if key not in present
            ],
            ignore_conflicts=True,
        )
        known.filter(retry_at__isnull=False).update(retry_at=None)
        for pk in known.values_list("pk", flat=True):
            transaction.on_commit(wake("lib.run_job", pk))


def relaunch(job: Job) -> Job:
    """Try a failed job again at once, with as many tries as a new one."""
    Job.objects.filter(pk=job.pk, state=JobState.WAITING).update(attempts=0)
    return enqueue(job.kind, job.key, **job.arguments)


def stopped() -> models.QuerySet[Job]:
    """Return the jobs that failed, given up or to be tried again, unless the same was asked anew since."""
    failed = models.Q(state=JobState.FAILED) | models.Q(state=JobState.WAITING, retry_at__isnull=False)
    newer = Job.objects.filter(kind=models.OuterRef("kind"), key=models.OuterRef("key"), pk__gt=models.OuterRef("pk"))
    return Job.objects.filter(failed).exclude(models.Exists(newer)).order_by("-id")


def _claim(job_id: int) -> Job | None:
    with transaction.atomic():
        job = Job.objects.select_for_update(skip_locked=True).filter(pk=job_id).filter(_due()).first()
        if job and job.attempts >= MAX_ATTEMPTS:  # each worker died: no endless loop
            job.state, job.finished_at = JobState.FAILED, clock.now()
            job.error = job.error or "Le travail a été interrompu trop souvent."
            job.save(update_fields=["state", "finished_at", "error"])
            return None
        if job:
            job.state, job.lease_until = JobState.RUNNING, clock.now() + LEASE
            job.attempts, job.retry_at = job.attempts + 1, None
            job.save(update_fields=["state", "lease_until", "attempts", "retry_at"])
        return job


def _due() -> models.Q:
    """What waits for nothing but a worker, or whose worker died."""
    now = clock.now()
    waits = models.Q(state=JobState.WAITING) & (models.Q(retry_at=None) | models.Q(retry_at__lte=now))
    return waits | models.Q(state=JobState.RUNNING, lease_until__lt=now)


def run(job_id: int) -> bool:
    """Run a job that waits or whose lease has ended; return whether this call completed it."""
    job = _claim(job_id)
    if job is None:
        return False
    try:
        result = HANDLERS[job.kind](Progress(job)) or {}
        with transaction.atomic():  # a result that can't be stored is a failure like another
            Job.objects.filter(pk=job.pk).update(state=JobState.DONE, result=result, error="", finished_at=clock.now())
    except Exception as error:
        logger.exception("job %s failed", job)
        final = job.attempts >= MAX_ATTEMPTS
        Job.objects.filter(pk=job.pk).update(
            state=JobState.FAILED if final else JobState.WAITING,
            error=clean(f"{type(error).__name__}: {error}"),
            finished_at=clock.now() if final else None,
            retry_at=None if final else clock.now() + DELAYS[job.attempts - 1],
        )
        return False
    return True


def take_up() -> int:
    """Run every job that waits or whose worker died; return the number completed. Called by beat."""
    count = 0
    for pk in list(Job.objects.filter(_due()).order_by("id").values_list("pk", flat=True)[:50]):
        try:
            count += run(pk)
        except Exception:  # its lease ends and it comes again; the jobs behind it must not wait for it
            logger.exception("job %s was left", pk)
    return count
