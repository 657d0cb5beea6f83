"""The effects of opening, refusing or declaring a later act, and the freeze of a signed text."""

from collections.abc import Callable

from actions.models import Programme
from arml.models import Dossier
from conventions.content import retained
from conventions.content.freeze import freeze
from conventions.documents import production
from conventions.effects.turn import Data, cancel_acceptances, give_turn, update_convention_state
from conventions.enums import ActKind, DocumentPurpose
from conventions.later.carrying import carry
from conventions.later.in_force import latest_act
from conventions.later.opening import open_act
from conventions.models import Act
from conventions.money import totals
from conventions.notifications import later as notifications
from cpo.lib import clock
from cpo.lib.actor import Actor


def freeze_programme(act: Act, actor: Actor) -> None:
    """Freeze the programme: the act becomes the last signed text, its money is added to the totals, and the other open
    acts start from it."""
    Programme.objects.filter(pk=act.programme_id).update(frozen=True, side="")
    act.programme.frozen, act.programme.side = True, ""
    before = latest_act(act.convention)
    Act.objects.filter(convention=act.convention_id, latest=True).update(latest=False)
    act.latest = True
    Act.objects.filter(pk=act.pk).update(latest=True)
    totals.replace(before, act)
    if before is not None:
        for carried_act in carry(act, before, actor):
            retained.follow(carried_act, act, before)


def open_later(kind: str) -> Callable[[Act, Actor, Data], None]:
    """The effect that opens an act of this kind; its `data["terms"]`: conventions.later.opening.Terms."""

    def effect(act: Act, actor: Actor, data: Data) -> None:
        data["act"] = opened = open_act(act, kind, data["terms"], actor)
        freeze(opened, actor=actor, note=opened.purpose, handed_over=True)
        if kind != ActKind.ADAPTATION:
            notifications.act_opened(data["act"], actor)

    return effect


def open_paper_act(act: Act, actor: Actor, data: Data) -> None:
    """`data["kind"]`, `data["terms"]`: those of the original. The association is told once it is recorded."""
    data["act"] = opened = open_act(act, data["kind"], data["terms"], actor)
    freeze(opened, actor=actor, note=opened.purpose, handed_over=True)


def refuse(act: Act, actor: Actor, data: Data) -> None:
    cancel_acceptances(act, "la fin de l’acte")
    give_turn(act, "")
    if act.on_paper:
        return  # nobody was told that it was being copied
    notifications.act_refused(act, actor, data["comment"])


def declare(act: Act, actor: Actor, data: Data) -> None:
    """Put a budget adaptation in force: freeze it, print it, inform the service."""
    data["version"] = version = freeze(act, actor=actor, note=data["comment"])
    act.notified_on = clock.today(act.dossier.time_zone)
    act.turn_since = None
    freeze_programme(act, actor)
    production.ask(version, DocumentPurpose.TO_SIGN)
    notifications.adaptation_declared(act, version, actor)


def record_paper(act: Act, actor: Actor, data: Data) -> None:
    today = clock.today(act.dossier.time_zone)
    data["version"] = version = freeze(act, actor=actor, note="Reprise de l’original signé sur papier")
    act.turn_since = None
    if not act.number:
        Dossier.objects.filter(pk=act.dossier.pk).update(published_on=today, shared_on=today)
    freeze_programme(act, actor)
    update_convention_state(act)
    if act.number:
        production.ask(version, DocumentPurpose.CONSOLIDATED)
