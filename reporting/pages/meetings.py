"""What the pages of the meetings show to a reader: the list, one meeting with what may be done, its decisions."""

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Count, Q, QuerySet

from arml.models import User
from arml.permissions import capacities
from conventions.models import Convention, Document, Signature
from cpo.lib import clock
from cpo.lib.actor import Actor
from cpo.lib.wording import french
from cpo.lib.workflow import Option
from reporting import permissions as may
from reporting.content.decisions import prepared_year
from reporting.enums import Attendance, DecisionState, MeetingState, ReportState
from reporting.guards.meetings import address
from reporting.jobs import conclusion_of
from reporting.models import Decision, Meeting, Report
from reporting.notifications import when
from reporting.services import conclusion, minutes, signing
from reporting.services.meetings import closed_to_meetings, keeper, planner
from reporting.todo.lines import distance
from reporting.workflow.meetings import MEETING
from reporting.workflow.reports import REPORT

TONES = {
    DecisionState.TODO: "grey",
    DecisionState.IN_PROGRESS: "info",
    DecisionState.DONE: "success",
    DecisionState.DROPPED: "grey",
}
MEETING_TONES = {MeetingState.PLANNED: "info", MeetingState.HELD: "success", MeetingState.CANCELLED: "grey"}


def meetings_of(convention: Convention) -> QuerySet[Meeting]:
    """The meetings of a convention with their number of open decisions, newest first."""
    open_ones = Q(decisions__state__in=(DecisionState.TODO, DecisionState.IN_PROGRESS))
    rows = convention.meetings.annotate(open_count=Count("decisions", filter=open_ones))
    return rows.select_related("minutes").order_by("-day", "-pk")


@dataclass
class DecisionLine:
    """A decision with what is said of it; `url`: where this reader follows it, "" for who does not."""

    decision: Decision
    today: dt.date
    url: str = ""

    @property
    def late(self) -> bool:
        due = self.decision.due_on
        return self.decision.is_open and due is not None and due < self.today

    @property
    def label(self) -> str:
        return "En retard" if self.late else str(self.decision.get_state_display())

    @property
    def delay(self) -> str:
        """« 3 jours de retard »; "" when it is not late."""
        return f"{distance(self.decision.due_on, self.today)} de retard" if self.late and self.decision.due_on else ""

    @property
    def tone(self) -> str:
        return "error" if self.late else TONES[DecisionState(self.decision.state)]


def decision_lines(decisions: QuerySet[Decision], user: User) -> list[DecisionLine]:
    """`decisions`: with their meeting and its dossier."""
    lines = []
    for row in decisions:
        followed = row.meeting.is_held and minutes.follower(user, row) is not None
        page = address(row.meeting, "meeting-decisions", f"decision-{row.pk}") if followed else ""
        lines.append(DecisionLine(row, clock.today(row.meeting.dossier.time_zone), page))
    return lines


class MeetingPage:
    """One meeting for one reader. `meeting`: with its convention and dossier."""

    def __init__(self, meeting: Meeting, user: User) -> None:
        self.meeting, self.user = meeting, user
        self.actors: list[Actor] = capacities(user, meeting.dossier)

    @property
    def tone(self) -> str:
        return MEETING_TONES[MeetingState(self.meeting.state)]

    @property
    def when(self) -> str:
        return when(self.meeting)

    @property
    def reads_minutes(self) -> bool:
        return may.reads_minutes(self.actors, self.meeting)

    @property
    def is_keeper(self) -> bool:
        return keeper(self.user, self.meeting) is not None

    @property
    def may_change(self) -> bool:
        return self.is_keeper and self.meeting.is_planned

    @property
    def may_write_minutes(self) -> bool:
        return self.is_keeper and not minutes.closed_minutes(self.meeting)

    @property
    def may_join(self) -> bool:
        return any(may.spokesperson(actor) for actor in self.actors)

    @cached_property
    def invitees(self) -> list[Any]:
        return list(self.meeting.invitees.all())

    @property
    def present(self) -> list[str]:
        rows = [str(row) for row in self.invitees if row.attendance == Attendance.PRESENT]
        return [*rows, *filter(None, map(str.strip, self.meeting.attendees.splitlines()))]

    @property
    def excused(self) -> list[str]:
        return [str(row) for row in self.invitees if row.attendance == Attendance.EXCUSED]

    @cached_property
    def decisions(self) -> list[DecisionLine]:
        rows = self.meeting.decisions.select_related("owner", "meeting")
        for row in rows:
            row.meeting = self.meeting
        return decision_lines(rows, self.user) if self.reads_minutes else []

    @cached_property
    def signatures(self) -> list[Signature]:
        rows = Signature.objects.filter(document=self.meeting.minutes_id, voided_at=None)
        return list(rows.select_related("party__organisation").order_by("pk")) if self.meeting.minutes_id else []

    @property
    def unsigned(self) -> list[Any]:
        """The parties that have not signed recorded minutes."""
        dossier, signed = self.meeting.dossier, {row.party.organisation_id for row in self.signatures}
        return [one for one in (dossier.beneficiary, dossier.lead) if one.pk not in signed]

    @cached_property
    def options(self) -> list[Option]:
        return MEETING.available(self.meeting, self.user)

    def option(self, name: str) -> Option | None:
        return next((one for one in self.options if one.transition.name == name), None)

    @property
    def record(self) -> Option | None:
        return self.option("record")

    @property
    def sign(self) -> Option | None:
        return self.option("sign")

    @property
    def ways(self) -> list[tuple[str, str]]:
        """How the minutes may be signed: address and words."""
        paper = signing.minutes_of(self.meeting)
        return paper.ways() if paper else []

    @property
    def asides(self) -> list[Option]:
        return [one for one in self.options if one.transition.name in ("cancel", "take_back")]

    @cached_property
    def report(self) -> Report | None:
        return self.meeting.report

    @property
    def review(self) -> Option | None:
        """The step of the report that records a dialogue de gestion."""
        return REPORT.option(self.report, self.user, "review") if self.report else None

    @property
    def reads_conclusion(self) -> bool:
        return may.reads_conclusion(self.actors, self.report)

    @property
    def may_conclude(self) -> bool:
        return self.report is not None and conclusion.writer(self.user, self.report) is not None

    @property
    def concluded(self) -> bool:
        return self.report is not None and self.report.state == ReportState.CONCLUDED

    @cached_property
    def conclusion_file(self) -> Document | None:
        """The PDF of the conclusion, for those who read it, once it is made."""
        return conclusion_of(self.report) if self.concluded and self.report and self.reads_conclusion else None

    @property
    def prepares(self) -> bool:
        """Whether a year of the convention follows."""
        return prepared_year(self.meeting) is not None

    @property
    def amount(self) -> str:
        return french.euros(self.meeting.next_amount) if self.meeting.next_amount is not None else ""


def may_plan(user: User, convention: Convention) -> bool:
    return not closed_to_meetings(convention) and planner(user, convention) is not None
