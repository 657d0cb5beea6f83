"""Letters of a service, each with its file in the register, in the state that a test needs."""

from typing import Any

from conventions.documents import register
from conventions.enums import DocumentPurpose
from conventions.models import Letter
from conventions.services import letters
from conventions.text.letters import LetterText
from cpo.lib import clock
from cpo.lib.files import stored
from tests.factories.conventions import PDF

TEXT = LetterText("Convention {{ numero_convention }}", "Madame, Monsieur,\n\nUn mot de {{ service_nom_court }}.")


def letter_in(state: str, convention: Any, *, by: Any, kind: str = "notification") -> Letter:
    """`by`: an officer or a manager of the lead service. The file is a stand-in: nothing is rendered."""
    today = clock.today(convention.dossier.time_zone)
    row = letters.produce(convention=convention, kind=kind, text=TEXT, dated_on=today, by=by)
    document = register.enter(
        PDF + f"% {row.reference}\n%%EOF".encode(),
        act=convention.act,
        purpose=DocumentPurpose.LETTER,
        label=f"Lettre {row}",
        content_sha256=row.content_sha256,
        audience="national",
    )
    facts: dict[str, Any] = {"document": document, "state": state}
    if state in ("signed", "sent"):
        scan = stored.store(PDF + f"% {row.reference} signed\n%%EOF".encode(), "application/pdf")
        facts |= {"signed_on": today, "signatory_name": "Dominique Modèle", "capacity": "directrice", "scan": scan}
        facts |= {"signed_by": by}
    if state == "sent":
        facts |= {"sent_on": today, "means": "courriel", "sent_by": by}
    Letter.objects.filter(pk=row.pk).update(**facts)
    return Letter.objects.get(pk=row.pk)


__all__ = ["TEXT", "letter_in"]
