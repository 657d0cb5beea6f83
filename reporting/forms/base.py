"""The base of the forms of a report: one form for each part; the field for long texts."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import QueryDict

from cpo.lib.forms.base import DsfrForm


class LongText(forms.CharField):
    """A text of several lines; browsers send CRLF, the database keeps LF."""

    def __init__(self, *, rows: int = 4, **kwargs: Any) -> None:
        widget = forms.Textarea(attrs={"rows": rows})
        super().__init__(**{"required": False, "max_length": 20_000, "widget": widget} | kwargs)

    def to_python(self, value: Any) -> str:
        return super().to_python(str(value).replace("\r\n", "\n") if value else "")


def whole_number(label: str, **options: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, widget=forms.TextInput(attrs={"inputmode": "numeric"}), **options)


class PartForm(DsfrForm):
    """Form of one part. `stored_values`: values in the database, by name of field; `revision`: that of the report."""

    mark_optional = False
    revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, stored_values: Mapping[str, Any], revision: int) -> None:
        super().__init__(data, initial=dict(stored_values))
        self.build()
        self.initial["revision"] = revision

    def build(self) -> None:
        """Add the fields that depend on the content of the part."""


def with_texts(data: QueryDict, texts: Mapping[str, str]) -> QueryDict:
    """A copy of the posted data with some texts replaced."""
    copy = data.copy()
    for name, text in texts.items():
        copy[name] = text
    return copy
