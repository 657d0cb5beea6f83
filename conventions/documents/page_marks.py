"""What the code at the foot of each page to sign says: which act, which text, which page of how many."""

import re
from typing import NamedTuple

from conventions.enums import DocumentPurpose
from cpo.lib.files.hashing import SHORT
from cpo.lib.printing.page_codes import PageCode

_MARK = re.compile(rf"([A-Z0-9-]{{1,40}}):([0-9A-F]{{{SHORT}}}):([1-9]\d{{0,3}}):([1-9]\d{{0,3}})")


class Mark(NamedTuple):
    """`short_hash`: the beginning of the hash of the content, as printed; `page` counts from 1."""

    reference: str
    short_hash: str
    page: int
    pages: int


def code_of(reference: str, content_sha256: str) -> PageCode:
    """The text of the code of each page of the document with this reference and this content."""
    return lambda page, pages: f"{reference}:{content_sha256[:SHORT]}:{page}:{pages}".upper()


def of_purpose(purpose: str, reference: str, content_sha256: str) -> PageCode | None:
    """The code of the pages of a document to sign; the other documents have none."""
    return code_of(reference, content_sha256) if purpose == DocumentPurpose.TO_SIGN else None


def read(text: str) -> Mark | None:
    """What a code says; None if it is not one of ours."""
    match = _MARK.fullmatch(text.strip())
    if match is None or int(match[3]) > int(match[4]):
        return None
    return Mark(match[1], match[2].lower(), int(match[3]), int(match[4]))
