"""The correction of what was typed of a paper original: the values of one place, and the reason."""

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django import forms

from conventions.later.typed import Line
from cpo.lib.forms.fields import FrenchDateField, MoneyField

from .drafting import RevisionForm

LONGEST = 20_000


class CorrectionForm(RevisionForm):
    mark_optional = False

    def __init__(self, *args: Any, lines: Iterable[Line], revision: int, **kwargs: Any) -> None:
        self.lines = list(lines)
        super().__init__(*args, initial={"revision": revision}, **kwargs)
        for line in self.lines:
            self.fields[line.name] = _field(line)
        self.fields["reason"] = forms.CharField(
            label="Motif de la correction",
            help_text="Par exemple : « Le montant de 2026 avait été recopié sur la ligne de 2027. »",
            max_length=1000,
            widget=forms.Textarea(attrs={"rows": 3}),
            error_messages={"required": "Dites pourquoi ces valeurs sont corrigées."},
        )

    def values(self) -> dict[str, Any]:
        return {line.name: self.cleaned_data[line.name] for line in self.lines}


def _field(line: Line) -> forms.Field:
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
