"""Write the parts of a report, each under the report's lock. Blank is not zero."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet

from actions.models import Account
from actions.services import funder_fault, state_funders
from arml.models import User
from cpo.lib import journal
from cpo.lib.actor import Actor
from cpo.lib.editing.lock import edit
from cpo.lib.enums import Audience
from reporting import permissions as may
from reporting import workflow
from reporting.enums import ReportState
from reporting.models import (
    ActualExpense,
    ActualResource,
    Decision,
    DecisionAnswer,
    NetworkFigure,
    Report,
    SheetFile,
    SheetReport,
    Value,
)

from .inputs import AmountInput as AmountInput
from .inputs import ValueInput as ValueInput
from .inputs import ratio, value_fault

SHEET_FIELDS = ("progress", "narrative", "audience", "partners", "difficulties", "measures", "next_year", "fte_used")
GENERAL_FIELDS = ("highlights", "governance")
FINANCE_FIELDS = ("financial_comment", "allocation_keys", "surplus_use")


@contextmanager
def writing(
    report: Report, path: str, *, by: User, expected_revision: int | None, element: str
) -> Iterator[tuple[Report, Actor]]:
    """Lock the report for a person who may write this part; the first write starts the report.

    Raises PermissionDenied, StaleRevision.
    """
    actor = may.writer(by, report, path)
    if actor is None:
        raise PermissionDenied(may.why_not(by, report, path))
    # To save a first page, even blank, is to begin the report: a fact, whatever the page holds.
    state = None if report.state == ReportState.OPEN else partial(_content, path=path)
    with edit(report, expected_revision=expected_revision, by=actor, element=element, state=state) as locked:
        if may.writer(by, locked, path) is None:
            raise PermissionDenied(may.why_not(by, locked, path))
        yield locked, actor
        if locked.state == ReportState.OPEN:
            started = workflow.apply("start", locked, by=by)
            locked.state, locked.state_since = started.state, started.state_since
        journal.record(
            locked,
            root=locked.dossier,
            by=actor,
            verb="report_written",
            sentence=f"{actor.name} modifie {element} du compte rendu {locked.year}.",
            element=element,
            parameters={"year": locked.year},
            audience=Audience.BENEFICIARY,
        )


def _content(report: Report, *, path: str) -> str:
    """A summary of all that a write of this part may change, to tell a change from a page saved as it was.

    The page of a fiche writes that fiche alone: the fifty-nine others are not read.
    """
    if path.startswith(may.sheet_path("")):
        return repr(_fiche(report.sheets.filter(sheet__key=path.removeprefix(may.sheet_path("")))))
    texts = Report.objects.filter(pk=report.pk).values_list(*GENERAL_FIELDS, *FINANCE_FIELDS)
    parts = SheetReport.objects.filter(report=report).order_by("pk").values_list("pk", *SHEET_FIELDS)
    values = Value.objects.filter(sheet_report__report=report).order_by("sheet_report_id", "indicator_id")
    expenses = ActualExpense.objects.filter(report=report).order_by("sheet_report_id", "account_id")
    resources = ActualResource.objects.filter(report=report).order_by("sheet_report_id", "account_id", "funder")
    answers = DecisionAnswer.objects.filter(report=report).order_by("decision_id").values_list("decision_id", "text")
    decisions = Decision.objects.filter(meeting__convention=report.convention_id).order_by("pk")
    rows = [
        *texts,
        *_network(report),
        *parts,
        *answers,
        *decisions.values_list("pk", "state"),
        *values.values_list("sheet_report_id", "indicator_id", "number", "text", "numerator", "denominator", "comment"),
        *values.values_list("confirmed", "not_applicable", "source"),
        *expenses.values_list("sheet_report_id", "account_id", "amount", "comment"),
        *resources.values_list("sheet_report_id", "account_id", "funder", "amount"),
        *SheetFile.objects.current().filter(sheet_report__report=report).order_by("pk").values_list("pk"),
    ]
    return repr(rows)


def _fiche(part: QuerySet[SheetReport]) -> list[Any]:
    values = Value.objects.filter(sheet_report__in=part).order_by("indicator_id")
    columns = ("number", "text", "numerator", "denominator", "comment", "confirmed", "not_applicable", "source")
    expenses = ActualExpense.objects.filter(sheet_report__in=part).order_by("account_id")
    resources = ActualResource.objects.filter(sheet_report__in=part).order_by("account_id", "funder")
    return [
        *part.order_by().values_list("pk", *SHEET_FIELDS),
        *values.values_list("indicator_id", *columns),
        *expenses.values_list("account_id", "amount", "comment"),
        *resources.values_list("account_id", "funder", "amount"),
        *SheetFile.objects.current().filter(sheet_report__in=part).order_by("pk").values_list("pk"),
    ]


def _figures(report: Report) -> list[Any]:
    """Every figure of the fiches of a report: what a limited reopening leaves closed."""
    values = Value.objects.filter(sheet_report__report=report).order_by("sheet_report_id", "indicator_id")
    return [
        *SheetReport.objects.filter(report=report).order_by("pk").values_list("pk", "fte_used"),
        *values.values_list("sheet_report_id", "indicator_id", "number", "text", "numerator", "denominator"),
        *values.values_list("not_applicable"),
        *ActualExpense.objects.filter(report=report).order_by("pk").values_list("pk", "amount"),
        *ActualResource.objects.filter(report=report).order_by("pk").values_list("pk", "amount"),
    ]


def _texts(part: SheetReport) -> list[Any]:
    """All that a fiche's part holds but its amounts: what an accountant does not write."""
    values = Value.objects.filter(sheet_report=part).order_by("indicator_id")
    return [
        *SheetReport.objects.filter(pk=part.pk).values_list(*SHEET_FIELDS),
        *values.values_list("indicator_id", "number", "text", "numerator", "denominator", "comment", "confirmed"),
        *values.values_list("not_applicable", "source"),
    ]


