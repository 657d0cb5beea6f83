"""Fixtures of all tests: a closed network, a fixed start of the clock, own files, reference data."""

import asyncio
import gc
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine

from tests import databases, folded, now, reference
from tests.network import _network_is_closed  # noqa: F401
from tests.paper import _renderer  # noqa: F401

PARIS = ZoneInfo("Europe/Paris")
START = datetime(2026, 10, 15, 9, 0, tzinfo=PARIS)


def pytest_configure() -> None:
    folded.install()


def pytest_collection_finish() -> None:
    """Exclude the imported modules from garbage collection: they stay until the end of the run."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 50)


@pytest.fixture(scope="session", autouse=True)
def _asyncio_run_beside_a_browser() -> Iterator[None]:
    """Let `asyncio.run` use another thread if an event loop already runs in this one. Playwright leaves its loop
    running in the thread of the tests, and pyHanko calls `asyncio.run`. The application itself has no running loop."""
    run = asyncio.run

    def beside(coroutine: Any, **options: Any) -> Any:
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return run(coroutine, **options)
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(run, coroutine, **options).result()

    asyncio.run = beside
    yield
    asyncio.run = run


# Files whose tests share slow preparations. One process runs all tests of such a file.
TOGETHER = ("tests/reporting/test_demo.py",)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    from xdist.scheduler import LoadScopeScheduling

    class Together(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.split("::")[0]
            return file if file in TOGETHER else nodeid

    return Together(config, log)


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest, django_test_environment: None, django_db_blocker: Any
) -> Iterator[None]:
    """Replace the fixture of pytest-django, which would run the migrations in each process."""
    with django_db_blocker.unblock():
        databases.begin(getattr(request.config, "workerinput", {}).get("workerid", ""))
    reference.replace_flush()
    yield
    with django_db_blocker.unblock():
        databases.end()


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    """Start the time of every test at the same instant. It then runs, so that rows have the order of their creation."""
    with time_machine.travel(START, tick=True) as now.traveller:
        yield now.traveller


@pytest.fixture
def at(clock: time_machine.Traveller) -> Callable[[str], None]:
    """`at("2026-06-30 18:00")` moves the clock, in Paris time. A date without a time means nine in the morning."""

    def move(moment: str) -> None:
        when = datetime.fromisoformat(moment if len(moment) > 10 else f"{moment} 09:00")
        clock.move_to(when if when.tzinfo else when.replace(tzinfo=PARIS), tick=True)

    return move


@pytest.fixture(autouse=True)
def _own_files(settings: pytest.FixtureRequest, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"  # type: ignore[attr-defined]
