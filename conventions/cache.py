"""Cache of values that are computed once for a revision of the content: docs/adr/0020."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.core.cache import cache

from .models import Act

T = TypeVar("T")
HOUR = 3600
_NONE = object()


def of_revision(act: Act, name: str, compute: Callable[[], T]) -> T:
    """Compute once for the revision when a page shows the act. Elsewhere, so for each decision, compute each time.

    Use it only for a value that depends on the content alone: each write of content increments the revision.
    """
    if act.reads is None:
        return compute()
    return of_key(f"act:{act.pk}:{act.programme.revision}:{act.state}:{name}", compute)


def of_key(key: str, compute: Callable[[], T]) -> T:
    value: Any = cache.get(key, _NONE)
    if value is _NONE:
        value = compute()
        cache.set(key, value, HOUR)
    return value  # type: ignore[no-any-return]
