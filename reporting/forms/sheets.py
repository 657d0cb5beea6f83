"""The form of one fiche's part: progress, texts, indicators, charges."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import Prefetch

from actions.enums import NUMERIC_UNITS, AccountSide, Aggregation, Unit
from actions.models import Account, SheetIndicator, Target
from actions.retained import retain
from cpo.lib.forms.base import FrenchDecimalField
from cpo.lib.forms.confirming import ConfirmedField, ask
from cpo.lib.wording import french
from cpo.lib.wording.proportion import excess
from reporting import figures
from reporting.enums import Progress
from reporting.models import SheetReport, Value
from reporting.services.inputs import ValueInput, ratio, value_fault
from reporting.services.reports import SHEET_FIELDS

from .amounts import AmountRows
from .base import LongText, PartForm

COPIED = ("narrative", "audience", "partners", "difficulties", "measures", "next_year")
MAXIMUM_RATE = 1_000_000  # percent
NOT_NEGATIVE = (Unit.NUMBER, Unit.EURO, Unit.HOUR, Unit.DAY, Unit.FTE)


@dataclass
class Measure:
    """An indicator of the fiche with the target and the value of the year, and last year's value."""

    indicator: SheetIndicator
    target: Target | None
    value: Value | None
    previous: Value | None
    threshold: int  # percent of the target: a value below is commented on

    @property
    def is_ratio(self) -> bool:
        definition = self.indicator.definition_from
        return bool(definition and definition.aggregation == Aggregation.RATIO)

    @property
    def is_number(self) -> bool:
        return self.indicator.unit in NUMERIC_UNITS

    @property
    def attainment(self) -> Decimal | None:
        return figures.attainment(self.indicator, self.target, self.value)

    @property
    def is_low(self) -> bool:
        """Whether the value is so far below its target that the report needs a comment."""
        return self.attainment is not None and self.attainment < self.threshold

    def out_of_proportion(self, number: Decimal) -> str:
        """Say in French why a value may have a digit too many; "" when it may not. It may be right all the same."""
        target = self.target.number if self.target else None
        before = self.previous.number if self.previous else None
        if self.indicator.unit == Unit.PERCENT and number > 100 >= (target or 0):
            return f"{french.number(number)} % : un taux dépasse rarement 100 %."
        words = excess(number, target, "la cible") if target else excess(number, before, "celle de l’année précédente")
        return f"{french.number(number)} : {words}." if words else ""


def previous_part(part: SheetReport) -> SheetReport | None:
    """The same fiche in last year's report; its key is the same in every copy of a programme."""
    return (
        SheetReport.objects.filter(
            report__convention=part.report.convention_id, report__year=part.report.year - 1, sheet__key=part.sheet.key
        )
        .select_related("report", "sheet")
        .prefetch_related(Prefetch("values", Value.objects.select_related("indicator")))
        .first()
    )


def measures(part: SheetReport, previous: SheetReport | None) -> list[Measure]:
    values = {value.indicator_id: value for value in part.values.all()}
    before = {value.indicator.key: value for value in previous.values.all()} if previous else {}
    indicators = part.sheet.indicators.select_related("definition_from").prefetch_related("targets")
    retain(part.report.act.programme, [indicator.definition_from for indicator in indicators])
    threshold, rows = figures.thresholds(part.report).target, []
    for indicator in indicators:
        target = next((t for t in indicator.targets.all() if t.year == part.report.year), None)
        rows.append(Measure(indicator, target, values.get(indicator.pk), before.get(indicator.key), threshold))
    return rows


