"""Long work as job rows: enqueued once, leased, retried after longer and longer waits. A failure stops no other."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from cpo.lib import clock as now
from cpo.lib.enums import JobState
from cpo.lib.models import Job
from cpo.lib.work import jobs

pytestmark = pytest.mark.django_db
LEASE_END = dt.datetime(2026, 10, 15, 12, 0, tzinfo=dt.UTC)


@pytest.fixture
def done_keys(monkeypatch: Any) -> list[str]:
    """The keys of the finished jobs, in order. Jobs of the kind « broken » fail."""
    keys: list[str] = []

    def work(progress: jobs.Progress) -> dict[str, Any]:
        keys.append(progress.job.key)
        return {"length": len(progress.arguments.get("words", ""))}

    def broken(progress: jobs.Progress) -> dict[str, Any]:
        raise ValueError("panne")

    monkeypatch.setitem(jobs.HANDLERS, "work", work)
    monkeypatch.setitem(jobs.HANDLERS, "broken", broken)
    return keys


def job(kind: str = "work", key: str = "a", **fields: Any) -> Job:
    return Job.objects.create(kind=kind, key=key, created_at=now.now(), **fields)


# -- Asked once -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [JobState.WAITING, JobState.RUNNING])
def test_an_open_job_is_not_asked_for_again(state: str) -> None:
    first = jobs.enqueue("work", "a", words="un")
    Job.objects.update(state=state)
    assert jobs.enqueue("work", "a", words="deux") == first
    assert Job.objects.get().arguments == {"words": "un"}


@pytest.mark.parametrize("state", [JobState.DONE, JobState.FAILED])
def test_what_is_over_is_asked_for_anew(state: str) -> None:
    first = jobs.enqueue("work", "a")
    Job.objects.update(state=state)
    again = jobs.enqueue("work", "a")
    assert again != first and again.state == JobState.WAITING


def test_another_object_or_another_kind_is_another_job() -> None:
    assert len({jobs.enqueue("work", "a").pk, jobs.enqueue("work", "b").pk, jobs.enqueue("other", "a").pk}) == 3


def test_the_worker_is_woken_after_the_commit_and_not_before(
    done_keys: list[str], django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        waiting_job = jobs.enqueue("work", "a", words="cinq")
        assert done_keys == []
    assert done_keys == ["a"]
    waiting_job.refresh_from_db()
    assert (waiting_job.state, waiting_job.result, waiting_job.error) == (JobState.DONE, {"length": 4}, "")
    assert waiting_job.finished_at is not None


# -- The lease --------------------------------------------------------------------------------------------------------


def test_who_takes_a_job_has_two_minutes(clock: Any, monkeypatch: Any) -> None:
    clock.move_to(LEASE_END, tick=False)
    running_jobs = []
    monkeypatch.setitem(jobs.HANDLERS, "work", lambda progress: running_jobs.append(Job.objects.get()) or {})
    assert jobs.run(job().pk)
    (running_job,) = running_jobs
    assert (running_job.state, running_job.attempts) == (JobState.RUNNING, 1)
    assert running_job.lease_until == dt.datetime(2026, 10, 15, 12, 2, tzinfo=dt.UTC)


def test_a_job_is_left_to_its_worker_until_the_lease_is_over(clock: Any, done_keys: list[str]) -> None:
    running_job = job(state=JobState.RUNNING, attempts=1, lease_until=LEASE_END)
    clock.move_to(LEASE_END, tick=False)
    assert not jobs.run(running_job.pk) and jobs.take_up() == 0
    clock.move_to(LEASE_END + dt.timedelta(seconds=1), tick=False)
    assert jobs.take_up() == 1
    running_job.refresh_from_db()
    assert (running_job.state, running_job.attempts, done_keys) == (JobState.DONE, 2, ["a"])


def test_each_step_shows_progress_and_prolongs_the_lease(clock: Any, monkeypatch: Any) -> None:
    clock.move_to(LEASE_END, tick=False)
    steps = []

    def slow(progress: jobs.Progress) -> dict[str, Any]:
        clock.move_to(LEASE_END + dt.timedelta(minutes=1), tick=False)
        progress.step(1, 3)
        steps.append(Job.objects.get())
        progress.step(3, 3)
        steps.append(Job.objects.get())
        return {}

    monkeypatch.setitem(jobs.HANDLERS, "work", slow)
    assert jobs.run(job().pk)
    assert [one.percent for one in steps] == [33, 99]  # only a finished job has 100
    assert steps[0].lease_until == dt.datetime(2026, 10, 15, 12, 3, tzinfo=dt.UTC)
    assert Job.objects.get().percent == 100


def test_a_job_that_has_not_begun_to_count_is_at_zero() -> None:
    assert job().percent == 0


@pytest.mark.parametrize("state", [JobState.DONE, JobState.FAILED])
def test_what_is_over_is_not_done_again(state: str, done_keys: list[str]) -> None:
    over = job(state=state)
    assert not jobs.run(over.pk) and jobs.take_up() == 0
    assert done_keys == []


# -- What fails -------------------------------------------------------------------------------------------------------


def test_a_job_that_fails_stops_no_other_and_waits_with_its_reason(done_keys: list[str]) -> None:
    bad, unknown, good = job("broken", "a"), job("of no handler", "a"), job(key="b")
    assert jobs.take_up() == 1
    assert done_keys == ["b"]
    states = {one.pk: (one.state, one.error, one.finished_at is None) for one in Job.objects.all()}
    assert states[bad.pk] == (JobState.WAITING, "ValueError: panne", True)
    assert states[unknown.pk] == (JobState.WAITING, "KeyError: 'of no handler'", True)
    assert states[good.pk] == (JobState.DONE, "", False)


@pytest.mark.parametrize(("before", "state", "over"), [(7, JobState.WAITING, False), (8, JobState.FAILED, True)])
def test_a_job_is_given_up_at_its_ninth_failure(before: int, state: str, over: bool, done_keys: list[str]) -> None:
    bad = job("broken", attempts=before)
    assert not jobs.run(bad.pk)
    bad.refresh_from_db()
    assert (bad.state, bad.attempts, bad.finished_at is not None) == (state, before + 1, over)
    assert (bad.retry_at is None) == over
    assert bad.stopped and not bad.under_way


def test_a_job_that_fails_is_tried_again_after_longer_and_longer_waits_for_two_days(
    clock: Any, done_keys: list[str], monkeypatch: Any
) -> None:
    """A disk that is full for a night: the document comes in the morning, nobody asks for it again."""
    clock.move_to(LEASE_END, tick=False)
    bad, tried = job("broken"), []
    for minute in range(3 * 24 * 60):
        clock.move_to(LEASE_END + dt.timedelta(minutes=minute), tick=False)
        before = Job.objects.get().attempts
        jobs.take_up()
        if Job.objects.get().attempts != before:
            tried.append(minute)
        if Job.objects.get().state == JobState.FAILED:
            break
    assert tried == [0, 1, 6, 21, 81, 261, 621, 1341, 2781]
    bad.refresh_from_db()
    assert bad.state == JobState.FAILED


def test_a_job_that_waits_for_its_next_try_is_left_alone_until_then(clock: Any, done_keys: list[str]) -> None:
    clock.move_to(LEASE_END, tick=False)
    waiting = job(attempts=4, retry_at=LEASE_END + dt.timedelta(minutes=60))
    assert not jobs.run(waiting.pk) and jobs.take_up() == 0
    clock.move_to(LEASE_END + dt.timedelta(minutes=60), tick=False)
    assert jobs.take_up() == 1
    waiting.refresh_from_db()
    assert (waiting.state, waiting.retry_at) == (JobState.DONE, None)


def test_who_asks_again_does_not_wait_for_the_next_try(clock: Any, done_keys: list[str]) -> None:
    waiting = job(attempts=4, retry_at=now.now() + dt.timedelta(hours=3))
    assert jobs.enqueue("work", "a") == waiting
    assert jobs.run(waiting.pk) and done_keys == ["a"]


def test_what_failed_is_listed_once_until_it_is_asked_anew(done_keys: list[str]) -> None:
    given_up = job(state=JobState.FAILED, attempts=9)
    later = job(key="b", attempts=2, retry_at=now.now() + dt.timedelta(hours=1))
    job(key="c")
    job(key="d", state=JobState.RUNNING)
    assert list(jobs.stopped()) == [later, given_up]
    again, same = jobs.relaunch(given_up), jobs.relaunch(later)
    assert again.pk != given_up.pk and same.pk == later.pk
    later.refresh_from_db()
    assert (later.attempts, later.retry_at) == (0, None)
    assert not jobs.stopped().exists()


@pytest.mark.parametrize(("before", "state"), [(8, JobState.DONE), (9, JobState.FAILED)])
def test_a_job_whose_workers_died_nine_times_is_not_taken_up_again(
    before: int, state: str, clock: Any, done_keys: list[str]
) -> None:
    clock.move_to(LEASE_END + dt.timedelta(seconds=1), tick=False)
    dead = job(state=JobState.RUNNING, attempts=before, lease_until=LEASE_END)
    jobs.run(dead.pk)
    dead.refresh_from_db()
    assert dead.state == state
    assert dead.error == ("" if state == JobState.DONE else "Le travail a été interrompu trop souvent.")
    assert done_keys == (["a"] if state == JobState.DONE else [])


def test_a_success_forgets_the_failure_before_it(done_keys: list[str]) -> None:
    again = job(attempts=1, error="ValueError: panne")
    assert jobs.run(again.pk)
    again.refresh_from_db()
    assert (again.error, again.attempts) == ("", 2)


def test_jobs_are_taken_up_in_the_order_in_which_they_were_asked_fifty_at_a_time(done_keys: list[str]) -> None:
    Job.objects.bulk_create(Job(kind="work", key=f"{rank:02d}", created_at=now.now()) for rank in range(51))
    assert jobs.take_up() == 50
    assert done_keys == [f"{rank:02d}" for rank in range(50)]
    assert jobs.take_up() == 1


# -- One that can't be run stops no other -----------------------------------------------------------------------------


@pytest.mark.parametrize("result", [{"day": object()}, {"text": "\ud800"}])
def test_a_result_that_cannot_be_stored_is_a_failure_of_its_job_alone(
    done_keys: list[str], result: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(jobs.HANDLERS, "odd", lambda progress: result)
    odd, good = job("odd"), job("work", "b")
    assert jobs.take_up() == 1
    odd.refresh_from_db(), good.refresh_from_db()
    assert (odd.state, odd.attempts, good.state) == (JobState.WAITING, 1, JobState.DONE)
    assert odd.error


def test_an_error_whose_words_no_column_can_hold_is_kept_without_them(
    done_keys: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(progress: jobs.Progress) -> dict[str, Any]:
        raise ValueError("pan\0ne\ud800")

    monkeypatch.setattr(jobs.logger, "disabled", True)  # the report of a test cannot hold these words either
    monkeypatch.setitem(jobs.HANDLERS, "odd", fail)
    odd = job("odd")
    job("work", "b")
    assert jobs.take_up() == 1
    odd.refresh_from_db()
    assert odd.error == "ValueError: panne"


def test_a_job_that_cannot_even_be_taken_stops_no_other(done_keys: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    odd = job("work", "a")
    job("work", "b")
    claim = jobs._claim
    monkeypatch.setattr(jobs, "_claim", lambda pk: 1 / 0 if pk == odd.pk else claim(pk))
    assert jobs.take_up() == 1
