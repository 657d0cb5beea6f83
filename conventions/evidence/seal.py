"""The seal (cachet) of the administration on a notified document: a signature of the server, not of a person.

The key is in a PKCS#12 file, or held by a PKCS#11 device (settings SIGNATURE_SEAL). The seal is appended as an
invisible signature field outside the page: the file stays PDF/A-3a and PDF/UA-1, and every byte before stays as it was.
"""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import InvisSigSettings, SigFieldSpec, SigSeedSubFilter

KIND = "seal_document"
FIELD = "cachet"


class SealError(Exception):
    """The seal can't be put; the message, in French, is for who runs the site."""


class _Untouched(IncrementalPdfFileWriter):
    """A writer that leaves the metadata alone: they claim PDF/A and PDF/UA."""

    def _update_meta(self) -> None:
        return


def configured() -> bool:
    return bool(settings.SIGNATURE_SEAL["pkcs12"] or settings.SIGNATURE_SEAL["library"])


def seal(data: bytes) -> bytes:
    """The same PDF with the seal. Raises SealError."""
    about = signers.PdfSignatureMetadata(field_name=FIELD, subfilter=SigSeedSubFilter.PADES, md_algorithm="sha256")
    place = SigFieldSpec(FIELD, on_page=0, invis_sig_settings=InvisSigSettings(box_out_of_bounds=True))
    with _signer(settings.SIGNATURE_SEAL) as signer:
        out = signers.PdfSigner(about, signer, new_field_spec=place).sign_pdf(_Untouched(io.BytesIO(data)))
    sealed: bytes = out.getvalue()
    return sealed


@contextmanager
def _signer(wanted: dict[str, str]) -> Iterator[Any]:
    if wanted["pkcs12"]:
        yield _from_file(wanted["pkcs12"], wanted["passphrase"])
        return
    try:
        from pyhanko.sign import pkcs11
    except ImportError as error:
        raise SealError("SIGNATURE_SEAL_PKCS11_LIBRARY : le paquet python-pkcs11 n’est pas installé.") from error
    token = pkcs11.TokenCriteria(label=wanted["token"])
    try:
        session = pkcs11.open_pkcs11_session(wanted["library"], token_criteria=token, user_pin=wanted["pin"])
    except Exception as error:  # each driver has errors of its own
        raise SealError(f"SIGNATURE_SEAL_PKCS11_LIBRARY : le support de clé ne s’ouvre pas ({error}).") from error
    with session:
        yield pkcs11.PKCS11Signer(session, key_label=wanted["key"], cert_label=wanted["key"])


def _from_file(path: str, passphrase: str) -> signers.SimpleSigner:
    # pyHanko logs what is wrong with the file, and gives None.
    signer = signers.SimpleSigner.load_pkcs12(path, passphrase=passphrase.encode() or None)
    if signer is None:
        raise SealError(f"SIGNATURE_SEAL_PKCS12 : {path} n’existe pas, n’est pas un PKCS#12, ou sa phrase est fausse.")
    return signer
