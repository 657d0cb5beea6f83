"""What a run took of the processor, told at its end: seconds of wall time depend on who else is at work.

Counted: the tests and the programs that they launched (Chromium, qpdf), and the PostgreSQL of the run. With `--cost`
each test is measured, and the end lists the files and tests that cost most: the table of docs/testing.md comes from it.
"""

import os
import resource
from collections import Counter
from collections.abc import Callable, Generator
from pathlib import Path

import pytest

from tests import cluster, shared

TICKS = os.sysconf("SC_CLK_TCK")
LISTED = 40  # files, and tests
COST = "processor"
BEFORE = pytest.StashKey[tuple[float, int, float]]()
MISSED: list[float] = []  # what programs of this process took that nobody waited for


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--cost", action="store_true", help="list what each file and test takes of the processor")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None]:
    if item.config.getoption("--cost"):
        item.stash[BEFORE] = _so_far()
    return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """The last report of a test carries its cost to the process that prints the list."""
    report = yield
    if call.when == "teardown" and BEFORE in item.stash:
        report.user_properties.append((COST, _since(item.stash[BEFORE])))
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if hasattr(config, "workerinput"):
        return
    if config.getoption("--cost"):
        _list(terminalreporter)
    tests = sum(_of(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    if shared.FOLDER is not None:
        tests += sum(float(path.read_text()) for path in shared.FOLDER.glob("missed-*"))
    line = f"{tests:.0f} s for the tests"
    if cluster.own is not None:
        server = _of_server(cluster.own.data / "postmaster.pid")
        line += f", {server:.0f} s for PostgreSQL: {tests + server:.0f} s"
    terminalreporter.write_line(f"Processor time: {line}")


def _list(reporter: pytest.TerminalReporter) -> None:
    reports = [
        report for reports in reporter.stats.values() for report in reports if hasattr(report, "user_properties")
    ]
    tests = {one.nodeid: dict(one.user_properties)[COST] for one in reports if COST in dict(one.user_properties)}
    files: Counter[str] = Counter()
    for test, cost in tests.items():
        files[test.partition("::")[0]] += cost
    for name, costs in (("files", files), ("tests", Counter(tests))):
        reporter.section(f"{len(costs)} {name}, {sum(costs.values()):.0f} s of the processor")
        for listed, cost in costs.most_common(LISTED):
            reporter.write_line(f"{cost:7.1f} s  {listed}")


def close(end: Callable[[], object]) -> None:
    """Call `end`, which stops programs. A browser does not wait for its own processes: note what they have taken."""
    before, running = _of(resource.RUSAGE_CHILDREN), _of_programs()
    end()
    missed = running - (_of(resource.RUSAGE_CHILDREN) - before)
    MISSED.append(missed)
    if shared.FOLDER is not None:
        (shared.FOLDER / f"missed-{os.getpid()}").write_text(str(sum(MISSED)))


def _so_far() -> tuple[float, int, float]:
    """Of this process and of its programs, ended or not; its session on the server, and what that session took."""
    from django.db import connection

    ended = _of(resource.RUSAGE_SELF) + _of(resource.RUSAGE_CHILDREN) + sum(MISSED)
    session = connection.connection
    pid = session.info.backend_pid if session is not None and not session.closed else 0
    return ended + _of_programs(), pid, _times(pid) if pid else 0.0


def _since(before: tuple[float, int, float]) -> float:
    """A test that commits closes its session: what the new one took is all that is known of the server."""
    programs, pid, session = _so_far()
    return programs - before[0] + session - (before[2] if pid == before[1] else 0.0)


def _of_programs() -> float:
    return sum(_times(pid) for pid in _programs(os.getpid()))


def _programs(parent: int) -> list[str]:
    programs: list[str] = []
    waiting = [str(parent)]
    while waiting:
        for task in Path(f"/proc/{waiting.pop()}/task").glob("*/children"):
            try:
                children = task.read_text().split()
            except OSError:  # it ended meanwhile
                continue
            programs += children
            waiting += children
    return programs


def _of(who: int) -> float:
    used = resource.getrusage(who)
    return used.ru_utime + used.ru_stime


def _of_server(pid_file: Path) -> float:
    """Of the server and of the sessions that ended; none is left but its own helpers."""
    try:
        server = int(pid_file.read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return 0.0
    return sum(_times(pid) for pid in [str(server), *_programs(server)])


def _times(pid: int | str) -> float:
    """Its own time and that of the children that it waited for; nothing where the system has no such folder."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return 0.0
    return sum(int(field) for field in fields[11:15]) / TICKS
