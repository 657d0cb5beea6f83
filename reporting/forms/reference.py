"""Forms of the reference pages about deadline rules and e-mail texts."""

import datetime as dt
import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from arml.enums import AttachmentMoment, Role
from arml.models import AttachmentKind
from arml.permissions import BENEFICIARY_ROLES, STATE_ROLES
from cpo.lib.forms.base import DsfrForm, RevisedModelForm
from cpo.lib.mail import texts
from cpo.lib.mail.emails import FOOTER, VARIABLE
from cpo.lib.models import EmailTemplate
from reporting.enums import RuleNature
from reporting.models import DeadlineRule
from reporting.services.reference import BLOCKS, kind_fields

EVENTS = {
    "ouverture_negociation": "l’ouverture de la négociation",
    "derniere_signature": "la dernière signature",
    "notification": "la notification de la convention",
    "renvoi_rapport": "le renvoi du compte rendu",
    "approbation_comptes": "l’approbation des comptes",
    "rapport_recevable_2027": "le compte rendu 2027 déclaré recevable",
    "reception_demande_avenant": "la réception d’une demande d’avenant",
    "envoi_mise_en_demeure": "l’envoi d’une mise en demeure",
    "resiliation": "la résiliation de la convention",
    "reception_lettre_contradictoire": "la réception de la lettre contradictoire",
    "fin_delegation": "la fin de la délégation",
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
}
ESCALATED = (Role.PRESIDENT, Role.OFFICER, Role.MANAGER, Role.NATIONAL_ADMIN)
FARTHEST = 365


def whole(label: str, **options: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, widget=forms.TextInput(attrs={"inputmode": "numeric"}), **options)


