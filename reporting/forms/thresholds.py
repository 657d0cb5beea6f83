"""The form of a recovery threshold."""

from typing import Any

from django import forms

from actions.models import Cycle
from cpo.lib.forms.base import DsfrForm, FrenchDateField, MoneyField, add_faults
from reporting.services.thresholds import threshold_faults


class ThresholdForm(DsfrForm):
    amount = MoneyField(
        label="Seuil, en euros",
        help_text="Une correction inférieure n’est pas recouvrée\u00a0; au seuil même, elle l’est.",
        error_messages={"required": "Donnez le seuil."},
    )
    applies_from = FrenchDateField(
        label="S’applique à partir du", error_messages={"required": "Donnez le premier jour où il s’applique."}
    )
    source = forms.CharField(label="Texte ou décision", max_length=200, required=False)

    def __init__(self, *args: Any, cycle: Cycle, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.cycle = cycle

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        add_faults(self, threshold_faults(self.cycle, data.get("amount"), data.get("applies_from")))
        return data
