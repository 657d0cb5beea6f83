"""What every field of every form refuses or drops, whoever declared it: a model, Django or one of our forms."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from cpo.lib.mail import addresses
from cpo.lib.wording import numbers
from cpo.lib.wording.characters import clean


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
