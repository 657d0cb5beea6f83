"""Form of the shared diagnosis of a year."""

from django import forms

from cpo.lib.forms.base import DsfrForm

from .base import LongText


class DiagnosisForm(DsfrForm):
    mark_optional = False
    revision = forms.IntegerField(widget=forms.HiddenInput)
    text = LongText(
        label="Diagnostic partagé",
        rows=14,
        help_text="Jeunes, emploi, territoires : ce que les deux parties constatent ensemble, avec ses sources",
    )
