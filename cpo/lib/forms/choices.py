"""Faster lists of choices: one query for the rows, one string for the options. The HTML is the same as Django's.

Django reads the rows through a server-side cursor and renders two templates for each option: with three filters of
twenty options, this is half of the time of a list page.
"""

from collections.abc import Iterable, Iterator
from html import escape
from typing import Any

from django import forms
from django.forms.models import ModelChoiceIterator
from django.forms.utils import flatatt
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe


class ListedChoices(ModelChoiceIterator):
    def __iter__(self) -> Iterator[tuple[Any, Any]]:
        if self.field.empty_label is not None:
            yield "", self.field.empty_label
        for row in self.queryset:
            yield self.choice(row)


class Select(forms.Select):
    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        selected = set(self.format_value(value))
        attributes = flatatt(self.build_attrs(self.attrs, attrs))
        return format_html('<select name="{}"{}>{}</select>', name, attributes, _options(self.choices, selected))


def _options(choices: Iterable[Any], selected: set[str]) -> SafeString:
    parts: list[str] = []
    for value, label in choices:
        if isinstance(label, list | tuple):
            parts.append(format_html('<optgroup label="{}">{}</optgroup>', value, _options(label, selected)))
        else:
            text = "" if value is None else str(value)
            parts.append(
                f'<option value="{_escape(text)}"{" selected" if text in selected else ""}>{_escape(label)}</option>'
            )
    return mark_safe("\n".join(parts))


def _escape(value: Any) -> str:
    """Escape like Django's `conditional_escape`, but faster: there are thousands of labels."""
    return str(value.__html__()) if hasattr(value, "__html__") else escape(str(value))


def lighten(field: forms.Field) -> None:
    """Replace Django's own choice iterator and widget of a field by the faster ones."""
    if isinstance(field, forms.ModelChoiceField) and field.iterator is ModelChoiceIterator:
        field.iterator = ListedChoices
        field.widget.choices = field.choices  # type: ignore[attr-defined]
    if type(field.widget) is forms.Select:
        lighter = Select(attrs=field.widget.attrs)
        lighter.choices, lighter.is_required = field.widget.choices, field.widget.is_required
        field.widget = lighter
