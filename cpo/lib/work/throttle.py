"""Who asks, seen through the proxies, and the rate limit of a public page by machine.

The rate limit is counted in the cache: per server process, unless the cache is shared.
"""

import ipaddress

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest

from cpo.lib import clock

MINUTE = 60
NETWORK = 64  # the bits of an IPv6 address that a client can't choose


def client_address(request: HttpRequest) -> str:
    """Return the address of the client as seen by the last trusted proxy, not as claimed by the request.

    Each trusted proxy adds what it sees at the end of X-Forwarded-For; what stands before is the client's word. An IPv6
    client owns a whole network and changes address at will: its network stands for it.
    """
    direct = str(request.META.get("REMOTE_ADDR", ""))
    claimed = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
    if settings.PROXIES and len(claimed) >= settings.PROXIES:
        return _normal(claimed[-settings.PROXIES]) or _normal(direct)
    return _normal(direct)


def _normal(text: str) -> str:
    """Return the address without port, an IPv6 one as its network; "" for anything else."""
    if text.startswith("["):  # [2001:db8::1]:443
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:  # 192.0.2.1:443
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return ""
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((int(address), NETWORK), strict=False).network_address)


def too_many(request: HttpRequest, what: str, *, most: int) -> bool:
    """Count this request; return whether the same machine made more than `most` of them in this minute."""
    minute = int(clock.now().timestamp()) // MINUTE
    key = f"throttle:{what}:{client_address(request)}:{minute}"
    cache.add(key, 0, 2 * MINUTE)
    return cache.incr(key) > most