class SheetForm(PartForm):
    progress = forms.ChoiceField(
        label="État d’avancement", choices=[("", "Choisir"), *Progress.choices], required=False
    )
    narrative = LongText(label="Ce qui a été fait", rows=6)
    audience = LongText(label="Publics touchés", rows=2)
    partners = LongText(label="Partenaires mobilisés", rows=2)
    difficulties = LongText(label="Difficultés rencontrées", rows=3)
    measures = LongText(label="Mesures prises", rows=3)
    next_year = LongText(label="Suites pour l’année suivante", rows=3)
    fte_used = FrenchDecimalField(
        label="ETP mobilisés", required=False, min_value=Decimal(0), max_digits=6, decimal_places=2
    )
    confirm = ConfirmedField()

    def __init__(
        self,
        data: Any = None,
        *,
        part: SheetReport,
        revision: int,
        amounts_only: bool = False,
        more: Iterable[Account] = (),
        previous: Sequence[SheetReport | None] = (),
    ) -> None:
        """amounts_only: the person writes the charges, not the texts nor the values; more: accounts of new lines.

        previous: what `previous_part` gives, where the page read it already.
        """
        self.part, self.amounts_only = part, amounts_only
        self.lines = figures.with_accounts(figures.sheet_lines(part), more)
        self.previous = previous[0] if previous else previous_part(part)
        self.indicators = measures(part, self.previous)
        stored_values = {name: getattr(part, name) for name in SHEET_FIELDS} | AmountRows.stored_values(
            "charge", self.lines
        )
        for measure in self.indicators:
            stored_values |= self._stored_values(measure)
        super().__init__(data, stored_values=stored_values, revision=revision)

    @staticmethod
    def _stored_values(measure: Measure) -> dict[str, Any]:
        name, value = f"v{measure.indicator.pk}", measure.value
        if value is None:
            return {}
        return {
            name: value.number if measure.is_number else value.text,
            f"{name}-num": value.numerator,
            f"{name}-den": value.denominator,
            f"{name}-comment": value.comment,
            f"{name}-source": value.source,
            f"{name}-na": value.not_applicable,
        }

    @property
    def expense_sum(self) -> figures.Sum:
        return figures.Sum(self.lines)

    def build(self) -> None:
        for measure in self.indicators:
            self._add_measure(measure)
        accounts = Account.objects.filter(side=AccountSide.EXPENSE, enterable=True, withdrawn=False)
        self.charges = AmountRows(self, "charge", self.lines, list(accounts), verb="dépensé")
        for name, field in self.fields.items():
            field.disabled = self.is_closed(name)

    def is_closed(self, name: str) -> bool:
        """Whether the field is shown and not written: by this person, or in a report open again for its texts."""
        if name == "revision":
            return False
        is_amount = name.startswith("charge-")
        is_text = name.endswith(("-comment", "-source")) or (name in SHEET_FIELDS and name != "fte_used")
        return (self.amounts_only and not is_amount) or (self.part.report.figures_closed and not is_text)

    def _add_measure(self, measure: Measure) -> None:
        name, indicator = f"v{measure.indicator.pk}", measure.indicator
        label = indicator.label
        number: dict[str, Any] = {"required": False, "max_digits": 14, "decimal_places": 2}
        if measure.is_ratio:
            definition = indicator.definition_from
            self.fields[f"{name}-num"] = FrenchDecimalField(
                label=f"{label} : {definition.numerator or 'numérateur'}", min_value=Decimal(0), **number
            )
            self.fields[f"{name}-den"] = FrenchDecimalField(
                label=f"{label} : {definition.denominator or 'dénominateur'}", min_value=Decimal(0), **number
            )
        elif measure.is_number:
            bounds: dict[str, Any] = {"min_value": Decimal(0)} if indicator.unit in NOT_NEGATIVE else {}
            if indicator.unit == Unit.SCORE:
                bounds = {"min_value": Decimal(0), "max_value": Decimal(5)}
            self.fields[name] = FrenchDecimalField(label=f"{label} : réalisé", **number, **bounds)
        elif indicator.unit == Unit.YES_NO:
            choices = [("", "Non renseigné"), ("oui", "Oui"), ("non", "Non")]
            self.fields[name] = forms.ChoiceField(label=f"{label} : réalisé", choices=choices, required=False)
        else:
            self.fields[name] = forms.CharField(label=f"{label} : réalisé", max_length=200, required=False)
        if measure.is_number:
            self.fields[f"{name}-confirm"] = forms.BooleanField(
                label=f"Je confirme cette valeur : {label}", required=False
            )  # shown after a value out of proportion only
        self.fields[f"{name}-na"] = forms.BooleanField(label=f"Sans objet cette année : {label}", required=False)
        self.fields[f"{name}-source"] = forms.CharField(label=f"{label} : source", max_length=150, required=False)
        self.fields[f"{name}-comment"] = LongText(label=f"{label} : commentaire d’écart", rows=2, max_length=2000)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        for measure in self.indicators:
            if measure.is_ratio:
                self._check_ratio(f"v{measure.indicator.pk}", data)
            if measure.is_number:
                self._ask_about(measure, data)
            if words := value_fault(self._value(measure, data)):
                self.add_error(f"v{measure.indicator.pk}-na", words)
        self.charges.clean(data)
        ask(self, self.charges.unusual(data), self.charges.stored())
        return data

    def _check_ratio(self, name: str, data: dict[str, Any]) -> None:
        top, bottom = data.get(f"{name}-num"), data.get(f"{name}-den")
        if bottom is not None and bottom == 0:
            self.add_error(f"{name}-den", "Le dénominateur doit être supérieur à zéro.")
        elif top is not None and bottom is not None and top * 100 > bottom * MAXIMUM_RATE:
            self.add_error(f"{name}-den", "Le taux obtenu n’est pas vraisemblable : vérifiez ces deux nombres.")
        if top is not None and bottom is None and not self.errors.get(f"{name}-den"):
            self.add_error(f"{name}-den", "Indiquez aussi le dénominateur : le taux se calcule des deux.")
        if bottom is not None and top is None and not self.errors.get(f"{name}-num"):
            self.add_error(f"{name}-num", "Indiquez aussi le numérateur, 0 s’il est nul.")

    def _ask_about(self, measure: Measure, data: dict[str, Any]) -> None:
        """Ask to confirm a value out of proportion. The answer is kept with the value: another value is asked about."""
        number, name = self._number(measure, data), f"v{measure.indicator.pk}-confirm"
        words = measure.out_of_proportion(number) if number is not None else ""
        kept = measure.value is not None and measure.value.is_confirmed and measure.value.number == number
        data[name] = bool(words) and (bool(data.get(name)) or kept)
        if words and not data[name]:
            self.add_error(name, f"{words} Corrigez la valeur, ou cochez cette case si elle est exacte.")

    def _number(self, measure: Measure, data: dict[str, Any]) -> Decimal | None:
        entry = self._value(measure, data)
        return ratio(entry, measure.indicator.unit) if measure.is_ratio else entry.number

    def arguments(self, data: dict[str, Any]) -> dict[str, Any]:
        """Arguments of services.reports.save_sheet."""
        return {
            "fields": {name: data[name] for name in SHEET_FIELDS},
            "values": [self._value(measure, data) for measure in self.indicators],
            "expenses": self.charges.inputs(data),
        }

    @staticmethod
    def _value(measure: Measure, data: dict[str, Any]) -> ValueInput:
        name = f"v{measure.indicator.pk}"
        entry = ValueInput(
            measure.indicator.pk,
            comment=data.get(f"{name}-comment") or "",
            source=data.get(f"{name}-source") or "",
            not_applicable=bool(data.get(f"{name}-na")),
            confirmed=bool(data.get(f"{name}-confirm")) and measure.is_number,
        )
        if measure.is_ratio:
            return replace(entry, numerator=data.get(f"{name}-num"), denominator=data.get(f"{name}-den"))
        value = data.get(name)
        return replace(entry, number=value) if measure.is_number else replace(entry, text=value or "")

    def rows(self) -> list[dict[str, Any]]:
        """For the template: each measure with its inputs."""
        rows = []
        for measure in self.indicators:
            name = f"v{measure.indicator.pk}"
            names = [f"{name}-num", f"{name}-den"] if measure.is_ratio else [name]
            row = {"measure": measure, "inputs": [self[n] for n in names]}
            row |= {part: self[f"{name}-{part}"] for part in ("na", "source", "comment")}
            confirm = self[f"{name}-confirm"] if measure.is_number else None
            rows.append(row | {"confirm": confirm if confirm and (confirm.errors or confirm.value()) else None})
        return rows
