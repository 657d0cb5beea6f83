"""Two versions never change, so neither does what differs between them: it is computed once and kept for a while."""

from ..models import Version
from ..standing import of_key
from .contents import Comparison, Content, compare

SHAPE = 1  # raise it when the fields or the words of a `Comparison` change


def between(before: Version, after: Version) -> Comparison:
    return of_contents(before.content, before.content_sha256, after.content, after.content_sha256)


def of_contents(before: Content, before_sha256: str, after: Content, after_sha256: str) -> Comparison:
    return of_key(f"comparison:{SHAPE}:{before_sha256}:{after_sha256}", lambda: compare(before, after))
