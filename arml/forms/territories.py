"""Forms of the reference pages about territories."""

import zoneinfo
from typing import Any

from django import forms

from arml.enums import OrganisationKind
from arml.models import Organisation, Territory
from cpo.lib import clock
from cpo.lib.forms.base import DsfrForm, FrenchDateField, RevisedModelForm


class TerritoryForm(RevisedModelForm):
    class Meta:
        model = Territory
        fields = ["name", "in_sentence", "service", "prefecture", "prefect_title", "court", "time_zone"]
        help_texts = {
            "in_sentence": "Préposition comprise : « en Bretagne »",
            "prefect_title": "Article compris : « le préfet de la région Bretagne, préfet d’… »",
            "court": "Repris dans les nouvelles conventions : « tribunal administratif de Rennes »",
            "time_zone": "Les échéances sont des dates dans ce fuseau ; exemple : Europe/Paris",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        services = Organisation.objects.filter(kind=OrganisationKind.STATE_SERVICE)
        self.fields["service"].queryset = services
        self.fields["service"].required = True

    def clean_time_zone(self) -> str:
        name = self.cleaned_data["time_zone"]
        if name not in zoneinfo.available_timezones():
            raise forms.ValidationError("Ce fuseau n’existe pas. Écrivez par exemple Europe/Paris ou Indian/Reunion.")
        return name


class CountForm(DsfrForm):
    counted_on = FrenchDateField(label="À la date du", help_text="Format attendu : JJ/MM/AAAA")
    count = forms.IntegerField(
        label="Nombre de missions locales",
        min_value=0,
        max_value=500,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )
    source = forms.CharField(label="Source", max_length=200, help_text="Document, organisme, année")

    def clean_counted_on(self) -> Any:
        day = self.cleaned_data["counted_on"]
        if day > clock.today():
            raise forms.ValidationError("Un comptage ne peut pas être daté dans l’avenir.")
        return day
