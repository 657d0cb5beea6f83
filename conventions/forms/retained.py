"""The form that takes new values of reference data into account."""

from collections.abc import Iterable
from typing import Any

from django import forms

from conventions.content.retained import Change

from .drafting import RevisionForm


class RetainedForm(RevisionForm):
    """`rows`: what changed, as `pages.retained.rows` returns it."""

    changes = forms.MultipleChoiceField(
        label="Valeurs à prendre en compte",
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "Cochez au moins une valeur à prendre en compte.",
            "invalid_choice": "L’une de ces valeurs a encore changé : relisez la liste.",
        },
    )

    def __init__(self, *args: Any, changes: Iterable[Change], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["changes"].choices = [(change.key, change.key) for change in changes]
