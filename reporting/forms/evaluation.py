"""Forms of the final evaluation: what a side says, what is recommended, the day until which the association answers."""

import datetime as dt
from typing import Any

from django import forms

from conventions.models import Convention
from cpo.lib import clock
from cpo.lib.forms.base import DsfrForm, FrenchDateField, HintedLabel, add_faults
from reporting.enums import Recommendation
from reporting.models.evaluation import ASSESSED
from reporting.services.evaluation import ANSWER_DAYS, share_faults

from .base import LongText

HINTS = {
    Recommendation.RENEW: "une nouvelle convention sur le même objet",
    Recommendation.AMEND: "une nouvelle convention, dont l’objet ou les moyens changent",
    Recommendation.STOP: "aucune nouvelle convention",
}


class AssessmentForm(DsfrForm):
    """The four points of article 9.5, by one side."""

    mark_optional = False
    revision = forms.IntegerField(widget=forms.HiddenInput)
    results = LongText(label="Conformité des résultats à l’objet de la convention", rows=5)
    effects = LongText(label="Effet pour les missions locales et pour les jeunes", rows=5)
    usefulness = LongText(label="Utilité au regard de l’intérêt général", rows=4)
    cost = LongText(label="Coût et emploi de la contribution", rows=4)

    def values(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in ASSESSED}


class RecommendationForm(DsfrForm):
    mark_optional = False
    revision = forms.IntegerField(widget=forms.HiddenInput)
    recommendation = forms.ChoiceField(
        label="Recommandation",
        required=False,
        widget=forms.RadioSelect,
        choices=[
            *((str(one), HintedLabel(str(one.label), HINTS[one])) for one in Recommendation),
            ("", HintedLabel("Pas encore", "à choisir avant de conclure")),
        ],
    )
    reasons = LongText(label="Motifs de la recommandation", rows=6)
    funders = LongText(
        label="Avis des autres financeurs", rows=4, help_text="L’article 9.5 prévoit qu’ils sont consultés"
    )

    def values(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in ("recommendation", "reasons", "funders")}


class ShareForm(DsfrForm):
    mark_optional = False
    answer_by = FrenchDateField(
        label="Appréciation de l’association attendue jusqu’au",
        help_text="Passé ce jour, l’évaluation peut se conclure sans elle",
        error_messages={"required": "Donnez le jour jusqu’auquel l’association répond."},
    )

    def __init__(self, data: Any = None, *, convention: Convention) -> None:
        today = clock.today(convention.dossier.time_zone)
        super().__init__(data, initial={"answer_by": today + dt.timedelta(days=ANSWER_DAYS)})
        self.convention = convention

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        add_faults(self, share_faults(self.convention, data.get("answer_by")))
        return data


class ConcludeForm(DsfrForm):
    """What was read when the page was opened: nothing is concluded that changed since."""

    seen = forms.CharField(widget=forms.HiddenInput)
