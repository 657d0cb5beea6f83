"""What one does in a programme. Each verb is one content write: one lock, one revision, one line of the journal.

`by` is a user (whose right to edit now is checked) or an `Actor` that the caller vouches for. `expected_revision` is
what the page was opened with; None for a write that can't overwrite anything. All raise PermissionDenied,
StaleRevision and ValidationError, in French; nothing is written then.
"""

from .budgets import AmountLine, default_funder, set_sheet_budget, set_structure
from .copies import copy_programme
from .indicators import IndicatorData, TargetData, set_indicators, suggested_target
from .sheets import (
    SHEET_FIELDS,
    create_sheet,
    delete_sheet,
    duplicate_sheet,
    move_sheet,
    next_code,
    take_example,
    take_examples,
    update_sheet,
)

__all__ = [
    "SHEET_FIELDS",
    "AmountLine",
    "IndicatorData",
    "TargetData",
    "copy_programme",
    "create_sheet",
    "default_funder",
    "delete_sheet",
    "duplicate_sheet",
    "move_sheet",
    "next_code",
    "set_indicators",
    "set_sheet_budget",
    "set_structure",
    "suggested_target",
    "take_example",
    "take_examples",
    "update_sheet",
]
