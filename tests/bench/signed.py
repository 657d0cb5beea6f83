"""Measure the verification of a signed document of twenty-five pages against its production."""

import datetime as dt
import io
import json
from typing import Any

import pikepdf

from conventions import evidence
from conventions.documents.render import render_version
from cpo.lib import clock
from tests import pki

from .document import PURPOSE, SAMPLE, VERSION, digest
from .measure import Ratio, compare

PAGES = 25
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
    """The time to verify a file with one signature and its timestamp, over the time to produce its document."""
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
