"""A signed PDF against the file that was stored: what it proves, and what it does not. Pure functions, no table read.

`verify(data, stored, trust=…, at=…)` compares the bytes first: the signed file must begin with the very bytes of the
stored one (signing a PDF only appends). Then what was appended must be signatures and nothing else, then each signature
must hold: integrity, chain to a configured authority, dates, revocation. Texts of the answers: `answers.py`.
"""

from .names import same_person
from .report import Refusal, Report, SignatureReport
from .trust import Trust
from .trust import load as load_trust
from .verification import MAX_BYTES, Known, too_big, verify

__all__ = [
    "MAX_BYTES",
    "Known",
    "Refusal",
    "Report",
    "SignatureReport",
    "Trust",
    "load_trust",
    "same_person",
    "too_big",
    "verify",
]
