"""A test certification authority, with signatories and a timestamp authority, and PDF files that they sign."""

import datetime as dt
import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from asn1crypto import crl, keys
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.timestamps import DummyTimeStamper
from pyhanko.stamp import StaticStampStyle, TextStampStyle
from pyhanko_certvalidator.registry import SimpleCertificateStore

SINCE, UNTIL = dt.datetime(2025, 1, 1, tzinfo=dt.UTC), dt.datetime(2028, 1, 1, tzinfo=dt.UTC)
QUALIFIED = x509.ObjectIdentifier("1.3.6.1.5.5.7.1.3")
# QcCompliance, then QcCompliance and QcSSCD (ETSI EN 319 412-5).
QC_COMPLIANCE = bytes.fromhex("300a3008060604008e460101")
QC_WITH_DEVICE = bytes.fromhex("30143008060604008e4601013008060604008e460104")


@cache
def _key(name: str, bits: int = 2048) -> rsa.RSAPrivateKey:
    """One key per name and process, because creating a key takes a tenth of a second."""
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


@dataclass(frozen=True)
class Identity:
    """A certificate and its private key."""

    certificate: x509.Certificate
    key: rsa.RSAPrivateKey

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def asn1(self) -> asn1.Certificate:
        return asn1.Certificate.load(self.der)

    @property
    def asn1_key(self) -> keys.PrivateKeyInfo:
        return keys.PrivateKeyInfo.load(
            self.key.private_bytes(
                serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )

    def pkcs12(self, passphrase: str, *, authority: "Authority") -> bytes:
        encryption = serialization.BestAvailableEncryption(passphrase.encode())
        chain = [authority.identity.certificate]
        return pkcs12.serialize_key_and_certificates(b"cachet", self.key, self.certificate, chain, encryption)


class Authority:
    """A root that issues certificates."""

    def __init__(self, name: str = "Autorité d’essai") -> None:
        self.name = name
        key = _key(f"authority {name}")
        subject = _subject(name, "Essais")
        certificate = (
            _builder(subject, subject, key, SINCE - dt.timedelta(days=3650), UNTIL + dt.timedelta(days=3650))
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(_usage(key_cert_sign=True, crl_sign=True), critical=True)
            .sign(key, hashes.SHA256())
        )
        self.identity = Identity(certificate, key)

    def person(
        self,
        name: str,
        organisation: str = "Association d’exemple",
        *,
        since: dt.datetime = SINCE,
        until: dt.datetime = UNTIL,
        statements: bytes = b"",
        timestamping: bool = False,
        usage: str = "content_commitment",
        extended: Sequence[str] = (),
        bits: int = 2048,
    ) -> Identity:
        key = _key(f"{self.name} {name}", bits)
        builder = (
            _builder(_subject(name, organisation), self.identity.certificate.subject, key, since, until)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(**{usage: True}), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self.identity.key.public_key()), critical=False
            )
        )
        names = [*(name.upper() for name in extended), *(["TIME_STAMPING"] if timestamping else [])]
        if names:
            usages = x509.ExtendedKeyUsage([getattr(ExtendedKeyUsageOID, name) for name in names])
            builder = builder.add_extension(usages, critical=timestamping)
        if statements:
            builder = builder.add_extension(x509.UnrecognizedExtension(QUALIFIED, statements), critical=False)
        return Identity(builder.sign(self.identity.key, hashes.SHA256()), key)

    def reissued(self, identity: Identity, digest: str) -> Identity:
        """The same certificate, signed by the authority with another hash (« md5 », « sha1 »): no library issues it."""
        certificate = identity.asn1
        algorithm = asn1.SignedDigestAlgorithm({"algorithm": f"{digest}_rsa"})
        certificate["tbs_certificate"]["signature"] = algorithm
        certificate["signature_algorithm"] = algorithm
        hashing = {"md5": hashes.MD5(), "sha1": hashes.SHA1()}[digest]  # noqa: S303  for the test of their refusal
        data = certificate["tbs_certificate"].dump(force=True)
        certificate["signature_value"] = self.identity.key.sign(data, padding.PKCS1v15(), hashing)
        return Identity(x509.load_der_x509_certificate(certificate.dump(force=True)), identity.key)

    def revocation_list(
        self, *revoked: Identity, on: dt.datetime = SINCE, since: dt.datetime, until: dt.datetime
    ) -> crl.CertificateList:
        builder = x509.CertificateRevocationListBuilder().issuer_name(self.identity.certificate.subject)
        builder = builder.last_update(since).next_update(until)
        builder = builder.add_extension(x509.CRLNumber(1), critical=False)
        builder = builder.add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(self.identity.key.public_key()), critical=False
        )
        for identity in revoked:
            builder = builder.add_revoked_certificate(
                x509.RevokedCertificateBuilder()
                .serial_number(identity.certificate.serial_number)
                .revocation_date(on)
                .build()
            )
        signed = builder.sign(self.identity.key, hashes.SHA256())
        return crl.CertificateList.load(signed.public_bytes(serialization.Encoding.DER))


def timestamper(authority: Authority, at: dt.datetime) -> DummyTimeStamper:
    identity = authority.person("Horodatage d’essai", "Essais", timestamping=True)
    return DummyTimeStamper(identity.asn1, identity.asn1_key, fixed_dt=at)


def sign(
    data: bytes,
    identity: Identity,
    authority: Authority,
    *,
    field: str = "signature-1",
    pades: bool = True,
    stamp: DummyTimeStamper | None = None,
    own: SigFieldSpec | None = None,
    digest: str = "sha256",
    **metadata: Any,
) -> bytes:
    """Sign a PDF as a good tool does: in the field of the document, without a change of its metadata or its pages.

    `own`: a field that the tool adds, in which it draws. `digest`: the hash of the signature.
    """
    field = own.sig_field_name if own else field
    store = SimpleCertificateStore()
    store.register(authority.identity.asn1)
    signer = signers.SimpleSigner(signing_cert=identity.asn1, signing_key=identity.asn1_key, cert_registry=store)
    subfilter = SigSeedSubFilter.PADES if pades else SigSeedSubFilter.ADOBE_PKCS7_DETACHED
    about = signers.PdfSignatureMetadata(field_name=field, subfilter=subfilter, md_algorithm=digest, **metadata)
    writer = IncrementalPdfFileWriter(io.BytesIO(data))
    writer._update_meta = lambda: None  # type: ignore[method-assign]  the metadata declare PDF/A and PDF/UA
    style = TextStampStyle(stamp_text="Signé", border_width=1) if own else StaticStampStyle(border_width=0)
    signer_of_pdf = signers.PdfSigner(about, signer, timestamper=stamp, stamp_style=style, new_field_spec=own)
    out = signer_of_pdf.sign_pdf(writer, existing_fields_only=field.startswith("signature-"))
    signed: bytes = out.getvalue()
    return signed


def _subject(name: str, organisation: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "FR"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation),
            x509.NameAttribute(NameOID.COMMON_NAME, name),
        ]
    )


def _builder(
    subject: x509.Name, issuer: x509.Name, key: rsa.RSAPrivateKey, since: dt.datetime, until: dt.datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(since)
        .not_valid_after(until)
    )


def _usage(**usages: bool) -> x509.KeyUsage:
    names = (
        "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
        "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
    )  # fmt: skip
    return x509.KeyUsage(**{name: usages.get(name, False) for name in names})
