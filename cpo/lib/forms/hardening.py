"""What every field of every form refuses or drops, whoever declared it: a model, Django or one of our forms."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from cpo.lib.mail import addresses
from cpo.lib.wording import numbers
from cpo.lib.wording.characters import clean, reverses

REVERSING = (
    "Ce texte contenait des caractères invisibles qui inversent le sens de lecture ; ils en ont été retirés. "
    "Relisez-le, puis enregistrez."
)


class WholeNumberField(forms.IntegerField):
    """A whole number in ASCII digits: `int()` also reads « ٣ » and « 1_000 »."""

    def to_python(self, value: Any) -> int | None:
        if isinstance(value, str):
            text = value.strip()
            if text and numbers.whole_number(text.removeprefix("-")) is None:
                raise ValidationError(self.error_messages["invalid"], code="invalid")
            value = text
        return super().to_python(value)


def harden(field: forms.Field) -> None:
    """Make a field read numbers in our one way, and check an address as the delivery will use it."""
    if type(field) is forms.IntegerField:
        field.__class__ = WholeNumberField  # the widget, the limits and the messages of the declaration stay
    if isinstance(field, forms.EmailField) and addresses.check not in field.validators:
        field.validators = [*field.validators, addresses.check]


def without_controls(value: Any, field: forms.Field) -> Any:
    """Return a typed value without the characters that no text may hold; a password stays as typed."""
    if isinstance(field.widget, forms.PasswordInput):
        return value
    if isinstance(value, list):
        return [without_controls(one, field) for one in value]
    return clean(value) if isinstance(value, str) else value


def refused_texts(form: forms.BaseForm) -> list[str]:
    """The fields typed with bidirectional controls. They are removed, and the person reads again what is left."""
    known: set[str] = getattr(form.data, "reversing", set())  # the middleware removed them from the posted data
    return [
        name
        for name, field in form.fields.items()
        if not isinstance(field.widget, forms.PasswordInput)
        and (form.add_prefix(name) in known or reverses(str(form.data.get(form.add_prefix(name)) or "")))
    ]
