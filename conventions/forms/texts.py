"""Forms of the values of the variables, and of the drafting options. Their fields come from the act's model."""

import datetime as dt
import re
from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.validators import RegexValidator

from conventions.enums import VariableType
from conventions.models import Act, ModelVariable, ModelVariant
from conventions.services.texts import contradictions
from conventions.text import signing_modes
from conventions.text.dating import FROM_PIECES, piece_dates
from conventions.text.values import format_value, proposals
from conventions.text.variables import VARIABLES
from cpo.lib import zones
from cpo.lib.forms.base import FrenchDateField, FrenchDecimalField, MoneyField, add_faults
from cpo.lib.wording.typography import long_date

from .drafting import RevisionForm

LONG = (
    "arml_projet_synthese",
    "diagnostic_regional",
    "methode_evaluation",
    "cles_repartition",
    "arml_objet_statutaire",
    "accords_reversement",
    "motif_axe_absent",
)
# Dates of decisions that must exist before the convention is signed.
PAST = ("date_deliberation", "date_deliberation_region", "date_delegation", "date_demande_subvention")
COUNTS = ("nombre_missions_locales",)
GROUPS = (
    ("arml", "L’association"),
    ("programme", "Le programme"),
    ("convention", "La convention"),
    ("service", "Le service de l’État"),
    ("cycle", "Le cycle"),
)


class ValuesForm(RevisionForm):
    """One field for each variable, with the same name. For an empty field, the proposed value is printed."""

    mark_optional = False

    def __init__(self, *args: Any, act: Act, variables: Iterable[ModelVariable], **kwargs: Any) -> None:
        self.act, self.variables = act, list(variables)
        kwargs.setdefault("initial", {"revision": act.programme.revision, **initial_values(act, self.variables)})
        super().__init__(*args, **kwargs)
        proposed_values = proposals(act)
        for variable in self.variables:
            self.fields[variable.name] = _field(variable, proposed_values.get(variable.name, ""))
        self._say_of_pieces(act)
        self.blank = [
            {"name": variable.name, "words": self.fields[variable.name].label}
            for variable in self.variables
            if not act.values.get(variable.name)
            and not proposed_values.get(variable.name)
            and not _optional(variable.name)
        ]

    def _say_of_pieces(self, act: Act) -> None:
        """Say of each date that a pièce will give that it need not be typed, or which one the pièce gives."""
        if act.number:
            return
        dates = piece_dates(act)
        for name in FROM_PIECES.keys() & self.fields.keys():
            day = dates.get(name)
            self.fields[name].help_text = (
                f"La pièce déposée porte une autre date, qui s’imprime : {long_date(day)}. Videz ce champ."
                if day
                else "Sans saisie : la date de la pièce, dès qu’elle sera déposée."
            )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        for name in PAST:
            if isinstance(data.get(name), dt.date) and data[name] > zones.today():
                self.add_error(name, "Cette date est dans l’avenir : indiquez un acte déjà daté.")
        days = {name: day.isoformat() for name, day in data.items() if isinstance(day, dt.date)}
        add_faults(self, contradictions(self.act, days))
        return data

    def groups(self) -> list[dict[str, Any]]:
        """Return the bound fields, grouped under the name of the party that provides them."""
        rows = []
        for source, title in GROUPS:
            fields = [
                {"bound": self[v.name], "wide": v.name in LONG or v.type == VariableType.LIST}
                for v in self.variables
                if v.source == source
            ]
            if fields:
                rows.append({"title": title, "fields": fields})
        return rows


def _optional(name: str) -> bool:
    variable = VARIABLES.get(name)
    return variable is not None and bool(variable.optional or variable.default)


def initial_values(act: Act, variables: Iterable[ModelVariable]) -> dict[str, Any]:
    """Return the saved values as the fields show them."""
    values: dict[str, Any] = {}
    for variable in variables:
        value = act.values.get(variable.name, "")
        values[variable.name] = "\n".join(value) if isinstance(value, list) else value
    return values


def words(variable: ModelVariable) -> str:
    """Return the label of the field, without the remarks that are for the authors of the model."""
    label = re.split(r"\s*;\s|, (?:article|préposition|modifiable)", variable.label)[0]
    return label[:1].upper() + label[1:]


def _field(variable: ModelVariable, proposal: Any) -> forms.Field:
    label = words(variable)
    hint = f"Sans saisie : {format_value(proposal, variable.type)}" if proposal else ""
    if not hint and variable.example:
        hint = f"Par exemple : {variable.example}"
    options: dict[str, Any] = {"label": label, "required": False, "help_text": hint}
    if variable.type == VariableType.DATE:
        return FrenchDateField(**options)
    if variable.type == VariableType.AMOUNT:
        return MoneyField(**options)
    if variable.type == VariableType.PERCENT:
        return FrenchDecimalField(min_value=0, max_value=100, **options)
    if variable.type == VariableType.LIST:
        options["help_text"] = f"Un élément par ligne. {hint}".strip()
        return forms.CharField(widget=forms.Textarea(attrs={"rows": 4}), max_length=10000, **options)
    if variable.name in LONG:
        return forms.CharField(widget=forms.Textarea(attrs={"rows": 6}), max_length=20000, **options)
    if variable.name in COUNTS:
        message = "Indiquez un nombre entier, en chiffres."
        return forms.CharField(validators=[RegexValidator(r"^[0-9]{1,4}$", message)], **options)
    return forms.CharField(max_length=500, **options)


class OptionsForm(RevisionForm):
    """One choice for each drafting option of the model, with the titles of its variants."""

    # These options are not chosen here: they follow the parties.
    FOLLOWING = ("signataire_etat", "services_etat", "region")
    LABELS = {
        "prise_effet": "Prise d’effet",
        "charges_indirectes": "Charges indirectes",
        "versement_annee_1": "Versement de la première année",
        "exercice": "Exercice comptable de l’association",
        "mode_signature": "Signature",
        "gestion_publique": "Visa de la gestion budgétaire et comptable publique",
        "sieg": "Service d’intérêt économique général",
    }

    def __init__(self, *args: Any, act: Act, **kwargs: Any) -> None:
        choices: dict[str, dict[str, str]] = {}
        admitted = signing_modes.admitted(signing_modes.of(act))
        for variant in ModelVariant.objects.filter(version=act.model_version_id):
            if variant.option == signing_modes.OPTION and (variant.value not in admitted or len(admitted) == 1):
                continue  # the ways to sign of the cycle leave no choice
            if variant.option not in self.FOLLOWING:
                choices.setdefault(variant.option, {}).setdefault(variant.value, variant.title)
        initial = {name: act.options.get(name, next(iter(values))) for name, values in choices.items()}
        if mode := choices.get(signing_modes.OPTION):
            initial[signing_modes.OPTION] = signing_modes.value(
                signing_modes.of(act), act.options.get(signing_modes.OPTION), mode
            )
        kwargs.setdefault("initial", {"revision": act.programme.revision, **initial})
        kwargs.setdefault("prefix", "option")
        super().__init__(*args, **kwargs)
        for name, values in choices.items():
            self.fields[name] = forms.ChoiceField(
                label=self.LABELS.get(name, name.replace("_", " ").capitalize()),
                choices=list(values.items()),
                widget=forms.RadioSelect,
            )

    @property
    def options(self) -> dict[str, str]:
        """The choices that differ from the text as it stands: what nobody chose keeps following the model."""
        return {name: self.cleaned_data[name] for name in self.changed_data if name != "revision"}
