"""The texts of a fiche, in four parts. The service checks the values; its messages appear beside the fields."""

from copy import copy
from typing import Any

from django import forms

from actions.models import ExampleSheet, Function, Objective, Programme, Sheet
from actions.services import SHEET_FIELDS
from actions.services.common import first_year_of
from actions.services.sheets import sheet_faults
from cpo.lib.forms.base import DsfrForm, DsfrModelForm, add_faults
from cpo.lib.forms.fields import FrenchDateField, FrenchDecimalField

# anchor, title, fields
SHEET_PARTS = (
    (
        "action",
        "Action",
        [
            "axis",
            "objective",
            "code",
            "nature",
            "title",
            "first_year",
            "last_year",
            "functions",
            "context",
            "objectives",
            "description",
            "steps",
        ],
    ),
    ("public", "Public et partenaires", ["audience", "territory", "partners"]),
    (
        "moyens",
        "Calendrier et moyens",
        ["starts_on", "ends_on", "milestones", "human_means", "fte", "material_means"],
    ),
    (
        "pilotage",
        "Pilotage et évaluation",
        [
            "pilot_name",
            "pilot_role",
            "deliverables",
            "evaluation_method",
            "priorities",
            "label_criterion",
        ],
    ),
)
HALF_WIDTH = {
    "axis",
    "objective",
    "first_year",
    "last_year",
    "starts_on",
    "ends_on",
    "pilot_name",
    "pilot_role",
    "code",
    "nature",
}
HELP = {
    "code": "Deux fiches n’ont pas le même code. Exemple : 3-A.",
    "context": "Le constat qui fonde l’action, avec ses chiffres.",
    "objectives": "Un par ligne.",
    "description": "Ce que fait l’action, en quelques phrases. Obligatoire avant l’acceptation.",
    "steps": "Une par ligne, dans l’ordre.",
    "audience": "Un par ligne : missions locales, professionnels, jeunes…",
    "partners": "Un par ligne.",
    "milestones": "Une ligne par trimestre. Exemple : T1 : lancement.",
    "human_means": "Fonctions, salariés ou prestataires, bénévoles.",
    "fte": "Équivalents temps plein consacrés à l’action en une année. Exemple : 1,4.",
    "deliverables": "Un par ligne.",
    "evaluation_method": "Méthode, fréquence, personne chargée du recueil.",
    "priorities": "Quartiers prioritaires, zones rurales, handicap, égalité, transition écologique… Une par ligne.",
    "label_criterion": "Critère de la labellisation auquel l’action répond.",
}
ROWS = {"description": 5, "context": 4, "audience": 3, "partners": 3, "human_means": 3, "material_means": 2}


class SheetForm(DsfrModelForm):
    """All the fields of a fiche. `programme` determines the possible axes, objectives and years."""

    first_year = forms.TypedChoiceField(label="Première année", coerce=int)
    last_year = forms.TypedChoiceField(label="Dernière année", coerce=int)
    objective = forms.ModelChoiceField(label="Objectif", queryset=Objective.objects.none(), required=False)
    functions = forms.ModelMultipleChoiceField(
        label="Fonctions du cadre de référence",
        queryset=Function.objects.all(),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    fte = FrenchDecimalField(
        label="ETP par an", required=False, min_value=0, max_value=999, max_digits=6, decimal_places=2
    )
    starts_on = FrenchDateField(label="Début", required=False)
    ends_on = FrenchDateField(label="Fin", required=False)

    class Meta:
        model = Sheet
        fields = [*SHEET_FIELDS, "functions"]

    def __init__(self, *args: Any, programme: Programme, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.programme = programme
        cycle = programme.cycle
        years = [(year, str(year)) for year in programme.years]
        for name in {"first_year", "last_year"} & set(self.fields):
            self.fields[name].choices = years
        if "axis" in self.fields:
            self.fields["axis"].queryset = cycle.axes.all()
            self.fields["axis"].empty_label = None if self.instance.pk else "Choisir un axe"
        self.fields["objective"].queryset = Objective.objects.filter(axis__cycle=cycle)
        self.fields["objective"].empty_label = "Aucun"
        for name, field in self.fields.items():
            field.help_text = HELP.get(name, "")
            if isinstance(field.widget, forms.Textarea):
                field.widget.attrs["rows"] = ROWS.get(name, 4)
        self._bound_fields_cache.clear()  # django-dsfr caches each field before its help text is set

    def _post_clean(self) -> None:
        """Tell the faults of the fiche with those of its fields; the service checks again, under the lock.

        `self.instance` must not change: a copy takes what was read.
        """
        sheet = copy(self.instance)
        sheet.programme = self.programme
        for name in SHEET_FIELDS:
            if name in self.cleaned_data:
                setattr(sheet, name, self.cleaned_data[name])
        if sheet.axis_id is None:
            return
        sheet.code = sheet.code or "-"  # the service gives the next free one
        others = self.programme.sheets.filter(code=sheet.code).exclude(pk=sheet.pk)
        faults = sheet_faults(sheet, code_taken=others.exists())
        add_faults(self, faults)

    def content(self) -> dict[str, Any]:
        return dict(self.cleaned_data)

    @property
    def parts(self) -> list[dict[str, Any]]:
        return [
            {"anchor": anchor, "title": title, "fields": [(self[name], name in HALF_WIDTH) for name in names]}
            for anchor, title, names in SHEET_PARTS
        ]


class SheetCreateForm(SheetForm):
    """The fields required to create a fiche; its own page has the others."""

    code = forms.CharField(label="Code", max_length=12, required=False)

    class Meta(SheetForm.Meta):
        fields = ["axis", "objective", "title", "nature", "first_year", "last_year", "description"]

    field_order = ["axis", "objective", "title", "code", "nature", "first_year", "last_year", "description"]

    def __init__(self, *args: Any, programme: Programme, **kwargs: Any) -> None:
        super().__init__(*args, programme=programme, **kwargs)
        for name in ("functions", "fte", "starts_on", "ends_on"):
            del self.fields[name]
        self._bound_fields_cache.clear()
        self.fields["code"].help_text = "Laissez vide pour prendre le prochain code libre de l’axe."
        self.initial.setdefault("first_year", first_year_of(programme))
        self.initial.setdefault("last_year", programme.years_to_fill[-1])


class ExamplesForm(DsfrForm):
    """The choice of examples to copy."""

    examples = forms.ModelMultipleChoiceField(
        label="Exemples",
        queryset=ExampleSheet.objects.none(),
        error_messages={"required": "Choisissez au moins un exemple."},
    )

    def __init__(self, *args: Any, programme: Programme, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        examples = programme.cycle.examples.filter(withdrawn=False)
        self.fields["examples"].queryset = examples.select_related("axis", "objective")
