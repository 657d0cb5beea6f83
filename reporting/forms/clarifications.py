"""Forms of the requests for details: question, answer, judgment."""

from typing import Any

from django import forms

from cpo.lib.forms.base import DsfrForm, FrenchDateField, add_faults
from cpo.lib.forms.uploads import UploadForm
from reporting.models import Clarification, Report
from reporting.services.clarifications import Upload, judgment_faults, question_faults

from .base import LongText


def _file() -> forms.FileField:
    return forms.FileField(label="Pièce jointe", required=False, allow_empty_file=True)


class _WithFile(UploadForm):
    uploads = {"file": False}

    def upload(self) -> Upload | None:
        file = self.cleaned_data["file"]
        return (file.file, file.name, file.size) if file else None


class ClarificationForm(_WithFile):
    part = forms.ChoiceField(label="Rubrique", error_messages={"required": "Choisissez la rubrique."})
    question = LongText(
        label="Ce qui est demandé",
        rows=4,
        required=True,
        max_length=3000,
        error_messages={"required": "Dites ce que vous demandez."},
    )
    due_on = FrenchDateField(
        label="Réponse attendue le", error_messages={"required": "Donnez la date avant laquelle répondre."}
    )
    file = _file()

    def __init__(self, *args: Any, report: Report, parts: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.report, self.parts = report, dict(parts)
        self.fields["part"].choices = [("", "Choisir"), *parts]

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if not self.errors.get("question"):
            add_faults(self, question_faults(self.report, data.get("question") or "", data.get("due_on")))
        return data

    def arguments(self) -> dict[str, Any]:
        """Arguments of `services.clarifications.ask`."""
        data = self.cleaned_data
        label = self.parts[data["part"]]
        question = {"question": data["question"], "due_on": data["due_on"], "file": self.upload()}
        return {"path": data["part"], "label": label, **question}


class AnswerForm(_WithFile):
    text = LongText(
        label="Votre réponse",
        rows=5,
        required=True,
        max_length=5000,
        error_messages={"required": "Écrivez votre réponse."},
    )
    file = _file()

    def arguments(self) -> dict[str, Any]:
        """Arguments of `services.clarifications.answer`."""
        return {"text": self.cleaned_data["text"], "file": self.upload()}


class JudgmentForm(DsfrForm):
    satisfactory = forms.TypedChoiceField(
        label="La réponse est",
        choices=[("oui", "Satisfaisante"), ("non", "Insuffisante, ou absente")],
        coerce=lambda value: value == "oui",
        widget=forms.RadioSelect,
        error_messages={"required": "Dites si la réponse est satisfaisante."},
    )
    judgment = forms.CharField(label="Ce qui en est retenu", required=False, max_length=500)

    def __init__(self, *args: Any, row: Clarification, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.row = row

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if "satisfactory" in data:
            add_faults(self, judgment_faults(self.row, data["satisfactory"], data.get("judgment") or ""))
        return data

    def arguments(self) -> dict[str, Any]:
        """Arguments of `services.clarifications.judge`."""
        return dict(self.cleaned_data)
