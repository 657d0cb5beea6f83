"""Forms of the grids: the text of a version, the answers about a report."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from cpo.lib.forms.base import DsfrForm, add_faults
from reporting.content import grids as engine
from reporting.models import FilledGrid, GridVersion
from reporting.services.grids import answer_faults, unanswered

from .base import LongText

CHOICES = {
    engine.YES_NO: [
        ("", "Pas encore de réponse"),
        (engine.YES, "Oui"),
        (engine.NO, "Non"),
        (engine.NOT_APPLICABLE, "Sans objet"),
    ],
    engine.MARK: [("", "Pas encore de note"), *((mark, f"{mark} sur 4") for mark in engine.MARKS)],
}


BLOCKS = "Un « non » empêche de déclarer recevable."


class GridVersionForm(DsfrForm):
    revision = forms.IntegerField(widget=forms.HiddenInput)
    text = LongText(
        label="Questions",
        rows=18,
        required=True,
        help_text="Une par ligne : « # » pour un intitulé, puis « [oui-non] », « [oui-non !] » si un « non » bloque, "
        "« [note] » de 0 à 4, « [texte] ».",
        error_messages={"required": "Écrivez au moins une question."},
    )
    shown = forms.BooleanField(
        label="L’association lit les réponses, une fois le compte rendu recevable", required=False
    )

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"]
        if wrong := engine.faults(text):
            raise ValidationError(wrong)
        return text


class GridForm(DsfrForm):
    """Two fields for each question, `q1` and its note, or the words alone. `lock`: all must be answered.

    `of_control`: no answer blocks anything.
    """

    mark_optional = False
    revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, grid: FilledGrid, lock: bool = False, of_control: bool = False) -> None:
        super().__init__(data, initial={"revision": grid.revision})
        self.version: GridVersion = grid.version
        self.lock, self.questions = lock, engine.questions(grid.version.text)
        for question in self.questions:
            given = grid.answers.get(question.key, {})
            if question.kind == engine.TEXT:
                self.fields[question.key] = LongText(label=question.label, rows=3, max_length=3000)
            else:
                self.fields[question.key] = forms.ChoiceField(
                    label=question.label,
                    choices=CHOICES[question.kind],
                    required=False,
                    help_text=BLOCKS if question.blocking and not of_control else "",
                )
                self.fields[f"{question.key}-note"] = forms.CharField(
                    label="Justification", required=False, max_length=500
                )
                self.initial[f"{question.key}-note"] = given.get("note", "")
            self.initial[question.key] = given.get("value", "")

    def answers(self) -> dict[str, dict[str, str]]:
        """The argument of `services.grids.fill`."""
        data = self.cleaned_data
        return {
            row.key: {"value": data.get(row.key) or "", "note": data.get(f"{row.key}-note") or ""}
            for row in self.questions
        }

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        add_faults(self, answer_faults(self.version, self.answers()))
        if self.lock:
            add_faults(self, unanswered(self.version, self.answers()))
        return data

    def rows(self) -> list[tuple[engine.Question, Any, Any]]:
        """Each question with its field and that of its note, if it has one."""
        return [
            (row, self[row.key], self[f"{row.key}-note"] if f"{row.key}-note" in self.fields else None)
            for row in self.questions
        ]
