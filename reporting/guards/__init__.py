"""What must hold before a transition of a report or of a payment; each line has the address of its field."""

from .reports import (
    THE_REPORT_ITSELF,
    all_yearly_kinds,
    can_evaluate,
    documents_complete,
    finance_missing,
    general_missing,
    missing_documents,
    report_complete,
    requests_answered,
    rests_on_the_right_act,
    review_concluded,
    review_held,
    sheet_missing,
    sheet_parts,
    url,
    yearly_kinds,
)

__all__ = [
    "THE_REPORT_ITSELF",
    "all_yearly_kinds",
    "can_evaluate",
    "documents_complete",
    "finance_missing",
    "general_missing",
    "missing_documents",
    "report_complete",
    "requests_answered",
    "rests_on_the_right_act",
    "review_concluded",
    "review_held",
    "sheet_missing",
    "sheet_parts",
    "url",
    "yearly_kinds",
]
