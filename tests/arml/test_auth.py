"""Signing in: demo mode, throttling, the page after signing in, lost passwords."""

import re

import pytest
from django.urls import reverse

import arml.tasks  # noqa: F401 - the handlers of the worker
from arml.models import User
from cpo.lib.enums import JobState
from cpo.lib.models import CountedTry, Job
from tests.factories.arml import PASSWORD, UserFactory, make_user

pytestmark = pytest.mark.django_db
LOGIN = "/connexion/"


@pytest.fixture
def axes(settings):
    settings.AXES_ENABLED = True


@pytest.fixture
def demo_user():
    user = make_user("director", email="director.essai@demo.example", is_demo=True)
    return user


def sign_in(client, email, password, **extra):
    return client.post(LOGIN, {"username": email, "password": password, **extra})


@pytest.fixture
def ask(client, django_capture_on_commit_callbacks):
    """Ask for a link to choose a new password; the worker then works."""

    def ask(email, **extra):
        with django_capture_on_commit_callbacks(execute=True):
            return client.post("/mot-de-passe/oublie/", {"email": email}, **extra)

    return ask


def signed_in(client):
    return "_auth_user_id" in client.session


def test_the_right_password_opens_a_session_whatever_the_case_of_the_address(client):
    UserFactory(email="camille@exemple.example", password=PASSWORD)
    response = sign_in(client, " Camille@Exemple.example ", PASSWORD)
    assert response.status_code == 302
    assert signed_in(client)


def test_a_wrong_password_says_so_beside_the_field_and_keeps_the_address(client):
    UserFactory(email="camille@exemple.example", password=PASSWORD)
    page = sign_in(client, "camille@exemple.example", "faux").content.decode()
    assert "Adresse ou mot de passe incorrect" in page
    assert 'value="camille@exemple.example"' in page
    assert not signed_in(client)


def test_the_answer_does_not_tell_whether_an_account_exists(client):
    UserFactory(email="connue@exemple.example", password=PASSWORD)
    existing = sign_in(client, "connue@exemple.example", "faux")
    unknown = sign_in(client, "inconnue@exemple.example", "faux")
    token = 'name="csrfmiddlewaretoken" value="'

    def neutral(response, email):
        text = response.content.decode().replace(email, "")
        return [part.split('"', 1)[-1] for part in text.split(token)]

    assert neutral(existing, "connue@exemple.example") == neutral(unknown, "inconnue@exemple.example")


def test_an_inactive_account_stays_out(client):
    UserFactory(email="partie@exemple.example", password=PASSWORD, is_active=False)
    sign_in(client, "partie@exemple.example", PASSWORD)
    assert not signed_in(client)


def test_after_signing_in_one_goes_where_one_wanted_on_this_site_only(client):
    UserFactory(email="camille@exemple.example", password=PASSWORD)
    inside = sign_in(client, "camille@exemple.example", PASSWORD, next="/mon-compte/")
    assert inside.url == "/mon-compte/"
    for elsewhere in ("https://ailleurs.example/", "//ailleurs.example/", "javascript:alert(1)", "abc", "%0d%0aX:1"):
        client.logout()
        assert sign_in(client, "camille@exemple.example", PASSWORD, next=elsewhere).url == "/"


def test_a_closed_page_asks_to_sign_in_and_comes_back(client):
    response = client.get("/mon-compte/")
    assert response.status_code == 302
    assert response.url == "/connexion/?next=/mon-compte/"


@pytest.mark.parametrize("name", ["account", "preferences", "password-change", "organisation-list"])
def test_pages_are_closed_by_default(client, name):
    assert client.get(reverse(name)).url.startswith(LOGIN)


def test_logging_out_is_a_post_and_ends_the_session(client):
    client.force_login(UserFactory())
    assert client.get("/deconnexion/").status_code == 405
    assert signed_in(client)
    assert client.post("/deconnexion/").status_code == 302
    assert not signed_in(client)


# -- throttling ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("exists", [True, False])
def test_five_wrong_passwords_lock_the_address_whether_it_has_an_account_or_not(client, axes, exists):
    if exists:
        UserFactory(email="camille@exemple.example", password=PASSWORD)
    for attempt in range(5):
        case = "Camille@exemple.example" if attempt % 2 else "camille@exemple.example"
        response = sign_in(client, case, "faux")
    assert response.status_code == 429
    page = response.content.decode()
    assert "Trop de tentatives" in page
    assert "9 h 16" in page.replace("\u00a0", " ")  # the clock starts at 9 h in Paris
    assert response["Retry-After"] == "900"
    assert sign_in(client, "camille@exemple.example", PASSWORD).status_code == 429
    assert not signed_in(client)


