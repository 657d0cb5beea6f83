from .association import AssociationImport, Attendance, NetworkFigure, TrainingSession
from .chorus import ChorusExtract
from .clarifications import Clarification, ClarificationAnswer
from .controls import Control, Correction, Imputation, RecoveryThreshold
from .deadlines import Deadline, DeadlineRule, Reminder
from .diagnosis import Diagnosis, DiagnosisFile
from .evaluation import Assessment, Evaluation
from .files import SheetFile
from .forecasts import Forecast, ForecastLine
from .grids import FilledGrid, GridVersion
from .imports import ReportImport
from .instruction import ExaminationOpinion, Ground, RetainedAmount, Settlement
from .meetings import Decision, DecisionAnswer, Invitation, Invitee, Meeting, MeetingFile
from .openings import SkippedReport
from .payments import BalanceRelease, Commitment, Payment
from .pieces import PieceCheck, refused_documents
from .reports import ActualExpense, ActualResource, Report, SendBack, SheetReport, Value
from .taking_over import DoneBefore, RecordCheck
from .versions import ReportVersion

__all__ = [
    "ActualExpense",
    "ActualResource",
    "Assessment",
    "AssociationImport",
    "Attendance",
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
    "Diagnosis",
    "DiagnosisFile",
    "DoneBefore",
    "Evaluation",
    "ExaminationOpinion",
    "FilledGrid",
    "Forecast",
    "ForecastLine",
    "GridVersion",
    "Ground",
    "Imputation",
    "Invitation",
    "Invitee",
    "Meeting",
    "MeetingFile",
    "NetworkFigure",
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
    "SheetFile",
    "SheetReport",
    "SkippedReport",
    "TrainingSession",
    "Value",
    "refused_documents",
]
