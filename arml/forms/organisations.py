"""Forms about organisations: filters of the list, facts, delegations of signature."""

import re
from typing import Any

from django import forms
from stdnum import bic as bics
from stdnum.fr import siret as sirets

from arml.enums import OrganisationKind
from arml.models import BY_NAME, Delegation, Organisation, Territory
from arml.models.organisations import is_bank_account
from cpo.lib.forms.base import DsfrForm, DsfrModelForm, FilterForm, FrenchDateField, MoneyField

NAMES = ["name", "short_name", "article_name"]
COMMON = ["address", "city", "email", "siret"]
BANK = ["bank_holder", "iban", "bic"]


def read_siret(text: str) -> str:
    """Return the 14 digits of a typed SIRET, "" for none. Raises ValidationError: its shape, or its check digit."""
    value = re.sub(r"[\s.]", "", text)
    if value and not re.fullmatch(r"[0-9]{14}", value):
        raise forms.ValidationError(
            f"« {text} » n’est pas un SIRET : écrivez 14 chiffres, par exemple 732 829 320 00074."
        )
    if value and not sirets.is_valid(value):
        raise forms.ValidationError("La clé de ce SIRET est fausse : vérifiez chaque chiffre.")
    return value


class OrganisationFilterForm(FilterForm):
    q = forms.CharField(label="Nom ou ville", max_length=80, required=False)
    nature = forms.ChoiceField(label="Nature", required=False)
    territoire = forms.ModelChoiceField(
        Territory.objects.order_by(BY_NAME), label="Territoire", required=False, to_field_name="code"
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = [(value, label[:1].upper() + label[1:]) for value, label in OrganisationKind.choices]
        self.fields["nature"].choices = [("", "Toutes"), *kinds]
        self.fields["territoire"].empty_label = "Tous"


class MailFilterForm(FilterForm):
    q = forms.CharField(label="Destinataire ou objet", max_length=120, required=False)


class OrganisationForm(DsfrModelForm):
    """Facts that the heads of the organisation maintain; the DGEFP may also change its names.

    SIRET, IBAN and BIC are checked by their check digits.
    """

    revision = forms.IntegerField(widget=forms.HiddenInput)

    class Meta:
        model = Organisation
        fields = [
            *NAMES,
            *COMMON,
            "rna",
            "statutory_purpose",
            *BANK,
            "accounting_officer",
        ]
        widgets = {"statutory_purpose": forms.Textarea(attrs={"rows": 4})}
        help_texts = {
            "article_name": "Avec son article, comme dans une phrase : « l’Association régionale… »",
            "address": "Avec sa préposition : « au 12 rue du Port, 35000 Rennes »",
            "siret": "14 chiffres, espaces admises",
            "rna": "W suivi de 9 chiffres, sur le récépissé de la préfecture",
            "iban": "Espaces admises",
            "statutory_purpose": "Tel qu’il est écrit dans les statuts",
        }

    def __init__(self, *args: Any, national: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["revision"].initial = self.instance.revision
        for name in set(self.fields) - set(self.admitted_fields(national)):
            del self.fields[name]
        for name in {"siret", "iban", "bic", "rna"} & set(self.fields):
            self.fields[name].max_length = None
            self.fields[name].validators = []  # the clean methods below accept spaces and explain the error
            self.fields[name].widget.attrs.pop("maxlength", None)

    def admitted_fields(self, national: bool) -> list[str]:
        kind = self.instance.kind
        names = ["revision", *(NAMES if national else []), *COMMON]
        if kind == OrganisationKind.ARML:
            names += ["rna", "statutory_purpose", *BANK]
        if kind == OrganisationKind.STATE_SERVICE:
            names.append("accounting_officer")
        return names

    def clean_siret(self) -> str:
        return read_siret(self.cleaned_data["siret"])

    def clean_rna(self) -> str:
        value = re.sub(r"\s", "", self.cleaned_data["rna"]).upper()
        if value and not re.fullmatch(r"W[0-9]{9}", value):
            raise forms.ValidationError("Un numéro RNA commence par W, suivi de 9 chiffres, par exemple W351000001.")
        return value

    def clean_iban(self) -> str:
        value = re.sub(r"[\s.-]", "", self.cleaned_data["iban"]).upper()
        if value and not is_bank_account(value):
            raise forms.ValidationError(
                "Cet IBAN n’est pas valable. Recopiez-le du RIB : en France, FR, 2 chiffres, puis 23 caractères."
            )
        return value

    def clean_bic(self) -> str:
        value = re.sub(r"\s", "", self.cleaned_data["bic"]).upper()
        if value and not bics.is_valid(value):
            raise forms.ValidationError("Un BIC compte 8 ou 11 caractères, par exemple AGRIFRPP835.")
        return value

    def facts(self) -> dict[str, Any]:
        """Return the values that the service writes: all but the revision."""
        return {name: value for name, value in self.cleaned_data.items() if name != "revision"}


class DelegationForm(DsfrForm):
    holder_name = forms.CharField(label="Délégataire", max_length=120)
    holder_capacity = forms.CharField(label="Qualité", max_length=160, help_text="Par exemple « directrice régionale »")
    reference = forms.CharField(
        label="Référence de l’acte",
        max_length=160,
        help_text="Avec son article : « l’arrêté préfectoral n° R53-2025-01-02-00001 »",
    )
    dated = FrenchDateField(label="Date de l’acte", help_text="Format attendu : JJ/MM/AAAA")
    raa = forms.CharField(
        label="Publication au recueil des actes administratifs",
        max_length=120,
        required=False,
        help_text="Numéro et date",
    )
    ceiling = MoneyField(label="Plafond en euros", required=False, help_text="Laissez vide si l’acte n’en fixe pas.")
    valid_until = FrenchDateField(label="Fin de validité", required=False, help_text="Laissez vide s’il n’en a pas.")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("dated") and data.get("valid_until") and data["valid_until"] < data["dated"]:
            self.add_error("valid_until", "La fin de validité doit suivre la date de l’acte.")
        if data.get("ceiling") is not None and data["ceiling"] <= 0:
            self.add_error("ceiling", "Le plafond est un montant positif.")
        return data

    @staticmethod
    def initial_of(delegation: Delegation) -> dict[str, Any]:
        return {name: getattr(delegation, name) for name in DelegationForm.base_fields}
