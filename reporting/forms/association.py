"""One form for a row of any register of an association; its rules are those of the service."""

from typing import Any
from uuid import UUID

from django import forms
from django.db import models
from django.db.models import QuerySet
from django.forms.models import modelform_factory

from arml.forms.organisations import read_siret
from arml.models import Attachment, Member, Organisation
from cpo.lib.forms.base import (
    FilterForm,
    FrenchDateField,
    FrenchDecimalField,
    MoneyField,
    RevisedModelForm,
    add_faults,
)
from cpo.lib.wording import french
from reporting.content.association import ALL, Register, sheets_of
from reporting.models import TrainingSession
from reporting.services.association import row_faults

from .base import LongText, whole_number

MINUTES = "proces_verbal_ag"
YEARS = {"min_value": 2000, "max_value": 2100}
HELP = {
    "expires_on": "Pour un label obtenu seulement : le dernier jour de validité",
    "represents": "La mission locale ou l’organisme que la personne représente",
    "until": "Laissez vide tant que le mandat court",
    "left_on": "Laissez vide tant qu’elle est adhérente",
    "siret": "14 chiffres, espaces admises",
    "asked": "En euros. Vide : non appelée, ce qui n’est pas zéro",
    "paid": "En euros. Vide : non renseignée, ce qui n’est pas zéro",
    "hours": "Ce qu’une personne suit, par exemple 7 ou 10,5",
    "persons": "Leur nombre seulement : aucun nom n’est à écrire ici. 0 si personne n’est venu",
    "minutes": "Parmi les procès-verbaux déposés avec les pièces d’un compte rendu",
}
MESSAGES = {
    "step": "Choisissez l’étape.",
    "day": "Donnez la date.",
    "function": "Choisissez la fonction.",
    "holder": "Donnez le nom de la personne élue.",
    "since": "Donnez le premier jour du mandat.",
    "kind": "Dites si l’assemblée est ordinaire ou extraordinaire.",
    "name": "Donnez le nom de la mission locale.",
    "siret": "Donnez le SIRET de la mission locale.",
    "joined_on": "Donnez le premier jour d’adhésion.",
    "member": "Choisissez la mission locale.",
    "year": "Donnez l’année de la cotisation.",
    "title": "Donnez l’intitulé de la session.",
    "starts_on": "Donnez le premier jour.",
    "ends_on": "Donnez le dernier jour.",
    "session": "Choisissez la session.",
    "persons": "Donnez le nombre de personnes.",
    "text": "Écrivez la note.",
}


class MembershipField(forms.ModelChoiceField):
    def label_from_instance(self, obj: models.Model) -> str:
        assert isinstance(obj, Member)  # noqa: S101
        until = f" au {french.date(obj.left_on, 'num')}" if obj.left_on else ""
        return f"{obj.name} (depuis le {french.date(obj.joined_on, 'num')}{until})"


def _field(db_field: Any, **kwargs: Any) -> forms.Field | None:
    """The field of a column, with our readers of dates and numbers."""
    name = db_field.name
    label = db_field.verbose_name[0].upper() + db_field.verbose_name[1:]
    messages = {"required": MESSAGES[name]} if name in MESSAGES else {}
    common = {"label": label, "required": not db_field.blank, "help_text": HELP.get(name, "")}
    common |= {"error_messages": messages} if messages else {}
    if name == "sheet_key":
        return forms.TypedChoiceField(**common | {"label": "Fiche de la convention"}, coerce=UUID, empty_value=None)
    if name == "siret":
        return forms.CharField(**common, max_length=20)
    if db_field.choices:
        choices = [(value, french.upper_first(words)) for value, words in db_field.choices]
        return forms.ChoiceField(**common, choices=[("", "Choisir"), *choices])
    if isinstance(db_field, models.TextField):
        return LongText(**common, max_length=db_field.max_length)
    if isinstance(db_field, models.DateField):
        return FrenchDateField(**common)
    if isinstance(db_field, models.DecimalField):
        money = name in ("asked", "paid")
        return MoneyField(**common) if money else FrenchDecimalField(**common, max_digits=6, decimal_places=2)
    if isinstance(db_field, models.PositiveIntegerField):
        limits = YEARS if "year" in name else {"min_value": 0, "max_value": 100_000}
        return whole_number(common.pop("label"), **common, **limits)
    if isinstance(db_field, models.ForeignKey) and db_field.related_model is Member:
        return MembershipField(Member.objects.none(), **common, empty_label="Choisir")
    return db_field.formfield(**kwargs, **{key: value for key, value in common.items() if key != "required"})


class RowForm(RevisedModelForm):
    """A row of a register, new or stored."""

    register: Register
    ruled = True  # False to read what names the row, whatever the rules say of it

    def __init__(self, *args: Any, organisation: Organisation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.organisation = organisation
        sources: dict[str, QuerySet[Any, Any]] = {
            "member": organisation.members.all(),
            "session": TrainingSession.objects.filter(organisation=organisation),
            "minutes": Attachment.objects.current()
            .filter(dossier__beneficiary=organisation, kind__key=MINUTES, file__isnull=False)
            .select_related("kind"),
        }
        for name, rows in sources.items():
            if name in self.fields:
                self.fields[name].queryset = rows
                self.fields[name].empty_label = "Choisir" if self.fields[name].required else "Aucun"
        if "sheet_key" in self.fields:
            self.fields["sheet_key"].choices = self.fiches()

    def fiches(self) -> list[tuple[str, str]]:
        sheets = sheets_of(self.organisation)
        choices = [(str(key), f"{sheet.code} {sheet.title}") for key, sheet in sheets.items()]
        stored = self.instance.sheet_key
        gone = [(str(stored), "Fiche d’un texte antérieur")] if stored and stored not in sheets else []
        return [("", "Aucune fiche"), *choices, *gone]

    def clean_siret(self) -> str:
        return read_siret(self.cleaned_data["siret"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        values = {name: value for name, value in data.items() if name != "revision"}
        if self.ruled:
            add_faults(self, row_faults(self.register, self.organisation, values, self.instance.pk))
        return data


def _form(register: Register) -> type[RowForm]:
    made = modelform_factory(register.model, form=RowForm, fields=list(register.fields), formfield_callback=_field)
    made.register = register  # type: ignore[attr-defined]
    return made  # type: ignore[return-value]


FORMS = {register.slug: _form(register) for register in ALL}


class MembersFilterForm(FilterForm):
    au = FrenchDateField(label="Adhérentes au", required=False)
