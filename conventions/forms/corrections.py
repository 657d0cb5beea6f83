"""The correction of what was typed of a paper original: the values of one place, and the reason."""

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django import forms

from actions.targets import WHOLE
from conventions.later.lines import Line
from cpo.lib.forms.fields import FrenchDateField, MoneyField
from cpo.lib.wording.numbers import parse_french_decimal

from .drafting import RevisionForm

LONGEST = 20_000


class CorrectionForm(RevisionForm):
    mark_optional = False

    def __init__(self, *args: Any, lines: Iterable[Line], revision: int, **kwargs: Any) -> None:
        self.lines = list(lines)
        super().__init__(*args, initial={"revision": revision}, **kwargs)
        for line in self.lines:
            self.fields[line.name] = _field(line)
        if any(line.rate for line in self.lines):
            self.fields["confirm"] = forms.BooleanField(
                label="Je confirme une cible de plus de 100\u00a0%", required=False
            )
        self.fields["reason"] = forms.CharField(
            label="Motif de la correction",
            help_text="Par exemple : « Le montant de 2026 avait été recopié sur la ligne de 2027. »",
            max_length=1000,
            widget=forms.Textarea(attrs={"rows": 3}),
            error_messages={"required": "Dites pourquoi ces valeurs sont corrigées."},
        )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        beyond = [line.label for line in self.lines if line.rate and _is_over(data.get(line.name), line)]
        if beyond and not data.get("confirm"):
            self.add_error("confirm", f"{', '.join(beyond)}\u00a0: plus de 100\u00a0%. Corrigez, ou cochez cette case.")
        return data

    def values(self) -> dict[str, Any]:
        """What was typed, as it is stored: a save without a change changes nothing."""
        return {
            line.name: line.reads(value) if isinstance(value := self.cleaned_data[line.name], str) else value
            for line in self.lines
        }


def _is_over(text: Any, line: Line) -> bool:
    """Whether a target that was changed is above the whole."""
    target = line.reads(text or "")
    if target == line.value:
        return False
    try:
        return parse_french_decimal(target) > WHOLE
    except ValueError:
        return False


def _field(line: Line) -> forms.Field:
    if line.choices:
        optional = any(key == "" for key, _ in line.choices)
        return forms.ChoiceField(label=line.label, initial=line.value, choices=line.choices, required=not optional)
    if line.day:
        return FrenchDateField(label=line.label, initial=line.value, required=False)
    if isinstance(line.value, dt.date):
        return FrenchDateField(label=line.label, initial=line.value, error_messages={"required": "Donnez la date."})
    if isinstance(line.value, Decimal):
        return MoneyField(
            label=line.label, initial=line.value, min_value=0, help_text="0 retire la ligne.",
            error_messages={"required": "Donnez le montant, ou 0."},
        )  # fmt: skip
    if line.longest is None:
        return forms.CharField(
            label=line.label, initial=line.value, required=False, max_length=LONGEST,
            widget=forms.Textarea(attrs={"rows": 3}),
        )  # fmt: skip
    return forms.CharField(
        label=line.label, initial=line.value, max_length=line.longest, required=bool(line.value),
        error_messages={"required": "Ce texte ne peut pas être vide."},
    )  # fmt: skip
