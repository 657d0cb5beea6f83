"""What follows a step of a letter: the proof of its signature, of its sending; a voided file leaves the register."""

from typing import Any

from conventions.enums import DeliveryMeans
from conventions.models import Document, Letter
from conventions.notifications import letters as notifications
from cpo.lib import clock
from cpo.lib.actor import Actor

Data = dict[str, Any]


def sign(letter: Letter, actor: Actor, data: Data) -> None:
    """`data`: signed_on, signatory_name, capacity, scan (a stored file)."""
    for name in ("signed_on", "signatory_name", "capacity", "scan"):
        setattr(letter, name, data[name])
    letter.signed_by = actor.user


def send(letter: Letter, actor: Actor, data: Data) -> None:
    """`data`: sent_on, means, sent_number, proof (a stored file or None). The association reads it from now on."""
    letter.sent_on, letter.means = data["sent_on"], DeliveryMeans(data["means"])
    letter.sent_number, letter.proof, letter.sent_by = data["sent_number"], data["proof"], actor.user
    notifications.letter_sent(letter, actor)


def void(letter: Letter, actor: Actor, data: Data) -> None:
    letter.voided_reason = " ".join(data["comment"].split())[:250]
    if letter.document_id:
        Document.objects.filter(pk=letter.document_id, voided_at=None).update(voided_at=clock.now())
