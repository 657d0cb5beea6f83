"""Filters of the list of conventions, kept in the URL."""

from typing import Any

from django import forms

from arml.enums import OrganisationKind
from arml.models import BY_NAME, Organisation, Territory, User
from arml.permissions import follows_deadlines
from cpo.lib.forms import FilterForm

from ..enums import ConventionState


class ListFilter(FilterForm):
    q = forms.CharField(label="Association ou numéro", required=False, max_length=80)
    etat = forms.ChoiceField(label="État", choices=[("", "Tous"), *ConventionState.choices], required=False)
    region = forms.ModelChoiceField(
        Territory.objects.only("code", "name").order_by(BY_NAME),
        label="Territoire",
        empty_label="Tous",
        required=False,
        to_field_name="code",
    )
    service = forms.ModelChoiceField(
        Organisation.objects.filter(kind=OrganisationKind.STATE_SERVICE).only("key", "short_name"),
        label="Service de l’État",
        empty_label="Tous",
        required=False,
        to_field_name="key",
    )
    echeances = forms.ChoiceField(label="Échéances", choices=[("", "Toutes"), ("retard", "En retard")], required=False)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not follows_deadlines(user):
            del self.fields["echeances"]
