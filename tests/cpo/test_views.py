"""Pages outside the applications."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.test import Client, RequestFactory

from cpo import views
from tests.factories.arml import make_user


@pytest.mark.parametrize(
    "path", ["/aide/", "/accessibilite/", "/mentions-legales/", "/donnees-personnelles/", "/composants/"]
)
@pytest.mark.django_db
def test_static_pages_are_open_to_everyone(client: Client, path: str):
    response = client.get(path)
    assert response.status_code == 200
    assert "<h1" in response.text


@pytest.mark.django_db
def test_no_page_carries_inline_code_or_style(client: Client):
    client.force_login(make_user("director"))
    for path in ("/aide/", "/composants/", "/composants/convention/", "/composants/travail/"):
        html = client.get(path).text
        assert " style=" not in html
        assert " onclick=" not in html
        assert "<style" not in html
        assert "<script>" not in html


@pytest.mark.django_db
def test_an_unknown_address_answers_404_in_words(client: Client):
    response = client.get("/nulle-part/")
    assert response.status_code == 404
    assert "Cette page n’existe pas ou ne vous est pas ouverte" in response.text


@pytest.mark.django_db
def test_a_refusal_says_why(rf: RequestFactory):
    request = rf.get("/")
    response = views.permission_denied(request, PermissionDenied("Seule la personne responsable du service le peut."))
    assert response.status_code == 403
    assert "Seule la personne responsable du service le peut." in response.content.decode()


def test_a_server_error_needs_no_database(rf: RequestFactory):
    response = views.server_error(rf.get("/"))
    assert response.status_code == 500
    assert "Erreur inattendue" in response.content.decode()
    assert views.bad_request(rf.get("/")).status_code == 400


@pytest.mark.django_db
def test_the_header_says_who_i_am_and_in_which_role(client: Client):
    user = make_user("director", membership__title="directrice")
    client.force_login(user)
    html = client.get("/aide/").text
    assert f"{user} – directrice, {user.roles[0].organisation}" in html
    assert "Référentiels" not in html


@pytest.mark.django_db
def test_health_answers(client: Client):
    assert client.get("/sante/").json() == {"statut": "ok"}


def test_health_says_when_the_database_is_away(rf: RequestFactory, monkeypatch: pytest.MonkeyPatch):
    class Away:
        def cursor(self) -> None:
            raise OperationalError("away")

    monkeypatch.setattr(views, "connection", Away())
    assert views.health(rf.get("/sante/")).status_code == 503


@pytest.mark.django_db
def test_without_the_state_the_header_has_no_marianne(client: Client, settings):
    settings.STATE_DEPLOYMENT = False
    html = client.get("/aide/").text
    assert "République" not in html
    assert "css/neutral.css" in html


@pytest.mark.django_db
def test_legal_pages_claim_nothing_that_the_operator_has_not_given(client: Client, settings):
    paths = ("/mentions-legales/", "/donnees-personnelles/")
    unknown = "à compléter par le service exploitant"
    before = [client.get(path).text for path in paths]
    assert [text.count(unknown) for text in before] == [4, 3]
    assert not any("dix ans" in text or "Licence Ouverte" in text for text in before)
    settings.LEGAL = dict.fromkeys(settings.LEGAL, "dit par l’exploitant")
    assert [client.get(path).text.count("dit par l’exploitant") for path in paths] == [4, 3]


@pytest.mark.django_db
def test_without_an_audit_the_service_says_that_it_was_not_audited(client: Client):
    text = client.get("/accessibilite/").text
    assert "Il n’a pas été audité" in text
    assert "partiellement conforme" not in text
