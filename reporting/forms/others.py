"""Forms of the list filters, the documents, the sending back, the reopening."""

from typing import Any

from django import forms

from arml.models import AttachmentKind
from cpo.lib.forms.base import DsfrForm, FilterForm, FrenchDateField
from reporting.enums import Reopening, ReportState
from reporting.models import SendBack

from .base import LongText


class ReportFilter(FilterForm):
    annee = forms.TypedChoiceField(label="Année", coerce=int, empty_value=None, required=False)
    etat = forms.ChoiceField(label="État", choices=[("", "Tous"), *ReportState.choices], required=False)
    territoire = forms.ChoiceField(label="Territoire", required=False)
    arml = forms.TypedChoiceField(label="Association", coerce=int, empty_value=None, required=False)
    retard = forms.ChoiceField(label="Échéance", choices=[("", "Toutes"), ("1", "En retard")], required=False)

    def __init__(
        self, *args: Any, years: list[int], territories: list[Any], associations: list[Any], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["annee"].choices = [("", "Toutes")] + [(year, str(year)) for year in years]
        self.fields["territoire"].choices = [("", "Tous"), *territories]
        self.fields["arml"].choices = [("", "Toutes"), *associations]
        if len(associations) < 2:  # only one association is visible: nothing to choose
            del self.fields["arml"], self.fields["territoire"]


class DocumentForm(DsfrForm):
    """One document of the year; `kind` is its type. The view adds the errors of the service to the fields."""

    mark_optional = False
    upload = forms.FileField(
        label="Fichier", required=False, allow_empty_file=True, help_text="PDF, image ou bureautique, 20 Mo au plus"
    )
    dated = FrenchDateField(label="Date du document", required=False, help_text="JJ/MM/AAAA")
    valid_until = FrenchDateField(label="Valable jusqu’au", required=False, help_text="JJ/MM/AAAA")
    provisional = forms.BooleanField(
        label="Version provisoire", required=False, help_text="Le dossier sera complet avec la version définitive."
    )
    not_applicable_reason = forms.CharField(label="Ou sans objet, parce que", required=False, max_length=250)

    def __init__(self, *args: Any, kind: AttachmentKind, **kwargs: Any) -> None:
        super().__init__(*args, prefix=kind.key, **kwargs)
        self.kind = kind
        if not kind.not_applicable_allowed:
            del self.fields["not_applicable_reason"]
        if not kind.needs_end_date:
            del self.fields["valid_until"]

    def arguments(self) -> dict[str, Any]:
        """Arguments of services.documents.add_document."""
        data = dict(self.cleaned_data)
        upload = data.pop("upload")
        if upload is not None:
            data |= {"upload": upload.file, "name": upload.name, "size": upload.size}
        return data


class PieceCheckForm(DsfrForm):
    """What the service found of one document of the year; a refusal says why."""

    mark_optional = False
    answer = forms.ChoiceField(
        label="Cette pièce",
        choices=[("accepted", "Est vérifiée"), ("refused", "Est refusée, à remplacer")],
        widget=forms.RadioSelect,
        error_messages={"required": "Dites si la pièce est vérifiée ou refusée."},
    )
    refusal = LongText(label="Motif du refus, lu par l’association", rows=2, max_length=1500)

    def __init__(self, *args: Any, pk: int, **kwargs: Any) -> None:
        super().__init__(*args, prefix=f"verification-{pk}", **kwargs)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        refused, reason = data.get("answer") == "refused", data.get("refusal", "").strip()
        if refused and not reason and "refusal" not in self.errors:
            self.add_error("refusal", "Dites à l’association pourquoi la pièce est refusée.")
        if reason and data.get("answer") == "accepted":
            self.add_error("answer", "Un motif de refus est saisi : refusez la pièce, ou effacez-le.")
        return data


class SendBackForm(DsfrForm):
    """For each part, a box to send it back and the request; a part that is not ticked stays closed."""

    mark_optional = False

    def __init__(self, *args: Any, parts: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.parts = parts
        for index, (_, label) in enumerate(parts):
            self.fields[f"part{index}"] = forms.BooleanField(label=label, required=False)
            self.fields[f"reason{index}"] = LongText(label=f"Ce qui est demandé : {label}", rows=2, max_length=1500)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        for index in range(len(self.parts)):
            chosen, reason = data.get(f"part{index}"), data.get(f"reason{index}")
            if chosen and not reason and not self.errors.get(f"reason{index}"):
                self.add_error(f"reason{index}", "Dites à l’association ce que vous demandez sur cette rubrique.")
            if reason and not chosen:
                self.add_error(f"part{index}", "Cochez cette rubrique pour la renvoyer, ou effacez la demande.")
        if not self.errors and not self.requests():
            raise forms.ValidationError("Cochez au moins une rubrique et dites ce que vous demandez.")
        return data

    def data_of_transition(self) -> dict[str, Any]:
        return {"requests": self.requests()}

    def requests(self) -> list[tuple[str, str, str]]:
        return [
            (path, label, self.cleaned_data[f"reason{index}"])
            for index, (path, label) in enumerate(self.parts)
            if self.cleaned_data.get(f"part{index}")
        ]

    def rows(self) -> list[tuple[Any, Any]]:
        return [(self[f"part{index}"], self[f"reason{index}"]) for index in range(len(self.parts))]


class ReopenForm(DsfrForm):
    """What a report that was admissible opens again, and why."""

    mark_optional = False
    scope = forms.ChoiceField(label="Étendue", choices=Reopening, widget=forms.RadioSelect, initial=Reopening.FULL)
    comment = LongText(
        label="Motif",
        rows=4,
        required=True,
        max_length=1500,
        help_text="Lu par l’association et par l’administration centrale.",
        error_messages={"required": "Dites pourquoi le compte rendu est rouvert."},
    )

    def __init__(self, *args: Any, parts: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.parts = parts

    def data_of_transition(self) -> dict[str, Any]:
        return {"scope": self.cleaned_data["scope"], "parts": self.parts}


class AnswersForm(DsfrForm):
    """The association's answer to each request of the service; one form for all, merged field by field."""

    mark_optional = False
    revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, requests: list[SendBack], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.requests = requests
        for row in requests:
            self.fields[f"answer{row.pk}"] = LongText(
                label=f"Votre réponse : {row.label}", rows=3, max_length=3000, initial=row.answer
            )

    def answers(self) -> dict[int, str]:
        """Arguments of services.request_answers.answer_requests."""
        return {row.pk: self.cleaned_data[f"answer{row.pk}"] for row in self.requests}

    def rows(self) -> list[tuple[SendBack, Any]]:
        return [(row, self[f"answer{row.pk}"]) for row in self.requests]
