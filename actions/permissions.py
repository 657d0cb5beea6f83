"""Who may write in a programme: the drafting roles of the side that has the turn."""

from arml.enums import Role, Standing
from arml.models import User
from arml.permissions import SPOKESPERSONS, capacities
from cpo.lib.actor import Actor, reads_negotiation
from cpo.lib.enums import Side

from .models import Programme

BUDGET_DRAFTERS = SPOKESPERSONS | {Side.BENEFICIARY: (*SPOKESPERSONS[Side.BENEFICIARY], Role.ACCOUNTANT)}
EDITING_STANDINGS = (Standing.LEAD, Standing.BENEFICIARY)


def readable(user: User, programme: Programme) -> bool:
    """Whether a person who sees the dossier may read this programme.

    An unsigned programme is only for both sides and the national administration.
    """
    return programme.frozen or reads_negotiation(capacities(user, programme.dossier))


def editor(user: User, programme: Programme, *, budget: bool = False, of_amounts: bool | None = None) -> Actor | None:
    """Return the capacity in which the person may edit the programme now, or None.

    `of_amounts`: whether an act that only changes the amounts of a year allows this write (default: for budgets).
    """
    if programme.amounts_of and not (budget if of_amounts is None else of_amounts):
        return None
    drafters = BUDGET_DRAFTERS if budget else SPOKESPERSONS
    for actor in capacities(user, programme.dossier):
        if (
            actor.standing in EDITING_STANDINGS
            and actor.side == programme.side
            and actor.role in drafters[Side(actor.side)]
        ):
            return actor
    return None


def why_not(user: User, programme: Programme, *, budget: bool = False, of_amounts: bool | None = None) -> str:
    """Return the reason, in French, why the person can't edit now; "" when they can."""
    if editor(user, programme, budget=budget, of_amounts=of_amounts):
        return ""
    if programme.frozen:
        return "Ce contenu est figé : il ne change plus que par un avenant."
    if not programme.side:
        return "Personne ne modifie ce contenu pour l’instant : la signature est ouverte, ou le dossier est fini."
    if programme.amounts_of and not (budget if of_amounts is None else of_amounts):
        return f"Cet acte ne change que les montants de {programme.amounts_of} : le reste relève d’un avenant."
    drafters = (BUDGET_DRAFTERS if budget else SPOKESPERSONS)[Side(programme.side)]
    own = {actor.side for actor in capacities(user, programme.dossier) if actor.side}
    if programme.side not in own:
        return f"La main est à {Side(programme.side).label} : seule cette partie modifie le contenu en ce moment."
    roles = ", ".join(role.label for role in drafters)
    return f"Votre rôle permet de lire, pas de modifier. Peuvent modifier : {roles}."
