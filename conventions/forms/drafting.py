"""Forms that open a convention and name its parties. They parse what is typed; the services check the rules."""

import datetime as dt
import re
from typing import Any

from django import forms

from actions.models import Cycle
from arml.enums import OrganisationKind, Role
from arml.models import BY_NAME, Delegation, Membership, Organisation, Territory, User
from arml.permissions import SPOKESPERSONS
from conventions.enums import PartyRole
from conventions.models import Act, Party
from conventions.services.drafting import creation_faults, perimeter_faults
from conventions.services.parties import cofunder_faults, party_faults
from conventions.text.values import and_list
from cpo.lib import clock
from cpo.lib.enums import Side
from cpo.lib.forms.base import DsfrForm, add_faults


class RevisionForm(DsfrForm):
    """Holds the revision that the page showed, so that a save over the newer revision of somebody else is refused."""

    revision = forms.IntegerField(widget=forms.HiddenInput)


def services() -> Any:
    return Organisation.objects.filter(kind=OrganisationKind.STATE_SERVICE).order_by("sort_name")


class CreateForm(DsfrForm):
    beneficiary = forms.ModelChoiceField(
        Organisation.objects.filter(kind=OrganisationKind.ARML).order_by("sort_name"),
        label="Association",
        empty_label="Choisir",
        help_text="L’association ne verra rien tant que vous n’aurez pas ouvert la négociation.",
        error_messages={"required": "Choisissez l’association."},
    )
    lead = forms.ModelChoiceField(
        services(),
        label="Service chef de file",
        empty_label="Choisir",
        error_messages={"required": "Choisissez le service."},
    )
    cycle = forms.ModelChoiceField(
        Cycle.objects.filter(model_versions__published_on__isnull=False).distinct(),
        label="Cycle",
        empty_label="Choisir",
        help_text="Le projet part du modèle national publié pour ce cycle.",
        error_messages={"required": "Choisissez le cycle."},
    )
    territories = forms.ModelMultipleChoiceField(
        Territory.objects.order_by(BY_NAME),
        label="Territoires couverts",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Sans choix : tous ceux de l’association.",
    )
    cosigners = forms.ModelMultipleChoiceField(
        services(),
        label="Services cosignataires",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Chacun donne son visa et signe pour son territoire. "
        "Les services d’un territoire qui ne signent pas lisent la convention.",
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        own = [
            m.organisation_id
            for m in user.roles
            if m.organisation.kind == OrganisationKind.STATE_SERVICE and m.role in SPOKESPERSONS[Side.STATE]
        ]
        lead = self.fields["lead"]
        lead.queryset = services().filter(pk__in=own)  # type: ignore[attr-defined]
        if len(own) == 1:
            lead.initial = own[0]
        cycles = list(self.fields["cycle"].queryset)  # type: ignore[attr-defined]
        if cycles:
            self.fields["cycle"].initial = cycles[0].pk
        near = Organisation.objects.filter(kind=OrganisationKind.ARML, territories__service__in=own).distinct()
        if near.count() == 1:
            self.fields["beneficiary"].initial = near[0].pk

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not data.get("territories") and data.get("beneficiary"):
            data["territories"] = list(data["beneficiary"].territories.all())
        chosen = [data.get(name) for name in ("beneficiary", "lead", "cycle")]
        territories, cosigners = list(data.get("territories") or ()), list(data.get("cosigners") or ())
        add_faults(self, creation_faults(*chosen, territories, cosigners, data.get("number"), by=self.user))
        return data


class PaperCreateForm(CreateForm):
    number = forms.CharField(
        label="Numéro de la convention",
        required=False,
        max_length=30,
        help_text="S’il est déjà attribué. Sinon l’application en donne un, du type CPO-2025-BRE-001.",
    )

    def clean_number(self) -> str:
        number = str(self.cleaned_data["number"]).strip().upper()
        if number and not re.fullmatch(r"[A-Z0-9]+(-[A-Z0-9]+)*", number):
            raise forms.ValidationError("Un numéro ne contient que lettres sans accent, chiffres et tirets.")
        return number


class DelegationField(forms.ModelChoiceField):
    """The delegations of a service; those that are not in force on `day` say it."""

    day: dt.date | None = None

    def label_from_instance(self, obj: Delegation) -> str:
        reason = obj.out_of_force(self.day) if self.day else ""
        return f"{obj.holder_name}, {obj}" + (f" ({reason})" if reason else "")


class PartyForm(RevisionForm):
    """Who signs for a party. The form offers the accounts and the delegations of its organisation."""

    mark_optional = False

    signatory = forms.ModelChoiceField(
        User.objects.none(),
        label="Compte du signataire",
        required=False,
        empty_label="Aucun compte (signature sur papier)",
        help_text="Seule cette personne pourra signer dans l’application.",
    )
    signatory_name = forms.CharField(label="Nom du signataire", max_length=120, required=False)
    capacity = forms.CharField(
        label="En qualité de",
        max_length=200,
        required=False,
        help_text="Telle qu’imprimée, par exemple « présidente ».",
    )
    signs = forms.BooleanField(label="Signe la convention", required=False)
    delegation = DelegationField(
        Delegation.objects.none(),
        label="Délégation de signature",
        required=False,
        empty_label="Aucune\u00a0: le préfet signe lui-même",
    )

    def __init__(self, *args: Any, party: Party, **kwargs: Any) -> None:
        kwargs.setdefault("prefix", f"partie-{party.pk}")
        kwargs.setdefault(
            "initial",
            {
                "signatory": party.signatory_id,
                "signatory_name": party.signatory_name,
                "capacity": party.capacity,
                "signs": party.signs,
                "delegation": party.delegation_id if party.by_delegation else None,
                "revision": party.act.programme.revision,
            },
        )
        super().__init__(*args, **kwargs)
        self.party = party
        roles = (
            (Role.PRESIDENT, Role.DIRECTOR) if party.role == PartyRole.BENEFICIARY else (Role.SIGNATORY, Role.MANAGER)
        )
        holders = Membership.objects.in_force().filter(organisation=party.organisation_id, role__in=roles)
        self.fields["signatory"].queryset = User.objects.filter(  # type: ignore[attr-defined]
            pk__in=holders.values("user")
        )
        if party.role in (PartyRole.LEAD, PartyRole.COSIGNER):
            self._offer_delegations()
        else:
            del self.fields["delegation"]
        if party.role == PartyRole.COFUNDER:
            self.fields["signatory_name"].label = "Nom du représentant"
        else:
            del self.fields["signs"]

    def _offer_delegations(self) -> None:
        """Offer the delegations of the service, mark those that are not in force, and say who records one."""
        service, field = self.party.organisation, self.fields["delegation"]
        self.today = field.day = clock.today(self.party.act.dossier.time_zone)  # type: ignore[attr-defined]
        field.queryset = service.delegations.all()  # type: ignore[attr-defined]
        managers = Membership.objects.in_force().filter(organisation=service, role=Role.MANAGER, user__is_active=True)
        names = [str(one.user) for one in managers.select_related("user").order_by("user__last_name", "id")]
        who = and_list(names) if names else "la personne responsable du service, qui reste à inviter"
        field.help_text = f"Enregistrée par {who}, sur la page du service dans Organisations."

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        delegation, signatory = data.get("delegation"), data.get("signatory")
        if delegation and delegation != self.party.delegation and (reason := delegation.out_of_force(self.today)):
            self.add_error(
                "delegation", f"Cette délégation n’est pas en vigueur ({reason})\u00a0: choisissez-en une autre."
            )
        signs = data.get("signs", self.party.signs)
        add_faults(self, party_faults(self.party, signatory, delegation, signs=signs))
        if not data.get("signatory_name"):
            data["signatory_name"] = (delegation.holder_name if delegation else "") or (
                str(signatory) if signatory else ""
            )
        if not data.get("capacity") and delegation:
            data["capacity"] = delegation.holder_capacity
        return data


class CofunderForm(RevisionForm):
    organisation = forms.ModelChoiceField(
        Organisation.objects.filter(kind__in=(OrganisationKind.REGION, OrganisationKind.OTHER)).order_by("sort_name"),
        label="Région ou autre cofinanceur",
        empty_label="Choisir",
        error_messages={"required": "Choisissez l’organisme."},
    )
    signs = forms.BooleanField(label="Signe la convention", required=False)

    def __init__(self, *args: Any, act: Act, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.act = act

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        add_faults(self, cofunder_faults(self.act, data.get("organisation")))
        return data


class TerritoriesForm(RevisionForm):
    territories = forms.ModelMultipleChoiceField(
        Territory.objects.order_by(BY_NAME),
        label="Territoires couverts",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choisissez au moins un territoire."},
    )
    cosigners = forms.ModelMultipleChoiceField(
        services(), label="Services cosignataires", required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, act: Act, **kwargs: Any) -> None:
        kwargs.setdefault("prefix", "perimetre")
        kwargs.setdefault(
            "initial",
            {
                "territories": [territory.pk for territory in act.dossier.territories.all()],
                "cosigners": [service.pk for service in act.dossier.services.all()],
                "revision": act.programme.revision,
            },
        )
        super().__init__(*args, **kwargs)
        self.fields["cosigners"].queryset = services().exclude(pk=act.dossier.lead_id)  # type: ignore[attr-defined]
        self.act = act

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        territories, cosigners = list(data.get("territories") or ()), list(data.get("cosigners") or ())
        add_faults(self, perimeter_faults(self.act, territories, cosigners))
        return data
