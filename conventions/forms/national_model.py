"""Forms of the reference pages about the national model."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from conventions.enums import ArticleStatus
from conventions.models import ModelArticle, ModelVariant, ModelVersion
from conventions.text.model_content import text_of
from conventions.text.model_format import ModelFormatError, ModelText, parse
from conventions.text.wording import faults
from cpo.lib.forms.base import DsfrForm, DsfrModelForm, RevisedModelForm


class NewVersionForm(DsfrForm):
    number = forms.RegexField(
        r"^[\w.-]+$",
        label="Numéro de la version",
        max_length=20,
        help_text="Exemple : 2026-1",
        error_messages={"invalid": "Écrivez un numéro sans espace, par exemple 2026-1."},
    )
    note = forms.CharField(label="Objet de cette version", max_length=250, required=False)
    source = forms.ChoiceField(
        label="Partir de",
        choices=[
            ("last", "La dernière version, recopiée en entier"),
            ("shipped", "La nouvelle rédaction livrée avec l’application"),
        ],
        widget=forms.RadioSelect,
        initial="last",
        error_messages={"required": "Dites de quelle rédaction partir."},
    )

    def __init__(self, *args: Any, shipped: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not shipped:
            del self.fields["source"]


class ModelArticleForm(RevisedModelForm):
    """An article of a draft. The revision is that of the whole version, because articles share passages."""

    class Meta:
        model = ModelArticle
        fields = ["title", "status", "default_included", "body", "drafting_note"]
        widgets = {
            "body": forms.Textarea(attrs={"rows": 18}),
            "drafting_note": forms.Textarea(attrs={"rows": 4}),
        }
        help_texts = {
            "status": "Verrouillé : tout écart est motivé. Optionnel : peut être retiré ou ajouté. "
            "Libre : rédigé par les parties.",
            "default_included": "Pour un article optionnel",
            "body": "Paragraphes, listes, **gras**. Une variable s’écrit {{ nom_de_la_variable }}.",
            "drafting_note": "Pour les agents ; jamais imprimée",
        }

    def __init__(self, *args: Any, groups: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.groups = list(groups)

    def opened_with(self) -> int:
        return self.instance.version.revision

    def clean_body(self) -> str:
        return _clean_body(self.cleaned_data["body"], self.groups)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("status") != ArticleStatus.OPTIONAL:
            cleaned["default_included"] = True
        return cleaned


class VariantForm(DsfrModelForm):
    class Meta:
        model = ModelVariant
        fields = ["body"]
        widgets = {"body": forms.Textarea(attrs={"rows": 5})}

    @property
    def row_label(self) -> str:
        return str(self.instance.title)

    def clean_body(self) -> str:
        return _clean_body(self.cleaned_data["body"], [])


def _clean_body(body: str, groups: list[str]) -> str:
    body = body.replace("\r\n", "\n").strip()
    errors = faults(body, groups or ["-"])  # without a name, `faults` would let any variant pass
    if "|" in body:
        errors.append("Un article ne contient pas de tableau : employez une variable de type tableau.")
    if errors:
        raise ValidationError(errors)
    return body


class WholeModelForm(DsfrForm):
    """The whole model as text, parsed as strictly as the file that the application is delivered with."""

    text = forms.CharField(
        label="Texte du modèle",
        strip=False,
        widget=forms.Textarea(attrs={"rows": 24, "spellcheck": "false"}),
        help_text="Un bloc s’ouvre par « ::: article … » et se ferme par « ::: » ; "
        "les variables sont dans le tableau de la fin.",
    )
    revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, version: ModelVersion, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].initial = text_of(version)
        self.fields["revision"].initial = version.revision
        self.parsed = ModelText()

    def clean_text(self) -> str:
        text = self.cleaned_data["text"].replace("\r\n", "\n")
        try:
            self.parsed = parse(text)
        except ModelFormatError as error:
            raise ValidationError(str(error)) from error
        if not self.parsed.articles:
            raise ValidationError("Ce texte ne contient aucun article : un article s’ouvre par « ::: article ».")
        return text
