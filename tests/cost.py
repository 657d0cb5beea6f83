"""What a run took of the processor, told at its end: seconds of wall time depend on who else is at work.

Counted: the tests and the programs that they launched (Chromium, qpdf), and the PostgreSQL of the run.
"""

import os
import resource
from pathlib import Path

import pytest

from tests import cluster

TICKS = os.sysconf("SC_CLK_TCK")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if hasattr(config, "workerinput"):
        return
    tests = sum(_of(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    told = f"{tests:.0f} s for the tests"
    if cluster.own is not None:
        server = _of_server(cluster.own.data / "postmaster.pid")
        told += f", {server:.0f} s for PostgreSQL: {tests + server:.0f} s"
    terminalreporter.write_line(f"Processor time: {told}")


def _of(who: int) -> float:
    used = resource.getrusage(who)
    return used.ru_utime + used.ru_stime


def _of_server(pid_file: Path) -> float:
    """Of the server and of the sessions that ended; none is left but its own helpers."""
    try:
        server = int(pid_file.read_text().split("\n", 1)[0])
        children = Path(f"/proc/{server}/task/{server}/children").read_text().split()
        return sum(_times(pid) for pid in [server, *children])
    except (OSError, ValueError):  # no such folder where the system is not Linux
        return 0.0


def _times(pid: int | str) -> float:
    """Its own time and that of the children that it waited for."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return sum(int(field) for field in fields[11:15]) / TICKS
