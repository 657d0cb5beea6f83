"""Whether a certificate and its algorithms are fit to sign a document, before any authority is asked."""

from typing import Any, NamedTuple

from asn1crypto import x509
from pyhanko.sign.fields import FieldMDPAction
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

# Extended usages (RFC 5280, 4.2.1.12) that say that the certificate is for something else than documents.
OTHER_USAGES = {"server_auth", "client_auth", "code_signing", "time_stamping", "ocsp_signing"}
BROKEN_HASHES = {"md2": "MD2", "md5": "MD5", "sha1": "SHA-1"}
SHORTEST_RSA = 2048  # bits: ANSSI, « Règles et recommandations concernant les mécanismes cryptographiques »
SHORTEST_CURVE = 224


class Unfit(NamedTuple):
    """Why a certificate or an algorithm can't sign: `code` of the answer, and the broken `hash` if it is about one."""

    code: str
    hash: str = ""


def unfit(signature: EmbeddedPdfSignature) -> Unfit | None:
    """What keeps a certificate or an algorithm from signing a document here, if anything does."""
    certificate, signer = signature.signer_cert, signature.signer_info
    if certificate.ca:
        return Unfit("is_authority")
    usages = certificate.extended_key_usage_value
    if usages is not None and usages.native and set(usages.native) <= OTHER_USAGES:
        return Unfit("other_usage")
    for name in (signer["digest_algorithm"]["algorithm"].native, _hash_of(signer["signature_algorithm"])):
        if name in BROKEN_HASHES:
            return Unfit("weak_hash", BROKEN_HASHES[name])
    if (name := _hash_of(certificate["signature_algorithm"])) in BROKEN_HASHES:
        return Unfit("weak_certificate", BROKEN_HASHES[name])
    return Unfit("weak_key") if _short(certificate) else None


def _hash_of(algorithm: Any) -> str:
    """The hash of a signature algorithm; "" for one that names none (RSA alone, Ed25519)."""
    try:
        return str(algorithm.hash_algo)
    except ValueError:
        return ""


def _short(certificate: x509.Certificate) -> bool:
    key = certificate.public_key
    bits = key.bit_size or 0
    return bool(key.algorithm in ("rsa", "dsa", "rsassa_pss") and bits < SHORTEST_RSA) or bool(
        key.algorithm == "ec" and bits < SHORTEST_CURVE
    )


def closes_to_others(signature: EmbeddedPdfSignature) -> bool:
    """Whether a signature certifies the document or locks fields of others. MuPDF writes a lock that locks nothing."""
    if signature.docmdp_level is not None:
        return True
    lock = signature.fieldmdp
    if lock is None:
        return False
    return lock.action != FieldMDPAction.INCLUDE or bool(set(lock.fields or ()) - {signature.field_name})
