"""Forms of the reference pages about territories."""

from typing import Any

from django import forms

from arml.enums import OrganisationKind
from arml.models import Organisation, Territory
from cpo.lib import clock, zones
from cpo.lib.clock import PARIS
from cpo.lib.forms.base import DsfrForm, FrenchDateField, RevisedModelForm


class TerritoryForm(RevisedModelForm):
    class Meta:
        model = Territory
        fields = ["name", "in_sentence", "service", "prefecture", "prefect_title", "court", "time_zone"]
        help_texts = {
            "in_sentence": "Préposition comprise : « en Bretagne »",
            "prefect_title": "Article compris : « le préfet de la région Bretagne, préfet d’… »",
            "court": "Repris dans les nouvelles conventions : « tribunal administratif de Rennes »",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        services = Organisation.objects.filter(kind=OrganisationKind.STATE_SERVICE)
        self.fields["service"].queryset = services
        self.fields["service"].required = True
        choices = {zone: name[:1].upper() + name[1:] for zone, name in zones.NAMES.items()}
        choices.setdefault(self.instance.time_zone, zones.name_of(self.instance))
        self.fields["time_zone"] = forms.ChoiceField(
            label="Fuseau horaire", choices=choices, help_text="Les échéances et les événements y sont datés."
        )


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
        if day > clock.today(PARIS):
            raise forms.ValidationError("Un comptage ne peut pas être daté dans l’avenir.")
        return day
