"""Forms of the reference pages of a cycle."""

import re
from functools import partial
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from actions.enums import Aggregation, SigningOrder
from actions.models import Account, Axis, Cycle, ExampleSheet, Function, IndicatorDefinition, Objective
from actions.services.catalogue import (
    CONTENT_LABELS,
    DERIVED,
    PERCENTAGES,
    account_fields,
    check_value,
    current_indicators,
)
from actions.services.taking import staff_words
from cpo.lib.forms.base import DsfrForm, DsfrModelForm, FilterForm, RevisedModelForm


def percent_field(**options: Any) -> forms.IntegerField:
    widget = forms.TextInput(attrs={"inputmode": "numeric"})
    return forms.IntegerField(min_value=0, max_value=100, widget=widget, **options)


class ValuesForm(DsfrForm):
    """One field for each value of the cycle used by the model, without those derived from the cycle itself."""

    browser_signature = forms.BooleanField(label="Signature simple dans le navigateur", required=False)
    scan_signature = forms.BooleanField(label="Original signé sur papier, puis numérisé", required=False)
    pades_signature = forms.BooleanField(
        label="PDF signé avec un certificat",
        help_text="Le fichier signé hors de l’application est déposé et vérifié (format PAdES)",
        required=False,
    )
    signing_order = forms.ChoiceField(
        label="Ordre des signatures",
        help_text="Dans quel ordre les parties signent, quelle que soit la façon de signer",
        choices=SigningOrder,
    )
    gap_threshold = percent_field(
        label="Écart d’un compte à expliquer au-delà de",
        help_text="En % du prévu, dans le compte rendu financier. De 0 à 100.",
    )
    target_threshold = percent_field(
        label="Cible à commenter en dessous de",
        help_text="En % de la cible atteints, dans le compte rendu. De 0 à 100.",
    )
    revision = forms.IntegerField(widget=forms.HiddenInput)

    THRESHOLDS = ("gap_threshold", "target_threshold")
    MODES = ("browser_signature", "scan_signature", "pades_signature")
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
        for name in (*self.MODES, *self.THRESHOLDS, "signing_order", "revision"):
            self.fields[name].initial = getattr(cycle, name)
        for text in cycle.texts.exclude(name__in=DERIVED):
            label, _, note = text.label.partition("\u00a0; ")
            words = [f"Variable {text.name}", *([note] if note else [])]
            if not text.value:
                words.append("À renseigner : aucun document n’est ouvert à la signature sans cette valeur")
            long = len(text.value) > 70
            self.fields[f"v_{text.name}"] = forms.CharField(
                validators=[partial(check_value, text.name)],
                label=label[:1].upper() + label[1:],
                initial=text.value,
                required=bool(text.value),  # what nobody gave yet holds back signatures, not the other values
                max_length=1000,
                help_text="\u00a0; ".join(words),
                widget=forms.Textarea(attrs={"rows": 2, "class": "fr-input"}) if long else forms.TextInput(),
            )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not any(cleaned.get(name) for name in self.MODES):
            self.add_error(self.MODES[-1], "Admettez au moins une façon de signer.")
        return cleaned

    @property
    def groups(self) -> list[tuple[str, list[Any]]]:
        """The fields by heading, in reading order; fields without group come last."""
        remaining = [name for name in self.fields if name.startswith("v_")]
        groups = []
        for title, names in self.GROUPS:
            here = [f"v_{name}" for name in names.split() if f"v_{name}" in remaining]
            remaining = [name for name in remaining if name not in here]
            groups.append((title, [self[name] for name in here]))
        return [*groups, ("Autres mentions", [self[name] for name in remaining])]

    @property
    def values(self) -> dict[str, str]:
        values = {name[2:]: value for name, value in self.cleaned_data.items() if name.startswith("v_")}
        # The model prints the value as it stands: « 12,5 » alone would be 12,5 of nothing.
        return {
            name: f"{value}\u00a0%" if name in PERCENTAGES and "%" not in value else value
            for name, value in values.items()
        }

    @property
    def signing(self) -> dict[str, bool | str]:
        return {name: self.cleaned_data[name] for name in (*self.MODES, "signing_order")}

    @property
    def thresholds(self) -> dict[str, int]:
        return {name: self.cleaned_data[name] for name in self.THRESHOLDS}


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

    @property
    def row_label(self) -> str:
        return f"Objectif {self.instance.number}"


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
                self.add_error(name, ValidationError("Un ratio dit ce qu’il compte : complétez ce terme."))
        elif len(terms) < 2:
            self.add_error("aggregation", "Un numérateur et un dénominateur vont avec l’agrégation « ratio ».")
        return cleaned


