"""Pages outside the applications."""

import errno
from collections.abc import Callable

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import InterfaceError, InternalError, OperationalError
from django.test import Client, RequestFactory
from psycopg import errors

from arml.models import User
from cpo import views
from tests.access.html import forms
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


# -- Away for a moment ------------------------------------------------------------------------------------------------


@pytest.fixture
def broken(client: Client, monkeypatch: pytest.MonkeyPatch) -> Callable[[Exception], Client]:
    """`broken(error)`: a signed-in person, whose messages can't be saved for this reason."""
    client.raise_request_exception = False

    def breaks(error: Exception) -> Client:
        def fail(*args: object, **kwargs: object) -> None:
            raise error

        client.force_login(make_user("officer"))
        monkeypatch.setattr("arml.services.set_preferences", fail)
        return client

    return breaks


def replica() -> Exception:
    error = InternalError("read-only")
    error.__cause__ = errors.ReadOnlySqlTransaction()
    return error


@pytest.mark.parametrize(
    "error",
    [
        OperationalError("server closed the connection"),
        InterfaceError("connection already closed"),
        OSError(errno.ENOSPC, "No space left on device"),
        OSError(errno.EROFS, "Read-only file system"),
        replica(),
    ],
    ids=["lost", "closed", "full", "read-only disk", "read-only replica"],
)
@pytest.mark.django_db
def test_a_moment_without_database_or_disk_asks_to_try_again_and_keeps_what_was_typed(
    broken: Callable[[Exception], Client], error: Exception
) -> None:
    typed = {"rhythm": "weekly", "motif": "Une phrase longue, qu’on ne veut pas retaper."}
    answer = broken(error).post("/mon-compte/messages/?retour=1", typed)
    assert (answer.status_code, answer["Retry-After"]) == (503, "30")
    page = answer.content.decode()
    assert "Réessayez dans un instant" in page and "Une phrase longue" in page
    (form,) = forms(page)
    assert (form.action, form.data()) == ("/mon-compte/messages/?retour=1", typed)


@pytest.mark.django_db
def test_what_was_kept_is_sent_again_from_the_page(
    broken: Callable[[Exception], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = broken(OperationalError("away"))
    page = client.post("/mon-compte/messages/", {"rhythm": "weekly"}).content.decode()
    monkeypatch.undo()
    (form,) = forms(page)
    assert client.post(form.action, form.data()).status_code == 302
    assert make_user("officer").pk and User.objects.get(pk=client.session["_auth_user_id"]).weekly_digest


@pytest.mark.django_db
def test_a_page_that_is_read_offers_to_try_again(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    client.raise_request_exception = False
    client.force_login(make_user("officer"))

    def away(*args: object, **kwargs: object) -> None:
        raise OperationalError("away")

    monkeypatch.setattr("arml.views.accounts.render", away)
    answer = client.get("/mon-compte/?x=1")
    assert answer.status_code == 503 and 'href="/mon-compte/?x=1"' in answer.content.decode()


@pytest.mark.django_db
def test_neither_a_password_nor_a_file_goes_through_the_page(rf: RequestFactory) -> None:
    def page(**data: object) -> str:
        try:
            raise OperationalError
        except OperationalError:
            return views.server_error(rf.post("/connexion/", data)).content.decode()

    assert "secret bien gardé" not in page(username="a", password="secret bien gardé")
    with_file = page(comment="Une précision utile.", upload=SimpleUploadedFile("a.pdf", b"x"))
    assert "Choisissez de nouveau le fichier" in with_file and "Une précision utile." in with_file
    assert not forms(with_file)


@pytest.mark.django_db
def test_any_other_failure_is_not_said_to_pass(broken: Callable[[Exception], Client]) -> None:
    for error in (ValueError("x"), OSError(errno.ENOENT, "x"), InternalError("x")):
        answer = broken(error).post("/mon-compte/messages/", {"rhythm": "weekly"})
        assert answer.status_code == 500
