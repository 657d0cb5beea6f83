"""Rate limit of a public page, by machine. Counted in the cache: per server process, unless the cache is shared."""

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest

from cpo.lib import clock

MINUTE = 60


def client_address(request: HttpRequest) -> str:
    """Return the address of the client as seen by the last trusted proxy, not as claimed by the request."""
    addresses = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
    if settings.PROXIES and len(addresses) >= settings.PROXIES:
        return addresses[-settings.PROXIES]
    return str(request.META.get("REMOTE_ADDR", ""))


def too_many(request: HttpRequest, what: str, *, most: int) -> bool:
    """Count this request; return whether the same machine made more than `most` of them in this minute."""
    minute = int(clock.now().timestamp()) // MINUTE
    key = f"throttle:{what}:{client_address(request)}:{minute}"
    cache.add(key, 0, 2 * MINUTE)
    return cache.incr(key) > most