class RuleForm(DsfrForm):
    """A rule as people speak of it: a date or a fact and a shift; days before and after; who joins when it is late."""

    mark_optional = False  # what is compulsory depends on the base: the messages say it
    revision = forms.IntegerField(widget=forms.HiddenInput)
    label = forms.CharField(label="Libellé", max_length=200)
    base_event = forms.ChoiceField(label="Calculée à partir de")
    base_day = whole("Jour", min_value=1, max_value=31, required=False)
    base_month = whole("Mois", min_value=1, max_value=12, required=False)
    base_year = forms.RegexField(
        r"^(N|N\+1|20\d\d)$",
        label="Année (N, N+1 ou une année)",
        required=False,
        error_messages={"invalid": "Écrivez N, N+1 ou une année."},
    )
    shift_months = whole("Délai en mois", min_value=-120, max_value=120)
    shift_days = whole("Délai en jours", min_value=-3650, max_value=3650)
    responsible = forms.ChoiceField(label="Qui doit agir")
    ladder = forms.CharField(
        label="Jours des rappels",
        help_text="Par rapport à l’échéance, séparés par des virgules : -30, -7, 0, 7",
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
        people = [(str(role), label) for role, label in PEOPLE.items()]
        self.fields["responsible"].choices = [*people, *OTHER_PEOPLE.items()]
        for name in set(self.fields) - {"responsible", "ladder"}:
            self.fields[name].initial = getattr(rule, name)
        if rule.nature == RuleNature.MILESTONE:
            for name in ("responsible", "ladder", "effect"):
                del self.fields[name]
            return
        self.fields["responsible"].initial = rule.responsible
        self.fields["ladder"].initial = ", ".join(str(day) for day in rule.ladder)
        from_day = {role: day for day, roles in reversed(rule.escalation) for role in roles}
        for role in ESCALATED:
            self.fields[f"from_{role}"] = whole(
                PEOPLE[role],
                min_value=-FARTHEST,
                max_value=FARTHEST,
                required=False,
                initial=from_day.get(role),
            )

    @property
    def escalation_fields(self) -> list[Any]:
        return [self[name] for name in self.fields if name.startswith("from_")]

    def clean_ladder(self) -> list[int]:
        parts = [part for part in re.split(r"[,;\s]+", self.cleaned_data["ladder"].replace("\u2212", "-")) if part]
        try:
            days = sorted({int(part.removeprefix("J")) for part in parts})
        except ValueError:
            raise ValidationError(
                "Écrivez des nombres de jours séparés par des virgules, par exemple -30, -7, 0, 7."
            ) from None
        if any(abs(day) > FARTHEST for day in days):
            raise ValidationError("Un rappel ne s’éloigne pas de plus d’un an de l’échéance.")
        return days

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("base_event"):
            cleaned["base_day"] = cleaned["base_month"] = None
            cleaned["base_year"] = ""
            return cleaned
        for name, what in (("base_day", "le jour"), ("base_month", "le mois"), ("base_year", "l’année")):
            if not cleaned.get(name) and name not in self.errors:
                self.add_error(name, f"Indiquez {what} de la date.")
        day, month = cleaned.get("base_day"), cleaned.get("base_month")
        if day and month:
            try:
                dt.date(2025, month, day)
            except ValueError:
                self.add_error("base_day", "Cette date n’existe pas chaque année.")
        return cleaned

    @property
    def changes(self) -> dict[str, Any]:
        """The fields of the rule, as the model holds them."""
        values = dict(self.cleaned_data)
        values.pop("revision")
        steps: dict[int, list[str]] = {}
        kept = dict(self._kept_steps())
        for name in [name for name in values if name.startswith("from_")]:
            day = values.pop(name)
            if day is not None:
                steps.setdefault(day, []).append(name.removeprefix("from_"))
        for day, roles in kept.items():
            steps.setdefault(day, []).extend(roles)
        if self.rule.nature != RuleNature.MILESTONE:
            same = {day: set(roles) for day, roles in self.rule.escalation} == {d: set(r) for d, r in steps.items()}
            values["escalation"] = self.rule.escalation if same else [[day, steps[day]] for day in sorted(steps)]
        return values

    def _kept_steps(self) -> list[tuple[int, list[str]]]:
        """Steps towards roles that the form does not offer stay as they are."""
        known = {str(role) for role in ESCALATED}
        steps = [(day, [role for role in roles if role not in known]) for day, roles in self.rule.escalation]
        return [(day, roles) for day, roles in steps if roles]


class EmailTextForm(RevisedModelForm):
    class Meta:
        model = EmailTemplate
        fields = ["subject", "body", "immediate"]
        widgets = {"body": forms.Textarea(attrs={"rows": 14})}
        help_texts = {"immediate": "Sinon, chaque personne choisit de le recevoir tout de suite ou chaque semaine."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.admitted = texts.admitted_variables(self.instance.key)
        if self.instance.key == FOOTER:
            del self.fields["subject"], self.fields["immediate"]

    def _named(self, text: str) -> str:
        unknown = [name for name in dict.fromkeys(VARIABLE.findall(text)) if name not in self.admitted]
        if unknown:
            raise ValidationError(
                "Ce message ne connaît pas « " + "\u00a0», «\u00a0".join(unknown) + " » : choisissez "
                "une variable de la liste."
            )
        if re.search(r"\{\{|\}\}", VARIABLE.sub("", text)):
            raise ValidationError("Une variable s’écrit {{ nom }}, entre deux paires d’accolades.")
        return text

    def clean_subject(self) -> str:
        return self._named(self.cleaned_data["subject"])

    def clean_body(self) -> str:
        body = self._named(self.cleaned_data["body"].replace("\r\n", "\n").strip())
        if self.instance.key != FOOTER and "lien" not in VARIABLE.findall(body):
            raise ValidationError("Gardez {{ lien }} : c’est l’adresse de la page où agir.")
        return body


class KindForm(RevisedModelForm):
    """A type of document. `blocks` is a yes or no: what it holds up follows from its moment."""

    validity_months = whole(
        "Validité en mois",
        min_value=1,
        max_value=120,
        required=False,
        help_text="Comptée de la date de la pièce, même déjà déposée ; vide : sans limite",
    )
    blocks = forms.BooleanField(required=False)

    class Meta:
        model = AttachmentKind
        fields = ["label", "provided_by", "validity_months", "needs_end_date", "not_applicable_allowed", "source"]
        fields += ["withdrawn"]
        labels = {
            "needs_end_date": "Porte une date de fin",
            "not_applicable_allowed": "Peut être déclarée sans objet",
            "withdrawn": "Ne plus demander cette pièce",
        }
        help_texts = {
            "source": "Texte qui la demande, ou usage",
            "withdrawn": "Les pièces déjà déposées restent aux dossiers ; aucune autre ne se dépose.",
        }

    field_order = [*Meta.fields[:-1], "blocks", "withdrawn"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kind = self.instance
        for name in set(self.fields) - {"revision", *kind_fields(kind)}:
            del self.fields[name]
        roles = next(side for side in (BENEFICIARY_ROLES, STATE_ROLES) if kind.provided_by in side)
        self.fields["provided_by"].choices = [(str(role), role.label) for role in roles]
        if "blocks" in self.fields:
            yearly = kind.moment == AttachmentMoment.YEARLY
            self.fields["blocks"].label = (
                "Le compte rendu n’est pas complet sans elle" if yearly else "La signature ne s’ouvre pas sans elle"
            )
            self.initial["blocks"] = bool(kind.blocks)

    @property
    def changes(self) -> dict[str, Any]:
        data = super().changes
        if "blocks" in data:
            data["blocks"] = BLOCKS[self.instance.moment] if data["blocks"] else ""
        return data
