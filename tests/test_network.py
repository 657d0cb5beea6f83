"""The tests cannot reach the network."""

import socket

import pytest

from tests.network import NetworkRefused, is_local


def test_a_connection_to_another_machine_is_refused() -> None:
    with socket.socket() as outside, pytest.raises(NetworkRefused):
        outside.connect(("192.0.2.1", 80))


def test_a_name_outside_is_not_looked_up() -> None:
    with pytest.raises(NetworkRefused):
        socket.create_connection(("www.outside.example", 80), timeout=1)


@pytest.mark.parametrize("address", [("127.0.0.1", 1), ("::1", 1, 0, 0), ("localhost", 1), "/var/tmp/socket"])  # noqa: S108
def test_loopback_and_unix_sockets_are_open(address: object) -> None:
    assert is_local(address)
