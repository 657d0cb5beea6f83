"""Cache of comparisons. Versions never change, so the comparison of two versions is computed once."""

from conventions.cache import of_key
from conventions.models import Version

from .contents import Comparison, compare

SHAPE = 2  # increment it when the fields or the words of a `Comparison` change


def key(before: Version, after: Version) -> str:
    """The cache key of a comparison, the same for all readers."""
    return f"comparison:{SHAPE}:{before.content_sha256}:{after.content_sha256}"


def between(before: Version, after: Version) -> Comparison:
    """The comparison of two versions. Their big contents are read only when the cache has no comparison."""
    return of_key(key(before, after), lambda: compare(before.content, after.content))
