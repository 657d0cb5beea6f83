"""What every request meets first."""

import pytest

from tests.factories.arml import make_user

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("address", ["/recherche/?q=a%00b", "/conventions/%00/", "/recherche/?%00=1"])
def test_a_nul_character_is_a_bad_request_wherever_it_stands(client, address):
    client.force_login(make_user("officer"))
    assert client.get(address).status_code == 400


def test_a_nul_character_in_a_post_is_a_bad_request(client):
    client.force_login(make_user("officer"))
    assert client.post("/mon-compte/messages/", {"rhythm": "weekly\0"}).status_code == 400
    assert client.post("/connexion/", {"username": "a\0b", "password": "c"}).status_code == 400
