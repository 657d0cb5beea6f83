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

REGARDS = "Je vous prie d’agréer, Madame, Monsieur, l’expression de ma considération distinguée."
SUMMONS = f"""Madame, Monsieur,

Je vous convie à un point d’étape, le mardi 6 octobre 2026 à 10 heures, dans les locaux du service.

L’ordre du jour est le suivant :

- avancement des actions de 2026 et prévision au 31 décembre ;
- suites du contrôle sur place de juillet ;
- demande d’avenant de l’association.

Je vous remercie de confirmer votre présence et celle de la personne qui tient les comptes.

{REGARDS}"""
REMINDER = f"""Madame, Monsieur,

L’information écrite sur les adaptations du budget de 2026 (article 3.4) n’est pas parvenue au service.

Je vous invite à l’adresser avant le 30 octobre 2026. Le service vous reçoit sur rendez-vous.

{REGARDS}"""


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
    summons = LetterText(f"Convention {convention.number} : point d’étape du 6 octobre 2026", SUMMONS)
    _send(story, _sign(story, _produce(story, convention, LetterKind.SUMMONS, summons, SENT), SENT), SENT)
    _sign(story, _produce(story, convention, LetterKind.NOTIFICATION, texts[LetterKind.NOTIFICATION], SIGNED), SIGNED)
    note = LetterText(f"Convention {convention.number} : relance", REMINDER)
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