def test_a_locked_account_opens_again_after_a_quarter_of_an_hour(client, axes, at):
    UserFactory(email="camille@exemple.example", password=PASSWORD)
    for _ in range(5):
        sign_in(client, "camille@exemple.example", "faux")
    at("2026-10-15 09:17")
    assert sign_in(client, "camille@exemple.example", PASSWORD).status_code == 302
    assert signed_in(client)


def test_trying_again_while_locked_prolongs_the_wait_as_the_page_says(client, axes, at):
    UserFactory(email="camille@exemple.example", password=PASSWORD)
    for _ in range(5):
        sign_in(client, "camille@exemple.example", "faux")
    at("2026-10-15 09:10")
    assert "9 h 26" in sign_in(client, "camille@exemple.example", "faux").content.decode().replace("\u00a0", " ")
    at("2026-10-15 09:17")
    assert sign_in(client, "camille@exemple.example", PASSWORD).status_code == 429


def test_another_account_from_the_same_address_is_not_locked(client, axes):
    UserFactory(email="autre@exemple.example", password=PASSWORD)
    for _ in range(5):
        sign_in(client, "camille@exemple.example", "faux")
    assert sign_in(client, "autre@exemple.example", PASSWORD).status_code == 302


# -- behind the proxy ----------------------------------------------------------------------------------------------


@pytest.fixture
def proxy(axes, settings):
    """The headers that the application gets through one trusted proxy: what the client claims, then what it is."""
    settings.PROXIES = 1

    def headers(address, claimed="203.0.113.9"):
        return {"HTTP_X_FORWARDED_FOR": f"{claimed}, {address}", "REMOTE_ADDR": "10.0.0.1"}

    return headers


def try_from(client, headers, email, *right):
    password = right[0] if right else "faux"
    return client.post(LOGIN, {"username": email, "password": password}, **headers)


def test_five_wrong_passwords_from_one_machine_do_not_lock_the_victim_elsewhere(client, proxy):
    UserFactory(email="camille@exemple.example", password=PASSWORD)
    for _ in range(5):
        answer = try_from(client, proxy("198.51.100.66"), "camille@exemple.example")
    assert answer.status_code == 429
    assert try_from(client, proxy("192.0.2.10"), "camille@exemple.example", PASSWORD).status_code == 302
    assert signed_in(client)


def test_a_client_cannot_forge_its_address(client, proxy):
    UserFactory(email="camille@exemple.example", password=PASSWORD)
    for number in range(5):
        try_from(client, proxy("198.51.100.66", claimed=f"192.0.2.{number}"), "camille@exemple.example")
    locked = try_from(client, proxy("198.51.100.66", claimed="192.0.2.99"), "camille@exemple.example", PASSWORD)
    assert locked.status_code == 429
    forged = try_from(client, proxy("192.0.2.10", claimed="198.51.100.66"), "camille@exemple.example", PASSWORD)
    assert forged.status_code == 302, "nor lock another's address by claiming it"


def test_an_ipv6_client_is_its_network(client, proxy):
    for number in range(5):
        try_from(client, proxy(f"2001:db8:0:1::{number + 1}"), "camille@exemple.example")
    assert try_from(client, proxy("2001:db8:0:1:ffff::1"), "camille@exemple.example").status_code == 429
    assert try_from(client, proxy("2001:db8:0:2::1"), "camille@exemple.example").status_code == 200


def test_twenty_accounts_tried_from_one_machine_make_it_wait_and_it_alone(client, proxy, at):
    UserFactory(email="camille@exemple.example", password=PASSWORD)
    answers = [
        try_from(client, proxy("198.51.100.66"), f"personne{number}@exemple.example").status_code
        for number in range(40)
    ]
    assert answers == [200] * 20 + [429] * 20
    closed = try_from(client, proxy("198.51.100.66"), "camille@exemple.example", PASSWORD)
    assert closed.status_code == 429 and int(closed["Retry-After"]) > 800
    page = closed.content.decode().replace("\u00a0", " ")
    assert "Trop de comptes différents ont été essayés depuis votre réseau. Réessayez à partir de 9 h 16" in page
    assert try_from(client, proxy("192.0.2.10"), "camille@exemple.example", PASSWORD).status_code == 302
    client.logout()
    at("2026-10-15 09:16")
    assert try_from(client, proxy("198.51.100.66"), "camille@exemple.example", PASSWORD).status_code == 302


