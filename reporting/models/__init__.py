from .deadlines import Deadline, DeadlineRule, Reminder
from .reports import ActualExpense, ActualResource, Report, SendBack, SheetReport, Value
from .reviews import Review

__all__ = [
    "ActualExpense",
    "ActualResource",
    "Deadline",
    "DeadlineRule",
    "Reminder",
    "Report",
    "Review",
    "SendBack",
    "SheetReport",
    "Value",
]
