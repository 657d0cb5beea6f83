"""The proofs of validity that a file carries: a standard one has no warning, and none hides what the site knows."""

import datetime as dt
from typing import Any

import pytest
from asn1crypto import crl
from pyhanko_certvalidator import ValidationContext

from conventions import evidence
from conventions.evidence import Trust
from tests import forged, pki

AT = dt.datetime(2026, 10, 15, 7, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
AUTHORITY = pki.Authority()
PERSON = AUTHORITY.person("EXEMPLE Camille")


def carrying(known: crl.CertificateList, **how: Any) -> bytes:
    """The file signed with its timestamp and this list embedded, as a tool does at level B-LT."""
    context = ValidationContext(
        trust_roots=[AUTHORITY.identity.asn1], crls=[known], allow_fetching=False, moment=AT, weak_hash_algos=set()
    )
    return pki.sign(
        forged.base(), PERSON, AUTHORITY, stamp=pki.timestamper(AUTHORITY, AT),
        embed_validation_info=True, validation_context=context, **how,
    )  # fmt: skip


def verify(data: bytes, *lists: crl.CertificateList, strict: bool = False) -> evidence.Report:
    root = AUTHORITY.identity.asn1
    trust = Trust(roots=(root,), timestamp_roots=(root,), revocation_lists=lists, strict=strict)
    report = evidence.verify(data, forged.base(), trust=trust, at=AT + dt.timedelta(hours=1))
    return evidence.check_pages(report, data, forged.base())


@pytest.mark.parametrize("level", ["B-LT", "B-LTA"])
def test_a_standard_file_with_its_proofs_has_no_warning(level: str) -> None:
    current = AUTHORITY.revocation_list(since=AT - DAY, until=AT + DAY)
    data = carrying(current, use_pades_lta=level == "B-LTA")
    report = verify(data, strict=True)
    assert report.valid and report.warnings == (), report.as_text()
    assert report.signatures[0].revocation == "checked"


@pytest.mark.parametrize("strict", [True, False])
def test_a_revoked_signer_hides_behind_no_older_list_of_its_own(strict: bool) -> None:
    older = AUTHORITY.revocation_list(since=AT - 2 * DAY, until=AT + DAY)
    newer = AUTHORITY.revocation_list(PERSON, on=AT - DAY, since=AT - DAY, until=AT + DAY)
    data = carrying(older)
    assert verify(data, strict=strict).valid
    report = verify(data, newer, strict=strict)
    assert report.code == "revoked", report.as_text()
