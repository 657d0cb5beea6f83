"""The content of forms and formsets of any kind: as plain texts, as words to show, and as data to post again."""

import datetime as dt
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.formsets import INITIAL_FORM_COUNT, TOTAL_FORM_COUNT, BaseFormSet
from django.http import QueryDict
from django.utils.html import strip_tags

from cpo.lib.forms.fields import FrenchDecimalField

from .merge import Content, FieldPath, Merged, Texts

REMOVED = "(retiré)"


def parts(page_form: Any) -> list[Any]:
    """List the forms and formsets that a page sends: `page_form` is a form, a list, or an object with `formsets`."""
    if isinstance(page_form, list | tuple):
        return list(page_form)
    return list(getattr(page_form, "formsets", [page_form]))


def content(page_form: Any) -> Content:
    return {key: _texts(form) for key, form in forms_by_key(page_form)}


def forms_by_key(page_form: Any) -> Iterator[tuple[str, Any]]:
    keys: set[str] = set()
    for part in parts(page_form):
        if not isinstance(part, BaseFormSet):
            yield part.prefix or "", part
            continue
        for form in part.forms:
            removed = "DELETE" in form.fields and form["DELETE"].value()
            if removed or not form.identity:
                continue
            key = f"{part.prefix}/{form.identity}"
            while key in keys:
                key += "+"
            keys.add(key)
            yield key, form


def names(form: Any) -> list[str]:
    return [
        name
        for name, one in form.fields.items()
        if name not in ("revision", "DELETE") and not isinstance(one, forms.FileField)
    ]


def _texts(form: Any) -> Texts:
    """Return the values shown or typed in the form, without the fields that were not on the posted page."""
    texts = {}
    for name in names(form):
        widget = form.fields[name].widget
        absent = form.is_bound and widget.value_omitted_from_data(form.data, form.files, form.add_prefix(name))
        if not absent:
            texts[name] = _text(form[name])
    return texts


def _text(bound: Any) -> list[str]:
    """Write a value in one form, stored or typed: « 1000,00 » is « 1 000 »."""
    one, value = bound.field, bound.value()
    if isinstance(one, FrenchDecimalField | forms.DateField):
        with suppress(ValidationError):
            value = one.clean(value)
    if isinstance(one, forms.BooleanField):
        return ["on"] if value and str(value).lower() != "false" else []
    value = one.prepare_value(value)
    if isinstance(value, dt.date):
        value = one.widget.format_value(value)
    if isinstance(value, list | tuple):
        return sorted(str(item) for item in value)
    text = "" if value is None else str(value).replace("\r\n", "\n").strip()
    return [text] if text else []


def posted_data(
    posted: QueryDict, page_form: Any, merged: Merged, *, stored_content: Content, revision: str
) -> QueryDict:
    """Return the data that a browser would post for this content and revision. Stored rows come first."""
    data = posted.copy()
    data["revision"] = revision
    for part in parts(page_form):
        if isinstance(part, BaseFormSet):
            _put_rows(data, part, merged, stored_content)
            continue
        if "revision" in part.fields:
            data[part.add_prefix("revision")] = revision
        for name, values in merged.content.get(part.prefix or "", {}).items():
            several = isinstance(part.fields[name], forms.MultipleChoiceField | forms.ModelMultipleChoiceField)
            if values or not several:
                data.setlist(part.add_prefix(name), values or [""])
            else:
                data.pop(part.add_prefix(name), None)
    return data


def _put_rows(data: QueryDict, formset: Any, merged: Merged, stored_content: Content) -> None:
    for name in [name for name in data if re.match(rf"{re.escape(formset.prefix)}-\d+-", name)]:
        del data[name]
    own = [key for key in merged.content if key.startswith(f"{formset.prefix}/")]
    own.sort(key=lambda key: key not in stored_content)
    for rank, key in enumerate(own):
        for name, values in merged.content[key].items():
            data.setlist(f"{formset.prefix}-{rank}-{name}", values or [""])
        if key in merged.removed_rows:
            data[f"{formset.prefix}-{rank}-DELETE"] = "on"
    management = formset.management_form
    data[management.add_prefix(INITIAL_FORM_COUNT)] = str(sum(key in stored_content for key in own))
    data[management.add_prefix(TOTAL_FORM_COUNT)] = str(len(own) + formset.extra)


def texts_without_field(posted: QueryDict, page_form: Any, before: Content | None) -> list[str]:
    """Return the texts typed in fields that the page had when it was opened, but that its form no longer has."""
    now = {part.prefix or "": part.fields for part in parts(page_form) if not isinstance(part, BaseFormSet)}
    orphans = []
    for key, texts in (before or {}).items():
        for name, values in texts.items():
            if key not in now or name in now[key]:
                continue
            posted_values = [
                text.replace("\r\n", "\n").strip() for text in posted.getlist(f"{key}-{name}" if key else name)
            ]
            posted_values = sorted(text for text in posted_values if text)
            if posted_values and posted_values != values:
                orphans.append(", ".join(posted_values))
    return orphans


class Words:
    """Labels and values in words, from the first of these forms that has the field."""

    def __init__(self, sources: list[Any]) -> None:
        self.forms: dict[str, Any] = {}
        for page_form in sources:
            for key, form in forms_by_key(page_form):
                self.forms.setdefault(key, form)

    def label(self, path: FieldPath) -> str:
        key, name = path
        form = self.forms[key]
        row = str(getattr(form, "row_label", ""))
        words = strip_tags(str(form[name].label)) if name and name in form.fields else ""
        return ", ".join(word for word in (row, words) if word)

    def text(self, content: Content, path: FieldPath, default: str = "") -> str:
        key, name = path
        form, row = self.forms.get(key), content.get(key)
        if form is None:
            return default
        if name:
            return self._value(form, name, (row or {}).get(name, []))
        if row is None:
            return REMOVED
        lines = [
            (form[name].label, self._value(form, name, row[name]))
            for name in self._visible_names(form)
            if row.get(name)
        ]
        return "\n".join(f"{strip_tags(str(label))} : {words}" for label, words in lines)

    def is_prose(self, path: FieldPath) -> bool:
        """Whether the field is a text of sentences. A whole row counts as one."""
        key, name = path
        form = self.forms.get(key)
        one = form.fields.get(name) if form and name else None
        return not name or isinstance(one, forms.CharField)

    @staticmethod
    def _visible_names(form: Any) -> list[str]:
        return [name for name in names(form) if not form[name].is_hidden]

    @staticmethod
    def _value(form: Any, name: str, values: list[str]) -> str:
        one = form.fields.get(name)
        if isinstance(one, forms.BooleanField):
            return "oui" if values else "non"
        labels: dict[str, str] = {}
        for value, label in getattr(one, "choices", ()):
            group = label if isinstance(label, list | tuple) else [(value, label)]
            labels |= {str(key): str(text) for key, text in group}
        return ", ".join(labels.get(value, value) for value in values)
