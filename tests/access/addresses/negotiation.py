"""The negotiation of an act and its signature: versions, exchanges, documents, transitions."""

from dataclasses import replace
from typing import Any

from conventions.models import Delivery, SignedDeposit, Thread
from conventions.services import wordings
from conventions.services.signing import deposits
from conventions.waits import waits_of
from cpo.lib import clock
from cpo.lib.files import stored
from tests.access.places import SCAN, STATES
from tests.factories.arml import PASSWORD

from .base import Block, Place, constant, file, form_values, on_convention

VISAS = ("draft", "state-turn", "arml-turn", "accepted", "visas", "signature", "active", "abandoned")
PRESIDENT = ("draft", "state-turn", "arml-turn", "president-asked", "accepted", "signature", "active", "abandoned")
OUTSIDE = ("accepted", "draft", "state-turn", "arml-turn", "visas", "signature", "active", "abandoned")
SIGNED = ("draft", "state-turn", "arml-turn", "accepted", "signature", "signed", "active", "abandoned")
WORDED = ("arml-turn", "draft", "state-turn", "accepted", "signature", "active", "abandoned")
NUDGED = ("draft", "state-turn", "arml-turn", "accepted", "signature", "signed", "active", "abandoned")
NEGOTIATED = ("draft", "state-turn", "accepted", "signature", "signed", "active", "abandoned")


def thread(audience: str) -> Any:
    return lambda place: place.pk("threads", audience=audience)


def worded(place: Place) -> int:
    """The exchange about a text of a fiche, in which the State proposes a wording."""
    return place.pk("threads", path__endswith="/description")


def accept_data(place: Place) -> dict[str, Any]:
    """The data that the button « Accepter » of the page sends."""
    wording_thread = Thread.objects.get(pk=worded(place))
    present = wordings.present_text(place.act, wording_thread.path, place.people["dir"]) or ""
    return {"proposal": wordings.pending_proposal(wording_thread).pk, "seen": wordings.digest(present)}


def version(place: Place) -> int:
    return place.version


def transition(name: str, *states: str, takes: bool = True, **data: Any) -> Block:
    block = on_convention(form_values(comment="Un motif.", **data), states=states or STATES, name=constant(name))
    return Block(block.places, block.kwargs, block.post, takes)


def waited(place: Place) -> dict[str, Any]:
    """What the association is waited for, or the service; once nobody is, the turn, which is refused."""
    return {"attente": next((wait.key for wait in waits_of(place.act)), "main:state")}


def original(place: Place) -> dict[str, Any]:
    """The scan of the association's original, with the facts that are read on it."""
    document = place.act.documents.filter(purpose="a_signer").first()
    party = place.act.parties.get(role="beneficiary")
    return {
        "party": party.pk,
        "signatory_name": party.signatory_name or "Alex Exemple",
        "capacity": "présidente",
        "signed_on": "15/10/2026",
        "reference": place.number,
        "short_hash": document.version.short_hash if document and document.version else "0" * 12,
        "file": file(),
    }


def delivered(place: Place) -> dict[str, Any]:
    """A letter that the lead service sent to the association."""
    addressee = place.act.dossier.beneficiary_id
    return {"addressee": addressee, "means": "recommande", "sent_on": "15/10/2026", "number": "1A 234"}


def delivery(place: Place) -> int:
    """A notification with its proof."""

    def create() -> Delivery:
        return Delivery.objects.create(
            act=place.act,
            addressee=place.act.dossier.beneficiary,
            means="recommande",
            sent_on="2026-10-15",
            proof=stored.store(SCAN, "application/pdf"),
            recorded_by=place.people["off"],
            recorded_at=clock.now(),
        )

    return place.once("delivery", create).pk


def deposit(place: Place) -> int:
    """A signed PDF of the association that was refused."""

    def create() -> SignedDeposit:
        pending = SignedDeposit.objects.create(
            document=place.act.documents.get(purpose="a_signer", voided_at=None),
            party=place.act.parties.get(role="beneficiary"),
            file=stored.store(SCAN, "application/pdf"),
            by=place.people["pre"],
            received_at=clock.now(),
        )
        deposits.refuse(pending, "Ce fichier ne porte aucune signature.")
        return pending

    return place.once("deposit", create).pk


def visa() -> Any:
    """The facts that are read on a paper visa, and its scan."""
    fields = {"authority": "SGAR", "name": "Alex Exemple", "capacity": "secrétaire général", "given_on": "15/10/2026"}
    return lambda place: {**fields, "version": place.version, "upload": file()}


def signed_file(place: Place) -> dict[str, Any]:
    """A PDF that nobody signed: the form comes back with an error beside the file."""
    document = place.act.documents.filter(purpose="a_signer").first()
    sha256 = document.file.sha256 if document else ""
    return {"party": place.act.parties.get(role="beneficiary").pk, "sha256": sha256, "file": file()}


