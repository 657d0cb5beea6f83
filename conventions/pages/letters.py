"""What the pages of the letters show to a reader: each letter with its steps, those of a service, a preview."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from arml.models import User
from conventions.documents.letters import body_html
from conventions.enums import LetterState
from conventions.models import Convention, Letter
from conventions.workflow.letters import LETTER
from cpo.lib.workflow import Option

TONES = {
    LetterState.TO_SIGN: "info",
    LetterState.SIGNED: "warning",
    LetterState.SENT: "success",
    LetterState.VOIDED: "grey",
}
PEOPLE = ("created_by", "signed_by", "sent_by", "template__service", "document")


@dataclass
class LetterLine:
    """A letter with the steps that this reader may take, each with its address."""

    letter: Letter
    options: list[tuple[Option, str]]

    @property
    def tone(self) -> str:
        return TONES[LetterState(self.letter.state)]

    @property
    def from_text(self) -> str:
        """« texte national, version 2 », « texte du service, version 1, modifié pour cette lettre »."""
        template = self.letter.template
        whose = "texte du service" if template.service_id else "texte national"
        edited = ", modifié pour cette lettre" if self.letter.edited else ""
        return f"{whose}, version {template.number}{edited}"


def letter_lines(convention: Convention, user: User) -> list[LetterLine]:
    """The letters of a convention that the person reads, newest first."""
    rows = Letter.objects.visible_to(user).filter(convention=convention).select_related(*PEOPLE)
    lines = []
    for row in rows:
        row.convention = convention
        options = [one for one in LETTER.available(row, user) if one.ready]
        args = (convention.number, row.pk)
        lines.append(
            LetterLine(row, [(one, reverse("letter-step", args=[*args, one.transition.name])) for one in options])
        )
    return lines


def letters_of(user: User, values: dict[str, Any]) -> QuerySet[Letter]:
    """The letters that the person reads, filtered by the values of `LetterFilter`."""
    rows = Letter.objects.visible_to(user)
    if state := values.get("etat"):
        rows = rows.filter(state=state)
    if kind := values.get("nature"):
        rows = rows.filter(kind=kind)
    if batch := values.get("lot"):
        rows = rows.filter(batch=batch)
    dossier = "convention__dossier"
    return rows.select_related(f"{dossier}__beneficiary", f"{dossier}__lead", "document")


def preview(content: dict[str, Any]) -> SafeString:
    """The body as the paper will print it, unknown names marked."""
    return mark_safe(body_html(content, proof=True))
