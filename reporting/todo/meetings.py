"""The minutes to sign and the decisions to follow, in « À faire »; a constant number of queries."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db.models import Exists, OuterRef, Q

from arml.enums import Role
from arml.models import Dossier
from conventions.models import Signature
from conventions.pages.todo import Hats, Task, Todo, Waiting
from cpo.lib import clock, zones
from cpo.lib.enums import Side
from reporting.enums import MeetingState
from reporting.guards.meetings import address
from reporting.models import Decision, Meeting
from reporting.permissions import sends_for

SOON = 30  # days: a decision that is due later is only in the calendar
MOST = 50
SPEAKS = {Side.STATE: (Role.OFFICER, Role.MANAGER), Side.BENEFICIARY: (Role.DIRECTOR, Role.PRESIDENT)}


def meeting_todo(hats: Hats) -> Todo:
    todo = Todo()
    _signatures(hats, todo)
    _decisions(hats, todo)
    return todo


def _signatures(hats: Hats, todo: Todo) -> None:
    """The minutes that the person's side has not signed, and those that wait for the other side."""
    rows = Meeting.objects.visible_to(hats.user).filter(
        convention__dossier__in=Dossier.objects.filter(hats.reach),
        state=MeetingState.HELD,
        signed_on=None,
        minutes__isnull=False,
    )
    signed = Signature.objects.filter(document=OuterRef("minutes"), voided_at=None)
    dossier = "convention__dossier"
    rows = rows.annotate(
        by_lead=Exists(signed.filter(party__organisation=OuterRef(f"{dossier}__lead"))),
        by_association=Exists(signed.filter(party__organisation=OuterRef(f"{dossier}__beneficiary"))),
    )
    for meeting in rows.select_related(f"{dossier}__lead", f"{dossier}__beneficiary").order_by("day", "pk")[:MOST]:
        for side, organisation, done in _parties(meeting):
            if done:
                continue
            if _signs(hats, side, organisation.pk):
                todo.mine.append(_task(meeting, f"Signer le relevé : {meeting.title}", "Signer", "meeting-sign"))
            elif _speaks(hats, meeting.dossier):
                since = zones.at(meeting.state_since, meeting.dossier)
                what = f"Signature du relevé : {meeting.title}"
                todo.others.append(Waiting(what, str(organisation), address(meeting), since, meeting.convention.number))


def _signs(hats: Hats, side: Side, organisation_id: int) -> bool:
    if side == Side.BENEFICIARY:
        return sends_for(hats.user, organisation_id)
    return hats.on(organisation_id, Role.MANAGER, Role.SIGNATORY)


def _parties(meeting: Any) -> list[tuple[Side, Any, bool]]:
    dossier = meeting.dossier
    return [
        (Side.BENEFICIARY, dossier.beneficiary, meeting.by_association),
        (Side.STATE, dossier.lead, meeting.by_lead),
    ]


def _speaks(hats: Hats, dossier: Dossier) -> bool:
    lead = hats.on(dossier.lead_id, *SPEAKS[Side.STATE])
    return lead or hats.on(dossier.beneficiary_id, *SPEAKS[Side.BENEFICIARY])


def _decisions(hats: Hats, todo: Todo) -> None:
    """The open decisions of the person, or of their side when it names nobody, that are due soon."""
    horizon = clock.today(clock.PARIS) + dt.timedelta(days=SOON)
    rows = Decision.objects.visible_to(hats.user).followed()
    rows = rows.filter(Q(due_on=None) | Q(due_on__lte=horizon))
    dossiers = Dossier.objects.filter(hats.reach)
    rows = rows.filter(meeting__convention__dossier__in=dossiers)
    dossier = "meeting__convention__dossier"
    rows = rows.select_related("owner", f"{dossier}__lead", f"{dossier}__beneficiary").order_by("due_on", "pk")
    for row in _owned(rows[:MOST], hats):
        todo.mine.append(
            _task(row.meeting, f"Décision : {row}", "Suivre", "meeting-decisions", f"decision-{row.pk}", due=row.due_on)
        )


def _owned(rows: Iterable[Decision], hats: Hats) -> list[Decision]:
    def owned(row: Decision) -> bool:
        if row.owner_id:
            return row.owner_id == hats.user.pk
        if not row.side:
            return hats.on(row.meeting.dossier.lead_id, *SPEAKS[Side.STATE])
        organisation = row.in_charge
        return organisation is not None and hats.on(organisation.pk, *SPEAKS[Side(row.side)])

    return [row for row in rows if owned(row)]


def _task(
    meeting: Meeting, title: str, verb: str, route: str, fragment: str = "", *, due: dt.date | None = None
) -> Task:
    dossier = meeting.dossier
    return Task(
        title=title,
        url=address(meeting, route, fragment),
        verb=verb,
        detail=f"{meeting.convention.number} · {dossier.beneficiary}",
        due=due,
        since=zones.at(meeting.state_since, dossier),
        today=clock.today(dossier.time_zone),
    )
