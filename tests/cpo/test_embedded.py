"""The embedded PostgreSQL: processes share it, and the last one stops it, even if it is killed."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from cpo.dev import embedded

ROOT = Path(__file__).resolve().parent.parent.parent

USE = """
import sys, time
sys.path.insert(0, {folder!r})
import embedded
from pathlib import Path
cluster = embedded.Cluster(Path({home!r}), Path({binaries!r})).join()
print("joined", flush=True)
{then}
"""


@pytest.fixture
def cluster() -> Iterator[embedded.Cluster]:
    state = embedded.state_folder(ROOT)
    home = Path(tempfile.mkdtemp(prefix="e-", dir=state))
    home.chmod(0o711)
    cluster = embedded.Cluster(home, embedded._binaries(state))
    yield cluster
    cluster.join().leave()
    for _ in range(50):  # a keeper that stops may still write its last line
        shutil.rmtree(home, ignore_errors=True)
        if not home.exists():
            break
        time.sleep(0.1)
    assert not home.exists()


@pytest.fixture
def use(cluster: embedded.Cluster) -> Iterator[Callable[[str], subprocess.Popen[str]]]:
    """Start another process that joins the cluster, then runs some code."""
    processes: list[subprocess.Popen[str]] = []

    def start(then: str) -> subprocess.Popen[str]:
        script = USE.format(
            folder=str(ROOT / "cpo" / "dev"), home=str(cluster.home), binaries=str(cluster.binaries), then=then
        )
        process = subprocess.Popen([sys.executable, "-S", "-c", script], stdout=subprocess.PIPE, text=True)
        processes.append(process)
        return process

    yield start
    for process in processes:
        process.kill()
        process.communicate()


def wait_until_stopped(cluster: embedded.Cluster, seconds: float = 15) -> bool:
    deadline = time.monotonic() + seconds
    while cluster.accepting() and time.monotonic() < deadline:
        time.sleep(0.05)
    return not cluster.accepting()


def answers(cluster: embedded.Cluster) -> bool:
    with psycopg.connect(host=str(cluster.run), dbname=embedded.DATABASE, user=embedded.ROLE) as connection:
        return connection.execute("SELECT 1").fetchone() == (1,)


def joined(process: subprocess.Popen[str]) -> bool:
    assert process.stdout
    return process.stdout.readline() == "joined\n"


def test_five_starts_at_once_share_one_server_and_the_last_one_out_stops_it(cluster, use) -> None:
    people = [use(f"time.sleep({0.2 * rank})") for rank in range(5)]
    assert all(joined(person) for person in people)
    assert [person.wait() for person in people] == [0] * 5
    assert not cluster.accepting()


def test_who_leaves_first_does_not_stop_the_others(cluster, use) -> None:
    cluster.join()
    assert use("").wait() == 0
    assert answers(cluster)
    cluster.leave()
    assert not cluster.accepting()


def test_a_killed_process_leaves_no_server_behind(cluster, use) -> None:
    person = use("time.sleep(60)")
    assert joined(person)
    person.kill()
    assert wait_until_stopped(cluster)


def test_a_forked_child_keeps_the_server_after_its_parent(cluster, use) -> None:
    parent = use("import os\nif os.fork() == 0:\n    time.sleep(1.5)\n    os._exit(0)")
    assert joined(parent)
    assert parent.wait() == 0
    assert answers(cluster)
    assert wait_until_stopped(cluster)


def test_a_server_killed_outright_starts_again(cluster, use) -> None:
    person = use("time.sleep(60)")
    assert joined(person)
    os.kill(int((cluster.data / "postmaster.pid").read_text().split("\n", 1)[0]), signal.SIGKILL)
    assert wait_until_stopped(cluster)
    cluster.join()
    assert answers(cluster)


def test_a_stale_process_number_taken_by_another_process_does_not_bar_the_start(cluster) -> None:
    cluster.join().leave()
    for path in (cluster.data / "postmaster.pid", cluster.run / ".s.PGSQL.5432.lock"):
        path.write_text(f"{os.getpid()}\n{cluster.data}\n0\n5432\n{cluster.run}\n\n")
        if embedded.SERVER_USER:
            shutil.chown(path, embedded.SERVER_USER)
    cluster.join()
    assert answers(cluster)


def test_data_stay_from_one_start_to_the_next(cluster) -> None:
    address = {"host": str(cluster.run), "dbname": embedded.DATABASE, "user": embedded.ROLE}
    cluster.join()
    with psycopg.connect(**address) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS id")
    cluster.leave()
    cluster.join()
    with psycopg.connect(**address) as connection:
        assert connection.execute("SELECT id FROM kept").fetchall() == [(7,)]


def test_a_throw_away_cluster_vanishes_with_its_user() -> None:
    cluster = embedded.throw_away(ROOT)
    assert answers(cluster)
    cluster.leave()
    assert not cluster.home.exists()


def test_two_checkouts_never_share_a_folder(tmp_path: Path) -> None:
    folders = [embedded.state_folder(tmp_path / name) for name in ("one", "two")]
    assert folders[0] != folders[1]
    for folder in folders:
        folder.rmdir()


def test_a_socket_path_that_unix_would_cut_is_refused(tmp_path: Path) -> None:
    with pytest.raises(embedded.EmbeddedError, match="trop long"):
        embedded.Cluster(tmp_path / ("x" * 100), tmp_path)


def test_the_broker_address_is_known_without_starting_anything(tmp_path: Path) -> None:
    url = embedded.broker_url(tmp_path)
    folder = embedded.state_folder(tmp_path)
    assert url == f"redis+socket://{folder}/valkey.sock"
    assert list(folder.iterdir()) == []
    folder.rmdir()
