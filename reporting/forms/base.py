"""A form over one part of a report: what was stored when it was opened travels with it, so nothing is overwritten
blindly. Saved over a newer revision, what each of the two changed is kept; a field that both changed is shown."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core import signing
from django.http import QueryDict

from cpo.lib.forms import DsfrForm

SALT = "reporting.part"


class LongText(forms.CharField):
    """A text of several lines; browsers send CRLF, the database keeps LF."""

    def __init__(self, *, rows: int = 4, **kwargs: Any) -> None:
        widget = forms.Textarea(attrs={"rows": rows})
        super().__init__(**{"required": False, "max_length": 20_000, "widget": widget} | kwargs)

    def to_python(self, value: Any) -> str:
        return super().to_python(str(value).replace("\r\n", "\n") if value else "")


@dataclass(frozen=True)
class Conflict:
    """A field that somebody else and the person both changed since the page was opened, in words."""

    name: str
    label: str
    before: str
    theirs: str
    mine: str


class PartForm(DsfrForm):
    """`stored` is what the database holds now, by name of field; `revision` is the report's."""

    mark_optional = False
    revision = forms.IntegerField(widget=forms.HiddenInput)
    base = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, data: Any = None, *, stored: Mapping[str, Any], revision: int) -> None:
        self.stored = dict(stored)
        super().__init__(data, initial=self.stored)
        self.build()
        self.initial["revision"] = revision
        self.initial["base"] = signing.dumps(self.texts(self.stored), salt=SALT, compress=True)

    def build(self) -> None:
        """Add the fields that depend on the part."""

    @property
    def names(self) -> list[str]:
        return [name for name in self.fields if name not in ("revision", "base")]

    def text(self, name: str, value: Any) -> str:
        """A value as its input would show it: what is compared, whatever the type."""
        shown = self.fields[name].prepare_value(value)
        return "" if shown is None else str(shown).replace("\r\n", "\n").strip()

    def texts(self, values: Mapping[str, Any]) -> dict[str, str]:
        return {name: self.text(name, values.get(name)) for name in self.names}

    def opened_with(self) -> dict[str, str]:
        """What was stored when the page was opened; empty when the proof was lost: then nothing is merged silently."""
        try:
            found: dict[str, str] = signing.loads(self.data.get("base", ""), salt=SALT)
        except signing.BadSignature:
            return {}
        return found

    def merge(self, typed: Mapping[str, Any]) -> tuple[dict[str, Any], list[Conflict]]:
        """Return what to write now and the fields that both changed; `typed` are values, not texts."""
        base, merged, conflicts = self.opened_with(), dict(typed), []
        for name in self.names:
            theirs, mine = self.text(name, self.stored.get(name)), self.text(name, typed.get(name))
            before = base.get(name)
            if mine == theirs:
                continue
            if mine == before or name not in self.data:  # a row that the page did not have yet
                merged[name] = self.stored.get(name)
            elif theirs != before:
                label = str(self.fields[name].label or name)
                conflicts.append(
                    Conflict(name, label, self.words(name, before), self.words(name, theirs), self.words(name, mine))
                )
        return merged, conflicts

    def words(self, name: str, text: str | None) -> str:
        choices = dict(getattr(self.fields[name], "choices", []))
        return str(choices.get(text, text)) if text else ""

    def labelled(self) -> Iterator[tuple[str, str]]:
        for name in self.names:
            yield name, str(self.fields[name].label)


def with_texts(data: QueryDict, texts: Mapping[str, str]) -> QueryDict:
    """What was typed with some fields replaced."""
    copy = data.copy()
    for name, text in texts.items():
        copy[name] = text
    return copy
