"""Measure what a worker does of what people hand in: the check of a signed PDF, the reading of scanned pages."""

import datetime as dt
import io
import json
from typing import Any

import pikepdf

from conventions import evidence
from conventions.documents import scans
from conventions.documents.render import render_version
from cpo.lib import clock
from tests import pki
from tests.conventions.test_scans import original, scan

from .document import PURPOSE, SAMPLE, VERSION, digest
from .measure import Ratio, compare
from .measure import now as processor_seconds

PAGES = 25
SCANNED = 100
DAY = dt.timedelta(days=1)


def content_of(pages: int = PAGES) -> tuple[dict[str, Any], bytes]:
    """The sample convention with enough fiches for this number of pages, and its document."""
    whole = json.loads(SAMPLE.read_text(encoding="utf-8"))
    for count in range(1, len(whole["sheets"]) + 1):
        content = whole | {"sheets": whole["sheets"][:count]}
        data = produce(content)
        if pages_of(data) >= pages:
            break
    return content, data


def pages_of(data: bytes) -> int:
    with pikepdf.open(io.BytesIO(data)) as pdf:
        return len(pdf.pages)


def produce(content: dict[str, Any]) -> bytes:
    return render_version(content, version_number=VERSION, content_sha256=digest(content), purpose=PURPOSE)


def measure(*, times: int) -> Ratio:
    """The time of the whole check of a deposit with one signature and its timestamp, over that of its production.

    The bytes, the objects by two libraries, the pages drawn by a process apart, the signature.
    """
    content, data = content_of()
    now, authority = clock.now(), pki.Authority()
    root, person = authority.identity.asn1, authority.person("EXEMPLE Camille")
    signed = pki.sign(data, person, authority, stamp=pki.timestamper(authority, now))
    lists = (authority.revocation_list(since=now - DAY, until=now + DAY),)
    trust = evidence.Trust(roots=(root,), timestamp_roots=(root,), revocation_lists=lists)

    def verify() -> None:
        report = evidence.check_pages(evidence.verify(signed, data, trust=trust, at=now), signed, data)
        if not report.valid:
            raise RuntimeError(report.message)

    return compare(lambda: produce(content), verify, times=times)


def seconds_of_a_scanned_page() -> float:
    """Seconds of one core to find the code of a page, over a hundred noisy pages at 200 dpi, some of them turned."""
    whole = original(SCANNED)
    halves = (range(1, SCANNED + 1, 2), range(2, SCANNED + 1, 2))
    files = [scan(whole, list(numbers), turned=turned) for numbers, turned in zip(halves, (0, 90), strict=True)]
    began = processor_seconds()
    pages = scans.read_pages(files)
    spent = processor_seconds() - began
    if any(page.mark is None for page in pages) or len(pages) != SCANNED:
        raise RuntimeError("a page was not recognised")
    return spent / SCANNED
