"""The form of a deadline rule, and the French words of its facts and roles."""

import datetime as dt
import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from arml.enums import Role
from cpo.lib.forms.base import DsfrForm
from reporting.enums import RuleNature, RuleScope
from reporting.models import DeadlineRule

from .base import whole_number

EVENTS = {
    "ouverture_negociation": "l’ouverture de la négociation",
    "derniere_signature": "la dernière signature",
    "notification": "la notification de la convention",
    "renvoi_rapport": "le renvoi du compte rendu",
    "precisions_attendues": "la date donnée à une demande de précisions",
    "piece_refusee": "le refus d’une pièce",
    "instruction_en_cours": "l’envoi du compte rendu, hors attente de l’association",
    "approbation_comptes": "l’approbation des comptes",
    "dialogue_tenu": "le dialogue de gestion, une fois tenu",
    "terme": "le terme de la convention",
    "dernier_rapport_recevable": "le compte rendu de la dernière année déclaré recevable",
    "reception_demande_avenant": "la réception d’une demande d’avenant",
    "envoi_mise_en_demeure": "l’envoi d’une mise en demeure",
    "resiliation": "la résiliation de la convention",
    "reception_lettre_contradictoire": "la réception de la lettre contradictoire",
    "fin_delegation": "la fin de la délégation",
    "fin_label": "la fin de validité du label de l’association",
    "attente_main": "le jour où une partie a reçu la main",
    "attente_visa": "le jour où le visa d’un service est attendu",
    "attente_visa_presidence": "le jour où le visa de la présidence est demandé",
    "attente_signature": "le jour où une partie peut signer",
    "attente_reponse": "le jour du dernier message d’un échange",
}
PEOPLE = {
    Role.DIRECTOR: "Direction de l’ARML",
    Role.PRESIDENT: "Présidence de l’ARML",
    Role.ACCOUNTANT: "Comptable de l’ARML",
    Role.OFFICER: "Chargé·e de mission du service",
    Role.MANAGER: "Responsable du service",
    Role.NATIONAL_ADMIN: "DGEFP",
}
OTHER_PEOPLE = {
    "partie_sollicitee": "la partie sollicitée",
    "partie_mise_en_demeure": "la partie mise en demeure",
    "personne_attendue": "la personne attendue",
}
ESCALATED = (Role.PRESIDENT, Role.OFFICER, Role.MANAGER, Role.NATIONAL_ADMIN)
FARTHEST = 365


