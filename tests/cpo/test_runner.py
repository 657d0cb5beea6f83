"""The supervisor of `make run`: no process survives it, and it restarts a worker that dies."""

import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cpo.dev import runner, system

SLEEP = [sys.executable, "-S", "-c", "import time; time.sleep(60)"]
# A child that starts its own child and ignores SIGTERM.
STUBBORN = """
import os, pathlib, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
if (child := os.fork()):
    pathlib.Path(sys.argv[1]).write_text(str(child))
time.sleep(60)
"""


@pytest.fixture
def supervisor() -> Iterator[runner.Supervisor]:
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    supervisor = runner.Supervisor()
    yield supervisor
    supervisor.stop()
    for number, handler in handlers.items():
        signal.signal(number, handler)


def alive(pid: int) -> bool:
    """Tell whether the process runs. A zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def is_dead_soon(pid: int) -> bool:
    deadline = time.monotonic() + 10
    while alive(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not alive(pid)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_watch(supervisor: runner.Supervisor, number: int) -> None:
    supervisor.start("worker", SLEEP)
    os.kill(os.getpid(), number)
    with pytest.raises(runner.Stopped):
        supervisor.watch()
    pid = supervisor.children[0].process.pid
    supervisor.stop()
    assert not alive(pid)


def test_a_child_that_ignores_the_request_is_killed_with_its_own_children(
    supervisor: runner.Supervisor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "PATIENCE", 0.2)
    note = tmp_path / "pid"
    supervisor.start("stubborn", [sys.executable, "-S", "-c", STUBBORN, str(note)])
    while not note.exists() or not note.read_text():
        time.sleep(0.02)
    pid = supervisor.children[0].process.pid
    supervisor.stop()
    assert is_dead_soon(pid)
    assert is_dead_soon(int(note.read_text()))


def test_a_worker_that_dies_comes_back_until_it_dies_too_often(supervisor: runner.Supervisor) -> None:
    supervisor.start("worker", ["false"])
    with pytest.raises(runner.Stopped, match="worker s’est arrêté"):
        supervisor.watch()
    assert len(supervisor.children[0].launched) == runner.RESTARTS + 1


def test_the_death_of_the_web_server_ends_everything(supervisor: runner.Supervisor) -> None:
    supervisor.start("web", ["false"])
    with pytest.raises(runner.Stopped, match="web s’est arrêté"):
        supervisor.watch()


def test_a_command_that_fails_says_so(supervisor: runner.Supervisor) -> None:
    with pytest.raises(runner.Stopped, match="migrate : échec"):
        supervisor.run("migrate", ["false"])


def test_preparation_is_due_again_when_what_is_loaded_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "BASE_DIR", tmp_path)
    monkeypatch.setenv("DEMO", "1")
    (tmp_path / "fixtures/reference").mkdir(parents=True)
    data = tmp_path / "fixtures/reference/regions.json"
    data.write_text("[]")
    first = runner._fingerprint()
    (tmp_path / "fixtures/reference/__pycache__").mkdir()
    assert runner._fingerprint() == first
    data.write_text("[1]")
    assert runner._fingerprint() != first


def test_a_missing_package_gives_the_line_to_type(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(system.shutil, "which", lambda name: None)
    monkeypatch.delenv("CHROMIUM", raising=False)
    assert not system.ensure(for_tests=True)
    output = capsys.readouterr().out
    assert "sudo apt-get install --yes" in output
    assert "chromium-headless-shell poppler-utils qpdf openssl" in output
