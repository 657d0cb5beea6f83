"""Saving a part: nothing typed is lost. Two people’s changes are merged by field; what both changed is shown."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import QueryDict

from cpo.lib.editing import StaleRevision
from cpo.lib.models import JournalEntry

from ..forms.base import Conflict, PartForm, with_texts
from ..models import Report

ATTEMPTS = 3


@dataclass
class Outcome:
    """What became of a saving: `saved`, or the form to show again with its conflicts or why it is refused."""

    form: PartForm
    saved: bool = False
    merged: bool = False
    conflicts: list[Conflict] = field(default_factory=list)
    refused: str = ""

    @property
    def status(self) -> int:
        return 409 if self.conflicts else 403 if self.refused else 200


def save(
    report: Report,
    data: QueryDict,
    *,
    make: Callable[[Any, Report], PartForm],
    write: Callable[[dict[str, Any], int], Any],
) -> Outcome:
    """`make(data, report)` builds the form on what is stored now; `write(given, revision)` calls the service."""
    form = make(data, report)
    if not form.is_valid():
        return Outcome(form)
    revision, merged = form.cleaned_data["revision"], False
    values = form.cleaned_data
    for _ in range(ATTEMPTS):
        try:
            write(form.given(values), revision)  # type: ignore[attr-defined]
        except PermissionDenied as error:
            return Outcome(form, refused=str(error))
        except StaleRevision:
            report = Report.objects.get(pk=report.pk)  # its revision is read before its content: a third is noticed
            fresh = make(data, report)
            fresh.is_valid()
            values, conflicts = fresh.merge(fresh.cleaned_data)
            if conflicts:
                return Outcome(_again(data, make, report, fresh, values), conflicts=conflicts)
            form, revision, merged = fresh, report.revision, True
        else:
            return Outcome(form, saved=True, merged=merged)
    return Outcome(form, refused="Beaucoup de personnes enregistrent en même temps. Enregistrez de nouveau.")


def _again(
    data: QueryDict, make: Callable[[Any, Report], PartForm], report: Report, form: PartForm, values: dict[str, Any]
) -> PartForm:
    """The form as typed, with the others' changes where the person changed nothing, on the newer revision."""
    texts = {name: form.text(name, values.get(name)) for name in form.names}
    again = make(with_texts(data, texts | {"revision": str(report.revision)}), report)
    again.is_valid()
    return again


def replaced(
    report: Report, data: QueryDict, make: Callable[[Any, Report], PartForm], texts: dict[str, str]
) -> tuple[PartForm, list[Conflict]]:
    """The form with some fields replaced, and the conflicts that are left; nothing is saved."""
    form = make(with_texts(data, texts), report)
    form.is_valid()
    stale = data.get("conflict") == "1"
    conflicts = form.merge(form.cleaned_data)[1] if stale else []
    return form, conflicts


def last_author(report: Report) -> JournalEntry | None:
    """Who saved last, and when."""
    return JournalEntry.objects.filter(subject=f"report:{report.pk}", verb="report_written").first()
