"""Base classes of every form: DSFR markup, errors beside the fields, and the errors of the summary at the top.

Subclass `DsfrForm` or `DsfrModelForm`. Render with `{% crispy form %}`, or field by field with
`{{ form.name.as_field_group }}` after `{% error_summary form %}`. In a grid,
`{% cell_input field "row-id column-id" %}` draws the bare input.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms.formsets import BaseFormSet
from dsfr.forms import DsfrBaseForm, DsfrBoundField

from .choices import lighten
from .fields import FrenchDateField, FrenchDateInput, FrenchDecimalField, MoneyField
from .hardening import REVERSING, harden, refused_texts, without_controls

__all__ = [
    "DsfrForm",
    "DsfrFormSet",
    "DsfrModelForm",
    "DsfrModelFormSet",
    "FieldError",
    "FilterForm",
    "FrenchDateField",
    "FrenchDateInput",
    "FrenchDecimalField",
    "HintedLabel",
    "MoneyField",
    "add_faults",
    "field_errors",
]

_PLAIN = (forms.CheckboxInput, forms.RadioSelect, forms.CheckboxSelectMultiple)


class HintedLabel(str):
    """Label of a radio button or checkbox with its hint: `choices=[("now", HintedLabel("…", "what follows"))]`.

    It is a str because Django would read a dict as a group of choices.
    """

    help_text: str
    label: str

    def __new__(cls, label: str, help_text: str = "") -> "HintedLabel":
        instance = super().__new__(cls, label)
        instance.label, instance.help_text = label, help_text
        return instance


class BoundField(DsfrBoundField):
    """A field rendered by `templates/components/field/`. The hint is in the label; aria-describedby names the error."""

    @property
    def data(self) -> Any:
        """What was typed, without the characters that no text may hold; the lines end as in stored texts."""
        return without_controls(super().data, self.field)

    @property
    def kind(self) -> str:
        widget = self.field.widget
        if isinstance(widget, forms.CheckboxSelectMultiple):  # a subclass of RadioSelect: first
            return "checkboxes"
        if isinstance(widget, forms.RadioSelect):
            return "radio"
        if isinstance(widget, forms.CheckboxInput):
            return "checkbox"
        if isinstance(widget, forms.FileInput):
            return "upload"
        return "select" if isinstance(widget, forms.Select) else "input"

    @property
    def template_name(self) -> str:
        own = self.field.template_name
        if own:
            return str(own)
        folder = "components/field/"
        if self.kind in ("radio", "checkboxes"):
            return folder + "choices.html"
        return folder + ("checkbox.html" if self.kind == "checkbox" else "input.html")

    @property
    def optional(self) -> bool:
        """Whether the label says that the field is optional; compulsory fields need no mark (DSFR)."""
        return bool(getattr(self.form, "mark_optional", True)) and not self.field.required and self.kind != "checkbox"

    @property
    def error_id(self) -> str:
        return f"{self.auto_id}_error"

    @property
    def anchor(self) -> str:
        """Id of the element that takes the focus: the input, or the first choice of a group."""
        return f"{self.auto_id}_0" if self.kind in ("radio", "checkboxes") else self.id_for_label or self.auto_id

    @property
    def aria_describedby(self) -> str | None:
        if self.field.widget.attrs.get("aria-describedby"):
            return None
        return self.error_id if self.errors else None

    def build_widget_attrs(self, attrs: dict[str, Any], widget: forms.Widget | None = None) -> dict[str, Any]:
        attrs = super().build_widget_attrs(attrs, widget)
        widget = widget or self.field.widget
        if not isinstance(widget, _PLAIN) and not widget.is_hidden:
            base = f"fr-{self.kind}"
            classes = str(attrs.get("class") or widget.attrs.get("class") or "").split()
            classes = [base, *[name for name in classes if name not in (base, f"{base}--error")]]
            if self.errors:
                classes.append(f"{base}--error")
            attrs["class"] = " ".join(classes)
        if self.field.required and self.kind not in ("radio", "checkboxes") and not widget.is_hidden:
            attrs["aria-required"] = "true"
        return attrs


class _FormMixin:
    """Common behaviour of plain forms and model forms."""

    bound_field_class = BoundField
    # The server's messages, in French and beside the field, replace the browser's bubbles.
    use_required_attribute = False
    mark_optional = True
    error_css_class = ""
    required_css_class = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for form_field in self.fields.values():  # type: ignore[attr-defined]
            form_field.widget.attrs.pop("dsfr", None)  # a mark for django-dsfr's own choice templates
            lighten(form_field)
            harden(form_field)
        # django-dsfr has cached each bound field: labels and hints that a form sets later would not appear.
        self._bound_fields_cache: dict[str, Any] = {}

    def _clean_form(self) -> None:
        super()._clean_form()  # type: ignore[misc]
        for name in refused_texts(self):
            self.add_error(name, REVERSING)  # type: ignore[attr-defined]

    def get_context(self) -> dict[str, Any]:
        # django-dsfr warns at each rendering about a setting that our own field templates don't use.
        return super(DsfrBaseForm, self).get_context()  # type: ignore[misc]


class DsfrForm(_FormMixin, DsfrBaseForm):
    template_name = "components/field/form.html"


class DsfrModelForm(_FormMixin, DsfrBaseForm, forms.ModelForm):
    template_name = "components/field/form.html"


class RevisedModelForm(DsfrModelForm):
    """A form that carries the revision of the row when the page was opened: a save over a newer one is refused."""

    revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["revision"].initial = self.opened_with()

    def opened_with(self) -> int:
        return int(self.instance.revision)

    @property
    def changes(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name != "revision"}


class FilterForm(DsfrForm):
    """Filters of a list, in the URL. All are optional, so no label says it. An invalid value is ignored."""

    mark_optional = False

    def values(self) -> dict[str, Any]:
        """Return the cleaned values that are set, without those in error (the form shows their message)."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value not in (None, "", [])}


