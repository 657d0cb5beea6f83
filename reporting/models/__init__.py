from .deadlines import Deadline, DeadlineRule, Reminder
from .meetings import Decision, DecisionAnswer, Invitation, Invitee, Meeting, MeetingFile
from .payments import BalanceRelease, Commitment, Payment
from .reports import ActualExpense, ActualResource, Report, SendBack, SheetReport, Value
from .taking_over import DoneBefore, RecordCheck
from .versions import ReportVersion

__all__ = [
    "ActualExpense",
    "ActualResource",
    "BalanceRelease",
    "Commitment",
    "Deadline",
    "DeadlineRule",
    "Decision",
    "DecisionAnswer",
    "DoneBefore",
    "Invitation",
    "Invitee",
    "Meeting",
    "MeetingFile",
    "Payment",
    "RecordCheck",
    "Reminder",
    "Report",
    "ReportVersion",
    "SendBack",
    "SheetReport",
    "Value",
]
