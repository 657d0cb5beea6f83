"""Forms of the public verification page: a file, or the reference and the hash printed on each page."""

from django import forms
from django.core.exceptions import ValidationError

from conventions.documents.recognition import clean_hash
from cpo.lib.forms.base import DsfrForm

CHOOSE = "Choisissez le fichier à vérifier."


class FileForm(DsfrForm):
    file = forms.FileField(
        label="Fichier à vérifier",
        error_messages={
            "required": CHOOSE,
            "invalid": CHOOSE,
            "empty": "Ce fichier est vide : il ne contient rien à vérifier. Choisissez le fichier complet.",
        },
    )


class TypedForm(DsfrForm):
    reference = forms.CharField(
        label="Référence",
        help_text="Imprimée au pied de chaque page, par exemple CPO-2025-BRE-001",
        max_length=40,
        error_messages={"required": "Recopiez la référence imprimée au pied des pages."},
    )
    empreinte = forms.CharField(
        label="Empreinte",
        help_text="Les 12 caractères imprimés au pied de chaque page, ou l’empreinte entière (64 caractères)",
        max_length=100,
        error_messages={"required": "Recopiez l’empreinte imprimée au pied des pages."},
    )

    def clean_empreinte(self) -> str:
        try:
            return clean_hash(self.cleaned_data["empreinte"])
        except ValueError as error:
            raise ValidationError(
                "Une empreinte compte de 12 à 64 caractères, chiffres ou lettres de a à f. Recopiez-la entière."
            ) from error