WORD = {"path": "general", "audience": "both", "text": "Un mot."}
BLOCKS = {
    "convention-versions": on_convention(),
    "convention-version": on_convention(n=version),
    "convention-compare model-version": on_convention(a=constant(0), b=version),
    "convention-compare version-live": on_convention(a=version, b=constant("actuel")),
    "render-progress": on_convention(n=version),
    "thread-create": on_convention(form_values(**WORD)),
    "thread-reply both": on_convention(form_values(text="Une réponse."), pk=thread("both")),
    "thread-reply state": on_convention(form_values(text="Une réponse."), pk=thread("state")),
    "thread-reply association": on_convention(form_values(text="Une réponse."), pk=thread("beneficiary")),
    "thread-resolve both": on_convention(pk=thread("both")),
    "thread-resolve state": on_convention(pk=thread("state")),
    "thread-resolve association": on_convention(pk=thread("beneficiary")),
    "thread-propose": on_convention(form_values(wording="Autrement.", text="Mieux."), states=WORDED, pk=worded),
    "thread-propose elsewhere": on_convention(states=("state-turn",), pk=thread("both")),
    "thread-wording": on_convention(
        form_values(wording="Autrement.", text="Mieux."),
        states=WORDED,
        about=lambda place: Thread.objects.get(pk=worded(place)).path,
    ),
    "thread-wording elsewhere": on_convention(states=("state-turn",), about=constant("general")),
    "thread-accept": on_convention(accept_data, states=WORDED, pk=worded),
    "convention-nudge": on_convention(waited, states=NUDGED),
    "convention-document": on_convention(),
    "draft-file": on_convention(),
    "convention-documents": on_convention(),
    "document-file": on_convention(states=NEGOTIATED, pk=lambda place: place.pk("documents")),
    "signature-file": on_convention(states=("signature", "signed", "active"), pk=lambda place: place.scan()),
    "convention-sign": on_convention(form_values(etape="identite", password=PASSWORD), states=NEGOTIATED),
    "convention-scans": on_convention(lambda place: {"files": file()}, states=NEGOTIATED),
    "delivery-add": on_convention(delivered, states=("active", "draft", "signature", "abandoned")),
    "delivery-file": on_convention(states=("active",), pk=delivery),
    "convention-record-signature": on_convention(original, states=NEGOTIATED),
    # tests/conventions/test_certificate.py posts a file signed with a trusted certificate, which is accepted.
    "convention-deposit-signature": replace(on_convention(signed_file, states=NEGOTIATED), takes=False),
    "convention-signed-deposit": on_convention(states=("signature", "signed"), pk=deposit),
    "convention-transition share": transition("share"),
    "convention-transition propose": transition("propose"),
    "convention-transition accept": transition("accept"),
    "convention-transition ask_turn": transition("ask_turn"),
    "convention-transition give_turn": transition("give_turn"),
    "convention-transition ask_visa": transition("ask_visa", *VISAS),
    "convention-transition give_visa": transition("give_visa", *VISAS),
    "convention-transition refuse_visa": transition("refuse_visa", *VISAS),
    "convention-transition cosigner_visa": transition("cosigner_visa", *VISAS),
    "convention-transition refuse_cosigner_visa": transition("refuse_cosigner_visa", *VISAS),
    "convention-transition ask_president_visa": transition("ask_president_visa", *PRESIDENT),
    "convention-transition give_president_visa": transition("give_president_visa", *PRESIDENT),
    "convention-transition refuse_president_visa": transition("refuse_president_visa", *PRESIDENT),
    "convention-transition record_outside_visa": transition("record_outside_visa", "signature", takes=False),
    "outside-visa-add": on_convention(visa(), states=OUTSIDE),
    "outside-visa-file": on_convention(states=("signature", "active", "accepted"), pk=Place.outside_visa),
    "outside-visa-withdraw": on_convention(
        form_values(reason="Une erreur."), states=("signature", "active", "accepted"), pk=Place.outside_visa
    ),
    "convention-transition open_signature": transition("open_signature", *VISAS),
    "convention-transition sign": transition("sign", "signature", takes=False),
    "convention-transition record_signature": transition("record_signature", "signature", takes=False),
    "convention-transition deposit_signature": transition("deposit_signature", "signature", takes=False),
    "convention-transition decline_signature": transition("decline_signature", *SIGNED),
    "convention-transition withdraw_signature": transition("withdraw_signature", *SIGNED, takes=False),
    "convention-transition notify": transition("notify", "signature", "signed", "active"),
    "convention-transition reopen": transition("reopen", *SIGNED),
    "convention-transition record_paper": transition("record_paper", "draft", "paper", "paper-act", "active"),
    "convention-transition abandon": transition("abandon", *SIGNED),
    "convention-transition unknown": transition("n-existe-pas", "state-turn", takes=False),
}
