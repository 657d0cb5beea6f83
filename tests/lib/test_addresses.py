"""An address is accepted where it is typed if, and only if, a message can leave for it."""

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.core.mail.message import sanitize_address

from cpo.lib.forms.base import DsfrForm
from cpo.lib.mail import addresses

REFUSED = [
    "a@" + "é" * 60 + ".fr",  # 63 characters are too many for IDNA once they are encoded
    "a@" + "b" * 64 + ".fr",
    "a@" + ".".join(["b" * 63] * 4) + ".fr",  # each label is short enough, the whole is not
    "a" * 65 + "@exemple.example",
    "camille.\u017fimon@exemple.example",  # ſ, which a pattern without case takes for an s
    "é@exemple.example",
    "@exemple.example",
    "a@",
    "a",
    "a@exemple..fr",
]


@pytest.mark.parametrize("address", REFUSED)
def test_an_address_that_no_message_can_reach_is_refused(address: str) -> None:
    with pytest.raises(ValidationError) as error:
        addresses.check(address)
    assert error.value.messages[0].endswith(("Vérifiez-la.", "l’arobase.", "domaine.fr."))


@pytest.mark.parametrize(
    "address", ["a@exemple.example", "a.b+c@sous.exemple.example", "a@" + "é" * 20 + ".fr", "a" * 64 + "@b.fr", ""]
)
def test_an_address_that_the_delivery_takes_is_accepted(address: str) -> None:
    addresses.check(address)
    assert not address or sanitize_address(address, "utf-8").isascii()


def test_every_field_for_an_address_asks_what_the_delivery_will() -> None:
    class Invented(DsfrForm):
        email = forms.EmailField()

    form = Invented({"email": REFUSED[0]})
    assert form.errors["email"] == [addresses.UNSENDABLE]
    assert Invented({"email": "a@exemple.example"}).is_valid()
    assert addresses.check not in Invented.base_fields["email"].validators, "the class itself is left alone"
