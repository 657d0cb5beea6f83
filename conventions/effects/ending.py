"""The effects of the transitions that may end a convention: records, state, documents, e-mails."""

import datetime as dt

from conventions.documents.ending import ask_document, void_document
from conventions.effects.turn import Data, cancel_acceptances, give_turn, update_convention_state, void_signing
from conventions.enums import ConventionState, DocumentPurpose, EndGround
from conventions.guards.notices import notice_against, own_notice
from conventions.models import Act, FormalNotice, NoticeObservation
from conventions.notifications import ending as notifications
from cpo.lib import clock
from cpo.lib.actor import Actor
from cpo.lib.dates import add_months
from cpo.lib.workflow import Refused

DELAY_MONTHS = 2  # article 14.1 of the model


def _require_own_notice(act: Act, actor: Actor) -> FormalNotice:
    notice = own_notice(act, actor.side)
    if notice is None:
        raise Refused("Votre partie n’a pas de mise en demeure en cours.")
    return notice


def prepare_notice(act: Act, actor: Actor, data: Data) -> None:
    """`data["breaches"]`: text of the notice. A second preparation replaces the text and prints the letter again."""
    today = clock.today(act.dossier.time_zone)
    notice = own_notice(act, actor.side) or FormalNotice(convention=act.convention, side=actor.side)
    notice.breaches, notice.prepared_on, notice.author = data["breaches"], today, actor.user
    notice.save()
    data["notice"] = notice
    ask_document(act, DocumentPurpose.NOTICE_LETTER, actor, notice=notice)


def send_notice(act: Act, actor: Actor, data: Data) -> None:
    """`data`: sent_on, letter_number, letter and proof (stored files); checked by conventions.services.ending."""
    notice = data["notice"] = _require_own_notice(act, actor)
    notice.sent_on, notice.letter_number, notice.letter = data["sent_on"], data["letter_number"], data["letter"]
    notice.proof = data["proof"]
    notice.due_on = add_months(data["sent_on"], DELAY_MONTHS)
    notice.author = actor.user
    notice.save()
    notifications.notice_sent(act, notice, actor)


def observe(act: Act, actor: Actor, data: Data) -> None:
    """`data`: text, file (a stored file or None)."""
    notice = data["notice"] = notice_against(act, actor.side)
    if notice is None:
        raise Refused("Aucune mise en demeure n’attend de réponse de votre partie.")
    NoticeObservation.objects.create(
        notice=notice,
        side=actor.side,
        author=actor.user,
        text=data["text"],
        file=data["file"],
        given_at=clock.now(),
    )
    notifications.observations_given(act, actor)


def withdraw_notice(act: Act, actor: Actor, data: Data) -> None:
    notice = data["notice"] = _require_own_notice(act, actor)
    _withdraw(act, notice, data["comment"])
    if notice.sent_on:
        notifications.notice_withdrawn(act, actor, data["comment"])


def _withdraw(act: Act, notice: FormalNotice, reason: str) -> None:
    notice.withdrawn_on, notice.withdrawn_reason = clock.today(act.dossier.time_zone), reason.strip()
    notice.save(update_fields=["withdrawn_on", "withdrawn_reason"])
    void_document(act, DocumentPurpose.NOTICE_LETTER, notice)


def terminate(act: Act, actor: Actor, data: Data) -> None:
    """`data`: decision, decided_on, notified_on, decision_number, decision_file (a stored file)."""
    _end_by_notice(act, actor, data, _require_own_notice(act, actor))


def dissolve(act: Act, actor: Actor, data: Data) -> None:
    """`data`: as for `terminate`, but without file; `notified_on` is the date on which the end takes effect."""
    today = clock.today(act.dossier.time_zone)
    open_notice = own_notice(act, actor.side)
    if open_notice:
        _withdraw(act, open_notice, "La dissolution de l’association, ou la cessation de son activité, est constatée.")
    notice = FormalNotice(
        convention=act.convention,
        ground=EndGround.DISSOLUTION,
        side=actor.side,
        author=actor.user,
        breaches=data["decision"],
        prepared_on=today,
    )
    _end_by_notice(act, actor, data, notice)


def _end_by_notice(act: Act, actor: Actor, data: Data, notice: FormalNotice) -> None:
    for name in ("decision", "decided_on", "notified_on", "decision_number", "decision_file"):
        setattr(notice, name, data[name])
    notice.decided_by = actor.user
    notice.save()
    data["notice"] = notice
    for other in act.convention.notices.open():
        _withdraw(act, other, "Sans objet : la convention est résiliée.")
    _end(act, ConventionState.TERMINATED, data["notified_on"])
    ask_document(act, DocumentPurpose.TERMINATION, actor, notice=notice)
    notifications.terminated(act, notice, actor)


def close(act: Act, actor: Actor, data: Data) -> None:
    today = clock.today(act.dossier.time_zone)
    for other in act.convention.notices.open():  # only notices that were never sent: the guard refuses the others
        _withdraw(act, other, "Sans objet : la convention est clôturée.")
    _end(act, ConventionState.CLOSED, today)
    ask_document(act, DocumentPurpose.CLOSING, actor, comment=data["comment"])
    notifications.closed(act, actor, data["comment"])


def _end(act: Act, state: str, day: dt.date) -> None:
    """Write the state of the convention; act 0 stays signed. `receivers.stop_later_acts` stops the open acts."""
    convention = act.convention
    type(convention).objects.filter(pk=convention.pk).update(state=state, state_since=clock.now(), ended_on=day)
    convention.refresh_from_db(fields=["state", "state_since", "ended_on"])


def end_with_convention(act: Act, actor: Actor, data: Data) -> None:
    void_signing(act)
    cancel_acceptances(act, "la fin de la convention")
    act.signed_on = None
    act.visa_asked_at = None
    give_turn(act, "")


def abandon(act: Act, actor: Actor, data: Data) -> None:
    give_turn(act, "")
    update_convention_state(act)
    ask_document(act, DocumentPurpose.ABANDONMENT, actor, comment=data["comment"])
    notifications.abandoned(act, actor, data["comment"])
