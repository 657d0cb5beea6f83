"""Say what is wrong of a file beside the other errors of its form."""

from typing import Any

from django.core.exceptions import ValidationError

from cpo.lib.files.stored import check_upload

from .base import DsfrForm, add_faults


class UploadForm(DsfrForm):
    """A form with files. `uploads`: the field of each, and whether it must be a PDF.

    Without another error the service reads the file, once; with one, it would speak of the file at the next try only.
    """

    uploads: dict[str, bool] = {}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if self.errors:
            add_faults(self, self.upload_faults(data))
        return data

    def upload_faults(self, data: dict[str, Any]) -> dict[str, ValidationError]:
        faults = {}
        for name, pdf_only in self.uploads.items():
            upload = data.get(name)
            try:
                if upload:
                    check_upload(upload, name=upload.name, size=upload.size, pdf_only=pdf_only)
            except ValidationError as error:
                faults[name] = error
        return faults
