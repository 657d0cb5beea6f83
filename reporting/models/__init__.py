from .chorus import ChorusExtract
from .clarifications import Clarification, ClarificationAnswer
from .controls import Control, Correction, Imputation, RecoveryThreshold
from .deadlines import Deadline, DeadlineRule, Reminder
from .grids import FilledGrid, GridVersion
from .imports import ReportImport
from .instruction import ExaminationOpinion, Ground, RetainedAmount, Settlement
from .meetings import Decision, DecisionAnswer, Invitation, Invitee, Meeting, MeetingFile
from .payments import BalanceRelease, Commitment, Payment
from .pieces import PieceCheck, refused_documents
from .reports import ActualExpense, ActualResource, Report, SendBack, SheetReport, Value
from .taking_over import DoneBefore, RecordCheck
from .versions import ReportVersion

__all__ = [
    "ActualExpense",
    "ActualResource",
    "BalanceRelease",
    "ChorusExtract",
    "Clarification",
    "ClarificationAnswer",
    "Commitment",
    "Control",
    "Correction",
    "Deadline",
    "DeadlineRule",
    "Decision",
    "DecisionAnswer",
    "DoneBefore",
    "ExaminationOpinion",
    "FilledGrid",
    "GridVersion",
    "Ground",
    "Imputation",
    "Invitation",
    "Invitee",
    "Meeting",
    "MeetingFile",
    "Payment",
    "PieceCheck",
    "RecordCheck",
    "RecoveryThreshold",
    "Reminder",
    "Report",
    "ReportImport",
    "ReportVersion",
    "RetainedAmount",
    "SendBack",
    "Settlement",
    "SheetReport",
    "Value",
    "refused_documents",
]
