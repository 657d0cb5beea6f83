"""Merge the changes of two people who edit the same page, field by field.

A page carries a signed snapshot of its form as it was opened (`{% form_snapshot form %}`). When somebody else saved in
between, the snapshot tells who changed which field. A field that one of the two changed takes this change, and the page
says so; a field that both changed becomes a question. Rows are matched by the `identity` of their form, not by their
position. The page that asks carries a new snapshot: if somebody saves again, the merge is repeated and nothing is lost.
"""

from .contents import content, parts
from .merge import Merged, merge
from .saving import Outcome, posted_revision, save
from .snapshots import Question, Snapshot, read_snapshot, snapshot_of_page

__all__ = [
    "Merged",
    "Outcome",
    "Question",
    "Snapshot",
    "content",
    "merge",
    "parts",
    "posted_revision",
    "read_snapshot",
    "save",
    "snapshot_of_page",
]
