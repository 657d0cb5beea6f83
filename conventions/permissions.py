"""Who may do what on an act, by role and standing. The transition table uses these predicates."""

from arml.enums import Role, Standing
from arml.models import Organisation
from arml.permissions import SPOKESPERSONS, lead_officer
from conventions.enums import PartyRole
from cpo.lib.actor import Actor
from cpo.lib.actor import reads_negotiation as reads_negotiation  # unsigned versions, acceptances, exchanges
from cpo.lib.enums import Audience, Side

SIDE_AUDIENCE = {Side.STATE: Audience.STATE, Side.BENEFICIARY: Audience.BENEFICIARY}
# The role that decides for a side about the end of the convention.
DECIDES = {Side.STATE: Role.MANAGER, Side.BENEFICIARY: Role.PRESIDENT}


def signing_role(party_role: str) -> Role:
    """The role that signs for a party when no person is named."""
    return Role.PRESIDENT if party_role == PartyRole.BENEFICIARY else Role.SIGNATORY


def lead_manager(actor: Actor) -> bool:
    return actor.standing == Standing.LEAD and actor.role == Role.MANAGER


def negotiator(actor: Actor) -> bool:
    """May propose and accept: officer or manager of the lead, director or president of the association."""
    return (
        actor.standing in (Standing.LEAD, Standing.BENEFICIARY)
        and bool(actor.side)
        and actor.role in SPOKESPERSONS[Side(actor.side)]
    )


def holds_turn(actor: Actor, turn: str) -> bool:
    """Whether this person's organisation has the turn of its side. A co-signing service never has it."""
    return actor.side == turn and actor.standing in (Standing.LEAD, Standing.BENEFICIARY)


def reads_live(actors: list[Actor], turn: str) -> bool:
    """Whether the person reads what is written now and not proposed yet: only the side that has the turn does."""
    return bool(turn) and any(actor.side == turn for actor in actors)


def beneficiary_director(actor: Actor) -> bool:
    return actor.standing == Standing.BENEFICIARY and actor.role == Role.DIRECTOR


def beneficiary_president(actor: Actor) -> bool:
    return actor.standing == Standing.BENEFICIARY and actor.role == Role.PRESIDENT


def end_decider(actor: Actor) -> bool:
    """May decide about the end of the convention: the lead's manager, the president of the association."""
    return actor.standing in (Standing.LEAD, Standing.BENEFICIARY) and actor.role == DECIDES[Side(actor.side)]


def cosigning_manager(actor: Actor) -> bool:
    return actor.standing == Standing.COSIGNER and actor.role in (Role.MANAGER, Role.SIGNATORY)


def recorder(actor: Actor) -> bool:
    """May record a paper original: the lead's manager for all parties, the president for the association."""
    return lead_manager(actor) or beneficiary_president(actor)


def funding_recorder(actor: Actor) -> bool:
    """May record what funders granted and paid: these people have the letters and the bank statements."""
    return lead_officer(actor) or (
        actor.standing == Standing.BENEFICIARY and actor.role in (Role.DIRECTOR, Role.ACCOUNTANT)
    )


def party_member(actor: Actor) -> bool:
    """Belongs to an organisation that can be a signing party. The signing service then checks the person."""
    return actor.standing in (Standing.LEAD, Standing.COSIGNER, Standing.BENEFICIARY)


def signatory(actor: Actor) -> bool:
    """Belongs to a possible party, in a role that may be named to sign. The guards then check the person."""
    return party_member(actor) and actor.role in (Role.SIGNATORY, Role.PRESIDENT, Role.DIRECTOR, Role.MANAGER)


def depositor(actor: Actor) -> bool:
    """May hand in a signed PDF: the signatories, and the people who record the signatures of others."""
    return signatory(actor) or recorder(actor)


NOT_THEIR_DEPOSIT = (
    "Un PDF signé et ce qui y a été constaté sont lus par les personnes qui peuvent le déposer : "
    "celles de la partie qui signe, et la personne responsable du service chef de file."
)


def reads_deposits(actors: list[Actor], organisation_id: int) -> bool:
    """May read what was handed in as signed for this party, and why it is refused: those who may hand it in."""
    return any(
        lead_manager(actor)
        or (depositor(actor) and actor.organisation is not None and actor.organisation.pk == organisation_id)
        for actor in actors
    )


def withdrawer(actor: Actor) -> bool:
    """May take back the signature of a party. The lead's manager reopens the negotiation instead."""
    return party_member(actor) and actor.role in (Role.SIGNATORY, Role.PRESIDENT)


def commenter(actor: Actor) -> bool:
    """Both sides comment. Services of a territory that do not sign, the DGEFP and observers only read."""
    return actor.standing in (Standing.LEAD, Standing.COSIGNER, Standing.BENEFICIARY)


def thread_audiences(actors: list[Actor]) -> set[str]:
    """The audiences of the exchanges that these capacities may read, open or resolved.

    Each side reads its own internal exchanges, the DGEFP reads the shared ones only, observers read none.
    """
    if not reads_negotiation(actors):
        return set()
    return {Audience.BOTH, *(SIDE_AUDIENCE[Side(actor.side)] for actor in actors if actor.side)}


def reads_visas(actors: list[Actor], organisation: Organisation) -> bool:
    """Only the side of the organisation that gives a visa reads it; the DGEFP also reads those of the State."""
    if organisation.is_state:
        return reads_state_visas(actors)
    return any(actor.side == Side.BENEFICIARY for actor in actors)


def reads_state_visas(actors: list[Actor]) -> bool:
    """May read the visas of the services and the outside visas: the State's side and the DGEFP."""
    return any(actor.side == Side.STATE or actor.standing == Standing.NATIONAL for actor in actors)


def reads_funding_files(actors: list[Actor]) -> bool:
    """May read letters and bank statements of funders: the parties and the DGEFP, as for the dossier's documents."""
    return any(party_member(actor) or actor.standing == Standing.NATIONAL for actor in actors)


def signs_letters(actor: Actor) -> bool:
    """May record that a letter of the service is signed: its manager, or who signs for it."""
    return actor.standing == Standing.LEAD and actor.role in (Role.MANAGER, Role.SIGNATORY)


def reads_letters(actors: list[Actor]) -> bool:
    """Both sides and the DGEFP; observers read none. Which letters: `Letter.objects.visible_to`."""
    return reads_negotiation(actors)
