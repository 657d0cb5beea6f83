"""Forms about people of an organisation: invite, change a role, end it, give a mandate."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django import forms

from arml.enums import Role
from arml.models import Dossier, Membership, User
from cpo.lib import clock
from cpo.lib.clock import PARIS
from cpo.lib.forms.base import DsfrForm, FrenchDateField, HintedLabel

from .accounts import email_field

UNTIL = "Laissez vide pour un rôle sans date de fin. Format attendu : JJ/MM/AAAA"


def _check_not_past(day: dt.date | None) -> dt.date | None:
    if day and day < clock.today(PARIS):
        raise forms.ValidationError("Cette date est passée. Indiquez une date à venir, ou laissez vide.")
    return day


class RoleForm(DsfrForm):
    """`roles`: the roles that the person who fills in the form may give."""

    role = forms.ChoiceField(label="Rôle", error_messages={"required": "Choisissez un rôle."})
    title = forms.CharField(
        label="Fonction",
        max_length=120,
        required=False,
        help_text="Telle qu’elle s’affiche à côté du nom, par exemple « directrice ».",
    )
    valid_until = FrenchDateField(label="Dernier jour du rôle", required=False, help_text=UNTIL)

    def __init__(self, *args: Any, roles: Sequence[Role], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [("", "Choisir un rôle"), *((role.value, _capital(role.label)) for role in roles)]

    def clean_valid_until(self) -> dt.date | None:
        return _check_not_past(self.cleaned_data["valid_until"])


class InvitationForm(RoleForm):
    first_name = forms.CharField(label="Prénom", max_length=80, error_messages={"required": "Indiquez le prénom."})
    last_name = forms.CharField(label="Nom", max_length=80, error_messages={"required": "Indiquez le nom."})
    email = email_field(autocomplete="off")
    field_order = ["first_name", "last_name", "email", "role", "title", "valid_until"]


class RoleEndForm(DsfrForm):
    """When the role ends, and who takes over the dossiers that the person follows."""

    mark_optional = False

    when = forms.ChoiceField(
        label="Le rôle prend fin",
        choices=[
            ("now", HintedLabel("Immédiatement", "La personne perd aussitôt l’accès que ce rôle donne.")),
            ("on", HintedLabel("À la fin d’un jour donné", "Indiquez ce jour ci-dessous.")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez quand le rôle prend fin."},
    )
    until = FrenchDateField(
        label="Dernier jour du rôle", required=False, help_text="Si le rôle prend fin un jour donné"
    )
    successor = forms.ModelChoiceField(
        User.objects.none(),
        label="Confier ses dossiers à",
        empty_label="Choisir une personne",
        help_text="Les dossiers passent à cette personne dès maintenant.",
        error_messages={"required": "Choisissez à qui confier les dossiers."},
    )

    def __init__(self, *args: Any, dossiers: Sequence[Dossier], successors: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if dossiers and successors:
            self.fields["successor"].queryset = successors
        else:
            del self.fields["successor"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("when") == "on" and not data.get("until") and "until" not in self.errors:
            self.add_error("until", "Indiquez le dernier jour du rôle.")
        if data.get("when") == "now":
            data["until"] = None
        return data

    def clean_until(self) -> dt.date | None:
        return _check_not_past(self.cleaned_data["until"]) if self.data.get("when") == "on" else None


class MandateForm(DsfrForm):
    mandated_on = FrenchDateField(
        label="Date du mandat",
        required=False,
        help_text="Date de l’acte qui donne mandat. Laissez vide pour retirer le mandat.",
    )
    mandate_until = FrenchDateField(
        label="Fin du mandat", required=False, help_text="Laissez vide s’il n’a pas de terme."
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        start, end = data.get("mandated_on"), data.get("mandate_until")
        if end and not start:
            self.add_error("mandated_on", "Indiquez la date du mandat, ou effacez sa fin.")
        elif start and end and end < start:
            self.add_error("mandate_until", "La fin du mandat doit suivre sa date.")
        return data


def role_initial(membership: Membership) -> dict[str, Any]:
    return {"role": membership.role, "title": membership.title, "valid_until": membership.valid_until}


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