class _FormSetMixin:
    default_error_messages = {
        "missing_management_form": "Le formulaire reçu est incomplet. Rechargez la page et recommencez.",
        "too_many_forms": "Il y a trop de lignes : %(num)d au plus.",
        "too_few_forms": "Il manque des lignes : %(num)d au moins.",
    }
    deletion_label = "Retirer cette ligne"

    def add_fields(self, form: forms.BaseForm, index: int | None) -> None:
        super().add_fields(form, index)  # type: ignore[misc]
        if "DELETE" in form.fields:
            form.fields["DELETE"].label = self.deletion_label


class DsfrFormSet(_FormSetMixin, BaseFormSet):
    """Base for `formset_factory(Form, formset=DsfrFormSet)`."""


class DsfrModelFormSet(_FormSetMixin, forms.BaseModelFormSet):
    """Base for `modelformset_factory`; for an inline one, inherit `forms.BaseInlineFormSet` beside."""


@dataclass(frozen=True)
class FieldError:
    """One line of the error summary: `anchor` is empty when the message concerns the whole form."""

    anchor: str
    label: str
    message: str


def add_faults(form: Any, faults: Mapping[str, Any]) -> None:
    """Add what the rule behind a form says to what its fields say, so that one page tells all that is wrong.

    Call it in `clean` with what is valid; the service asks the same rule again, under its lock.
    """
    for name in [name for name in form.fields if name in faults and name not in form.errors]:
        form.add_error(name, faults[name])


def field_errors(*sources: Any) -> list[FieldError]:
    """Return every error of these forms and formsets, in reading order, with the id of its field."""
    errors: list[FieldError] = []
    for source in sources:
        if isinstance(source, BaseFormSet):
            errors += _formset_errors(source)
        elif source is not None and getattr(source, "is_bound", False):
            errors += _form_errors(source)
    return errors


def _formset_errors(formset: BaseFormSet) -> Iterable[FieldError]:
    if not formset.is_bound:
        return []
    errors = [FieldError("", "", str(message)) for message in formset.non_form_errors()]
    for number, form in enumerate(formset.forms, start=1):
        row = getattr(form, "row_label", "") or f"Ligne {number}"
        errors += [
            FieldError(error.anchor, f"{row}, {error.label}" if error.label else row, error.message)
            for error in _form_errors(form)
        ]
    return errors


def _form_errors(form: forms.BaseForm) -> list[FieldError]:
    errors = [FieldError("", "", str(message)) for message in form.non_field_errors()]
    for name in form.fields:
        for message in form.errors.get(name, []):
            bound = form[name]
            if bound.is_hidden:
                errors.append(FieldError("", "", str(message)))
            else:
                errors.append(FieldError(getattr(bound, "anchor", bound.id_for_label), str(bound.label), str(message)))
    return errors
