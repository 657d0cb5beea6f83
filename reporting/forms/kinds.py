"""The form of a type of document."""

from typing import Any

from django import forms

from arml.enums import AttachmentMoment
from arml.models import AttachmentKind
from arml.permissions import BENEFICIARY_ROLES, STATE_ROLES
from cpo.lib.forms.base import RevisedModelForm
from reporting.services.kinds import BLOCKS, kind_fields

from .base import whole_number


class KindForm(RevisedModelForm):
    """A type of document. `blocks` is a check box: what a missing document blocks depends on its moment."""

    validity_months = whole_number(
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
