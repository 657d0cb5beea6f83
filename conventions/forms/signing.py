"""Forms of the signature: the steps in the browser, the paper original, the PDF signed with a certificate."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError

from conventions import evidence
from conventions.documents.scans import LEFT_OUT
from conventions.models import Party
from cpo.lib.files import stored
from cpo.lib.forms.base import DsfrForm
from cpo.lib.forms.fields import FrenchDateField

MOST_SCANS = 20


class PasswordForm(DsfrForm):
    password = forms.CharField(
        label="Votre mot de passe",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": "Indiquez votre mot de passe."},
    )


class CodeForm(DsfrForm):
    code = forms.CharField(
        label="Code reçu par courriel",
        help_text="Six chiffres, valables dix minutes",
        max_length=12,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
        error_messages={"required": "Recopiez le code reçu par courriel."},
    )
    agree = forms.BooleanField(error_messages={"required": "Confirmez que vous signez ce document."})
    sha256 = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, consent: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self["agree"].label = consent  # set here, because the bound field already exists


def override_reason_field(label: str) -> forms.CharField:
    """Return the field of the reason, which the page shows when there is a difference or when the field is filled."""
    return forms.CharField(
        label=label,
        help_text="La DGEFP lira ce motif. Sans différence constatée, laissez vide.",
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class OriginalForm(DsfrForm):
    """The scan of an original signed on paper, with what the person copied from it."""

    party = forms.TypedChoiceField(
        label="Partie qui a signé", coerce=int, error_messages={"required": "Choisissez la partie qui a signé."}
    )
    signatory_name = forms.CharField(
        label="Nom du signataire",
        help_text="Tel qu’il figure sur l’original",
        max_length=120,
        error_messages={"required": "Indiquez qui a signé."},
    )
    capacity = forms.CharField(
        label="En qualité de", max_length=200, error_messages={"required": "Indiquez en quelle qualité."}
    )
    signed_on = FrenchDateField(
        label="Date de signature",
        help_text="JJ/MM/AAAA",
        no_future=True,
        error_messages={"required": "Indiquez la date portée sur l’original."},
    )
    reference = forms.CharField(
        label="Référence recopiée du papier",
        help_text="En bas de chaque page, par exemple CPO-2025-BRE-001",
        max_length=60,
        error_messages={"required": "Recopiez la référence imprimée en bas de page."},
    )
    short_hash = forms.CharField(
        label="Empreinte recopiée du papier",
        help_text="Douze caractères, en bas de chaque page",
        max_length=40,
        error_messages={"required": "Recopiez l’empreinte imprimée en bas de page."},
    )
    file = forms.FileField(
        label="Original numérisé",
        widget=forms.FileInput(attrs={"accept": "application/pdf"}),
        error_messages={
            "required": "Choisissez le fichier de l’original numérisé.",
            "empty": "Ce fichier est vide. Choisissez le fichier complet.",
        },
    )

    override_reason = override_reason_field("Pourquoi enregistrer cet original malgré la différence ?")

    def __init__(
        self, *args: Any, parties: Sequence[Party], others: Sequence[Party] = (), produced_on: dt.date, **kwargs: Any
    ) -> None:
        """`others`: the parties that may have signed the same paper, each offered with a date of its own.

        `read`: the pages of the paper were read; nothing of them is typed or sent again.
        """
        read = kwargs.pop("read", False)
        self.parties = {party.pk: party for party in parties}
        self.others = list(others) if len(others) > 1 else []
        self.produced_on = produced_on
        super().__init__(*args, **kwargs)
        for name in ("reference", "short_hash", "file") if read else ():
            del self.fields[name]
        choices = [(party.pk, str(party.organisation)) for party in parties]
        self.fields["party"].choices = choices if len(choices) == 1 else [("", "Choisir"), *choices]
        for party in self.others:
            label = f"{party.organisation}\u00a0: {party.signatory_name}, {party.capacity}"
            self.fields[f"also-{party.pk}"] = forms.BooleanField(label=label, required=False)
            self.fields[f"also_on-{party.pk}"] = FrenchDateField(
                label=f"Date de signature, {party.organisation}",
                help_text="Si elle diffère de celle saisie plus haut",
                required=False,
                no_future=True,
            )

    def other_fields(self) -> list[tuple[Any, Any]]:
        """The checkbox and the date of each other party."""
        return [(self[f"also-{party.pk}"], self[f"also_on-{party.pk}"]) for party in self.others]

    def also_signed(self) -> list[tuple[Party, dt.date]]:
        """The other parties that signed the same original, each with its date."""
        data = self.cleaned_data
        return [
            (party, data[f"also_on-{party.pk}"] or data["signed_on"])
            for party in self.others
            if data[f"also-{party.pk}"] and party != data["party"]
        ]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        for party in self.others:
            name = f"also_on-{party.pk}"
            day = data.get(name)
            if day and day < self.produced_on:
                self.add_error(name, self._too_early())
            elif day and not data.get(f"also-{party.pk}") and party != data.get("party"):
                self.add_error(f"also-{party.pk}", "Cochez cette partie, ou effacez sa date de signature.")
        return data

    def _too_early(self) -> str:
        return f"Ce document a été produit le {self.produced_on:%d/%m/%Y}\u00a0: il n’a pas pu être signé avant."

    def clean_party(self) -> Party:
        return self.parties[self.cleaned_data["party"]]

    def clean_signed_on(self) -> dt.date:
        day: dt.date = self.cleaned_data["signed_on"]
        if day < self.produced_on:
            raise ValidationError(self._too_early())
        return day

    def clean_file(self) -> tuple[bytes, str]:
        upload = self.cleaned_data["file"]
        return stored.check_upload(upload.file, name=upload.name, size=upload.size, pdf_only=True)


class SeveralFilesInput(forms.FileInput):
    allow_multiple_selected = True


class SeveralFilesField(forms.FileField):
    """One or several uploads; `clean` gives their list."""

    widget = SeveralFilesInput

    def clean(self, data: Any, initial: Any = None) -> Any:
        uploads = data if isinstance(data, list | tuple) else [data]
        return [forms.FileField.clean(self, upload, initial) for upload in uploads]


class ScansForm(DsfrForm):
    """The scans of an original, in one or several PDFs, whatever the order of the pages."""

    files = SeveralFilesField(
        label="Numérisations",
        widget=SeveralFilesInput(attrs={"accept": "application/pdf"}),
        error_messages={
            "required": "Choisissez le ou les PDF de l’original numérisé.",
            "empty": "Un de ces fichiers est vide. Choisissez les fichiers complets.",
        },
    )

    def clean_files(self) -> list[tuple[bytes, str]]:
        uploads = self.cleaned_data["files"]
        if len(uploads) > MOST_SCANS:
            raise ValidationError(f"Déposez {MOST_SCANS} fichiers au plus à la fois.")
        return [
            stored.check_upload(upload.file, name=upload.name, size=upload.size, pdf_only=True) for upload in uploads
        ]


class PlacesForm(DsfrForm):
    """Where the pages whose code is not readable go, one choice for each: `ranks` count from 0."""

    def __init__(
        self, *args: Any, ranks: Sequence[int], numbers: Sequence[int], placed: Mapping[int, int], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.ranks = list(ranks)
        choices = [("", "Choisir"), *((number, f"Page {number}") for number in numbers), (LEFT_OUT, "À écarter")]
        for rank in ranks:
            self.fields[f"place-{rank}"] = forms.TypedChoiceField(
                label=f"Page {rank + 1} de ce qui a été déposé",
                coerce=int,
                choices=choices,
                initial=placed.get(rank, ""),
                error_messages={"required": "Dites où va cette page, ou écartez-la."},
            )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        numbers = [data.get(f"place-{rank}") for rank in self.ranks]
        for rank, number in zip(self.ranks, numbers, strict=True):
            if number and numbers.count(number) > 1:
                self.add_error(f"place-{rank}", "Deux pages ne peuvent pas avoir la même place.")
        return data

    def places(self) -> dict[int, int]:
        return {rank: self.cleaned_data[f"place-{rank}"] for rank in self.ranks}


class SignedFileForm(DsfrForm):
    """A PDF signed with a certificate. `sha256`: the file that the page gave to sign.

    `kept`: a file is already there, of which only the reason is missing; another one may be chosen.
    """

    party = forms.TypedChoiceField(
        label="Partie qui a signé", coerce=int, error_messages={"required": "Choisissez la partie qui a signé."}
    )
    file = forms.FileField(
        label="PDF signé",
        widget=forms.FileInput(attrs={"accept": "application/pdf"}),
        error_messages={
            "required": "Choisissez le PDF signé.",
            "empty": "Ce fichier est vide. Choisissez le fichier complet.",
        },
    )
    override_reason = override_reason_field("Pourquoi ce certificat est-il bien celui de la personne qui signe ?")
    sha256 = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, parties: Sequence[Party], kept: bool = False, **kwargs: Any) -> None:
        self.parties = {party.pk: party for party in parties}
        super().__init__(*args, **kwargs)
        self.fields["file"].required = not kept
        self.fields["override_reason"].error_messages["required"] = "Dites pourquoi, ou choisissez un autre fichier."
        self.fields["override_reason"].required = kept and not self.files.get("file")
        choices = [(party.pk, str(party.organisation)) for party in parties]
        self.fields["party"].choices = choices if len(choices) == 1 else [("", "Choisir"), *choices]

    def clean_party(self) -> Party:
        return self.parties[self.cleaned_data["party"]]

    def clean_file(self) -> bytes | None:
        """Refuse at once what is too big, no PDF, or has a virus; return the bytes, which a worker verifies."""
        upload = self.cleaned_data["file"]
        if upload is None:
            return None
        refusal = evidence.too_big(upload.size, limit=settings.UPLOAD_MAX_BYTES)
        if refusal:
            raise ValidationError(refusal.message, code=refusal.code)
        data: bytes = upload.read()
        refusal = evidence.no_pdf(data)
        if refusal:
            raise ValidationError(refusal.message, code=refusal.code)
        stored.scan_for_viruses(data)
        return data
