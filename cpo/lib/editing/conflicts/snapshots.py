"""The signed snapshot that a page carries: the content of its form when it was opened, and its questions."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from django.core import signing
from django.http import HttpRequest

from cpo.lib.wording.words import Piece, changed_paragraphs

from .contents import REMOVED, content, parts
from .merge import Content

FIELD = "avant"  # name of the hidden input
SALT = "cpo.lib.conflicts"
LONG = 60  # characters from which a text is compared word by word
FOLDED = 400


@dataclass
class Question:
    """A field that both changed, in words; `before` is None when it is not known."""

    key: str
    name: str
    label: str
    before: str | None
    theirs: str
    mine: str
    prose: bool = True  # a long text is compared word by word; a choice, a number or a date is not
    choice: str = ""

    @property
    def folded(self) -> bool:
        """Whether the page hides a long « before » behind a button, so that the changes come first."""
        return len(self.before or "") > FOLDED

    @property
    def long(self) -> bool:
        return any(len(text) > LONG or "\n" in text for text in (self.before or "", self.theirs, self.mine))

    @property
    def their_changes(self) -> list[list[Piece]]:
        return self._changes(self.before, self.theirs)

    @property
    def my_changes(self) -> list[list[Piece]]:
        return self._changes(self.theirs if self.before is None else self.before, self.mine)

    def _changes(self, before: str | None, after: str) -> list[list[Piece]]:
        """Compare word by word; return nothing for a short text, or without a text to compare with."""
        compared = self.prose and self.long and before and after and REMOVED not in (before, after)
        return changed_paragraphs(before or "", after) if compared else []


@dataclass
class Snapshot:
    """The content of a form when its page was opened and, after a conflict, the questions that the page asks.

    The names of the fields are keys of the signed token that open pages carry.
    """

    form: str
    revision: str
    content: Content
    asked: list[Question] = field(default_factory=list)
    author: str = ""
    at: str = ""
    taken: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)  # typed in fields that the form no longer has
    unanswered: bool = False
    own: bool = False  # the same person saved from another tab

    @property
    def tells(self) -> bool:
        return bool(self.asked or self.taken or self.lost)

    @property
    def token(self) -> str:
        return signing.dumps(asdict(self), salt=SALT, compress=True)


def read_snapshot(data: Mapping[str, Any]) -> Snapshot | None:
    """Read the snapshot of a posted page; None when it is absent or its signature is wrong."""
    try:
        fields = signing.loads(data.get(FIELD, ""), salt=SALT)
        return Snapshot(**fields | {"asked": [Question(**row) for row in fields["asked"]]})
    except (signing.BadSignature, TypeError, KeyError):
        return None


def snapshot_of_page(request: HttpRequest, form: str, page_forms: list[Any], revision: Any) -> Snapshot | None:
    """Return the snapshot that a page must carry: the posted one when the form is shown again, else a new one."""
    posted = read_snapshot(request.POST)
    if posted is not None and posted.form == form:
        return posted
    bound = any(getattr(part, "is_bound", False) for one in page_forms for part in parts(one))
    if request.method == "POST" and (bound or form == "travail"):
        return None  # typed values are no initial content
    return Snapshot(form, str(revision), content([part for one in page_forms for part in parts(one)]))
