"""What was already done when a paper convention is taken over; what the association answers."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from cpo.lib.files.stored import check_upload
from cpo.lib.forms.base import DsfrForm, FrenchDateField, MoneyField
from reporting.deadlines.before import Question
from reporting.enums import DoneAnswer, RecordAnswer
from reporting.models import DoneBefore
from reporting.services.taking_over import Done

AMENDMENTS = 3  # avenants signed on paper that the page takes at once


class DoneForm(DsfrForm):
    """Three answers for each deadline that is past or near, with its day, its amount and its proof."""

    mark_optional = False

    def __init__(self, *args: Any, questions: list[Question], rows: list[DoneBefore], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.questions = questions
        known = {(row.rule_id, row.year): row for row in rows}
        for question in questions:
            self._ask(question, known.get((question.rule.pk, question.year)))
        amendments = [row for row in rows if row.rule_id is None]
        for rank in range(1, AMENDMENTS + 1):
            self._ask_amendment(rank, amendments[rank - 1] if len(amendments) >= rank else None)

    def _ask(self, question: Question, row: DoneBefore | None) -> None:
        key = question.key
        choices = DoneAnswer.choices if question.past else [("", "Je ne sais pas encore"), *DoneAnswer.choices]
        self.fields[f"{key}-answer"] = forms.ChoiceField(
            label="Où en est-on ?",
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
                required=False,
                initial=row.amount if row else None,
            )
        self._ask_file(key, "Acte signé, numérisé" if question.is_act else "Pièce (facultative)", row)

    def _ask_amendment(self, rank: int, row: DoneBefore | None) -> None:
        key = f"avenant-{rank}"
        self.fields[f"{key}-label"] = forms.CharField(
            label=f"Objet de l’avenant n° {rank}", max_length=250, required=False, initial=row.label if row else ""
        )
        self.fields[f"{key}-on"] = FrenchDateField(
            label="Signé le", required=False, no_future=True, initial=row.done_on if row else None
        )
        self._ask_file(key, "Avenant signé, numérisé", row)

    def _ask_file(self, key: str, label: str, row: DoneBefore | None) -> None:
        held = (
            f"Déjà déposé : {row.file_name}. Un autre fichier le remplace." if row and row.file_id else "PDF ou image."
        )
        self.fields[f"{key}-file"] = forms.FileField(label=label, required=False, allow_empty_file=True, help_text=held)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        for name in [name for name in self.fields if name.endswith("-file")]:
            if upload := data.get(name):
                try:
                    check_upload(upload, name=upload.name, size=upload.size)
                except ValidationError as error:
                    self.add_error(name, error)
                upload.seek(0)
        for rank in range(1, AMENDMENTS + 1):
            key = f"avenant-{rank}"
            if any(data.get(f"{key}-{part}") for part in ("on", "file")) and not data.get(f"{key}-label"):
                self.add_error(f"{key}-label", "Dites l’objet de cet avenant.")
            if data.get(f"{key}-label") and not data.get(f"{key}-on") and f"{key}-on" not in self.errors:
                self.add_error(f"{key}-on", "Donnez la date de signature.")
        return data

    def groups(self) -> list[dict[str, Any]]:
        """The bound fields of each question."""
        return [
            {
                "key": question.key,
                "title": question.label,
                "due_on": question.due_on,
                "past": question.past,
                "fields": self._bound(question.key, "answer", "on", "amount", "file"),
            }
            for question in self.questions
        ]

    def amendments(self) -> list[dict[str, Any]]:
        ranks = range(1, AMENDMENTS + 1)
        return [
            {"title": f"Avenant n° {rank}", "fields": self._bound(f"avenant-{rank}", "label", "on", "file")}
            for rank in ranks
        ]

    def _bound(self, key: str, *parts: str) -> list[Any]:
        return [self[f"{key}-{part}"] for part in parts if f"{key}-{part}" in self.fields]

    def answers(self) -> list[Done]:
        data = self.cleaned_data
        rows = [
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
        return rows + [
            Done(None, DoneAnswer.DONE, data[f"{key}-on"], None, data[f"{key}-file"], data[f"{key}-label"], key)
            for key in (f"avenant-{rank}" for rank in range(1, AMENDMENTS + 1))
            if data[f"{key}-label"]
        ]


class RecordAnswerForm(DsfrForm):
    answer = forms.ChoiceField(
        label="Ce qui a été enregistré est-il exact ?",
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
