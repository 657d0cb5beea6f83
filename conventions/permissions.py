"""Who may do what on an act, by role and standing; the transition table names these predicates."""

from arml.enums import Role, Standing
from arml.models import Organisation
from arml.permissions import SPOKESPERSONS, lead_officer
from conventions.enums import PartyRole
from cpo.lib.actor import Actor
from cpo.lib.enums import Side

# Who decides for a side when the convention may end.
DECIDES = {Side.STATE: Role.MANAGER, Side.BENEFICIARY: Role.PRESIDENT}


def signing_role(party_role: str) -> Role:
    """Who signs for a party where nobody is named."""
    return Role.PRESIDENT if party_role == PartyRole.BENEFICIARY else Role.SIGNATORY


def lead_manager(actor: Actor) -> bool:
    return actor.standing == Standing.LEAD and actor.role == Role.MANAGER


def negotiator(actor: Actor) -> bool:
    """Those who propose and accept: officer or manager of the lead, director or president of the association."""
    return (
        actor.standing in (Standing.LEAD, Standing.BENEFICIARY)
        and bool(actor.side)
        and actor.role in SPOKESPERSONS[Side(actor.side)]
    )


def holds(actor: Actor, turn: str) -> bool:
    """Is the turn of this side that of the person's organisation: a co-signing service never has it."""
    return actor.side == turn and actor.standing in (Standing.LEAD, Standing.BENEFICIARY)


def beneficiary_director(actor: Actor) -> bool:
    return actor.standing == Standing.BENEFICIARY and actor.role == Role.DIRECTOR


def beneficiary_president(actor: Actor) -> bool:
    return actor.standing == Standing.BENEFICIARY and actor.role == Role.PRESIDENT


def head(actor: Actor) -> bool:
    """Who decides for a side when the convention may end: the lead's manager, the president of the association."""
    return actor.standing in (Standing.LEAD, Standing.BENEFICIARY) and actor.role == DECIDES[Side(actor.side)]


def cosigning_manager(actor: Actor) -> bool:
    return actor.standing == Standing.COSIGNER and actor.role in (Role.MANAGER, Role.SIGNATORY)


def recorder(actor: Actor) -> bool:
    """Those who may record a paper original: the lead's manager for all, the president for the association."""
    return lead_manager(actor) or beneficiary_president(actor)


def funding_recorder(actor: Actor) -> bool:
    """Those who record what funders granted and paid: they hold the letters and the bank statements."""
    return lead_officer(actor) or (
        actor.standing == Standing.BENEFICIARY and actor.role in (Role.DIRECTOR, Role.ACCOUNTANT)
    )


def party_member(actor: Actor) -> bool:
    """Anyone whose organisation can be a signing party; the signing service then checks the person."""
    return actor.standing in (Standing.LEAD, Standing.COSIGNER, Standing.BENEFICIARY)


def signatory(actor: Actor) -> bool:
    """Someone of a possible party, in a role that may be named to sign; the guards then check the person."""
    return party_member(actor) and actor.role in (Role.SIGNATORY, Role.PRESIDENT, Role.DIRECTOR, Role.MANAGER)


def depositor(actor: Actor) -> bool:
    """Those who may hand in a signed PDF: who signs, and who records what others signed."""
    return signatory(actor) or recorder(actor)


def withdrawer(actor: Actor) -> bool:
    """Those who commit a party take its signature back; the lead's manager reopens the negotiation instead."""
    return party_member(actor) and actor.role in (Role.SIGNATORY, Role.PRESIDENT)


def commenter(actor: Actor) -> bool:
    """Both sides comment; services of a territory that do not sign, the DGEFP and observers only read."""
    return actor.standing in (Standing.LEAD, Standing.COSIGNER, Standing.BENEFICIARY)


def reads_negotiation(actors: list[Actor]) -> bool:
    """Versions that were not signed, acceptances and exchanges: both sides and the DGEFP; observers read what is
    published."""
    return any(actor.side or actor.standing == Standing.NATIONAL for actor in actors)


def reads_visas(actors: list[Actor], organisation: Organisation) -> bool:
    """A visa is internal to the side of the organisation that gives it."""
    if organisation.is_state:
        return reads_state_visas(actors)
    return any(actor.side == Side.BENEFICIARY for actor in actors)


def reads_state_visas(actors: list[Actor]) -> bool:
    """Those of the services, and those given outside: the DGEFP reads them too."""
    return any(actor.side == Side.STATE or actor.standing == Standing.NATIONAL for actor in actors)


def reads_funding_files(actors: list[Actor]) -> bool:
    """Letters and bank statements of funders: the parties and the DGEFP, as the documents of the dossier."""
    return any(party_member(actor) or actor.standing == Standing.NATIONAL for actor in actors)
