"""What every test has: a closed network, a clock that stands at one autumn morning, its own files, reference data."""

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
    """What was imported stays until the end: to look through it for garbage, again and again, is lost time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 50)


@pytest.fixture(scope="session", autouse=True)
def _asyncio_run_beside_a_browser() -> Iterator[None]:
    """Playwright leaves its loop running in the thread of the tests, and pyHanko's functions start theirs with
    `asyncio.run`, which refuses that: there, it runs in another thread. In the application no loop runs."""
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


# Files whose tests share what takes long to make: each is for one process.
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
    """In the place of pytest-django's, which would migrate once per process."""
    with django_db_blocker.unblock():
        databases.begin(getattr(request.config, "workerinput", {}).get("workerid", ""))
    reference.replace_flush()
    yield
    with django_db_blocker.unblock():
        databases.end()


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    """Time starts at the same instant in every test, and runs: two rows made one after the other have an order."""
    with time_machine.travel(START, tick=True) as now.traveller:
        yield now.traveller


@pytest.fixture
def at(clock: time_machine.Traveller) -> Callable[[str], None]:
    """`at("2026-06-30 18:00")` moves the clock, in Paris time; a date alone means nine in the morning."""

    def move(moment: str) -> None:
        when = datetime.fromisoformat(moment if len(moment) > 10 else f"{moment} 09:00")
        clock.move_to(when if when.tzinfo else when.replace(tzinfo=PARIS), tick=True)

    return move


@pytest.fixture(autouse=True)
def _own_files(settings: pytest.FixtureRequest, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"  # type: ignore[attr-defined]