def save_sheet(
    part: SheetReport,
    *,
    fields: Mapping[str, Any],
    values: Sequence[ValueInput],
    expenses: Sequence[AmountInput],
    resources: Sequence[AmountInput] = (),
    by: User,
    expected_revision: int | None,
) -> SheetReport:
    """Write one fiche's part: text, indicator values, realised charges and resources."""
    report = part.report
    path = may.sheet_path(part.sheet.key)
    with writing(report, path, by=by, expected_revision=expected_revision, element=f"la fiche {part.sheet.code}") as (
        locked,
        actor,
    ):
        figures = _figures(locked) if locked.figures_closed else []
        texts = [] if may.writes_texts(actor) else _texts(part)
        SheetReport.objects.filter(pk=part.pk).update(**{name: fields[name] for name in SHEET_FIELDS if name in fields})
        own = set(part.sheet.indicators.values_list("pk", flat=True))
        stored = {row.indicator_id: row for row in Value.objects.filter(sheet_report=part)}
        for value in values:
            if value.indicator_id not in own:
                raise ValueError("indicator of another fiche")
            _save_value(part, value, stored.get(value.indicator_id))
        for expense in expenses:
            _save_expense(locked, part, expense)
        _check_funders(locked, resources)
        for resource in resources:
            _save_resource(locked, part, resource)
        if locked.figures_closed and _figures(locked) != figures:
            raise PermissionDenied(may.FIGURES_CLOSED)
        if not may.writes_texts(actor) and _texts(part) != texts:
            raise PermissionDenied(may.AMOUNTS_ONLY)
    part.refresh_from_db()
    return part


def _save_value(part: SheetReport, entry: ValueInput, stored: Value | None) -> None:
    """Write what was typed, unless it is what is stored."""
    if words := value_fault(entry):
        raise ValidationError(words)
    if entry.blank:
        Value.objects.filter(sheet_report=part, indicator_id=entry.indicator_id).delete()
        return
    number = entry.number
    if entry.numerator is not None:
        number = ratio(entry, part.sheet.indicators.get(pk=entry.indicator_id).unit)
    facts = {
        "number": number,
        "text": entry.text,
        "numerator": entry.numerator,
        "denominator": entry.denominator,
        "comment": entry.comment,
        "confirmed": number if entry.confirmed else None,
        "not_applicable": entry.not_applicable,
        "source": entry.source,
    }
    if stored is None or any(getattr(stored, name) != fact for name, fact in facts.items()):
        Value.objects.update_or_create(sheet_report=part, indicator_id=entry.indicator_id, defaults=facts)


