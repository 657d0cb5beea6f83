"""Write a report from a workbook: every part that it changes, or none."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from arml.models import User
from reporting.models import Report, SheetReport

from . import reports


def write_report(
    report: Report,
    *,
    sheets: Sequence[tuple[SheetReport, Mapping[str, Any]]],
    general: Mapping[str, Any] | None,
    finance: Mapping[str, Any] | None,
    by: User,
    expected_revision: int,
) -> int:
    """Write the parts, with the arguments of their services; return how many. Each is a line of the journal.

    Raises PermissionDenied (a part that the person does not write), StaleRevision, ValidationError; nothing is written.
    """
    revision: int | None = expected_revision
    with transaction.atomic():
        for part, arguments in sheets:
            reports.save_sheet(part, **arguments, by=by, expected_revision=revision)
            revision = None  # the report is locked from here on
        if general is not None:
            reports.save_general(report, **general, by=by, expected_revision=revision)
            revision = None
        if finance is not None:
            reports.save_finance(report, **finance, by=by, expected_revision=revision)
    return len(sheets) + (general is not None) + (finance is not None)
