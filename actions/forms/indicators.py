"""The indicators of a fiche: one form each, with a baseline and a target or « sans objet » for each year."""

import uuid
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms import formset_factory
from django.utils.html import format_html

from actions.enums import Direction, IndicatorType, Unit
from actions.models import IndicatorDefinition, Sheet, Target
from actions.services import IndicatorData, TargetData, stored_indicator, suggested_target
from actions.services.indicators import MOST_INDICATORS, WORDING
from actions.targets import NOT_APPLICABLE, WHOLE, over_a_whole, read_target, target_words
from cpo.lib.forms.base import DsfrForm, DsfrFormSet
from cpo.lib.wording import french
from cpo.lib.wording.numbers import whole_number


class IndicatorForm(DsfrForm):
    """One indicator, with a target for each year of the fiche. A national one has the wording of the catalogue."""

    mark_optional = False

    key = forms.UUIDField(required=False, widget=forms.HiddenInput)
    definition_from = forms.ModelChoiceField(
        queryset=IndicatorDefinition.objects.none(), required=False, widget=forms.HiddenInput
    )
    label = forms.CharField(label="Libellé", max_length=200)
    unit = forms.ChoiceField(label="Unité", choices=Unit)
    direction = forms.ChoiceField(label="Sens d’une amélioration", choices=Direction)
    type = forms.ChoiceField(label="Type", choices=IndicatorType)
    definition = forms.CharField(
        label="Définition et mode de calcul", required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    source = forms.CharField(label="Source", max_length=150, required=False)
    baseline = forms.CharField(label="Référence", max_length=60, required=False)
    confirm = forms.BooleanField(label="Je confirme une cible de plus de 100\u00a0%", required=False)  # if one is typed

    def __init__(
        self,
        *args: Any,
        sheet: Sheet,
        catalogue: dict[int, IndicatorDefinition],
        confirmed: frozenset[tuple[uuid.UUID, int, Decimal]] = frozenset(),
        **kwargs: Any,
    ) -> None:
        """`confirmed`: the stored targets above 100 % (indicator, year, number), which are not asked about again."""
        super().__init__(*args, **kwargs)
        self.sheet, self.catalogue, self.confirmed = sheet, catalogue, confirmed
        self.fields["definition_from"].queryset = sheet.programme.cycle.indicators.all()
        self.fields["baseline"].label = f"Référence {sheet.programme.cycle.first_year - 1}"
        self._bound_fields_cache.clear()  # django-dsfr caches each field before its label is set
        for year in sheet.years:
            target = forms.CharField(label=f"Cible {year}", max_length=120, required=False)
            target.widget.attrs |= {"inputmode": "decimal", "autocomplete": "off"}
            key = self["key"].value()
            if key:  # the anchor used by the list of missing elements
                target.widget.attrs["id"] = f"cible-{key}-{year}"
            self.fields[f"target_{year}"] = target
            self.fields[f"na_{year}"] = forms.BooleanField(label=_not_applicable(year), required=False)
        if self.national:
            for name in WORDING:
                del self.fields[name]

    def has_changed(self) -> bool:
        """Whether something was typed. Choices do not count: they have a value in a blank row."""
        return any(name not in ("unit", "direction", "type", "confirm") for name in self.changed_data)

    @property
    def counts(self) -> bool:
        """Whether a valid form is an indicator: already stored, or filled in."""
        return bool(self.cleaned_data.get("key")) or self.has_changed()

    @property
    def definition_row(self) -> IndicatorDefinition | None:
        return self.catalogue.get(whole_number(self["definition_from"].value()))

    @property
    def national(self) -> bool:
        return bool(self.definition_row and self.definition_row.national)

    @property
    def title(self) -> str:
        return str(self._wording("label") or "Nouvel indicateur")

    @property
    def row_label(self) -> str:
        return f"« {self.title} »"

    @property
    def identity(self) -> str:
        """Its key, else its label when it is not stored yet; "" for a blank row."""
        return str(self["key"].value() or self._wording("label") or "")

    @property
    def invalid_targets(self) -> list[Any]:
        """The invalid targets. Their messages are below the row, which is too narrow for them."""
        return [target for target, _ in self.yearly if target.errors]

    @property
    def subtitle(self) -> str:
        unit, direction = dict(Unit.choices), dict(Direction.choices)
        labels = (unit.get(self._wording("unit")), direction.get(self._wording("direction")))
        return ", ".join(label for label in labels if label)

    def _wording(self, name: str) -> Any:
        return getattr(self.definition_row, name) if self.national else self[name].value()

    @property
    def is_new(self) -> bool:
        return not self["key"].value()

    @property
    def wording_open(self) -> bool:
        """Whether the wording is unfolded: it is blank or has an error."""
        return not self.national and (not self._wording("label") or any(self.errors.get(name) for name in WORDING))

    @property
    def yearly(self) -> list[tuple[Any, Any]]:
        return [(self[f"target_{year}"], self[f"na_{year}"]) for year in self.sheet.years]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        cleaned["targets"] = {}
        for year in self.sheet.years:
            try:
                cleaned["targets"][year] = self._target(year, cleaned)
            except ValidationError as error:
                self.add_error(f"target_{year}", error)
        self._ask_about_rates(cleaned)
        return cleaned

    def _ask_about_rates(self, cleaned: dict[str, Any]) -> None:
        """Ask for a confirmation of a new target of a rate above 100 %: « 185 » may be « 85 », or be right."""
        unit = self._unit(cleaned)
        asked = [
            f"{french.number(target.number)}\u00a0% en {year}"
            for year, target in cleaned["targets"].items()
            if over_a_whole(target, unit) and (cleaned.get("key"), year, target.number) not in self.confirmed
        ]
        if asked and not cleaned.get("confirm"):
            targets = ", ".join(asked)
            message = f"Cible de plus de 100\u00a0% ({targets})\u00a0: corrigez-la, ou cochez cette case."
            self.add_error("confirm", message)

    def _unit(self, cleaned: dict[str, Any]) -> str:
        return self.definition_row.unit if self.national and self.definition_row else cleaned.get("unit", "")

    def _target(self, year: int, cleaned: dict[str, Any]) -> TargetData:
        text = cleaned.get(f"target_{year}", "")
        unit = self._unit(cleaned)
        if cleaned.get(f"na_{year}"):
            if text and text.lower() != NOT_APPLICABLE:
                raise ValidationError("Effacez cette cible, ou décochez « sans objet ».")
            return TargetData(not_applicable=True)
        return read_target(text, unit)

    def data_row(self) -> IndicatorData:
        cleaned, definition = self.cleaned_data, self.definition_row
        values = {name: cleaned[name] for name in ("source", "baseline", "targets", "key")}
        source = definition if self.national else None
        wording = {name: getattr(source, name) if source else cleaned[name] for name in WORDING}
        return IndicatorData(**values, **wording, definition_from=definition)


class MethodForm(DsfrForm):
    """The evaluation method, below the indicators."""

    evaluation_method = forms.CharField(
        label="Comment ces résultats seront mesurés",
        help_text="Méthode, fréquence, personne chargée du recueil.",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


def _not_applicable(year: int) -> str:
    """Label of a check box « sans objet », with the year for screen readers: a line has several of them."""
    return format_html('{}<span class="fr-sr-only"> en {}</span>', NOT_APPLICABLE, year)


class IndicatorFormSet(DsfrFormSet):
    """Stored indicators first, then added ones; only the added ones may stay blank."""

    deletion_label = "Retirer cet indicateur"

    def initial_form_count(self) -> int:
        return (
            super().initial_form_count() if self.is_bound else sum(bool(row.get("key")) for row in self.initial or ())
        )

    def total_form_count(self) -> int:
        return super().total_form_count() if self.is_bound else len(self.initial or ())

    def rows(self) -> list[IndicatorData]:
        """Return the indicators of a valid formset."""
        return [form.data_row() for form in self.forms if form not in self.deleted_forms and form.counts]

    def typed_rows(self) -> list[dict[str, Any]]:
        """Return the typed values unchanged, to show the page again with one more row."""
        return [{name: form[name].value() for name in form.fields} for form in self.forms]


def indicator_formset(
    sheet: Sheet,
    catalogue: dict[int, IndicatorDefinition],
    *,
    data: Any = None,
    initial: list[dict[str, Any]] | None = None,
) -> IndicatorFormSet:
    factory = formset_factory(
        IndicatorForm,
        formset=IndicatorFormSet,
        extra=0,
        can_delete=True,
        max_num=MOST_INDICATORS,
        absolute_max=MOST_INDICATORS,
    )
    rates = Target.objects.filter(indicator__sheet=sheet, indicator__unit=Unit.PERCENT, number__gt=WHOLE)
    confirmed = frozenset(rates.values_list("indicator__key", "year", "number")) if data is not None else frozenset()
    kwargs = {"sheet": sheet, "catalogue": catalogue, "confirmed": confirmed}
    return factory(data=data, initial=initial, prefix="ind", form_kwargs=kwargs)


def stored_rows(sheet: Sheet) -> list[IndicatorData]:
    return [stored_indicator(indicator) for indicator in sheet.indicators.all()]


def initial_row(data: IndicatorData) -> dict[str, Any]:
    """Return the initial values of the form of an indicator."""
    row = {name: getattr(data, name) for name in (*WORDING, "source", "baseline", "key")}
    row["definition_from"] = data.definition_from.pk if data.definition_from else None
    for year, target in data.targets.items():
        row[f"target_{year}"] = target_words(target)
        row[f"na_{year}"] = target.not_applicable
    return row


def new_row(sheet: Sheet, definition: IndicatorDefinition | None) -> dict[str, Any]:
    """Return a row to add: blank, or with the wording of the catalogue and its usual target if it is a plain number."""
    if definition is None:
        return {"unit": Unit.NUMBER, "direction": Direction.UP, "type": IndicatorType.OUTPUT}
    number = suggested_target(definition)
    row = {name: getattr(definition, name) for name in ("label", "unit", "direction", "type", "source")}
    row["definition"] = "\n".join(text for text in (definition.definition, definition.method) if text)
    row["definition_from"] = definition.pk
    return row | {f"target_{year}": "" if number is None else french.number(number) for year in sheet.years}
