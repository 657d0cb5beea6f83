"""Pages outside any dossier: public pages, signing in, the person's own account, the messages of the demonstration."""

from typing import Any

from django.contrib.auth.tokens import default_token_generator
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from arml.services.identity import token
from arml.services.invitations import token_hash
from cpo.lib.editing import drafts
from cpo.lib.models import OutboxMessage
from tests.factories.arml import PASSWORD, InvitationFactory, make_user

from .base import Block, Place, file, form_values

ANOTHER = "une autre phrase assez longue"
TOKEN = "jeton-de-la-promenade"


def reset_link(place: Place) -> dict[str, Any]:
    user = place.people["off"]
    return {"uidb64": urlsafe_base64_encode(force_bytes(user.pk)), "token": default_token_generator.make_token(user)}


def address_link(place: Place) -> dict[str, Any]:
    """The link that the officer received at her new address."""
    return {"token": place.once("address", lambda: token(place.people["off"], "nouvelle@exemple.example"))}


def invitation(place: Place) -> dict[str, Any]:
    place.once("invitation", lambda: InvitationFactory(token_sha256=token_hash(TOKEN)))
    return {"token": TOKEN}


def demo_account(place: Place) -> dict[str, Any]:
    user = place.once("demo", lambda: make_user("officer", is_demo=True))
    return {"compte": user.email}


def mail(place: Place) -> dict[str, Any]:
    return {"pk": OutboxMessage.objects.latest("pk").pk}


def draft(place: Place) -> dict[str, Any]:
    """A draft of the officer, which nobody else may open."""
    return {"saisie": drafts.token(drafts.DraftKey(place.people["off"].pk, "/une/page/", "travail")), "raw": "[]"}


def sign_in(place: Place) -> dict[str, Any]:
    return {"username": place.people["off"].email, "password": PASSWORD}


BLOCKS = {
    "health": Block(),
    "components": Block(takes=False),
    "components-convention": Block(takes=False),
    "components-work": Block(takes=False),
    "accessibility": Block(),
    "legal": Block(),
    "privacy": Block(),
    "help": Block(),
    "signing-tools": Block(),
    "verify": Block(post=lambda place: {"file": file()}),
    "login": Block(post=sign_in),
    "logout": Block(),
    "demo-login": Block(post=demo_account, empty=False),
    "form-draft": Block(post=draft, empty=False),
    "password-reset": Block(post=form_values(email="quelqu.un@exemple.example")),
    "password-reset-done": Block(),
    "password-reset-confirm": Block(kwargs=reset_link, takes=False),
    "invitation-accept": Block(kwargs=invitation, post=form_values(new_password1=ANOTHER, new_password2=ANOTHER)),
    "account": Block(),
    "password-change": Block(post=form_values(old_password=PASSWORD, new_password1=ANOTHER, new_password2=ANOTHER)),
    "name-change": Block(post=form_values(first_name="Alix", last_name="Autre")),
    "address-change": Block(post=form_values(email="une.autre@exemple.example", password=PASSWORD)),
    "address-confirm": Block(kwargs=address_link),
    "preferences": Block(post=form_values(rhythm="weekly")),
    "demo-mail-list": Block(),
    "demo-mail": Block(kwargs=mail),
}