def test_a_person_who_errs_does_not_close_the_machine_of_her_service(client, proxy, at):
    UserFactory(email="camille@exemple.example", password=PASSWORD)
    for number in range(30):
        at(f"2026-10-15 09:{number % 10:02}")
        try_from(client, proxy("198.51.100.66"), "autre@exemple.example")
    assert try_from(client, proxy("198.51.100.66"), "camille@exemple.example", PASSWORD).status_code == 302


# -- demo mode -----------------------------------------------------------------------------------------------------


def test_in_demo_mode_the_login_page_offers_every_demo_account_and_the_password(client, demo_user):
    page = client.get(LOGIN).content.decode()
    assert f'value="{demo_user.email}"' in page
    assert "demo-cpo-2025" in page


def test_in_demo_mode_the_demo_password_and_one_click_open_a_demo_account(client, demo_user):
    sign_in(client, demo_user.email, "demo-cpo-2025")
    assert signed_in(client)
    client.logout()
    assert client.post("/connexion/demonstration/", {"compte": demo_user.email}).status_code == 302
    assert signed_in(client)


def test_one_click_never_opens_an_account_that_is_not_a_demo_one(client):
    user = UserFactory()
    assert client.post("/connexion/demonstration/", {"compte": user.email}).status_code == 404
    sign_in(client, user.email, "demo-cpo-2025")
    assert not signed_in(client)


def test_one_click_is_never_a_get(client, demo_user):
    assert client.get("/connexion/demonstration/", {"compte": demo_user.email}).status_code == 405


def test_outside_demo_mode_demo_accounts_are_closed(client, demo_user, settings):
    client.force_login(demo_user, backend="arml.auth.DemoBackend")
    demo_user.set_password(PASSWORD)
    demo_user.save()
    client.force_login(demo_user, backend="arml.auth.DemoBackend")
    settings.DEMO = False
    assert client.get("/mon-compte/").status_code == 302, "a session opened before must not survive"
    client.logout()
    assert client.post("/connexion/demonstration/", {"compte": demo_user.email}).status_code == 404
    for password in ("demo-cpo-2025", PASSWORD):
        sign_in(client, demo_user.email, password)
        assert not signed_in(client)
    page = client.get(LOGIN).content.decode()
    assert demo_user.email not in page
    assert "demo-cpo-2025" not in page


def test_a_demo_account_keeps_its_password(client, demo_user, mails, ask):
    client.force_login(demo_user, backend="arml.auth.DemoBackend")
    assert client.get("/mon-compte/mot-de-passe/").status_code == 403
    ask(demo_user.email)
    assert mails(demo_user.email) == []


def test_the_login_page_makes_as_many_queries_for_one_demo_account_as_for_six(
    client, demo_user, django_assert_num_queries
):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as first:
        client.get(LOGIN)
    for number in range(5):
        make_user("director", email=f"director.essai{number}@demo.example", is_demo=True)
    with django_assert_num_queries(len(first)):
        client.get(LOGIN)


# -- lost password -------------------------------------------------------------------------------------------------


def test_a_lost_password_answers_the_same_whether_the_address_is_known_or_not(mails, ask):
    UserFactory(email="connue@exemple.example", password=PASSWORD)
    existing = ask("Connue@exemple.example", follow=True)
    unknown = ask("inconnue@exemple.example", follow=True)
    assert existing.redirect_chain == unknown.redirect_chain
    assert existing.content == unknown.content
    assert len(mails("connue@exemple.example")) == 1
    assert mails("inconnue@exemple.example") == []


def test_the_link_of_a_lost_password_changes_it_once(client, mails, path_in, ask):
    UserFactory(email="camille@exemple.example", password=PASSWORD)
    ask("camille@exemple.example")
    (mail,) = mails("camille@exemple.example")
    link = path_in(mail, "/mot-de-passe/nouveau/")
    assert mail.secrets == [link.split("/")[-2]], "the message forgets it once sent"
    page = client.get(link, follow=True)
    form = page.redirect_chain[-1][0]
    new = "une autre phrase bien longue"
    content = client.post(form, {"new_password1": "court", "new_password2": "court"}).content.decode()
    assert "12" in content
    differing = client.post(form, {"new_password1": new, "new_password2": new + "r"}).content.decode()
    assert "Les deux saisies diffèrent" in differing
    assert client.post(form, {"new_password1": new, "new_password2": new}).url == LOGIN
    assert User.objects.get(email="camille@exemple.example").check_password(new)
    assert "Ce lien ne marche plus" in client.get(link, follow=True).content.decode()