def _save_expense(report: Report, part: SheetReport | None, entry: AmountInput) -> None:
    key: dict[str, Any] = {"report": report, "sheet_report": part, "account_id": entry.account_id}
    if entry.amount is None:
        ActualExpense.objects.filter(**key).delete()
        return
    ActualExpense.objects.update_or_create(**key, defaults={"amount": entry.amount, "comment": entry.comment})


def _save_resource(report: Report, part: SheetReport | None, entry: AmountInput) -> None:
    key: dict[str, Any] = {
        "report": report,
        "sheet_report": part,
        "account_id": entry.account_id,
        "funder": entry.funder,
    }
    if entry.amount is None:
        ActualResource.objects.filter(**key).delete()
        return
    ActualResource.objects.update_or_create(**key, defaults={"amount": entry.amount})


def _check_funders(report: Report, entries: Sequence[AmountInput]) -> None:
    """Refuse the State under another name; a line of the plan, or stored before, keeps its funder."""
    if not entries:
        return
    programme = report.act.programme
    known = {
        *programme.resources.values_list("account_id", "funder"),
        *report.resources.values_list("account_id", "funder"),
    }
    new = [one for one in entries if one.amount is not None and (one.account_id, one.funder) not in known]
    accounts = Account.objects.in_bulk([one.account_id for one in new])
    for one in new:
        if words := funder_fault(accounts[one.account_id], one.funder, state_funders(programme)):
            raise ValidationError(words)


def save_general(
    report: Report,
    *,
    fields: Mapping[str, str],
    network: Mapping[str, int | None] | None = None,
    by: User,
    expected_revision: int | None,
) -> Report:
    """Write the yearly text and the figures of the network, by measure (None: not filled in; the others stay)."""
    with writing(report, may.GENERAL, by=by, expected_revision=expected_revision, element="la synthèse") as (locked, _):
        before = _network(locked)
        _save_network(locked, network or {})
        if locked.figures_closed and _network(locked) != before:
            raise PermissionDenied(may.FIGURES_CLOSED)
        for name in GENERAL_FIELDS:
            if name in fields:
                setattr(locked, name, fields[name])
        locked.save(update_fields=[name for name in GENERAL_FIELDS if name in fields])
    report.refresh_from_db()
    return report


def _network(report: Report) -> list[Any]:
    return list(NetworkFigure.objects.filter(report=report).order_by("measure").values_list("measure", "number"))


def _save_network(report: Report, network: Mapping[str, int | None]) -> None:
    for measure, number in network.items():
        if number is None:
            NetworkFigure.objects.filter(report=report, measure=measure).delete()
        else:
            NetworkFigure.objects.update_or_create(report=report, measure=measure, defaults={"number": number})


def save_finance(
    report: Report,
    *,
    comment: str,
    expenses: Sequence[AmountInput],
    resources: Sequence[AmountInput],
    allocation_keys: str | None = None,
    surplus_use: str | None = None,
    by: User,
    expected_revision: int | None,
) -> Report:
    """Write the resources received, the costs outside the fiches, and the texts of the annex (None: as they are)."""
    with writing(
        report, may.FINANCE, by=by, expected_revision=expected_revision, element="le compte rendu financier"
    ) as (locked, _):
        for expense in expenses:
            _save_expense(locked, None, expense)
        _check_funders(locked, resources)
        for resource in resources:
            _save_resource(locked, None, resource)
        texts = dict(zip(FINANCE_FIELDS, (comment, allocation_keys, surplus_use), strict=True))
        for name, text in texts.items():
            if text is not None:
                setattr(locked, name, text)
        locked.save(update_fields=[name for name, text in texts.items() if text is not None])
    report.refresh_from_db()
    return report
