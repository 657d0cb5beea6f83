"""What the pages that take a signed file share, and the message after a signature, whatever the way to sign."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.views import View

from conventions import workflow
from conventions.guards.signing import signing_document, unsigned_parties
from conventions.models import Act, Document, Party
from conventions.views.common import get_act, refusal_page
from cpo.lib.actor import Actor
from cpo.lib.workflow import Refused


class SignedFileView(View):
    """The page that takes a signed file for one of the parties that the person may record.

    A subclass names the transition, and the function that lists those parties for an act and an actor.
    """

    transition: str
    find_parties: Callable[[Act, Actor], list[Party]]
    act: Act
    document: Document
    parties: list[Party]
    actor: Actor

    def dispatch(self, request: HttpRequest, number: str) -> HttpResponse:
        self.act = get_act(request, number)
        try:
            option = workflow.ACT.attempt(self.transition, self.act, request.user)
        except Refused as error:
            return refusal_page(request, self.act, error)
        document = signing_document(self.act)
        if document is None:
            return refusal_page(request, self.act, Refused("Le document à signer est en cours de production."))
        self.document = document
        self.actor = option.actor
        self.parties = type(self).find_parties(self.act, option.actor)
        return super().dispatch(request)

    def chosen_party(self, request: HttpRequest) -> Party | None:
        """The party named in the address, or the only one there is."""
        pk = request.GET.get("partie", "")
        named = next((party for party in self.parties if str(party.pk) == pk), None)
        return self.parties[0] if named is None and len(self.parties) == 1 else named


def signed_words(act: Act, first_sentence: str = "Votre signature est enregistrée.") -> str:
    unsigned = unsigned_parties(act)
    if not unsigned:
        return f"{first_sentence} Toutes les parties ont signé."
    names = ", ".join(str(party.organisation) for party in unsigned)
    return f"{first_sentence} Il reste à signer : {names}."
