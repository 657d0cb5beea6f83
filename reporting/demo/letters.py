"""The letters of the demonstration: one in each state for Bretagne, and a text of its own; printed by the worker."""

import datetime as dt
import io
from typing import Any

from conventions.enums import LetterKind
from conventions.models import Act, Convention, Letter
from conventions.services import letters
from conventions.text.letters import LetterText, shipped_letters
from cpo.lib import clock
from cpo.lib.files import stored

from .story import Story, at

OWN_TEXT = ("arml-bretagne",)
SENT, SIGNED, TO_SIGN = dt.date(2026, 9, 24), dt.date(2026, 10, 13), dt.date(2026, 10, 15)


def tell_letters(story: Story, act: Act) -> None:
    """A summons sent, a notification signed, a reminder to sign; the service has its own text of the reminder."""
    if story.arml.key not in OWN_TEXT:
        return
    convention, texts = Convention.objects.get(pk=act.convention_id), shipped_letters()
    reminder = texts[LetterKind.REMINDER]
    own = LetterText(
        reminder.subject, reminder.body.replace("\n\nSi vous", "\n\nLe service vous reçoit sur rendez-vous. Si vous")
    )
    with clock.set_to(at(dt.date(2026, 9, 1), 10)):
        letters.save_template(
            service=story.lead,
            kind=LetterKind.REMINDER,
            subject=own.subject,
            body=own.body,
            by=story.user("manager"),
            expected_number=0,
        )
    summons = LetterText(
        "Point d’étape sur la convention",
        "Madame, Monsieur,\n\nJe vous convie à un point d’étape sur la convention.",
    )
    _send(story, _sign(story, _produce(story, convention, LetterKind.SUMMONS, summons, SENT), SENT), SENT)
    _sign(story, _produce(story, convention, LetterKind.NOTIFICATION, texts[LetterKind.NOTIFICATION], SIGNED), SIGNED)
    note = LetterText(own.subject, "Madame, Monsieur,\n\nDes pièces sont attendues avant le 30 octobre 2026.")
    _produce(story, convention, LetterKind.REMINDER, note, TO_SIGN)


def _produce(story: Story, convention: Convention, kind: str, text: LetterText, day: dt.date) -> Letter:
    with clock.set_to(at(day, 10)):
        letter = letters.produce(convention=convention, kind=kind, text=text, dated_on=day, by=story.user("officer"))
        return letters.print_letter(letter.pk)


def _sign(story: Story, letter: Letter, day: dt.date) -> Letter:
    with clock.set_to(at(day, 15)):
        assert letter.document is not None  # noqa: S101  `_produce` printed it
        scan = stored.read(letter.document.file) + b"\n% fac-simile\n%%EOF\n"
        facts: dict[str, Any] = {
            "signed_on": day,
            "signatory_name": letter.content["parties"][0].get("signatory_name") or str(story.user("manager")),
            "capacity": letter.content["parties"][0].get("capacity") or "responsable",
            "scan": (io.BytesIO(scan), f"{letter.reference}-signee.pdf", len(scan)),
        }
        return letters.step("sign", letter, by=story.user("manager"), **facts)


def _send(story: Story, letter: Letter, day: dt.date) -> None:
    with clock.set_to(at(day, 16)):
        facts: dict[str, Any] = {"sent_on": day, "means": "courriel", "sent_number": "", "proof": None}
        letters.step("send", letter, by=story.user("officer"), **facts)