def test_the_link_of_a_lost_password_expires_after_an_hour(client, mails, path_in, at, ask):
    UserFactory(email="camille@exemple.example", password=PASSWORD)
    ask("camille@exemple.example")
    at("2026-10-15 10:05")
    link = path_in(mails("camille@exemple.example")[0], "/mot-de-passe/nouveau/")
    assert "Ce lien ne marche plus" in client.get(link, follow=True).content.decode()


def test_no_more_than_three_links_an_hour_leave_for_one_account(mails, ask):
    UserFactory(email="camille@exemple.example", password=PASSWORD)
    for _ in range(5):
        ask("camille@exemple.example")
    assert len(mails("camille@exemple.example")) == 3


def test_a_request_does_the_same_work_whether_the_account_exists_or_not(client, mails):
    """The answer leaves before anybody looks for the account: its time tells nothing."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    UserFactory(email="connue@exemple.example", password=PASSWORD)
    statements = []
    for email in ("connue@exemple.example", "inconnue@exemple.example"):
        with CaptureQueriesContext(connection) as queries:
            client.post("/mot-de-passe/oublie/", {"email": email})
        statements.append([re.sub(r"'[^']*'|\d+", "…", query["sql"]) for query in queries])
    assert statements[0] == statements[1]
    assert mails("connue@exemple.example") == [], "the worker writes it"
    assert Job.objects.filter(kind="password_reset").count() == 2


def test_the_address_that_was_typed_is_forgotten_once_looked_up(ask):
    ask("inconnue@exemple.example")
    job = Job.objects.get(kind="password_reset")
    assert (job.state, job.arguments, job.result) == (JobState.DONE, {}, {})
    assert "inconnue" not in job.key
    assert not [count for count in CountedTry.objects.values_list("who", flat=True) if "inconnue" in count]


def test_the_ceiling_of_an_address_is_the_same_whether_it_has_an_account_or_not(client, ask):
    UserFactory(email="connue@exemple.example", password=PASSWORD)
    for email in ("connue@exemple.example", "inconnue@exemple.example"):
        answers = [ask(email) for _ in range(5)]
        assert {(answer.status_code, answer.url) for answer in answers} == {(302, "/mot-de-passe/oublie/envoye/")}
    assert Job.objects.filter(kind="password_reset").count() == 6


def test_after_an_hour_a_link_leaves_again(mails, ask, at):
    UserFactory(email="camille@exemple.example", password=PASSWORD)
    for _ in range(4):
        ask("camille@exemple.example")
    at("2026-10-15 10:00:10")
    ask("camille@exemple.example")
    assert len(mails("camille@exemple.example")) == 4


def test_one_machine_asks_twenty_times_an_hour_and_is_told_until_when(ask, at):
    for number in range(20):
        assert ask(f"personne{number}@exemple.example").status_code == 302
    refused = ask("personne20@exemple.example")
    assert refused.status_code == 429
    page = refused.content.decode().replace("\u00a0", " ")
    assert "Trop de demandes sont parties de votre réseau. Réessayez à partir de 10 h 01" in page
    assert "personne20@exemple.example" in page
    assert ask("personne20@exemple.example", REMOTE_ADDR="198.51.100.7").status_code == 302
    at("2026-10-15 10:01")
    assert ask("personne21@exemple.example").status_code == 302


def test_changing_a_password_needs_the_present_one_and_keeps_this_session(client):
    user = UserFactory(password=PASSWORD)
    client.force_login(user, backend="arml.auth.EmailBackend")
    new = {"new_password1": "une autre phrase bien longue", "new_password2": "une autre phrase bien longue"}
    wrong = client.post("/mon-compte/mot-de-passe/", {"old_password": "faux", **new}).content.decode()
    assert "Ce n’est pas votre mot de passe actuel" in wrong
    assert client.post("/mon-compte/mot-de-passe/", {"old_password": PASSWORD, **new}).status_code == 302
    assert client.get("/mon-compte/").status_code == 200


def test_one_chooses_immediate_messages_or_a_weekly_digest(client):
    user = UserFactory()
    client.force_login(user)
    client.post("/mon-compte/messages/", {"rhythm": "weekly"})
    user.refresh_from_db()
    assert user.weekly_digest is True
    client.post("/mon-compte/messages/", {"rhythm": "immediate"})
    user.refresh_from_db()
    assert user.weekly_digest is False
