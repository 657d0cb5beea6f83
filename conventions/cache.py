"""What is computed once for a revision of the content, and kept for the next pages: docs/adr/0020."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.core.cache import cache

from .models import Act

T = TypeVar("T")
HOUR = 3600
_NONE = object()


def of_revision(act: Act, name: str, compute: Callable[[], T]) -> T:
    """Compute once for the revision, where a page shows the act; each time elsewhere, hence for every decision.

    Only for what the content alone determines: every write of content increments the revision.
    """
    if act.reads is None:
        return compute()
    return of_key(f"act:{act.pk}:{act.programme.revision}:{act.state}:{name}", compute)


def of_key(key: str, compute: Callable[[], T]) -> T:
    found: Any = cache.get(key, _NONE)
    if found is _NONE:
        found = compute()
        cache.set(key, found, HOUR)
    return found  # type: ignore[no-any-return]
