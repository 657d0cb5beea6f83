"""The form of a paper of the year that was signed by hand."""

from django import forms

from conventions.forms.signing import override_reason_field
from cpo.lib.forms.fields import FrenchDateField
from cpo.lib.forms.uploads import UploadForm


class ScanForm(UploadForm):
    """The scan of a paper signed by hand, for the party of who records it, with what was copied from its pages."""

    mark_optional = False
    uploads = {"upload": True}
    upload = forms.FileField(
        label="Original signé, numérisé",
        allow_empty_file=True,
        help_text="PDF, 20 Mo au plus",
        error_messages={"required": "Choisissez le fichier de l’original signé."},
    )
    signatory_name = forms.CharField(
        label="Nom de la personne qui a signé",
        max_length=120,
        error_messages={"required": "Donnez le nom de la personne qui a signé."},
    )
    capacity = forms.CharField(label="En qualité de", max_length=200, error_messages={"required": "Donnez sa qualité."})
    signed_on = FrenchDateField(
        label="Date de la signature", no_future=True, error_messages={"required": "Donnez la date de la signature."}
    )
    short_hash = forms.CharField(
        label="Empreinte recopiée du papier",
        help_text="Douze caractères, en bas de chaque page",
        max_length=40,
        error_messages={"required": "Recopiez l’empreinte imprimée en bas de page."},
    )
    override_reason = override_reason_field("Pourquoi enregistrer cet original malgré la différence\u00a0?")
