"""The middleware that handles every request first."""

import pytest

from tests.factories.arml import make_user
from tests.factories.scenarios import proposed

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("address", ["/recherche/?q=a%00b", "/conventions/%00/", "/recherche/?%00=1"])
def test_a_nul_character_is_a_bad_request_wherever_it_stands(client, address):
    client.force_login(make_user("officer"))
    assert client.get(address).status_code == 400


def test_a_nul_character_in_a_post_is_a_bad_request(client):
    client.force_login(make_user("officer"))
    assert client.post("/mon-compte/messages/", {"rhythm": "weekly\0"}).status_code == 400
    assert client.post("/connexion/", {"username": "a\0b", "password": "c"}).status_code == 400


def test_an_address_that_is_only_posted_answers_a_page_that_says_so(client):
    client.force_login(make_user("officer"))
    answer = client.get("/deconnexion/")
    assert answer.status_code == 405 and "POST" in answer["Allow"]
    assert "Il n’y a pas de page à cette adresse" in answer.content.decode()


def test_what_answers_a_session_is_kept_nowhere(client):
    assert "no-store" not in client.get("/aide/").get("Cache-Control", "")
    client.force_login(make_user("officer"))
    for address in ("/", "/aide/", "/nulle-part/", "/mon-compte/"):
        held = {part.strip() for part in client.get(address)["Cache-Control"].split(",")}
        assert {"private", "no-store"} <= held, address


def test_a_file_served_in_a_session_is_kept_nowhere(client):
    scene = proposed()
    client.force_login(scene.officer)
    answer = client.get(f"/conventions/{scene.convention.number}/programme/classeur.xlsx")
    assert answer.status_code == 200
    assert {"private", "no-store"} <= {part.strip() for part in answer["Cache-Control"].split(",")}
