"""Verification of one signature of a PDF: integrity, signatory, date, certificate."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from asn1crypto import crl, ocsp, x509
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import Reference
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.ades.qualified_asn1 import get_qc_statements
from pyhanko.sign.ades.report import AdESIndeterminate
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.general import SigningError
from pyhanko.sign.validation import validate_pdf_signature, validate_pdf_timestamp
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.errors import NoDSSFoundError, SignatureValidationError
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko.sign.validation.status import PdfSignatureStatus, SignatureCoverageLevel, TimestampSignatureStatus
from pyhanko_certvalidator import ValidationContext

from cpo.lib.wording import french

from .answers import UNTRUSTED_STAMP, refusal_text
from .fitness import closes_to_others, unfit
from .report import Refusal, SignatureReport
from .trust import Trust

# A certificate for signing declares one of these usages, or none.
USAGE = KeyUsageConstraints(key_usage={"non_repudiation", "digital_signature"}, match_all_key_usages=False)
ODD_DATE = re.compile(r"D:\d{14}Z'")
# The errors that pyHanko raises for a signature that it does not support.
UNSUPPORTED = (SignatureValidationError, SigningError, ValueError, KeyError, TypeError, AttributeError)


@dataclass(frozen=True)
class CheckedSignature:
    report: SignatureReport
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Proofs:
    """Certificates, revocation lists and OCSP answers that the file contains besides its signatures."""

    certificates: tuple[x509.Certificate, ...]
    lists: tuple[crl.CertificateList, ...]
    answers: tuple[ocsp.OCSPResponse, ...]


def embedded_signatures(reader: PdfFileReader) -> list[EmbeddedPdfSignature]:
    """Signatures and timestamps in the order of the fields; the reader reads each once."""
    signatures = list(reader.embedded_signatures)
    for signature in signatures:
        _spell_date(signature.sig_object)
    return signatures


def _spell_date(declared: generic.DictionaryObject) -> None:
    """Read « D:20261130215926Z' », which LibreOffice writes, as the date of the standard. No byte changes."""
    date = declared.get("/M")
    if isinstance(date, str) and ODD_DATE.fullmatch(date):
        declared[generic.NameObject("/M")] = generic.TextStringObject(date.rstrip("'"))


def check(
    signature: EmbeddedPdfSignature, reader: PdfFileReader, *, trust: Trust, at: datetime, new: bool
) -> CheckedSignature:
    """Check one signature. A timestamp of the whole document is not the signature of a person: it is only listed."""
    certificate, person = signature.signer_cert, signature.sig_object_type == "/Sig"
    facts: Any = {
        "field": signature.field_name,
        "name": _first(certificate, "common_name") or certificate.subject.human_friendly,
        "organisation": _first(certificate, "organization_name"),
        "issuer": _issuer(certificate),
        "serial": f"{certificate.serial_number:x}",
        "certificate_sha256": certificate.sha256.hex(),
        "valid_from": certificate.not_valid_before,
        "valid_until": certificate.not_valid_after,
        "new": new,
        "person": person,
    }
    unknown_facts: Any = {"signed_at": None, "timestamp_by": "", "intact": False, "chain": (), "revocation": "unknown"}
    if not person:
        return _check_stamp(signature, facts, unknown_facts, _context_of_stamps(signature, reader, trust, at))
    if fault := unfit(signature):
        # The libraries refuse the broken algorithms without a reason: such a signature is not verified further.
        signature.compute_integrity_info(skip_diff=True)
        problem: Refusal | None = _refusal(fault.code, certificate, hash=fault.hash)
        return CheckedSignature(SignatureReport(**facts, **unknown_facts, level="none", problem=problem))
    try:
        verdict = _validate(signature, _proofs(signature, reader), trust, at)
    except UNSUPPORTED:
        problem = _refusal("unsupported", certificate)
        return CheckedSignature(SignatureReport(**facts, **unknown_facts, level="none", problem=problem))
    status, revocation = verdict.status, verdict.revocation
    stamp = _trusted_timestamp(status)
    problem = _problem(signature, verdict, trust, at)
    path = status.validation_path
    report = SignatureReport(
        **facts,
        signed_at=stamp.timestamp if stamp else status.signer_reported_dt,
        timestamp_by=_common_name(stamp.signing_cert) if stamp else "",
        intact=_intact(status),
        chain=tuple(_common_name(item) for item in path) if path and not problem else (),
        revocation="revoked" if problem and problem.code == "revoked" else revocation,
        level="none" if problem else _level(signature, certificate, path, trust),
        problem=problem,
    )
    return CheckedSignature(report, () if problem else tuple(_warnings(signature, report, reader)))


def _context_of_stamps(
    signature: EmbeddedPdfSignature, reader: PdfFileReader, trust: Trust, at: datetime
) -> ValidationContext:
    return _context(trust.timestamp_roots, _proofs(signature, reader), trust, at, strict=False)


