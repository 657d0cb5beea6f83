"""Forms of an extract of Chorus: the file, and the columns where they are not recognised."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from cpo.lib.files.stored import check_upload
from cpo.lib.forms.base import DsfrForm
from reporting.money.chorus import FIELDS, REQUIRED, recognised


class ExtractForm(DsfrForm):
    extract = forms.FileField(
        label="Extrait de Chorus",
        allow_empty_file=True,  # check_upload says it better
        error_messages={
            "required": "Choisissez un fichier.",
            "invalid": "Le fichier n’est pas arrivé. Choisissez-le à nouveau.",
        },
    )

    def clean_extract(self) -> Any:
        """Check the size and the type of the file; store its bytes in `data_bytes`."""
        upload = self.cleaned_data["extract"]
        csv = upload.name.lower().endswith((".csv", ".txt"))
        if csv and 0 < upload.size <= CSV_MAX:
            self.data_bytes = upload.read()
            return upload
        if csv and upload.size:
            raise ValidationError("Ce fichier pèse plus de 5 Mo. Extrayez une période plus courte.", code="size")
        self.data_bytes, _ = check_upload(upload, name=upload.name, size=upload.size, xlsx_only=True)
        return upload


CSV_MAX = 5_000_000  # bytes


class ColumnsForm(DsfrForm):
    """One list for each field; what was recognised, or chosen before, is chosen already."""

    def __init__(self, *args: Any, columns: list[str], chosen: Mapping[str, str] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = chosen or recognised(columns)
        choices = [("", "aucune")] + [(one, one) for one in dict.fromkeys(columns) if one]
        for field, (label, names) in FIELDS.items():
            quoted = ", ".join(f"« {name} »" for name in names)
            self.fields[field] = forms.ChoiceField(
                label=label,
                choices=choices,
                required=field in REQUIRED,
                initial=known.get(field, ""),
                help_text=f"Intitulés reconnus : {quoted}.",
                error_messages={"required": "Choisissez une colonne."},
            )
