"""Verification of a signed PDF against the stored file: what it proves. Pure functions; no table is read.

`verify(data, stored, trust=…, at=…)` compares the bytes first: the signed file must begin with the bytes of the stored
one, because signing a PDF only appends bytes. Then the appended bytes must be signatures only, for each program that
reads them (`revisions`, `comparison`, `engines`). Then each signature must be valid: integrity, chain to a configured
authority, dates, revocation. `check_pages` then draws the pages. The texts of the answers are in `answers.py`.
"""

from .names import look_alikes, same_person
from .pages import check_pages
from .report import Refusal, Report, SignatureReport
from .trust import Trust
from .trust import load as load_trust
from .verification import MAX_BYTES, KnownFile, no_pdf, too_big, verify

__all__ = [
    "MAX_BYTES",
    "KnownFile",
    "Refusal",
    "Report",
    "SignatureReport",
    "Trust",
    "check_pages",
    "load_trust",
    "look_alikes",
    "no_pdf",
    "same_person",
    "too_big",
    "verify",
]
