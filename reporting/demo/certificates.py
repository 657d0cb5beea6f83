"""Deposits of the demonstration: a PDF signed with a certificate that is accepted, one refused, one being checked.

The authority exists while the demonstration is loaded, and its keys are kept nowhere: nobody can sign with them after.
"""

import datetime as dt
import io
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from asn1crypto import keys
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.conf import settings
from pyhanko.sign import signers
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.stamp import StaticStampStyle
from pyhanko_certvalidator.registry import SimpleCertificateStore

from conventions.enums import PartyRole
from conventions.evidence.seal import Untouched
from conventions.guards.signing import signing_document
from conventions.models import Act, Party, SignedDeposit
from conventions.permissions import signing_role
from conventions.services.signing import certificate, deposits
from cpo.lib import clock
from cpo.lib.enums import JobState
from cpo.lib.files import stored
from cpo.lib.models import Job
from cpo.lib.work import jobs

from .story import Story

NAME = "Autorité fictive de démonstration"


class _Authority:
    """A root that issues certificates for the time of the loading."""

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.certificate = _certificate(NAME, self.key, NAME, self.key, ca=True)

    def signer(self, name: str) -> signers.SimpleSigner:
        key = ec.generate_private_key(ec.SECP256R1())
        der = _certificate(name, key, NAME, self.key).public_bytes(serialization.Encoding.DER)
        private = key.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return signers.SimpleSigner(
            asn1.Certificate.load(der), keys.PrivateKeyInfo.load(private), SimpleCertificateStore()
        )


def _certificate(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    issuer: str,
    issuer_key: ec.EllipticCurvePrivateKey,
    *,
    ca: bool = False,
) -> x509.Certificate:
    now = clock.now()
    subjects = [x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, one)]) for one in (name, issuer)]
    usage = dict.fromkeys(
        ("digital_signature", "key_encipherment", "data_encipherment", "key_agreement", "encipher_only",
         "decipher_only"), False,
    )  # fmt: skip
    builder = x509.CertificateBuilder(subjects[1], subjects[0], key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - dt.timedelta(days=365)).not_valid_after(now + dt.timedelta(days=1825))
    builder = builder.add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    own = x509.KeyUsage(**usage, content_commitment=not ca, key_cert_sign=ca, crl_sign=ca)
    return builder.add_extension(own, critical=True).sign(issuer_key, hashes.SHA256())


@contextmanager
def _trusted() -> Iterator[_Authority]:
    """Let this site trust the authority of the demonstration, and no longer after."""
    authority, former = _Authority(), settings.SIGNATURE_TRUST_ROOTS
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "racine.pem").write_bytes(authority.certificate.public_bytes(serialization.Encoding.PEM))
        settings.SIGNATURE_TRUST_ROOTS = folder
        try:
            yield authority
        finally:
            settings.SIGNATURE_TRUST_ROOTS = former


def hand_in(story: Story, act: Act) -> None:
    """The lead service signs with a certificate; a cosigner hands in an unsigned file; the association’s waits."""
    parties = list(act.parties.filter(signs=True).select_related("organisation", "signatory"))
    of_role = {party.role: party for party in parties}  # of several cosigners, one
    with _trusted() as authority:
        _answer(_receive(story, act, of_role[PartyRole.LEAD], authority))
        if cosigner := of_role.get(PartyRole.COSIGNER):
            _answer(_receive(story, act, cosigner, None))
        pending = _receive(story, act, of_role[PartyRole.BENEFICIARY], authority)
        _leave_to_a_worker(_job(pending))


def _leave_to_a_worker(waiting: Job) -> None:
    """Put in place of a job one that a worker has, and does not finish: the page shows how far it is."""
    facts = {"kind": waiting.kind, "key": waiting.key, "arguments": waiting.arguments, "created_at": waiting.created_at}
    waiting.delete()
    lease = clock.now() + dt.timedelta(days=3650)
    Job.objects.create(**facts, state=JobState.RUNNING, lease_until=lease, done_steps=1, total_steps=deposits.STEPS)


def _receive(story: Story, act: Act, party: Party, authority: _Authority | None) -> SignedDeposit:
    """Hand in the file to sign, signed for the party; without an authority, as it was downloaded."""
    document = signing_document(act)
    base, data = document.signed_file, stored.read(document.signed_file)
    if authority:
        places = {one.pk: name for name, one in certificate.parties_by_field(act).items()}
        about = signers.PdfSignatureMetadata(
            field_name=places[party.pk], subfilter=SigSeedSubFilter.PADES, md_algorithm="sha256"
        )
        signer = authority.signer(party.signatory_name)
        pdf = signers.PdfSigner(about, signer, stamp_style=StaticStampStyle(border_width=0))
        data = pdf.sign_pdf(Untouched(io.BytesIO(data)), existing_fields_only=True).getvalue()
    user = party.signatory or story.user(signing_role(party.role), party.organisation)
    return deposits.receive(act, party, data, by=user, document=document, shown_sha256=base.sha256)


def _answer(deposit: SignedDeposit) -> None:
    jobs.run(_job(deposit).pk)


def _job(deposit: SignedDeposit) -> Job:
    job = deposits.last_job(deposit)
    assert job is not None  # noqa: S101  `receive` asks for it
    return job
