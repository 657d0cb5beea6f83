"""The effects of sharing, proposing, accepting and giving the turn."""

from arml.models import Dossier
from conventions.content.freeze import freeze
from conventions.documents import production
from conventions.effects.turn import Data, cancel_acceptances, give_turn, update_convention_state, version_as_read
from conventions.enums import DocumentPurpose
from conventions.models import Acceptance, Act
from conventions.notifications import negotiation as negotiation_mails
from conventions.notifications import visas as visas_mails
from cpo.lib import clock
from cpo.lib.actor import Actor
from cpo.lib.enums import Side


def share(act: Act, actor: Actor, data: Data) -> None:
    Dossier.objects.filter(pk=act.dossier.pk).update(shared_on=clock.today(act.dossier.time_zone))
    act.dossier.refresh_from_db(fields=["shared_on"])
    production.ask(freeze(act, actor=actor, note=data["comment"], handed_over=True), DocumentPurpose.DRAFT)
    give_turn(act, Side.BENEFICIARY)
    update_convention_state(act)
    negotiation_mails.negotiation_opened(act, actor, data["comment"])


def propose(act: Act, actor: Actor, data: Data) -> None:
    cancel_acceptances(act, "une nouvelle version")
    version = freeze(act, actor=actor, note=data["comment"])
    data["version"] = version
    Acceptance.objects.create(version=version, side=actor.side, by=actor.user, role=actor.role, at=version.created_at)
    give_turn(act, Side.other(actor.side))
    act.visa_asked_at = None
    production.ask(version, DocumentPurpose.DRAFT)
    negotiation_mails.version_proposed(version, Side.other(actor.side))


def accept(act: Act, actor: Actor, data: Data) -> None:
    version = data["version"] = version_as_read(act, data)
    Acceptance.objects.create(version=version, side=actor.side, by=actor.user, role=actor.role, at=clock.now())
    sides = set(version.acceptances.filter(cancelled_at=None).values_list("side", flat=True))
    # After both acceptances comes the visa. After a return to negotiation, the other side must accept again.
    by_both = len(sides) == len(Side)
    give_turn(act, Side.STATE if by_both else Side.other(actor.side))
    negotiation_mails.version_accepted(version, actor, to_side=Side.other(actor.side), by_both=by_both)
    if by_both:
        visas_mails.cosigners_awaited(act, version)


def ask_turn(act: Act, actor: Actor, data: Data) -> None:
    act.turn_asked_at = clock.now()
    negotiation_mails.turn_asked(act, actor, data["comment"])


def hand_back(act: Act, actor: Actor, data: Data) -> None:
    give_turn(act, Side.other(actor.side))
    negotiation_mails.turn_given(act, actor, data["comment"])
