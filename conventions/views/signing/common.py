"""The message after a signature, whatever the way to sign."""

from conventions.guards.signing import unsigned_parties
from conventions.models import Act


def signed_words(act: Act, first_sentence: str = "Votre signature est enregistrée.") -> str:
    unsigned = unsigned_parties(act)
    if not unsigned:
        return f"{first_sentence} Toutes les parties ont signé."
    names = ", ".join(str(party.organisation) for party in unsigned)
    return f"{first_sentence} Il reste à signer : {names}."
