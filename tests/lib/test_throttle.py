"""The address of the client, through as many proxies as this deployment trusts."""

import pytest
from django.test import RequestFactory

from cpo.lib.work.throttle import client_address


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "203.0.113.9", "10.0.0.1"),
        (1, "", "10.0.0.1"),
        (1, "198.51.100.1", "198.51.100.1"),
        (1, "203.0.113.9, 198.51.100.1", "198.51.100.1"),
        (2, "203.0.113.9, 198.51.100.1, 10.0.0.2", "198.51.100.1"),
        (2, "203.0.113.9", "10.0.0.1"),  # it did not pass through both
        (1, "198.51.100.1:51234", "198.51.100.1"),
        (1, "[2001:db8:0:1::5]:443", "2001:db8:0:1::"),
        (1, "2001:db8:0:1:a:b:c:d", "2001:db8:0:1::"),
        (1, "::ffff:198.51.100.1", "198.51.100.1"),
        (1, "unknown", "10.0.0.1"),
        (1, "203.0.113.9, ' OR 1", "10.0.0.1"),
        (1, "²²²", "10.0.0.1"),
    ],
)
def test_the_address_is_the_one_that_the_last_trusted_proxy_saw(
    rf: RequestFactory, settings: pytest.FixtureRequest, proxies: int, forwarded: str, address: str
) -> None:
    settings.PROXIES = proxies
    headers = {"HTTP_X_FORWARDED_FOR": forwarded} if forwarded else {}
    assert client_address(rf.get("/", REMOTE_ADDR="10.0.0.1", **headers)) == address


def test_a_unix_socket_has_no_address(rf: RequestFactory, settings: pytest.FixtureRequest) -> None:
    settings.PROXIES = 0
    assert client_address(rf.get("/", REMOTE_ADDR="")) == ""
