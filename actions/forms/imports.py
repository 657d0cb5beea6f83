"""A workbook to import."""

from typing import Any

from django import forms

from cpo.lib.files import check_upload
from cpo.lib.forms import DsfrForm


class ImportForm(DsfrForm):
    workbook = forms.FileField(
        label="Classeur du programme",
        allow_empty_file=True,  # said in our words
        error_messages={
            "required": "Choisissez un fichier.",
            "invalid": "Le fichier n’est pas arrivé. Choisissez-le à nouveau.",
        },
    )

    def clean_workbook(self) -> Any:
        """The bytes, once they are known for a zip of a bearable size."""
        upload = self.cleaned_data["workbook"]
        self.data_bytes, _ = check_upload(upload, name=upload.name, size=upload.size, xlsx_only=True)
        return upload