def _check_stamp(
    signature: EmbeddedPdfSignature, facts: Any, unknown_facts: Any, context: ValidationContext
) -> CheckedSignature:
    """A timestamp of the whole file: it must date these bytes; one of an unknown authority is said to prove nothing."""
    certificate = signature.signer_cert
    try:
        status = validate_pdf_timestamp(signature, context, skip_diff=True)
    except UNSUPPORTED:
        status = None
    if status is None or not (status.intact and status.valid):
        problem = _refusal("stamp_broken", certificate)
        return CheckedSignature(SignatureReport(**facts, **unknown_facts, level="none", problem=problem))
    told = unknown_facts | {"intact": True}
    if not status.trusted:
        warning = UNTRUSTED_STAMP.format(of_name=french.of(facts["name"]))
        return CheckedSignature(SignatureReport(**facts, **told, level="none"), (warning,))
    told |= {"signed_at": status.timestamp, "timestamp_by": facts["name"]}
    return CheckedSignature(SignatureReport(**facts, **told, level="none"))


@dataclass(frozen=True)
class _Verdict:
    status: PdfSignatureStatus
    revocation: str


def _validate(signature: EmbeddedPdfSignature, proofs: _Proofs, trust: Trust, at: datetime) -> _Verdict:
    """Validate at the moment `at`; if the certificate is not valid then, at the moment of a trusted timestamp."""
    current = _validate_at(signature, proofs, trust, at, moment=at)
    stamp = _trusted_timestamp(current.status)
    if current.status.trusted or stamp is None:
        return current
    at_stamp = _validate_at(signature, proofs, trust, at, moment=stamp.timestamp)
    return at_stamp if at_stamp.status.trusted else current


def _validate_at(
    signature: EmbeddedPdfSignature, proofs: _Proofs, trust: Trust, at: datetime, *, moment: datetime
) -> _Verdict:
    """Validate with revocation data required, then without: so the verdict says whether revocation was checked."""
    status = _status(signature, proofs, trust, at, moment=moment, strict=True)
    if status.trusted:
        return _Verdict(status, "checked")
    return _Verdict(_status(signature, proofs, trust, at, moment=moment, strict=False), "unknown")


def _status(
    signature: EmbeddedPdfSignature, proofs: _Proofs, trust: Trust, at: datetime, *, moment: datetime, strict: bool
) -> PdfSignatureStatus:
    return validate_pdf_signature(
        signature,
        _context(trust.roots, proofs, trust, moment, strict=strict),
        ts_validation_context=_context(trust.timestamp_roots, proofs, trust, at, strict=False),
        key_usage_settings=USAGE,
        # `verification` has already checked that only signatures were appended to the stored file.
        skip_diff=True,
    )


def _context(
    roots: tuple[x509.Certificate, ...], proofs: _Proofs, trust: Trust, moment: datetime, *, strict: bool
) -> ValidationContext:
    """The context of a validation. Nothing is downloaded: only the file and the site's folder give data."""
    return ValidationContext(
        trust_roots=list(roots),
        other_certs=[*trust.intermediates, *proofs.certificates],
        moment=moment,
        allow_fetching=False,
        crls=[*trust.revocation_lists, *proofs.lists],
        ocsps=list(proofs.answers),
        revocation_mode="require" if strict else "soft-fail",
        retroactive_revinfo=True,
    )


def _proofs(signature: EmbeddedPdfSignature, reader: PdfFileReader) -> _Proofs:
    """The data in the document's security store (PAdES) and in the signature itself (older Adobe format)."""
    certificates: list[x509.Certificate] = []
    lists: list[crl.CertificateList] = []
    answers: list[ocsp.OCSPResponse] = []
    try:
        store = DocumentSecurityStore.read_dss(reader)
    except (NoDSSFoundError, ValueError, KeyError, TypeError):
        store = None
    if store is not None:
        certificates += store.load_certs()
        lists += [crl.CertificateList.load(ref.get_object().data) for ref in store.crls]
        answers += [ocsp.OCSPResponse.load(ref.get_object().data) for ref in store.ocsps]
    for attribute in signature.signer_info["signed_attrs"]:
        if attribute["type"].native == "adobe_revocation_info_archival":
            revocation_info = attribute["values"][0]
            lists += list(revocation_info["crl"] or ())
            answers += list(revocation_info["ocsp"] or ())
    return _Proofs(tuple(certificates), tuple(lists), tuple(answers))


def _intact(status: PdfSignatureStatus) -> bool:
    covers = status.coverage in (SignatureCoverageLevel.ENTIRE_FILE, SignatureCoverageLevel.ENTIRE_REVISION)
    return bool(status.intact and status.valid and covers)


def _trusted_timestamp(status: PdfSignatureStatus) -> TimestampSignatureStatus | None:
    stamp = status.timestamp_validity
    return stamp if stamp and stamp.valid and stamp.intact and stamp.trusted else None


