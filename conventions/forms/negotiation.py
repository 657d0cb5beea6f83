"""Forms of the negotiation: comments, comparison of two versions."""

from collections.abc import Sequence
from typing import Any

from django import forms

from cpo.lib.forms import DsfrForm

from ..services.threads import GENERAL, Place

SHARED, INTERNAL = "both", "own"


class ThreadForm(DsfrForm):
    """A new exchange: where, who reads it, what."""

    path = forms.ChoiceField(label="À propos de")
    audience = forms.ChoiceField(label="Qui peut lire cet échange", widget=forms.RadioSelect, initial=SHARED)
    text = forms.CharField(
        label="Message",
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "Écrivez votre message."},
    )

    def __init__(self, *args: Any, places: Sequence[Place], own_side: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["path"].choices = [(place.path, place.label) for place in places]
        self.fields["path"].initial = GENERAL
        self.fields["audience"].choices = [
            (SHARED, "Les deux parties"),
            (INTERNAL, f"{own_side} seulement, l’autre partie ne le verra pas"),
        ]


class ReplyForm(DsfrForm):
    text = forms.CharField(
        label="Votre réponse",
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "Écrivez votre réponse."},
    )


class CompareForm(DsfrForm):
    """Any two of what may be compared; values are the numbers of the address."""

    mark_optional = False
    de = forms.TypedChoiceField(label="De", coerce=int)
    a = forms.TypedChoiceField(label="À", coerce=int)

    def __init__(
        self, *args: Any, before: Sequence[tuple[int, str]], after: Sequence[tuple[int, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["de"].choices = before
        self.fields["a"].choices = after
