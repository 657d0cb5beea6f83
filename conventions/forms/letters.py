"""The forms of the letters: a text, one letter, many letters, the steps of a letter."""

from collections.abc import Sequence
from typing import Any

from django import forms

from conventions.enums import DeliveryMeans, LetterKind, LetterState
from conventions.models import Letter
from conventions.services import letters as services
from conventions.text.letters import LetterText, one_line
from cpo.lib.forms.base import DsfrForm, FilterForm, add_faults
from cpo.lib.forms.fields import FrenchDateField
from cpo.lib.forms.uploads import UploadForm

SUBJECT, BODY = 200, 20_000


class TextForm(DsfrForm):
    """Object and text in restricted Markdown; each error names its line."""

    subject = forms.CharField(
        label="Objet", max_length=SUBJECT, error_messages={"required": "Écrivez l’objet de la lettre."}
    )
    body = forms.CharField(
        label="Texte",
        max_length=BODY,
        widget=forms.Textarea(attrs={"rows": 18}),
        help_text="Paragraphes, listes (lignes qui commencent par « - »), **gras**, *italique*.",
        error_messages={"required": "Écrivez le texte de la lettre."},
    )

    def clean_subject(self) -> str:
        return one_line(self.cleaned_data["subject"])

    def clean_body(self) -> str:
        return str(self.cleaned_data["body"]).replace("\r\n", "\n").strip()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        add_faults(self, services.template_faults(data.get("subject", ""), data.get("body", "")))
        return data

    @property
    def text(self) -> LetterText:
        return LetterText(self.cleaned_data["subject"], self.cleaned_data["body"])


class TemplateForm(TextForm):
    """`number`: the version that the page showed, 0 before the service has one of its own."""

    number = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=32_000)


class LetterForm(TextForm):
    dated_on = FrenchDateField(label="Date de la lettre", error_messages={"required": "Donnez la date de la lettre."})
    field_order = ["dated_on", "subject", "body"]


class BatchForm(LetterForm):
    """One letter for each of the conventions that are ticked. `choices`: (pk, label)."""

    conventions = forms.TypedMultipleChoiceField(
        label="Conventions",
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choisissez une convention au moins."},
    )
    field_order = ["conventions", "dated_on", "subject", "body"]

    def __init__(self, *args: Any, choices: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["conventions"].choices = choices  # type: ignore[attr-defined]


class LetterFilter(FilterForm):
    etat = forms.ChoiceField(label="État", choices=[("", "Tous"), *LetterState.choices], required=False)
    nature = forms.ChoiceField(
        label="Nature",
        choices=[("", "Toutes"), *((one.value, one.label) for one in LetterKind.written_alone())],
        required=False,
    )
    lot = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)


class StepForm(UploadForm):
    """A step of a letter."""

    def __init__(self, *args: Any, letter: Letter, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.letter = letter

    name = ""

    def clean(self) -> dict[str, Any]:
        add_faults(self, services.step_faults(self.letter, self.name, self.cleaned_data))
        return super().clean()

    def values(self) -> dict[str, Any]:
        data = dict(self.cleaned_data)
        for name in self.uploads:
            upload = data[name]
            data[name] = (upload.file, upload.name, upload.size) if upload else None
        return data


class SignForm(StepForm):
    name = "sign"
    uploads = {"scan": True}
    signed_on = FrenchDateField(
        label="Signée le", no_future=True, error_messages={"required": "Donnez la date de la signature."}
    )
    signatory_name = forms.CharField(
        label="Signataire", max_length=120, error_messages={"required": "Donnez le nom de la personne qui a signé."}
    )
    capacity = forms.CharField(
        label="En qualité de", max_length=200, error_messages={"required": "Donnez la qualité de cette personne."}
    )
    scan = forms.FileField(
        label="Lettre signée",
        help_text="Le PDF de la lettre signée, numérisée ou signée avec un certificat",
        allow_empty_file=True,
        error_messages={"required": "Déposez la lettre signée."},
    )


class SendForm(StepForm):
    name = "send"
    uploads = {"proof": False}
    sent_on = FrenchDateField(
        label="Envoyée le", no_future=True, error_messages={"required": "Donnez la date de l’envoi."}
    )
    means = forms.ChoiceField(
        label="Moyen",
        choices=[(value, label[:1].upper() + label[1:]) for value, label in DeliveryMeans.choices],
        widget=forms.RadioSelect,
        error_messages={"required": "Dites par quel moyen la lettre est envoyée."},
    )
    sent_number = forms.CharField(
        label="Numéro d’envoi",
        help_text="Celui de la lettre recommandée, par exemple 1A 234 567 8901 2",
        required=False,
        max_length=60,
    )
    proof = forms.FileField(
        label="Preuve de l’envoi",
        help_text="Preuve de dépôt, récépissé ou courriel",
        required=False,
        allow_empty_file=True,
    )


class VoidForm(StepForm):
    name = "void"
    comment = forms.CharField(
        label="Motif",
        max_length=250,
        error_messages={"required": "Dites pourquoi la lettre est annulée."},
    )


STEPS: dict[str, type[StepForm]] = {"sign": SignForm, "send": SendForm, "void": VoidForm}
