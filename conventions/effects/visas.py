"""The effects of asking for a visa, giving it or refusing it."""

from conventions.effects.turn import Data, last_version, version_as_read
from conventions.enums import VisaDecision
from conventions.guards.complete import nothing_missing
from conventions.models import Act, OutsideVisa, Visa
from conventions.notifications import visas as notifications
from cpo.lib import clock
from cpo.lib.actor import Actor
from cpo.lib.enums import Side
from cpo.lib.workflow import Refused


def ask_visa(act: Act, actor: Actor, data: Data) -> None:
    act.visa_asked_at = clock.now()
    warnings = [line.text for line in nothing_missing(act) if line.severity == "warning"]
    notifications.visa_asked(act, last_version(act), actor, warnings)


def _record_visa(act: Act, actor: Actor, data: Data, decision: VisaDecision) -> None:
    version = data["version"] = version_as_read(act, data)
    # This rule is only for the State's services: the association has none, and the DGEFP does not read its visas.
    proposed_by_same = actor.side == Side.STATE and actor.user is not None and version.author_id == actor.user.pk
    if decision == VisaDecision.GIVEN and proposed_by_same and not data["comment"].strip():
        raise Refused(
            "Vous avez proposé cette version : une autre personne doit donner le visa, ou vous en donnez le motif."
        )
    Visa.objects.create(
        version=version,
        organisation=actor.organisation,
        decision=decision,
        by=actor.user,
        role=actor.role,
        at=clock.now(),
        comment=data["comment"],
        override_reason=data["comment"] if proposed_by_same and decision == VisaDecision.GIVEN else "",
    )


def give_visa(act: Act, actor: Actor, data: Data) -> None:
    _record_visa(act, actor, data, VisaDecision.GIVEN)


def refuse_visa(act: Act, actor: Actor, data: Data) -> None:
    refuse_cosigner_visa(act, actor, data)
    act.visa_asked_at = None


def refuse_cosigner_visa(act: Act, actor: Actor, data: Data) -> None:
    _record_visa(act, actor, data, VisaDecision.REFUSED)
    notifications.visa_refused(act, data["version"], actor, data["comment"])


def ask_president_visa(act: Act, actor: Actor, data: Data) -> None:
    version = data["version"] = version_as_read(act, data)
    act.president_visa_asked_at = clock.now()
    notifications.president_visa_asked(act, version, actor, data["comment"])


def _record_president_visa(act: Act, actor: Actor, data: Data, decision: VisaDecision) -> None:
    _record_visa(act, actor, data, decision)
    act.president_visa_asked_at = None
    notifications.president_visa_answered(act, data["version"], actor, decision, data["comment"])


def give_president_visa(act: Act, actor: Actor, data: Data) -> None:
    _record_president_visa(act, actor, data, VisaDecision.GIVEN)


def refuse_president_visa(act: Act, actor: Actor, data: Data) -> None:
    _record_president_visa(act, actor, data, VisaDecision.REFUSED)


def record_outside_visa(act: Act, actor: Actor, data: Data) -> None:
    """`data["visa"]`: built and checked by conventions.services.visas."""
    visa: OutsideVisa = data["visa"]
    if visa.version_id != version_as_read(act, data).pk:
        raise Refused("Ce visa porte sur une version qui n’est plus la dernière.")
    visa.save()
