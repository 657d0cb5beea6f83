"""Forms of typed documents and of the paper original."""

import datetime as dt
from typing import Any

from django import forms

from arml.models import Attachment, AttachmentKind
from conventions.enums import PartyRole
from conventions.models import Act, Party
from conventions.services.paper import notification_fault, scan_held
from conventions.services.pieces import checked_file, value_faults
from conventions.text.dating import DELEGATION, FROM_PIECES
from cpo.lib.files.stored import check_upload
from cpo.lib.forms.base import FrenchDateField, add_faults
from cpo.lib.forms.fields import DATE_HINT
from cpo.lib.wording import french

from .drafting import RevisionForm

FORMATS = "PDF, JPG, PNG, ODT, ODS, DOCX ou XLSX"


class AttachmentForm(RevisionForm):
    """`current` is the document that the page showed: a person cannot replace a document that they have not seen."""

    current = forms.CharField(required=False, widget=forms.HiddenInput)
    upload = forms.FileField(
        label="Fichier",
        required=False,
        error_messages={
            "empty": "Ce fichier est vide. Choisissez le fichier complet.",
            "invalid": "Le fichier n’est pas arrivé. Choisissez-le à nouveau.",
        },
        allow_empty_file=True,  # the service refuses an empty file with its own message
    )
    dated = FrenchDateField(label="Date du document", required=False, no_future=True)
    valid_until = FrenchDateField(label="Valable jusqu’au", required=False)
    comment = forms.CharField(label="Précision", required=False, max_length=250)
    not_applicable_reason = forms.CharField(
        label="Sans objet, parce que",
        required=False,
        max_length=250,
        help_text="À remplir au lieu de déposer un fichier, si cette pièce ne concerne pas l’association.",
    )

    def __init__(self, *args: Any, act: Act, kind: AttachmentKind, **kwargs: Any) -> None:
        self.act, self.kind = act, kind
        self.latest = Attachment.objects.filter(dossier=act.dossier, kind=kind, year=None).order_by("pk").last()
        current = str(self.latest.pk) if self.latest else ""
        initial = {"revision": act.programme.revision, "current": current} | _recorded(act, kind)
        kwargs.setdefault("initial", initial)
        super().__init__(*args, **kwargs)
        if kind.key in FROM_PIECES.values() and not act.number:
            self.fields["dated"].help_text = f"Elle s’imprime dans le texte. {DATE_HINT}"
        if not kind.not_applicable_allowed:
            del self.fields["not_applicable_reason"]
            self.fields["upload"].required = True
            self.fields["upload"].error_messages["required"] = "Choisissez un fichier."
        if kind.needs_end_date:
            self.fields["valid_until"].required = True
            self.fields["valid_until"].error_messages["required"] = (
                "Donnez la date de fin de validité que porte ce document."
            )
        elif kind.validity_months:
            self.fields[
                "valid_until"
            ].help_text = f"Sans saisie : {kind.validity_months} mois après la date du document. {DATE_HINT}"

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if self.errors:
            self._add_other_errors(data)  # else the service says them all
        current = self.data.get(self.add_prefix("current"))
        if self.latest is not None and current is not None and current != str(self.latest.pk):
            self.data = self.data.copy()
            self.data[self.add_prefix("current")] = str(self.latest.pk)  # the page shows it from now on
            raise forms.ValidationError(
                f"{self.latest.added_by} a déposé cette pièce le {french.datetime(self.latest.added_at)}. "
                "Relisez-la et, si la vôtre doit la remplacer, choisissez à nouveau le fichier et déposez-le."
            )
        return data

    def _add_other_errors(self, data: dict[str, Any]) -> None:
        """Say what the service would say next, beside what the fields say: one page tells all that is wrong."""
        upload, reason = data.get("upload") or None, data.get("not_applicable_reason", "")
        faults = value_faults(self.kind, upload, data.get("dated"), data.get("valid_until"), reason, self.act)
        try:
            if upload:
                checked_file(upload, upload.name, upload.size)
        except forms.ValidationError as error:
            faults["upload"] = error
        add_faults(self, faults)


def _recorded(act: Act, kind: AttachmentKind) -> dict[str, Any]:
    """Return what the record of the delegation already says of its deed, which need not be typed again."""
    if kind.key != DELEGATION:
        return {}
    lead = act.parties.filter(role=PartyRole.LEAD, by_delegation=True).select_related("delegation").first()
    delegation = lead.delegation if lead else None
    return {"dated": delegation.dated, "valid_until": delegation.valid_until} if delegation else {}


def _days_of_signature(act: Act) -> dict[int, dt.date]:
    """The days that were typed with the scan that the act has, by party."""
    document = act.documents.to_sign().first()
    return dict(document.signatures.filter(voided_at=None).values_list("party", "signed_on")) if document else {}


class PaperForm(RevisionForm):
    """The scan of the signed original, the day of its notification, and who signed for each party."""

    scan = forms.FileField(
        label="Original signé, numérisé", allow_empty_file=True, error_messages={"required": "Choisissez le PDF."}
    )
    notified_on = FrenchDateField(
        label="Notification à l’association",
        no_future=True,
        error_messages={"required": "Donnez la date de notification."},
    )

    def __init__(self, *args: Any, act: Act, parties: list[Party], **kwargs: Any) -> None:
        self.act, self.parties, self.held = act, parties, scan_held(act)
        initial: dict[str, Any] = {"revision": act.programme.revision, "notified_on": act.notified_on}
        day, signed = self.held.signed_on if self.held else None, _days_of_signature(act)
        for party in parties:
            initial |= {f"name-{party.pk}": party.signatory_name, f"capacity-{party.pk}": party.capacity}
            initial[f"signed-{party.pk}"] = signed.get(party.pk, day)
        kwargs.setdefault("initial", initial)
        super().__init__(*args, **kwargs)
        if self.held:
            self.fields["scan"].required = False
            self.fields["scan"].help_text = f"Déjà déposé\u00a0: {self.held.name}. Un autre fichier le remplace."
        for party in parties:
            self.fields[f"name-{party.pk}"] = forms.CharField(
                label="Nom du signataire", max_length=120, error_messages={"required": "Donnez le nom du signataire."}
            )
            self.fields[f"capacity-{party.pk}"] = forms.CharField(
                label="En qualité de", max_length=200, error_messages={"required": "Donnez la qualité du signataire."}
            )
            self.fields[f"signed-{party.pk}"] = FrenchDateField(
                label="Signé le", no_future=True, error_messages={"required": "Donnez la date de signature."}
            )

    def clean_scan(self) -> bytes | None:
        upload = self.cleaned_data["scan"]
        if not upload:
            return None
        data, _ = check_upload(upload, name=upload.name, size=upload.size, pdf_only=True)
        return data

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        days = [day for party in self.parties if (day := data.get(f"signed-{party.pk}"))]
        if days and data.get("notified_on") and (fault := notification_fault(self.act, data["notified_on"], days)):
            add_faults(self, {"notified_on": fault})
        return data

    def groups(self) -> list[dict[str, Any]]:
        return [
            {"party": party, "fields": [self[f"{name}-{party.pk}"] for name in ("name", "capacity", "signed")]}
            for party in self.parties
        ]
