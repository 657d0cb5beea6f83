"""The filters of the list of deadlines; the form that declares a deadline met."""

import datetime as dt
from typing import Any

from django import forms

from cpo.lib.forms.base import DsfrForm, FilterForm, FrenchDateField
from cpo.lib.wording import french

STATES = (
    ("", "À venir et en retard"),
    ("retard", "En retard"),
    ("faites", "Faites"),
    ("toutes", "Toutes"),
)


class DeadlineFilterForm(FilterForm):
    etat = forms.ChoiceField(label="État", required=False, choices=STATES)
    regle = forms.ChoiceField(label="Échéance", required=False)
    convention = forms.CharField(label="Convention ou association", required=False, max_length=80)
    pour = forms.ChoiceField(
        label="À la charge de", required=False, choices=[("", "Tout le monde"), ("moi", "Moi, par mon rôle")]
    )

    def __init__(self, *args: Any, rules: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["regle"].choices = [("", "Toutes"), *rules]


class DeadlineMetForm(DsfrForm):
    met_on = FrenchDateField(label="Faite le")
    comment = forms.CharField(
        label="Précision",
        help_text="Par exemple la référence d’un courrier. Elle figure au journal de la convention.",
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_met_on(self) -> dt.date:
        day = self.cleaned_data["met_on"]
        if day > self.today:
            raise forms.ValidationError(
                f"Indiquez un jour passé : nous sommes le {french.date(self.today)}.", code="future"
            )
        if day < self.today - dt.timedelta(days=3 * 366):
            raise forms.ValidationError("Cette date remonte à plus de trois ans : vérifiez l’année.", code="old")
        return day
