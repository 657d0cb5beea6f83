"""Ratios of processor time. The floor and the candidate run in turn, so that a busy machine slows both.

The time is that of this process, of those that it ran and of its session on the server. A system that does not tell it
(only Linux does, to the nanosecond) gives the time of the clock.
"""

import gc
import resource
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from arml.models import User

ROUNDS = 3
WARM_UP = 3
Work = Callable[[], object]


@dataclass
class Ratio:
    """Candidate time over floor time: the median of the rounds, and both times in milliseconds."""

    value: float
    floor_ms: float
    candidate_ms: float
    rounds: list[float] = field(default_factory=list)


def compare(floor: Work, candidate: Work, *, times: int) -> Ratio:
    """Compare in three rounds of `times` pairs, with the median of each round, then the median of the rounds."""
    for _ in range(WARM_UP if times > 2 else 1):
        floor()
        candidate()
    rounds = []
    for _ in range(ROUNDS):
        gc.collect()
        pairs = [(duration(floor), duration(candidate)) for _ in range(times)]
        rounds.append((median(f for f, _ in pairs), median(c for _, c in pairs)))
    return Ratio(
        value=median(c / f for f, c in rounds),
        floor_ms=1000 * median(f for f, _ in rounds),
        candidate_ms=1000 * median(c for _, c in rounds),
        rounds=[c / f for f, c in rounds],
    )


def duration(work: Work) -> float:
    start = now()
    work()
    return now() - start


def now() -> float:
    """Seconds of the processor that this process, those it ran and its session on the server have taken."""
    connection.ensure_connection()
    session = Path(f"/proc/{connection.connection.info.backend_pid}/schedstat")
    try:
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        apart = children.ru_utime + children.ru_stime
        return time.process_time() + apart + int(session.read_text().split()[0]) / 1e9
    except OSError:
        return time.perf_counter()


class Visitor:
    """The browser of a signed-in person, in this process: every middleware runs, without a socket."""

    def __init__(self, user: User) -> None:
        self.client = Client()
        self.client.force_login(user)

    def get(self, url: str) -> bytes:
        answer = self.client.get(url)
        if answer.status_code != 200:
            raise RuntimeError(f"{url} : réponse {answer.status_code}")
        return answer.getvalue()

    def queries(self, url: str) -> list[str]:
        """The SQL of one visit, after a first visit that fills the caches; not the limits of its transaction."""
        self.get(url)
        with CaptureQueriesContext(connection) as captured:
            self.get(url)
        return [query["sql"] for query in captured.captured_queries if query["sql"] not in ("BEGIN", "COMMIT")]
