"""Two people on one page: what was saved meanwhile and what was typed are put together, field by field.

A page carries, signed, what its form showed when it was opened (`{% opened form %}`). When somebody saved in between,
that « before » tells who changed what: what one of the two changed is kept and said; what both changed is asked. Rows
are known by what they are (`identity` of their form), not by their place. The page that asks carries in turn what is
saved by then: one more saving in between is one more merge, and nothing is lost.
"""

from .contents import content, parts
from .merge import Merged, merge
from .opened import Opened, Question, carried, read
from .saving import Outcome, save

__all__ = ["Merged", "Opened", "Outcome", "Question", "carried", "content", "merge", "parts", "read", "save"]
