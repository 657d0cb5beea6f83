"""Two versions never change, so neither does what differs between them: it is computed once and kept for a while."""

from conventions.cache import of_key
from conventions.models import Version

from .contents import Comparison, compare

SHAPE = 2  # raise it when the fields or the words of a `Comparison` change


def key(before: Version, after: Version) -> str:
    """Names what differs between two contents, whoever reads it."""
    return f"comparison:{SHAPE}:{before.content_sha256}:{after.content_sha256}"


def between(before: Version, after: Version) -> Comparison:
    """Contents are big: they are read only where nothing is kept."""
    return of_key(key(before, after), lambda: compare(before.content, after.content))
