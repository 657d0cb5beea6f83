"""The form that decides when the report of a year opens for one convention."""

from django import forms

from cpo.lib.forms.base import DsfrForm
from reporting.enums import Opening

from .base import LongText


class OpeningForm(DsfrForm):
    mark_optional = False
    choice = forms.ChoiceField(
        label="Le compte rendu s’ouvre",
        choices=Opening,
        widget=forms.RadioSelect,
        error_messages={"required": "Dites si le compte rendu s’ouvre, et quand."},
    )
    reason = LongText(
        label="Motif",
        rows=3,
        max_length=500,
        help_text="Demandé pour une exception. L’association, le service et l’administration centrale le lisent.",
    )
