"""One function per e-mail of the yearly cycle; each chooses its recipients."""

from .controls import (
    WAITING,
    clarification_answered,
    clarification_asked,
    clarification_link,
    control_step,
    correction_step,
)
from .evaluation import evaluation_answered, evaluation_concluded, evaluation_shared
from .forecasts import forecast_sent, forecast_sent_back
from .meetings import meeting_told, minutes_recorded, minutes_signed, minutes_taken_back, when, year_concluded
from .openings import report_owed_again, report_skipped
from .payments import payment_made, payment_to_certify
from .reminders import delay, reminder, reminder_template, users_in_role
from .reports import (
    financial_report_signed,
    financial_report_to_sign,
    link,
    piece_refused,
    report_admissible,
    report_reopened,
    report_sent_back,
    report_submitted,
    reports_opened,
)
from .taking_over import record_answered, record_to_confirm

__all__ = [
    "WAITING",
    "clarification_answered",
    "clarification_asked",
    "clarification_link",
    "control_step",
    "correction_step",
    "delay",
    "evaluation_answered",
    "evaluation_concluded",
    "evaluation_shared",
    "financial_report_signed",
    "financial_report_to_sign",
    "forecast_sent",
    "forecast_sent_back",
    "link",
    "meeting_told",
    "minutes_recorded",
    "minutes_signed",
    "minutes_taken_back",
    "payment_made",
    "payment_to_certify",
    "piece_refused",
    "record_answered",
    "record_to_confirm",
    "reminder",
    "reminder_template",
    "report_admissible",
    "report_owed_again",
    "report_reopened",
    "report_sent_back",
    "report_skipped",
    "report_submitted",
    "reports_opened",
    "users_in_role",
    "when",
    "year_concluded",
]
