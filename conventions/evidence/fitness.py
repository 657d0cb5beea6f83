"""Whether a certificate and its algorithms are fit to sign a document, before any authority is asked."""

from typing import Any

from asn1crypto import x509
from pyhanko.sign.fields import FieldMDPAction
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

# Extended usages (RFC 5280, 4.2.1.12) that say that the certificate is for something else than documents.
OTHER_USAGES = {"server_auth", "client_auth", "code_signing", "time_stamping", "ocsp_signing"}
BROKEN_HASHES = {"md2", "md5", "sha1"}
SHORTEST_RSA = 2048  # bits: ANSSI, « Règles et recommandations concernant les mécanismes cryptographiques »
SHORTEST_CURVE = 224


def unfit(signature: EmbeddedPdfSignature) -> str:
    """The code of the answer for a certificate or an algorithm that can't sign a document here, else ""."""
    certificate = signature.signer_cert
    if certificate.ca:
        return "is_authority"
    usages = certificate.extended_key_usage_value
    if usages is not None and usages.native and set(usages.native) <= OTHER_USAGES:
        return "other_usage"
    signer = signature.signer_info
    hashes = {signer["digest_algorithm"]["algorithm"].native, _hash_of(signer["signature_algorithm"])}
    if hashes & BROKEN_HASHES or _hash_of(certificate["signature_algorithm"]) in BROKEN_HASHES:
        return "weak_hash"
    return "weak_key" if _short(certificate) else ""


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
