"""A person changes her own name and address: the new mailbox confirms, the former one is told."""

import re
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from arml import services
from arml.models import User
from cpo.lib.models import JournalEntry, OutboxMessage
from cpo.lib.workflow import Refused
from tests.factories.arml import PASSWORD, UserFactory, make_user

pytestmark = pytest.mark.django_db
NEW = "nouvelle@exemple.example"


@pytest.fixture
def person() -> User:
    user = UserFactory(email="ancienne@exemple.example", password=PASSWORD, first_name="Camille", last_name="Avant")
    return make_user("director", user=user)


def link() -> str:
    body = OutboxMessage.objects.filter(template="adresse_confirmer").latest("id").body
    match = re.search(r"(/mon-compte/adresse/\S+)", body)
    assert match
    return match[1]


def ask(client: Client, user: User, email: str = NEW, password: str = PASSWORD) -> Any:
    client.force_login(user)
    return client.post(reverse("address-change"), {"email": email, "password": password})


def address_of(user: User) -> str:
    return User.objects.get(pk=user.pk).email


def test_the_link_of_the_new_mailbox_changes_the_address_and_the_former_one_is_told(client, person):
    assert ask(client, person, f" {NEW.title()} ").status_code == 302
    assert address_of(person) == "ancienne@exemple.example", "nothing changes before the link is followed"
    assert [m.to for m in OutboxMessage.objects.all()] == [NEW]
    assert NEW in client.get(link()).content.decode()
    assert address_of(person) == "ancienne@exemple.example", "a GET never writes"
    client.post(link())
    assert address_of(person) == NEW
    told = OutboxMessage.objects.get(template="adresse_changee")
    assert told.to == "ancienne@exemple.example" and NEW in told.body
    client.logout()
    assert client.post("/connexion/", {"username": NEW, "password": PASSWORD}).status_code == 302


def test_a_link_serves_once_even_when_the_person_comes_back_to_the_former_address(client, person):
    ask(client, person)
    first = link()
    client.post(first)
    assert client.post(first).status_code == 404
    ask(client, User.objects.get(pk=person.pk), "ancienne@exemple.example")
    client.post(link())
    assert address_of(person) == "ancienne@exemple.example"
    assert client.post(first).status_code == 404 and address_of(person) == "ancienne@exemple.example"


@pytest.mark.parametrize(("later", "status"), [("2026-10-15 09:59:30", 200), ("2026-10-15 10:01", 404)])
def test_a_link_is_valid_for_an_hour(client, person, at, later, status):
    at("2026-10-15 09:00")
    ask(client, person)
    address = link()
    at(later)
    client.force_login(person)
    assert client.get(address).status_code == status


def test_who_gets_the_link_by_mistake_can_do_nothing_with_it(client, person):
    ask(client, person)
    client.force_login(make_user("officer"))
    assert client.post(link()).status_code == 404
    client.logout()
    assert client.get(link()).status_code == 302, "to the page where one signs in"
    assert address_of(person) == "ancienne@exemple.example"


def test_a_new_password_ends_the_links_that_are_under_way(client, person):
    ask(client, person)
    person.set_password("une tout autre phrase")
    person.save()
    client.force_login(person)
    assert client.get(link()).status_code == 404


def test_the_password_is_asked_again(client, person):
    assert "mot de passe actuel" in ask(client, person, password="faux").content.decode()
    assert not OutboxMessage.objects.exists()


def test_the_answer_does_not_tell_that_an_address_is_that_of_somebody(client, person):
    other = UserFactory(email="occupee@exemple.example")
    client.force_login(person)
    texts = set()
    for email in (NEW, other.email):
        client.post(reverse("address-change"), {"email": email, "password": PASSWORD})
        texts.add(client.get(reverse("account")).content.decode().replace(email, "")[:20000].count("un lien vient"))
    assert texts == {1} and [m.to for m in OutboxMessage.objects.all()] == [NEW]


def test_an_address_that_was_taken_meanwhile_is_refused(client, person):
    ask(client, person)
    UserFactory(email=NEW)
    assert client.post(link()).status_code == 404 and address_of(person) != NEW


def test_a_mailbox_is_not_flooded(client, person):
    for number in range(5):
        ask(client, person, f"nouvelle{number}@exemple.example")
    assert OutboxMessage.objects.count() == 3


def test_a_demonstration_account_keeps_its_name_and_address(client, person):
    User.objects.filter(pk=person.pk).update(is_demo=True)
    client.force_login(person)
    for name in ("name-change", "address-change"):
        assert client.get(reverse(name)).status_code == 403
    with pytest.raises(PermissionDenied):
        services.change_name(user=User.objects.get(pk=person.pk), first_name="A", last_name="B")
    with pytest.raises((PermissionDenied, Refused)):
        services.confirm_address(user=person, text="")


def test_a_name_changes_for_what_comes_and_the_organisations_read_it(client, person):
    client.force_login(person)
    client.post(reverse("name-change"), {"first_name": " Camille ", "last_name": "D’Après  Longtemps"})
    assert str(User.objects.get(pk=person.pk)) == "Camille D’Après Longtemps"
    (entry,) = JournalEntry.objects.filter(verb="person_renamed")
    assert entry.sentence == "Camille Avant s’appelle désormais Camille D’Après Longtemps."
    assert entry.root == f"organisation:{person.memberships.get().organisation_id}"
    client.post(reverse("name-change"), {"first_name": "Camille", "last_name": "D’Après Longtemps"})
    assert JournalEntry.objects.filter(verb="person_renamed").count() == 1, "the same name is no event"
