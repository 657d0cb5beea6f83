"""Forms of the end of a convention."""

from django import forms

from cpo.lib.forms.base import DsfrForm
from cpo.lib.forms.fields import FrenchDateField
from cpo.lib.forms.uploads import UploadForm

LONG = 20000


def _text(label: str, help_text: str, required: str, rows: int = 10) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        max_length=LONG,
        widget=forms.Textarea(attrs={"rows": rows}),
        error_messages={"required": required},
    )


def _number() -> forms.CharField:
    return forms.CharField(
        label="Numéro de la lettre recommandée",
        help_text="Par exemple 1A 234 567 8901 2",
        max_length=40,
        error_messages={"required": "Indiquez le numéro de la lettre recommandée."},
    )


def _file(label: str, *, required: bool, pdf: bool, missing: str = "", help_text: str = "") -> forms.FileField:
    return forms.FileField(
        label=label,
        help_text=help_text,
        required=required,
        allow_empty_file=True,  # the service refuses an empty file with its own message
        widget=forms.FileInput(attrs={"accept": "application/pdf"} if pdf else {}),
        error_messages={"required": missing},
    )


class NoticeForm(DsfrForm):
    breaches = _text(
        "Manquements constatés",
        "Les obligations de la convention qui ne sont pas remplies, article par article, et ce qui est attendu",
        "Dites quels manquements sont constatés.",
    )


class SendNoticeForm(UploadForm):
    uploads = {"letter": True, "proof": False}
    sent_on = FrenchDateField(
        label="Date d’envoi de la lettre",
        help_text="Celle de la preuve de dépôt : les deux mois courent de ce jour",
        no_future=True,
        error_messages={"required": "Indiquez la date d’envoi."},
    )
    letter_number = _number()
    letter = _file(
        "Lettre signée, numérisée",
        required=True,
        pdf=True,
        missing="Choisissez le PDF de la lettre.",
        help_text="La lettre signée, telle qu’elle est partie, et non celle que l’application a produite à signer.",
    )
    proof = _file(
        "Preuve de dépôt",
        required=False,
        pdf=False,
        help_text="Obligatoire si la lettre est partie avant d’être saisie dans l’application.",
    )


class ObservationForm(UploadForm):
    uploads = {"file": False}
    text = _text(
        "Vos observations",
        "Ce que vous répondez, ce qui a été fait pour remédier aux manquements, ce que vous demandez",
        "Écrivez vos observations.",
    )
    file = _file("Pièce jointe", required=False, pdf=False)


class TerminationForm(UploadForm):
    uploads = {"file": True}
    decision = _text(
        "Motifs de la décision",
        "Recopiés de la décision signée : ce qui n’est pas remédié, et ce qui est répondu aux observations",
        "Motivez la décision.",
    )
    decided_on = FrenchDateField(
        label="Date de la décision", no_future=True, error_messages={"required": "Indiquez la date de la décision."}
    )
    notified_on = FrenchDateField(
        label="Date de notification",
        help_text="Envoi de la lettre recommandée : la convention prend fin ce jour-là",
        no_future=True,
        error_messages={"required": "Indiquez la date de notification."},
    )
    decision_number = _number()
    file = _file(
        "Décision signée, numérisée",
        required=True,
        pdf=True,
        missing="Choisissez le PDF de la décision.",
        help_text="La décision motivée telle qu’elle a été notifiée, avec les voies et délais de recours.",
    )


class DissolutionForm(UploadForm):
    uploads = {"file": False}
    facts = _text(
        "Faits constatés",
        "Par exemple la date de l’assemblée qui a prononcé la dissolution, ou du jugement",
        "Dites ce qui est constaté.",
        rows=6,
    )
    effective_on = FrenchDateField(
        label="Date d’effet",
        help_text="La convention prend fin ce jour-là",
        no_future=True,
        error_messages={"required": "Indiquez la date d’effet."},
    )
    file = _file("Justificatif", required=False, pdf=False)