def _problem(signature: EmbeddedPdfSignature, verdict: _Verdict, trust: Trust, at: datetime) -> Refusal | None:
    status, certificate = verdict.status, signature.signer_cert
    if not _intact(status):
        return _refusal("broken", certificate)
    if closes_to_others(signature):
        return Refusal("certified", refusal_text("certified"))
    if not trust.roots:
        return Refusal("no_roots", refusal_text("no_roots"))
    stamp = _trusted_timestamp(status)
    if status.timestamp_validity is not None and stamp is None:
        return _refusal("bad_timestamp", certificate)
    path = [certificate, *(status.validation_path or ())]
    revoked_on = min(filter(None, (_listed_as_revoked(one, trust) for one in path)), default=None)
    if revoked_on and revoked_on <= (stamp.timestamp if stamp else at):
        return _refusal("revoked", certificate, day=f" le {french.date(revoked_on, 'num')}")
    if status.trusted:
        if verdict.revocation == "unknown" and trust.strict:
            return _refusal("revocation_unknown", certificate)
        return None
    return _distrust(status, certificate, at)


def _distrust(status: PdfSignatureStatus, certificate: x509.Certificate, at: datetime) -> Refusal:
    """Why an intact signature is not trusted: the first reason that applies, in order of importance."""
    if status.revocation_details is not None:
        day = f" le {french.date(status.revocation_details.revocation_date, 'num')}"
        return _refusal("revoked", certificate, day=day)
    if status.trust_problem_indic == AdESIndeterminate.NO_CERTIFICATE_CHAIN_FOUND:
        return _refusal("unknown_authority", certificate)
    if at > certificate.not_valid_after:
        return _refusal("expired", certificate)
    if at < certificate.not_valid_before:
        return _refusal("not_yet_valid", certificate)
    return _refusal("bad_certificate", certificate)


def _listed_as_revoked(certificate: x509.Certificate, trust: Trust) -> datetime | None:
    """The revocation date of a certificate in the lists of the site's folder, even expired ones; else None."""
    for revocation_list in trust.revocation_lists:
        if revocation_list.issuer != certificate.issuer:
            continue
        for entry in revocation_list["tbs_cert_list"]["revoked_certificates"] or ():
            if entry["user_certificate"].native == certificate.serial_number:
                day: datetime = entry["revocation_date"].native
                return day
    return None


def _level(signature: EmbeddedPdfSignature, certificate: x509.Certificate, path: Any, trust: Trust) -> str:
    """The level of the signature, from what was checked only.

    « pades » needs that format, whose signed attributes name the certificate. It is not called « advanced »: that the
    key is under the sole control of the person (regulation (EU) 910/2014, article 26) is known of a qualified
    certificate only, which declares it and whose root is configured as qualified.
    """
    if signature.sig_object.get("/SubFilter") != SigSeedSubFilter.PADES.value:
        return "certificate"
    statements = {statement["statement_id"].native for statement in get_qc_statements(certificate)}
    root = next(iter(path)) if path else None
    if "qc_compliance" in statements and root is not None and root.sha256 in trust.qualified:
        return "qualified_device" if "qc_sscd" in statements else "qualified_certificate"
    return "pades"


def _warnings(signature: EmbeddedPdfSignature, report: SignatureReport, reader: PdfFileReader) -> Iterator[str]:
    if not report.timestamp_by:
        yield (
            f"l’heure de la signature {french.of(report.name)} est celle de son poste : aucun tiers ne l’atteste "
            "(elle n’a pas d’horodatage, niveau B-B)."
        )
    if report.revocation == "unknown":
        yield f"rien ne dit si le certificat {french.of(report.name)} était révoqué."
    if _outside_its_place(signature, reader):
        yield f"la signature {french.of(report.name)} est dessinée ailleurs que dans le cadre prévu."


def _outside_its_place(signature: EmbeddedPdfSignature, reader: PdfFileReader) -> bool:
    """Whether the signature is drawn on a page in a new field, instead of a field of the document."""
    reference = signature.sig_field.container_ref
    in_document = isinstance(reference, Reference) and reader.xrefs.get_introducing_revision(reference) == 0
    x_left, y_bottom, x_right, y_top = (float(side) for side in signature.sig_field.get("/Rect", (0, 0, 0, 0)))
    return not in_document and x_left != x_right and y_bottom != y_top


def _first(certificate: x509.Certificate, attribute: str) -> str:
    value = certificate.subject.native.get(attribute, "")
    return str(value[0] if isinstance(value, list) else value)


def _issuer(certificate: x509.Certificate) -> str:
    value = certificate.issuer.native.get("common_name", "") or certificate.issuer.human_friendly
    return str(value[0] if isinstance(value, list) else value)


def _common_name(certificate: x509.Certificate) -> str:
    return _first(certificate, "common_name") or certificate.subject.human_friendly


def _refusal(code: str, certificate: x509.Certificate, **values: str) -> Refusal:
    return Refusal(
        code,
        refusal_text(
            code,
            name=_common_name(certificate),
            issuer=_issuer(certificate),
            until=french.date(certificate.not_valid_after, "num"),
            since=french.date(certificate.not_valid_before, "num"),
            **values,
        ),
    )
