"""Refuse all connections of the tests, except to loopback addresses and unix sockets."""

import ipaddress
import socket
from typing import Any

import pytest


class NetworkRefused(RuntimeError):
    """A test tried to reach another machine."""


def is_local(address: Any) -> bool:
    if not isinstance(address, tuple):
        return True  # the path of a unix socket
    host = str(address[0])
    if host in ("", "localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback or ipaddress.ip_address(host).is_unspecified
    except ValueError:
        return False


@pytest.fixture(autouse=True, scope="session")
def _network_is_closed() -> Any:
    patch = pytest.MonkeyPatch()
    for name in ("connect", "connect_ex"):
        original = getattr(socket.socket, name)

        def guarded(self: socket.socket, address: Any, original: Any = original) -> Any:
            if not is_local(address):
                raise NetworkRefused(f"A test tried to reach {address!r}.")
            return original(self, address)

        patch.setattr(socket.socket, name, guarded)
    original_lookup = socket.getaddrinfo

    def guarded_lookup(host: Any, *args: Any, **kwargs: Any) -> Any:
        if not is_local((host.decode() if isinstance(host, bytes) else host or "",)):
            raise NetworkRefused(f"A test tried to look up {host!r}.")
        return original_lookup(host, *args, **kwargs)

    patch.setattr(socket, "getaddrinfo", guarded_lookup)
    yield
    patch.undo()
