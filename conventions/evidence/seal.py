"""The seal (cachet) of the administration on a notified document: a signature of the server, not of a person.

The key is in a PKCS#12 file or in a PKCS#11 device (settings SIGNATURE_SEAL). The seal is appended as an invisible
signature field outside the page: the earlier bytes do not change, and the file stays PDF/A-3a and PDF/UA-1.
"""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import InvisSigSettings, SigFieldSpec, SigSeedSubFilter

from . import timestamps

KIND = "seal_document"
FIELD = "cachet"


class SealError(Exception):
    """The seal cannot be added; the French message is for the administrator of the site."""


class Untouched(IncrementalPdfFileWriter):
    """A writer that does not change the metadata, because they declare PDF/A and PDF/UA."""

    def _update_meta(self) -> None:
        return


def is_configured() -> bool:
    return bool(settings.SIGNATURE_SEAL["pkcs12"] or settings.SIGNATURE_SEAL["library"])


def seal(data: bytes) -> bytes:
    """Return the PDF with the seal. Raises SealError."""
    metadata = signers.PdfSignatureMetadata(field_name=FIELD, subfilter=SigSeedSubFilter.PADES, md_algorithm="sha256")
    field = SigFieldSpec(FIELD, on_page=0, invis_sig_settings=InvisSigSettings(box_out_of_bounds=True))
    with open_signer(settings.SIGNATURE_SEAL) as signer:
        pdf_signer = signers.PdfSigner(metadata, signer, timestamper=timestamps.authority(), new_field_spec=field)
        out = pdf_signer.sign_pdf(Untouched(io.BytesIO(data)))
    sealed: bytes = out.getvalue()
    return sealed


def attest(data: bytes) -> bytes:
    """Return the PDF with what this site can add to attest it: the seal, else a timestamp alone, else nothing.

    Raises SealError, TimestampError.
    """
    if is_configured():
        return seal(data)
    authority = timestamps.authority()
    if authority is None:
        return data
    stamper = signers.PdfTimeStamper(
        authority, field_name="horodatage", invis_settings=InvisSigSettings(box_out_of_bounds=True)
    )
    stamped: bytes = stamper.timestamp_pdf(Untouched(io.BytesIO(data)), "sha256").getvalue()
    return stamped


@contextmanager
def open_signer(options: dict[str, str]) -> Iterator[Any]:
    if options["pkcs12"]:
        yield _from_file(options["pkcs12"], options["passphrase"])
        return
    try:
        from pyhanko.sign import pkcs11
    except ImportError as error:
        raise SealError("SIGNATURE_SEAL_PKCS11_LIBRARY : le paquet python-pkcs11 n’est pas installé.") from error
    token = pkcs11.TokenCriteria(label=options["token"])
    try:
        session = pkcs11.open_pkcs11_session(options["library"], token_criteria=token, user_pin=options["pin"])
    except Exception as error:  # each driver raises its own errors
        raise SealError(f"SIGNATURE_SEAL_PKCS11_LIBRARY : le support de clé ne s’ouvre pas ({error}).") from error
    with session:
        yield pkcs11.PKCS11Signer(session, key_label=options["key"], cert_label=options["key"])


def _from_file(path: str, passphrase: str) -> signers.SimpleSigner:
    # pyHanko logs the errors of the file and returns None.
    signer = signers.SimpleSigner.load_pkcs12(path, passphrase=passphrase.encode() or None)
    if signer is None:
        raise SealError(f"SIGNATURE_SEAL_PKCS12 : {path} n’existe pas, n’est pas un PKCS#12, ou sa phrase est fausse.")
    return signer
