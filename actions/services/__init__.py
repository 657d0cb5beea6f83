"""The verbs on a programme. Each is one content write: one lock, one revision, one line of the journal.

`by` is a user (whose right to edit is checked) or an `Actor` whose rights the caller has checked. `expected_revision`
is the revision that the page showed; None for a write that can't overwrite anything. All raise PermissionDenied,
StaleRevision and ValidationError, in French; then nothing is written.
"""

from .budgets import AmountLine, default_funder, line_faults, set_sheet_budget, set_structure, stored_lines
from .common import withdrawn_sheet_key
from .copies import copy_programme
from .funders import funder_fault, state_funders
from .imports import Outcome, ProgrammeData, SheetData, outcome_of, read_programme, replace_programme
from .indicators import IndicatorData, TargetData, set_indicators, stored_indicator, suggested_target
from .sheets import (
    SHEET_FIELDS,
    SHEET_TABLES,
    create_sheet,
    delete_sheet,
    duplicate_sheet,
    move_sheet,
    next_code,
    sheet_faults,
    update_sheet,
)
from .taking import take_example, take_examples, take_sheets

__all__ = [
    "SHEET_FIELDS",
    "SHEET_TABLES",
    "AmountLine",
    "IndicatorData",
    "Outcome",
    "ProgrammeData",
    "SheetData",
    "TargetData",
    "copy_programme",
    "create_sheet",
    "default_funder",
    "delete_sheet",
    "duplicate_sheet",
    "funder_fault",
    "line_faults",
    "move_sheet",
    "next_code",
    "outcome_of",
    "read_programme",
    "replace_programme",
    "set_indicators",
    "set_sheet_budget",
    "set_structure",
    "sheet_faults",
    "state_funders",
    "stored_indicator",
    "stored_lines",
    "suggested_target",
    "take_example",
    "take_examples",
    "take_sheets",
    "update_sheet",
    "withdrawn_sheet_key",
]
