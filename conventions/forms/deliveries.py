"""The form of the notification of a signed act."""

from collections.abc import Sequence
from typing import Any

from django import forms

from arml.models import Organisation
from conventions.enums import DeliveryMeans
from conventions.models import Act
from conventions.services.deliveries import Upload, delivery_faults
from cpo.lib.forms.base import add_faults
from cpo.lib.forms.fields import FrenchDateField
from cpo.lib.forms.uploads import UploadForm


class DeliveryForm(UploadForm):
    uploads = {"proof": False}
    addressee = forms.TypedChoiceField(
        label="Partie notifiée", coerce=int, error_messages={"required": "Choisissez la partie notifiée."}
    )
    means = forms.ChoiceField(
        label="Moyen",
        choices=[(value, label[:1].upper() + label[1:]) for value, label in DeliveryMeans.choices],
        widget=forms.RadioSelect,
        error_messages={"required": "Dites par quel moyen l’acte a été notifié."},
    )
    sent_on = FrenchDateField(
        label="Date d’envoi",
        help_text="Celle de la preuve de dépôt, ou de la remise",
        no_future=True,
        error_messages={"required": "Indiquez la date d’envoi."},
    )
    received_on = FrenchDateField(
        label="Date de réception",
        help_text="Celle de l’avis de réception, si elle est connue",
        required=False,
        no_future=True,
    )
    number = forms.CharField(
        label="Numéro d’envoi",
        help_text="Celui de la lettre recommandée, par exemple 1A 234 567 8901 2",
        required=False,
        max_length=60,
    )
    proof = forms.FileField(
        label="Preuve",
        help_text="Avis de réception, récépissé ou courriel",
        required=False,
        allow_empty_file=True,  # the service refuses an empty file with its own message
    )

    def __init__(self, *args: Any, act: Act, addressees: Sequence[Organisation], **kwargs: Any) -> None:
        self.act = act
        super().__init__(*args, **kwargs)
        self.addressees = {organisation.pk: organisation for organisation in addressees}
        choices = [(organisation.pk, str(organisation)) for organisation in addressees]
        self.fields["addressee"].choices = choices if len(choices) == 1 else [("", "Choisir"), *choices]

    def clean_addressee(self) -> Organisation:
        return self.addressees[self.cleaned_data["addressee"]]

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        names = ("means", "sent_on", "received_on")
        add_faults(self, delivery_faults(self.act, *(data.get(name) for name in names), proof=bool(data.get("proof"))))
        return super().clean()

    def facts(self) -> dict[str, Any]:
        """The arguments of `record_delivery`."""
        data = dict(self.cleaned_data)
        upload = data.pop("proof")
        proof: Upload | None = (upload.file, upload.name, upload.size) if upload else None
        return data | {"proof": proof}
