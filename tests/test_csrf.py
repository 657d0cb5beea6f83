"""Every address refuses a post without the CSRF token of the session, so that another site cannot act for a person."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from arml.models import User
from conventions.models import Acceptance
from tests.access.walk import writes
from tests.factories.arml import PASSWORD, make_user
from tests.factories.scenarios import Scene, proposed

pytestmark = pytest.mark.django_db
SAMPLES = {
    "int": "1",
    "whole": "1",
    "str": "x",
    "slug": "x",
    "path": "x",
    "uuid": "00000000-0000-0000-0000-000000000000",
}
WORDS = "Ce formulaire n’est plus valable"
# Public page that stores nothing and acts for nobody. The CSRF check would read the file before its size is checked.
EXEMPT = {"verify"}


def addresses() -> dict[str, tuple[str, Any]]:
    """A path and the view of every address, by its name."""

    def walk(patterns: list[Any], before: str) -> Iterator[tuple[str, str, Any]]:
        for pattern in patterns:
            route = before + str(pattern.pattern)
            if isinstance(pattern, URLResolver):
                yield from walk(pattern.url_patterns, route)
            elif isinstance(pattern, URLPattern):
                yield pattern.name, route, pattern.callback

    return {
        name: ("/" + re.sub(r"<(\w+):\w+>", lambda kind: SAMPLES[kind[1]], route), view)
        for name, route, view in walk(get_resolver().url_patterns, "")
    }


@pytest.fixture
def strict() -> Client:
    return Client(enforce_csrf_checks=True)


def test_a_post_without_token_is_refused_at_every_address_and_writes_nothing(strict: Client) -> None:
    strict.force_login(make_user("officer"))
    all_addresses, accepted_posts = addresses(), {}
    assert len(all_addresses) > 150
    for name, (path, _) in all_addresses.items():
        with writes() as statements:
            answer = strict.post(path, {"a": "1"})
        if answer.status_code != 403 or WORDS not in answer.content.decode() or statements:
            accepted_posts[name] = (answer.status_code, statements)
    assert set(accepted_posts) == EXEMPT, accepted_posts


def test_only_the_public_page_that_keeps_nothing_is_exempt() -> None:
    exempt = {name for name, (_, view) in addresses().items() if getattr(view, "csrf_exempt", False)}
    assert exempt == EXEMPT


def token_of(client: Client, page: str) -> str:
    match = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', client.get(page).content.decode())
    assert match, page
    return match[1]


def at(scene: Scene, page: str, **more: Any) -> str:
    return reverse(page, kwargs={"number": scene.number, **more})


def test_what_a_person_may_do_is_done_with_the_token_of_their_page_and_not_without(strict: Client) -> None:
    scene = proposed()
    strict.force_login(scene.officer)
    page = at(scene, "convention-transition", name="accept")
    values = at(scene, "convention-values")
    posts = {page: {"comment": ""}, values: {"date_deliberation": "02/06/2025"}}
    before = (Acceptance.objects.count(), scene.act.values, scene.act.programme.revision)
    token = token_of(strict, page)
    other = token_of(Client(enforce_csrf_checks=True), reverse("login"))
    for path, data in posts.items():
        for wrong in (
            {},
            {"csrfmiddlewaretoken": ""},
            {"csrfmiddlewaretoken": "x" * 64},
            {"csrfmiddlewaretoken": other},
        ):
            assert strict.post(path, data | wrong).status_code == 403, (path, wrong)
        elsewhere = strict.post(
            path, data | {"csrfmiddlewaretoken": token}, headers={"origin": "https://ailleurs.example"}
        )
        assert elsewhere.status_code == 403, path
    assert (Acceptance.objects.count(), scene.act.values, scene.act.programme.revision) == before
    assert strict.post(page, {"comment": "", "csrfmiddlewaretoken": token}).status_code == 302
    assert Acceptance.objects.count() == before[0] + 1


def test_nobody_is_signed_in_nor_out_nor_given_a_password_from_elsewhere(strict: Client) -> None:
    user = make_user("officer", password=PASSWORD)
    new = "un autre mot de passe, assez long aussi"
    sign_in = {"username": user.email, "password": PASSWORD}
    assert strict.post(reverse("login"), sign_in).status_code == 403
    assert "sessionid" not in strict.cookies
    token = token_of(strict, reverse("login"))
    assert strict.post(reverse("login"), sign_in | {"csrfmiddlewaretoken": token}).status_code == 302
    change = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    assert strict.post(reverse("password-change"), change).status_code == 403
    assert strict.post(reverse("password-reset"), {"email": user.email}).status_code == 403
    assert strict.post(reverse("logout")).status_code == 403
    assert User.objects.get(pk=user.pk).check_password(PASSWORD)
    assert strict.get(reverse("account")).status_code == 200, "still signed in"
