"""What a page carries, signed: what its form showed when it was opened, and what it asks."""

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
    """What both changed, in words; `before` is None when nobody knows."""

    key: str
    name: str
    label: str
    before: str | None
    theirs: str
    mine: str
    prose: bool = True  # compared word by word when it is long; a choice among a list, a number or a date is not
    choice: str = ""

    @property
    def folded(self) -> bool:
        """What was before is open to who wants it: what changed stands first."""
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
        """Word by word; nothing where there is nothing to compare with, or little to read."""
        compared = self.prose and self.long and before and after and REMOVED not in (before, after)
        return changed_paragraphs(before or "", after) if compared else []


@dataclass
class Opened:
    """What a form showed when its page was opened, and on a page that asks, what it asks."""

    form: str
    revision: str
    content: Content
    asked: list[Question] = field(default_factory=list)
    author: str = ""
    at: str = ""
    taken: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)  # typed in fields that the form has no longer
    unanswered: bool = False
    own: bool = False  # the author is the person, from another tab

    @property
    def tells(self) -> bool:
        return bool(self.asked or self.taken or self.lost)

    @property
    def token(self) -> str:
        return signing.dumps(asdict(self), salt=SALT, compress=True)


def read(data: Mapping[str, Any]) -> Opened | None:
    """What the page that was sent carries; None when it is not there or not ours."""
    try:
        found = signing.loads(data.get(FIELD, ""), salt=SALT)
        return Opened(**found | {"asked": [Question(**row) for row in found["asked"]]})
    except (signing.BadSignature, TypeError, KeyError):
        return None


def carried(request: HttpRequest, form: str, made: list[Any], revision: Any) -> Opened | None:
    """What the form of a page carries: as sent when it is shown again, else what it shows."""
    posted = read(request.POST)
    if posted is not None and posted.form == form:
        return posted
    bound = any(getattr(part, "is_bound", False) for one in made for part in parts(one))
    if request.method == "POST" and (bound or form == "travail"):
        return None  # what was typed is no « before »
    return Opened(form, str(revision), content([part for one in made for part in parts(one)]))
