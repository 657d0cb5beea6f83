"""What is computed once for a page, or once for a revision of the content."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.core.cache import cache

from .models import Act

T = TypeVar("T")
HOUR = 3600
_NONE = object()


def remember(act: Act) -> None:
    """Let this instance keep what it reads: for the time of a page."""
    act.__dict__.setdefault("_memory", {})


def once(act: Act, name: str, compute: Callable[[], T]) -> T:
    """Compute once for an instance that remembers, each time for another."""
    memory = act.__dict__.get("_memory")
    if memory is None:
        return compute()
    if name not in memory:
        memory[name] = compute()
    return memory[name]  # type: ignore[no-any-return]


def of_revision(act: Act, name: str, compute: Callable[[], T]) -> T:
    """The same, kept in the cache for the revision: only for what the content alone determines."""

    def cached() -> T:
        return of_key(f"act:{act.pk}:{act.programme.revision}:{act.state}:{name}", compute)

    return once(act, name, cached) if "_memory" in act.__dict__ else compute()


def of_key(key: str, compute: Callable[[], T]) -> T:
    found: Any = cache.get(key, _NONE)
    if found is _NONE:
        found = compute()
        cache.set(key, found, HOUR)
    return found  # type: ignore[no-any-return]
