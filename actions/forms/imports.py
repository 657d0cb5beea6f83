"""Forms of an import: the workbook, and the confirmation when fiches are withdrawn."""

from collections.abc import Sequence
from typing import Any

from django import forms

from actions.spreadsheet import NEW, Question
from cpo.lib.files.stored import check_upload
from cpo.lib.forms.base import DsfrForm


class ImportForm(DsfrForm):
    workbook = forms.FileField(
        label="Classeur du programme",
        allow_empty_file=True,  # our own message below
        error_messages={
            "required": "Choisissez un fichier.",
            "invalid": "Le fichier n’est pas arrivé. Choisissez-le à nouveau.",
        },
    )

    def clean_workbook(self) -> Any:
        """Check the type and the size of the file; store its bytes in `data_bytes`."""
        upload = self.cleaned_data["workbook"]
        self.data_bytes, _ = check_upload(upload, name=upload.name, size=upload.size, xlsx_only=True)
        return upload


class MatchingForm(DsfrForm):
    """What each row without key is: a new fiche, or a stored one that no other row is. Its fields are the cells."""

    mark_optional = False

    def __init__(self, *args: Any, questions: Sequence[Question], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for question in questions:
            choices = [("", "Choisir"), (NEW, "Une fiche nouvelle")]
            choices += [(str(sheet.key), f"La fiche {sheet.title}") for sheet in question.choices]
            self.fields[question.cell] = forms.ChoiceField(
                label=f"{question.cell} : « {question.code} {question.title} » est…",
                choices=choices,
                initial=question.answer,
                error_messages={"required": "Dites ce qu’est cette ligne."},
            )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        used: dict[str, str] = {}
        for cell, answer in data.items():
            if answer != NEW and answer in used:
                self.add_error(cell, f"La ligne {used[answer]} est déjà cette fiche.")
            used.setdefault(answer, cell)
        return data


class WithdrawalForm(DsfrForm):
    """Confirm that the import withdraws fiches: the empty template, or an incomplete file, is easily sent."""

    withdraw = forms.BooleanField(
        widget=forms.CheckboxInput(attrs={"form": "travail"}),  # the form is at the end of the page
        error_messages={"required": "Cochez cette case, ou abandonnez l’import."},
    )

    def __init__(self, *args: Any, count: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        count_words, them, which = ("1 fiche sera retirée", "la", "cette fiche")
        if count > 1:
            count_words, them, which = (f"{count} fiches seront retirées", "les", f"ces {count} fiches")
        self.warning = f"{count_words} du programme : le classeur ne {them} contient pas"
        self.fields["withdraw"].label = f"Je confirme le retrait de {which}"
