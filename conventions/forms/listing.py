"""Filters of the list of conventions and of the journal of a convention; their values are in the URL."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.text import capfirst

from arml.enums import OrganisationKind
from arml.models import BY_NAME, Dossier, Organisation, Territory, User, sees_all
from arml.permissions import follows_deadlines
from conventions.documents.journal import KINDS, SIDES
from conventions.enums import ConventionState
from cpo.lib.enums import Audience
from cpo.lib.forms.base import FilterForm, FrenchDateField


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
        if not sees_all(user):
            self._offer_what_is_seen(user)
        if not follows_deadlines(user):
            del self.fields["echeances"]

    def _offer_what_is_seen(self, user: User) -> None:
        """Offer the territories and services of the conventions that the person sees: a choice tells nothing else."""
        seen = Dossier.objects.visible_to(user)
        region: Any = self.fields["region"]
        region.queryset = region.queryset.filter(pk__in=Territory.objects.filter(dossiers__in=seen).values("pk"))
        service: Any = self.fields["service"]
        leads = Organisation.objects.filter(led_dossiers__in=seen).values("pk")
        cosigners = Organisation.objects.filter(cosigned_dossiers__in=seen).values("pk")
        service.queryset = service.queryset.filter(Q(pk__in=leads) | Q(pk__in=cosigners))


class JournalFilter(FilterForm):
    nature = forms.ChoiceField(
        label="Nature", choices=[("", "Toutes"), *((key, label) for key, (label, _) in KINDS.items())], required=False
    )
    partie = forms.ChoiceField(label="Partie", choices=[("", "Toutes"), *SIDES.items()], required=False)
    visible = forms.ChoiceField(label="Lu par", required=False)
    du = FrenchDateField(label="À partir du", required=False)
    au = FrenchDateField(label="Jusqu’au", required=False)

    def __init__(self, *args: Any, audiences: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        labels = [(audience, capfirst(Audience(audience).label)) for audience in audiences]
        self.fields["visible"].choices = [("", "Tous"), *labels]
        if len(audiences) < 2:
            del self.fields["visible"]
