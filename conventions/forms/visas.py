"""Forms of the visas given outside the application."""

from django import forms

from cpo.lib.forms.base import DsfrForm
from cpo.lib.forms.fields import FrenchDateField


class OutsideVisaForm(DsfrForm):
    """What the person read on the visa, and its scan; `version` is the one that the page showed."""

    AUTHORITIES = ("Contrôle budgétaire régional", "SGAR")

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1)
    authority = forms.CharField(
        label="Autorité",
        help_text="Par exemple Contrôle budgétaire régional, ou SGAR",
        max_length=120,
        widget=forms.TextInput(attrs={"list": "autorites"}),
        error_messages={"required": "Indiquez quelle autorité a donné le visa."},
    )
    name = forms.CharField(
        label="Nom de la personne",
        max_length=120,
        error_messages={"required": "Indiquez qui a donné le visa."},
    )
    capacity = forms.CharField(
        label="En qualité de", max_length=200, error_messages={"required": "Indiquez en quelle qualité."}
    )
    given_on = FrenchDateField(
        label="Date du visa", no_future=True, error_messages={"required": "Indiquez la date portée sur le visa."}
    )
    comment = forms.CharField(
        label="Commentaire", required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )
    upload = forms.FileField(
        label="Visa numérisé",
        allow_empty_file=True,  # the service refuses an empty file with its own message
        widget=forms.FileInput(attrs={"accept": "application/pdf"}),
        error_messages={"required": "Choisissez le PDF du visa."},
    )


class WithdrawForm(DsfrForm):
    reason = forms.CharField(
        label="Motif du retrait",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "Dites pourquoi ce visa est retiré."},
    )
