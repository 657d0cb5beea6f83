from .chorus import ChorusExtract
from .deadlines import Deadline, DeadlineRule, Reminder
from .payments import BalanceRelease, Commitment, Payment
from .reports import ActualExpense, ActualResource, Report, SendBack, SheetReport, Value
from .reviews import Review
from .taking_over import DoneBefore, RecordCheck
from .versions import ReportVersion

__all__ = [
    "ActualExpense",
    "ActualResource",
    "BalanceRelease",
    "ChorusExtract",
    "Commitment",
    "Deadline",
    "DeadlineRule",
    "DoneBefore",
    "Payment",
    "RecordCheck",
    "Reminder",
    "Report",
    "ReportVersion",
    "Review",
    "SendBack",
    "SheetReport",
    "Value",
]
