"""What is signed: the text of an act, or a paper that rests on one (minutes of a meeting, compte rendu financier).

The engine is the same for both: the three ways to sign, their proof, the deposits. It asks a subject who may sign now,
and gives it the signature to record.
"""

from typing import Any, NamedTuple, Protocol

from arml.models import User
from conventions import workflow
from conventions.enums import DocumentPurpose
from conventions.guards.addresses import url
from conventions.guards.signing import depositable_parties
from conventions.models import Act, Document, Party
from cpo.lib.actor import Actor
from cpo.lib.hooks import Hook


class Signatory(NamedTuple):
    name: str
    capacity: str


class Subject(Protocol):
    """`reference`: the one printed at the foot of each page."""

    document: Document

    @property
    def reference(self) -> str: ...

    def attempt(self, by: User) -> Actor:
        """The capacity in which the person hands in a signed file now. Raises PermissionDenied, Refused."""

    def parties(self, actor: Actor) -> list[Party]:
        """The parties whose signed file this person may hand in now."""

    def signatories(self, party: Party) -> list[Signatory]:
        """Who is expected to sign for a party; empty when nobody is named yet."""

    def delegates(self) -> bool:
        """Whether a party may sign by a delegation of power, which is then kept with the signature."""

    def record(self, by: User, *, comment: str, data: dict[str, Any]) -> Any:
        """Write a checked signature (`data["signature"]`) by the transition of what is signed."""

    def sentence(self, words: str) -> str:
        """The sentence of the journal, which names what is signed."""

    def deposit_address(self) -> str:
        """The page that takes a signed PDF."""

    def back(self) -> tuple[str, str]:
        """The page that shows the signatures, and its name."""


class Text:
    """The text of an act."""

    def __init__(self, document: Document) -> None:
        self.document = document

    @property
    def act(self) -> Act:
        return self.document.act

    @property
    def reference(self) -> str:
        return self.act.reference

    def attempt(self, by: User) -> Actor:
        return workflow.ACT.attempt("deposit_signature", self.act, by).actor

    def parties(self, actor: Actor) -> list[Party]:
        return depositable_parties(self.act, actor)

    def signatories(self, party: Party) -> list[Signatory]:
        return [Signatory(party.signatory_name, party.capacity)] if party.signatory_name else []

    def delegates(self) -> bool:
        return True

    def record(self, by: User, *, comment: str, data: dict[str, Any]) -> Any:
        return workflow.apply("deposit_signature", self.act, by=by, comment=comment, data=data)

    def sentence(self, words: str) -> str:
        return self.act.journal_sentence(words)

    def deposit_address(self) -> str:
        return url(self.act, "convention-deposit-signature")

    def back(self) -> tuple[str, str]:
        return url(self.act, "convention-documents"), "Documents et signatures"


def _text(document: Document) -> Subject:
    return Text(document)


# Answered by the application that has the papers of the year.
paper_of: Hook[[Document], Subject] = Hook(_text)


def subject_of(document: Document) -> Subject:
    return Text(document) if document.purpose == DocumentPurpose.TO_SIGN else paper_of(document)
