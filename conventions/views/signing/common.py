"""What the pages of all ways to sign say."""

from conventions.guards.signing import unsigned_parties
from conventions.models import Act


def signed_words(act: Act, done: str = "Votre signature est enregistrée.") -> str:
    waiting = unsigned_parties(act)
    if not waiting:
        return f"{done} Toutes les parties ont signé."
    names = ", ".join(str(party.organisation) for party in waiting)
    return f"{done} Il reste à signer : {names}."