class RuleForm(DsfrForm):
    """A rule: its base (a date or a fact) and shift, the days of its reminders, the roles added by the escalation."""

    mark_optional = False  # the required fields depend on the base: error messages tell them
    revision = forms.IntegerField(widget=forms.HiddenInput)
    label = forms.CharField(label="Libellé", max_length=200)
    years = forms.TypedMultipleChoiceField(
        label="Années de la convention où elle s’applique",
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        help_text="Une échéance pour chaque année cochée. La dernière du cycle vaut aussi pour les années qu’ajoute "
        "une prolongation.",
        error_messages={
            "required": "Cochez au moins une année. Pour que rien ne parte, rendez la règle inactive.",
            "invalid_choice": "« %(value)s » n’est pas une année du cycle.",
        },
    )
    base_event = forms.ChoiceField(label="Calculée à partir de")
    base_day = whole_number("Jour", min_value=1, max_value=31, required=False)
    base_month = whole_number("Mois", min_value=1, max_value=12, required=False)
    base_year = forms.RegexField(
        r"^(N|N\+1|20[0-9][0-9])$",
        label="Année (N, N+1 ou une année)",
        required=False,
        error_messages={"invalid": "Écrivez N, N+1 ou une année."},
    )
    shift_months = whole_number("Délai en mois", min_value=-120, max_value=120)
    shift_days = whole_number("Délai en jours", min_value=-3650, max_value=3650)
    months_after_notification = whole_number(
        "Au plus tôt, en mois après la notification",
        min_value=0,
        max_value=24,
        help_text="Pour que rien ne naisse en retard. 0\u00a0: la date de la règle, sans plus.",
    )
    responsible = forms.ChoiceField(label="Qui doit agir")
    ladder = forms.CharField(
        label="Jours des rappels",
        help_text="Par rapport à l’échéance, séparés par des virgules : -30, -7, 0, 7",
    )
    informed = forms.MultipleChoiceField(
        label="Qui est informé", required=False, widget=forms.CheckboxSelectMultiple, help_text="Dès le premier rappel"
    )
    optional = forms.BooleanField(
        label="Échéance facultative",
        required=False,
        help_text="Passée sans réponse, elle est close\u00a0: elle n’est jamais en retard.",
    )
    effect = forms.CharField(
        label="Conséquence d’un retard",
        max_length=250,
        required=False,
        help_text="Phrase complète, reprise dans les courriels",
    )
    active = forms.BooleanField(
        label="Règle active", required=False, help_text="Rien ne part d’une règle qui n’est pas active."
    )

    def __init__(self, *args: Any, rule: DeadlineRule, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rule = rule
        events = EVENTS | ({rule.base_event: rule.base_event} if rule.base_event not in EVENTS else {})
        events.pop("", None)
        self.fields["base_event"].choices = [("", "une date de l’année"), *events.items()]
        self.fields["base_event"].required = False
        if rule.scope == RuleScope.YEAR:
            self.fields["years"].choices = [(year, str(year)) for year in rule.cycle.years]  # type: ignore[attr-defined]
        else:
            del self.fields["years"]
        people = [(str(role), label) for role, label in PEOPLE.items()]
        self.fields["responsible"].choices = [*people, *OTHER_PEOPLE.items()]
        known = [*people, (Role.SIGNATORY, "Signataire du service")]
        self.fields["informed"].choices = known
        for name in set(self.fields) - {"responsible", "ladder"}:
            self.fields[name].initial = getattr(rule, name)
        if rule.nature == RuleNature.MILESTONE:
            for name in ("months_after_notification", "responsible", "informed", "optional", "ladder", "effect"):
                del self.fields[name]
            return
        self.fields["responsible"].initial = rule.responsible
        self.fields["ladder"].initial = ", ".join(str(day) for day in rule.ladder)
        from_day = {role: day for day, roles in reversed(rule.escalation) for role in roles}
        for role in ESCALATED:
            self.fields[f"from_{role}"] = whole_number(
                PEOPLE[role],
                min_value=-FARTHEST,
                max_value=FARTHEST,
                required=False,
                initial=from_day.get(role),
            )

    @property
    def escalation_fields(self) -> list[Any]:
        return [self[name] for name in self.fields if name.startswith("from_")]

    def clean_years(self) -> list[int]:
        return sorted(set(self.cleaned_data["years"]))

    def clean_ladder(self) -> list[int]:
        parts = [part for part in re.split(r"[,;\s]+", self.cleaned_data["ladder"].replace("\u2212", "-")) if part]
        if not all(re.fullmatch(r"J?[+-]?[0-9]{1,9}", part) for part in parts):
            raise ValidationError("Écrivez des nombres de jours séparés par des virgules, par exemple -30, -7, 0, 7.")
        days = sorted({int(part.removeprefix("J")) for part in parts})
        if any(abs(day) > FARTHEST for day in days):
            raise ValidationError("Un rappel ne s’éloigne pas de plus d’un an de l’échéance.")
        return days

    def clean_informed(self) -> list[str]:
        """In the order of the rule, so that a form posted as it is changes nothing."""
        chosen = self.cleaned_data["informed"]
        kept = [role for role in self.rule.informed if role in chosen]
        return [*kept, *(role for role in chosen if role not in kept)]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("base_event"):
            cleaned["base_day"] = cleaned["base_month"] = None
            cleaned["base_year"] = ""
            return cleaned
        for name, field_label in (("base_day", "le jour"), ("base_month", "le mois"), ("base_year", "l’année")):
            if not cleaned.get(name) and name not in self.errors:
                self.add_error(name, f"Indiquez {field_label} de la date.")
        day, month = cleaned.get("base_day"), cleaned.get("base_month")
        if day and month:
            try:
                dt.date(2025, month, day)
            except ValueError:
                self.add_error("base_day", "Cette date n’existe pas chaque année.")
        return cleaned

    @property
    def changes(self) -> dict[str, Any]:
        """The fields of the rule, as the model stores them."""
        values = dict(self.cleaned_data)
        values.pop("revision")
        steps: dict[int, list[str]] = {}
        other_steps = dict(self._other_steps())
        for name in [name for name in values if name.startswith("from_")]:
            day = values.pop(name)
            if day is not None:
                steps.setdefault(day, []).append(name.removeprefix("from_"))
        for day, roles in other_steps.items():
            steps.setdefault(day, []).extend(roles)
        if self.rule.nature != RuleNature.MILESTONE:
            is_unchanged = {day: set(roles) for day, roles in self.rule.escalation} == {
                d: set(r) for d, r in steps.items()
            }
            values["escalation"] = (
                self.rule.escalation if is_unchanged else [[day, steps[day]] for day in sorted(steps)]
            )
        return values

    def _other_steps(self) -> list[tuple[int, list[str]]]:
        """The steps of the escalation for roles that the form does not offer; they do not change."""
        offered_roles = {str(role) for role in ESCALATED}
        steps = [(day, [role for role in roles if role not in offered_roles]) for day, roles in self.rule.escalation]
        return [(day, roles) for day, roles in steps if roles]
