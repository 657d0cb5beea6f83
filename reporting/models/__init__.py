from .clarifications import Clarification, ClarificationAnswer
from .controls import Control, Correction, Imputation, RecoveryThreshold
from .deadlines import Deadline, DeadlineRule, Reminder
from .grids import FilledGrid, GridVersion
from .instruction import ExaminationOpinion, Ground, RetainedAmount, Settlement
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
    "Clarification",
    "ClarificationAnswer",
    "Commitment",
    "Control",
    "Correction",
    "Deadline",
    "DeadlineRule",
    "DoneBefore",
    "ExaminationOpinion",
    "FilledGrid",
    "GridVersion",
    "Ground",
    "Imputation",
    "Payment",
    "RecordCheck",
    "RecoveryThreshold",
    "Reminder",
    "Report",
    "ReportImport",
    "ReportVersion",
    "RetainedAmount",
    "Review",
    "SendBack",
    "Settlement",
    "SheetReport",
    "Value",
]
