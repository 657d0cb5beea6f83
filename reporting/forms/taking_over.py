"""What was already done when a paper convention is taken over; what the association answers."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from conventions.forms.drafting import RevisionForm
from cpo.lib.files.stored import check_upload
from cpo.lib.forms.base import DsfrForm, FrenchDateField, MoneyField
from reporting.deadlines.before import Question
from reporting.enums import DoneAnswer, RecordAnswer
from reporting.models import DoneBefore
from reporting.services.taking_over import Done

OTHER_AMOUNT = (
    "S’il diffère de celui de la convention, reprenez ensuite l’acte lui-même : l’année reste prévisionnelle d’ici là."
)


class DoneForm(RevisionForm):
    """Three answers for each deadline that is past or near, with its day, its amount and its proof.

    `held`: by key of question, the proof that the page showed as already given.
    """

    mark_optional = False

    def __init__(
        self,
        *args: Any,
        questions: list[Question],
        rows: list[DoneBefore],
        revision: int,
        held: Mapping[str, str],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, initial={"revision": revision}, **kwargs)
        self.questions, self.held = questions, held
        known = {(row.rule_id, row.year): row for row in rows}
        self.rows = {question.key: known.get((question.rule.pk, question.year)) for question in questions}
        for question in questions:
            self._ask(question, self.rows[question.key])

    def _ask(self, question: Question, row: DoneBefore | None) -> None:
        key = question.key
        choices = DoneAnswer.choices if question.past else [("", "Je ne sais pas encore"), *DoneAnswer.choices]
        self.fields[f"{key}-answer"] = forms.ChoiceField(
            label="Où en est-on ?",
            choices=choices,
            widget=forms.RadioSelect,
            required=question.past,
            initial=row.answer if row else "",
            error_messages={"required": "Dites si c’est fait, pas encore fait, ou sans objet."},
        )
        self.fields[f"{key}-on"] = FrenchDateField(
            label="Signé le" if question.is_act else "Fait le",
            required=False,
            no_future=True,
            initial=row.done_on if row else None,
        )
        if question.with_amount:
            self.fields[f"{key}-amount"] = MoneyField(
                label="Montant de l’année" if question.is_act else "Montant versé",
                help_text=OTHER_AMOUNT if question.is_act else "",
                required=False,
                initial=row.amount if row else None,
            )
        self._ask_file(question, "Acte signé, numérisé" if question.is_act else "Pièce (facultative)", row)

    def _ask_file(self, question: Question, label: str, row: DoneBefore | None) -> None:
        key, kinds = question.key, "PDF." if question.is_act else "PDF ou image."
        held = f"Déjà déposé : {row.file_name}. Un autre fichier le remplace." if row and row.file_id else kinds
        self.fields[f"{key}-file"] = forms.FileField(label=label, required=False, allow_empty_file=True, help_text=held)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        for question in self.questions:
            name = f"{question.key}-file"
            if upload := data.get(name):
                try:
                    check_upload(upload, name=upload.name, size=upload.size, pdf_only=question.is_act)
                except ValidationError as error:
                    self.add_error(name, error)
                upload.seek(0)
                self._replaces_what_was_seen(question.key)
        return data

    def _replaces_what_was_seen(self, key: str) -> None:
        """A proof that somebody else gave since the page was opened is not replaced unseen."""
        row = self.rows.get(key)
        if row and row.file_id and str(row.file_id) != self.held.get(f"{key}-held", ""):
            words = f"{row.recorded_by} a déposé « {row.file_name} » depuis que vous avez ouvert la page."
            self.add_error(f"{key}-file", f"{words} Pour le remplacer, choisissez de nouveau votre fichier.")

    def groups(self) -> list[dict[str, Any]]:
        """The bound fields of each question."""
        return [
            {
                "key": question.key,
                "title": question.label,
                "due_on": question.due_on,
                "past": question.past,
                "held": (row.file_id or "") if (row := self.rows[question.key]) else "",
                "fields": self._bound(question.key, "answer", "on", "amount", "file"),
            }
            for question in self.questions
        ]

    def _bound(self, key: str, *parts: str) -> list[Any]:
        return [self[f"{key}-{part}"] for part in parts if f"{key}-{part}" in self.fields]

    def answers(self) -> list[Done]:
        data = self.cleaned_data
        return [
            Done(
                question,
                data[f"{question.key}-answer"],
                data[f"{question.key}-on"],
                data.get(f"{question.key}-amount"),
                data[f"{question.key}-file"],
            )
            for question in self.questions
            if data[f"{question.key}-answer"]
        ]


class RecordAnswerForm(DsfrForm):
    answer = forms.ChoiceField(
        label="Ce qui a été enregistré est-il exact ?",
        choices=[(RecordAnswer.CONFIRMED, "Oui, je confirme"), (RecordAnswer.CONTESTED, "Non, je signale une erreur")],
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez une réponse."},
    )
    text = forms.CharField(
        label="Erreur",
        help_text="Ce qui est faux, et ce que dit l’original. Votre message ouvre un échange avec le service.",
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("answer") == RecordAnswer.CONTESTED and not data.get("text", "").strip():
            self.add_error("text", "Dites quelle est l’erreur.")
        return data
