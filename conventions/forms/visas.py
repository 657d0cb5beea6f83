"""Forms of the visas given outside the application."""

from typing import Any

from django import forms

from conventions.models import Act
from conventions.services.visas import visa_day_fault
from cpo.lib.forms.base import DsfrForm, add_faults
from cpo.lib.forms.fields import FrenchDateField
from cpo.lib.forms.uploads import UploadForm


class OutsideVisaForm(UploadForm):
    """What the person read on the visa, and its scan; `version` is the one that the page showed."""

    uploads = {"upload": True}
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

    def __init__(self, *args: Any, act: Act, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.act = act

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        version = self.act.versions.defer("content").filter(number=data.get("version")).first()
        if version and data.get("given_on"):
            add_faults(self, visa_day_fault(self.act, version, data["given_on"]))
        return super().clean()


class WithdrawForm(DsfrForm):
    reason = forms.CharField(
        label="Motif du retrait",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "Dites pourquoi ce visa est retiré."},
    )
