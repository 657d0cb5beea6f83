from .deadlines import Deadline, DeadlineRule, Reminder
from .reports import ActualExpense, ActualResource, Report, SendBack, SheetReport, Value
from .reviews import Review
from .taking_over import DoneBefore, RecordCheck
from .versions import ReportVersion

__all__ = [
    "ActualExpense",
    "ActualResource",
    "Deadline",
    "DeadlineRule",
    "DoneBefore",
    "RecordCheck",
    "Reminder",
    "Report",
    "ReportVersion",
    "Review",
    "SendBack",
    "SheetReport",
    "Value",
]