class AccountForm(RevisedModelForm):
    class Meta:
        model = Account
        fields = ["label", "note", "withdrawn"]
        labels = {"withdrawn": "Ne plus proposer ce compte"}
        help_texts = {
            "label": "Imprimé dans les prochaines versions ; celles qui existent gardent l’ancien libellé",
            "withdrawn": "Les budgets qui l’emploient gardent leurs lignes, qui se modifient encore.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in set(self._meta.fields) - set(account_fields(self.instance)):
            del self.fields[name]


def several_lines(name: str, rows: int, help_text: str = "", *, required: bool = False) -> forms.CharField:
    return forms.CharField(
        label=CONTENT_LABELS[name][:1].upper() + CONTENT_LABELS[name][1:],
        help_text=help_text,
        required=required,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": rows}),
    )


def lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


class ExampleForm(RevisedModelForm):
    """An example as text: one line per element of a list, staff as « fonction : 0,5 à 1 ETP »."""

    functions = forms.MultipleChoiceField(label="Fonctions", widget=forms.CheckboxSelectMultiple)
    context = several_lines("context", 4, required=True)
    objectives = several_lines("objectives", 4, "Un par ligne")
    description = several_lines("description", 4, required=True)
    steps = several_lines("steps", 4, "Une par ligne, dans l’ordre")
    audience = several_lines("audience", 3, "Un par ligne")
    partners = several_lines("partners", 3, "Un par ligne")
    staff = several_lines("staff", 3, "Une fonction par ligne : « chargé·e de mission : 0,5 à 1 ETP »")
    deliverables = several_lines("deliverables", 3, "Un par ligne")
    T1 = forms.CharField(label="Jalons du 1er trimestre", max_length=300, required=False)
    T2 = forms.CharField(label="Jalons du 2e trimestre", max_length=300, required=False)
    T3 = forms.CharField(label="Jalons du 3e trimestre", max_length=300, required=False)
    T4 = forms.CharField(label="Jalons du 4e trimestre", max_length=300, required=False)
    indicators = forms.CharField(
        label="Indicateurs",
        help_text="Un par ligne, par son code ; le libellé qui le suit est celui du catalogue",
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    QUARTERS = ("T1", "T2", "T3", "T4")
    LISTS = ("objectives", "steps", "audience", "partners", "deliverables")
    TEXTS = ("context", "description")
    STAFF = re.compile(r"^(.+?)\s*:\s*([0-9]+(?:[.,][0-9]+)?)(?:\s+à\s+([0-9]+(?:[.,][0-9]+)?))?\s*(?:ETP)?$")

    class Meta:
        model = ExampleSheet
        fields = ["title", "objective", "withdrawn"]
        labels = {"withdrawn": "Ne plus proposer cet exemple"}
        help_texts = {"withdrawn": "Les fiches qui en viennent ne changent pas."}

    field_order = [
        *("revision", "title", "objective", "functions", "context", "objectives", "description", "steps", "audience"),
        *("partners", *QUARTERS, "staff", "deliverables", "indicators", "withdrawn"),
    ]

    def __init__(self, *args: Any, cycle: Cycle, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.cycle = cycle
        objectives = Objective.objects.filter(axis__cycle=cycle).select_related("axis")
        self.fields["functions"].choices = [(row.code, str(row)) for row in Function.objects.all()]
        if self.instance.pk:
            objectives = objectives.filter(axis_id=self.instance.axis_id)
            self._show(self.instance)
        else:
            del self.fields["withdrawn"]
        self.fields["objective"].queryset = objectives
        self.fields["objective"].empty_label = None if self.instance.pk else "Choisir un objectif"

    def _show(self, example: ExampleSheet) -> None:
        content = example.content
        initial = {name: content.get(name, "") for name in self.TEXTS}
        initial |= {name: "\n".join(content.get(name) or ()) for name in self.LISTS}
        initial |= {name: (content.get("milestones") or {}).get(name, "") for name in self.QUARTERS}
        initial["staff"] = "\n".join(staff_words(row) for row in content.get("staff") or ())
        initial["functions"] = [row.code for row in example.functions.all()]
        initial["indicators"] = "\n".join(str(row) for row in example.indicators.all())
        for name, value in initial.items():
            self.fields[name].initial = value

    def clean_functions(self) -> list[Function]:
        return list(Function.objects.filter(code__in=self.cleaned_data["functions"]))

    def clean_staff(self) -> list[dict[str, Any]]:
        rows = []
        for line in lines(self.cleaned_data["staff"]):
            match = self.STAFF.match(line)
            if match is None:
                raise ValidationError(
                    f"« {line[:60]} » : écrivez la fonction, deux points, "
                    "puis les ETP, par exemple « direction : 0,1 à 0,2 ETP »."
                )
            low, high = (float(part.replace(",", ".")) for part in (match[2], match[3] or match[2]))
            if not 0 < low <= high <= 100:
                raise ValidationError(f"« {line[:60]} » : les ETP vont du plus petit au plus grand.")
            rows.append({"function": match[1], "fte_min": low, "fte_max": high})
        return rows

    def clean_indicators(self) -> list[IndicatorDefinition]:
        codes = [line.split()[0] for line in lines(self.cleaned_data["indicators"])]
        by_code = {row.code: row for row in current_indicators(self.cycle).filter(code__in=codes)}
        if unknown := [code for code in codes if code not in by_code]:
            raise ValidationError(f"« {unknown[0][:20]} » n’est pas le code d’un indicateur du catalogue.")
        return [by_code[code] for code in codes]

    @property
    def changes(self) -> dict[str, Any]:
        data = super().changes
        content = {name: data[name].replace("\r\n", "\n") for name in self.TEXTS}
        content |= {name: lines(data[name]) for name in self.LISTS}
        content["milestones"] = {name: data[name] for name in self.QUARTERS if data[name]}
        content["staff"] = data["staff"]
        fields = ("title", "objective", "withdrawn", "functions", "indicators")
        return {"content": content} | {name: data[name] for name in fields if name in data}
