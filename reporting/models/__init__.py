from .deadlines import Deadline, DeadlineRule, Reminder
from .imports import ReportImport
from .payments import BalanceRelease, Commitment, Payment
from .reports import ActualExpense, ActualResource, Report, SendBack, SheetReport, Value
from .reviews import Review
from .taking_over import DoneBefore, RecordCheck
from .versions import ReportVersion

__all__ = [
    "ActualExpense",
    "ActualResource",
    "BalanceRelease",
    "Commitment",
    "Deadline",
    "DeadlineRule",
    "DoneBefore",
    "Payment",
    "RecordCheck",
    "Reminder",
    "Report",
    "ReportImport",
    "ReportVersion",
    "Review",
    "SendBack",
    "SheetReport",
    "Value",
]
