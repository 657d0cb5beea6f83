"""How long a process waits for PostgreSQL: nobody waits without end for a server that is away."""

from typing import Any


def time_limits(statement: int) -> dict[str, Any]:
    """Return the options of a connection. `statement`: seconds that a statement may take; 0 for no limit.

    A statement that passes the limit is cancelled by the server; the page then asks to try again.
    """
    limits = {"connect_timeout": 5, "keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3}
    # What the network lost: without it, a statement that was sent would wait a quarter of an hour for its answer.
    limits["tcp_user_timeout"] = 30_000  # milliseconds
    if not statement:
        return limits  # no startup option either: a pooler such as PgBouncer refuses those that it does not know
    return limits | {"options": f"-c statement_timeout={statement}s"}
