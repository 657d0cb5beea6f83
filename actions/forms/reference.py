"""Forms of the reference pages of a cycle."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from cpo.lib.forms import DsfrForm, DsfrModelForm, FilterForm, RevisedModelForm

from ..enums import Aggregation
from ..models import Axis, Cycle, IndicatorDefinition, Objective
from ..services.reference import DERIVED


class ValuesForm(DsfrForm):
    """One field for each value that the cycle gives to the model; what the cycle itself tells is not typed again."""

    browser_signature = forms.BooleanField(label="Signature simple dans le navigateur", required=False)
    scan_signature = forms.BooleanField(label="Original papier signé, puis numérisé", required=False)
    revision = forms.IntegerField(widget=forms.HiddenInput)

    MODES = ("browser_signature", "scan_signature")
    GROUPS = (
        (
            "Budget de l’État",
            "loi_finances_reference mission_budgetaire programme_numero programme_libelle action_budgetaire "
            "activite_chorus",
        ),
        ("Seuils et plafonds", "seuil_adaptation taux_excedent taux_avance_max part_resultats"),
        (
            "Dates et délais",
            "date_limite_avance date_limite_adaptation date_limite_bilan delai_contradictoire "
            "delai_information_evenement delai_prevenance_controle duree_conservation",
        ),
    )

    def __init__(self, *args: Any, cycle: Cycle, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in (*self.MODES, "revision"):
            self.fields[name].initial = getattr(cycle, name)
        for text in cycle.texts.exclude(name__in=DERIVED):
            label, _, note = text.label.partition("\u00a0; ")
            words = [f"Variable {text.name}", *([note] if note else [])]
            long = len(text.value) > 70
            self.fields[f"v_{text.name}"] = forms.CharField(
                label=label[:1].upper() + label[1:],
                initial=text.value,
                max_length=1000,
                help_text="\u00a0; ".join(words),
                widget=forms.Textarea(attrs={"rows": 2, "class": "fr-input"}) if long else forms.TextInput(),
            )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not any(cleaned.get(name) for name in self.MODES):
            self.add_error("scan_signature", "Admettez au moins une façon de signer.")
        return cleaned

    @property
    def groups(self) -> list[tuple[str, list[Any]]]:
        """The values under their headings, in reading order; those of no group come last."""
        left = [name for name in self.fields if name.startswith("v_")]
        found = []
        for title, names in self.GROUPS:
            here = [f"v_{name}" for name in names.split() if f"v_{name}" in left]
            left = [name for name in left if name not in here]
            found.append((title, [self[name] for name in here]))
        return [*found, ("Autres mentions", [self[name] for name in left])]

    @property
    def values(self) -> dict[str, str]:
        return {name[2:]: value for name, value in self.cleaned_data.items() if name.startswith("v_")}

    @property
    def modes(self) -> dict[str, bool]:
        return {name: self.cleaned_data[name] for name in self.MODES}


class AxisForm(RevisedModelForm):
    class Meta:
        model = Axis
        fields = ["label", "short_label", "description"]
        widgets = {
            "label": forms.Textarea(attrs={"rows": 2}),
            "description": forms.Textarea(attrs={"rows": 3}),
        }
        help_texts = {"short_label": "Dans les tableaux et les menus"}


class ObjectiveForm(DsfrModelForm):
    class Meta:
        model = Objective
        fields = ["label", "description"]
        widgets = {"description": forms.Textarea(attrs={"rows": 2})}


class IndicatorFilterForm(FilterForm):
    q = forms.CharField(label="Code ou libellé", max_length=80, required=False)
    axe = forms.ChoiceField(label="Axe", required=False)
    national = forms.ChoiceField(
        label="Statut",
        required=False,
        choices=[("", "Tous"), ("oui", "Nationaux"), ("propose", "Proposés comme nationaux"), ("non", "Non nationaux")],
    )

    def __init__(self, *args: Any, cycle: Cycle, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        axes = [(str(axis.number), str(axis)) for axis in cycle.axes.all()]
        self.fields["axe"].choices = [("", "Tous"), *axes]


class IndicatorForm(RevisedModelForm):
    class Meta:
        model = IndicatorDefinition
        fields = [
            "label",
            "definition",
            "method",
            "unit",
            "type",
            "direction",
            "aggregation",
            "year_aggregation",
            "numerator",
            "denominator",
            "source",
            "usual_target",
        ]
        widgets = {
            "definition": forms.Textarea(attrs={"rows": 3}),
            "method": forms.Textarea(attrs={"rows": 2}),
        }
        help_texts = {
            "aggregation": "Entre les conventions, pour une même année",
            "year_aggregation": "Entre les années d’une même convention",
            "numerator": "Pour un ratio",
            "denominator": "Pour un ratio",
        }

    def opened_with(self) -> int:
        return self.instance.version

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        terms = [name for name in ("numerator", "denominator") if not cleaned.get(name)]
        if cleaned.get("aggregation") == Aggregation.RATIO:
            for name in terms:
                self.add_error(name, ValidationError("Un ratio dit ce qu’il compte\u00a0: complétez ce terme."))
        elif len(terms) < 2:
            self.add_error(
                "aggregation", "Un numérateur et un dénominateur vont avec l’agrégation «\u00a0ratio\u00a0»."
            )
        return cleaned
