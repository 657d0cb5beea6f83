"""A report's workbook through the forms of its parts: their rules, each error at its cell, what would change.

The rules of a page and of a workbook are the same, since the same form says them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from actions.services import funder_fault
from actions.spreadsheet.cells import Fault
from actions.spreadsheet.differences import EMPTY, Difference, words
from cpo.lib.forms.base import DsfrForm
from reporting import permissions as may
from reporting.models import Report, SheetReport
from reporting.spreadsheet.reading import SKIP, Cells, PartRows, Question, ReportReading, Typed

from .amounts import row_name
from .base import PartForm
from .parts import FinanceForm, GeneralForm, network_name
from .sheets import SheetForm

FINANCE_TEXTS = {"comment": "financial_comment", "allocation_keys": "allocation_keys", "surplus_use": "surplus_use"}

NO_RATE = "Cet indicateur n’est pas un taux\u00a0: effacez cette cellule."
OF_A_RATE = "Le réalisé d’un taux se calcule de ses deux termes\u00a0: effacez cette cellule."


@dataclass
class Changes:
    """A part that the workbook changes: its bound form, and its differences in words."""

    path: str
    label: str
    form: Any
    differences: list[Difference]
    part: SheetReport | None = None


@dataclass
class Plan:
    """What an import would write. `unusual`: figures out of proportion, which the person confirms."""

    faults: list[Fault] = field(default_factory=list)
    changes: list[Changes] = field(default_factory=list)
    unusual: list[str] = field(default_factory=list)


def plan(report: Report, reading: ReportReading, user: Any, *, confirmed: bool = False) -> Plan:
    """What the workbook would change in the report, for this person; `confirmed`: the unusual figures are exact."""
    result = Plan(faults=list(reading.faults))
    if result.faults:
        return result
    for change, cells in _forms(report, reading):
        if confirmed:
            _confirm(change.form)
        actor = may.writer(user, report, change.path)
        _check(change, cells, result)
        change.differences = list(_differences(change.form))
        if change.path == may.GENERAL:
            _closed(change, cells, amounts_only=False, figures_closed=report.figures_closed)
        if change.part is not None and actor is not None:
            _closed(change, cells, amounts_only=not may.writes_texts(actor), figures_closed=report.figures_closed)
        if not change.differences:
            continue
        result.changes.append(change)
        if actor is None:
            _at_first_cell(cells, may.why_not(user, report, change.path))
    result.faults = list(reading.faults)
    return result


def _forms(report: Report, reading: ReportReading) -> Iterator[tuple[Changes, dict[str, Typed]]]:
    """The form of each part that the workbook holds, filled in from it, with the cell of each field."""
    parts = report.sheets.select_related("sheet__axis").filter(pk__in=list(reading.parts))
    for part in parts:
        part.report = report
        rows = reading.parts[part.pk]
        accounts = [reading.accounts[pk] for pk in rows.expenses]
        cells = _sheet_cells(rows)
        options = {"part": part, "revision": report.revision, "more": accounts}
        form = SheetForm(_posted(SheetForm(**options), cells), **options)
        yield Changes(may.sheet_path(part.sheet.key), f"{part.sheet.code} {part.sheet.title}", form, [], part), cells
    texts = {name: reading.texts[name] for name in ("highlights", "governance") if name in reading.texts}
    texts |= {network_name(measure): cell for measure, cell in reading.network.items()}
    general: dict[str, Any] = {"report": report, "revision": report.revision}
    form = GeneralForm(_posted(GeneralForm(**general), texts), **general)
    yield Changes(may.GENERAL, "Synthèse de l’année", form, []), texts
    yield _finance(report, reading)


def _finance(report: Report, reading: ReportReading) -> tuple[Changes, dict[str, Typed]]:
    more = [(reading.accounts[pk], "") for pk in reading.structure]
    more += [(reading.accounts[pk], funder) for pk, funder in reading.resources]
    options: dict[str, Any] = {"report": report, "revision": report.revision, "more": more}
    empty = FinanceForm(**options)
    _check_funders(report, reading)
    cells = {name: reading.texts[stored] for name, stored in FINANCE_TEXTS.items() if stored in reading.texts}
    for line in empty.structure:
        cells |= _amount_cells(row_name("structure", line), reading.structure.get(line.account_id))
    for line in empty.received:
        cells |= _amount_cells(row_name("produit", line), reading.resources.get((line.account_id, line.funder)))
    return Changes(may.FINANCE, "Compte rendu financier", FinanceForm(_posted(empty, cells), **options), []), cells


def _check_funders(report: Report, reading: ReportReading) -> None:
    """The rule of the page for a line that is added to the table, at the cell of its funder."""
    form = FinanceForm(report=report, revision=report.revision)
    known = {(line.account_id, line.funder) for line in form.received}
    for (account, funder), cells in reading.resources.items():
        if (account, funder) not in known and cells["amount"].text:
            words = funder_fault(reading.accounts[account], funder, form.resources.of_state)
            if words:
                cells["amount"].row.fault("funder", words)


def _sheet_cells(rows: PartRows) -> dict[str, Typed]:
    cells = dict(rows.fields)
    for indicator, typed in rows.values.items():
        name = f"v{indicator}"
        cells |= {
            name: typed["value"],
            f"{name}-num": typed["numerator"],
            f"{name}-den": typed["denominator"],
            f"{name}-na": typed["not_applicable"],
            f"{name}-source": typed["source"],
            f"{name}-comment": typed["comment"],
        }
    for account, typed in rows.expenses.items():
        cells |= _amount_cells(f"charge-{account}", typed)
    return cells


def _amount_cells(name: str, typed: Cells | None) -> dict[str, Typed]:
    if typed is None:
        return {}
    return {name: typed["amount"]} | ({f"{name}-comment": typed["comment"]} if "comment" in typed else {})


def _posted(form: PartForm, cells: Mapping[str, Typed]) -> QueryDict:
    """What a browser would post: the stored values, and those of the workbook in their place."""
    data = QueryDict(mutable=True)
    for name, one in form.fields.items():
        if name in cells:
            text = cells[name].text
        elif isinstance(one, forms.MultipleChoiceField):
            continue
        else:
            value = form[name].value()
            text = ("on" if value else "") if isinstance(one, forms.BooleanField) else _text(value)
        if text or not isinstance(one, forms.BooleanField):
            data[name] = text
    return data


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _confirm(form: Any) -> None:
    """Tick each question about a figure out of proportion."""
    form.is_valid()
    for name, one in form.fields.items():
        if name.endswith("-confirm") and form.errors.get(name):
            form.data[name] = "on"
        elif isinstance(one, forms.MultipleChoiceField):
            form.data.setlist(name, [value for value, _ in one.choices])
    form._errors = None


def _check(change: Changes, cells: Mapping[str, Typed], result: Plan) -> None:
    """Bring each error of the form to its cell; a figure to confirm is asked about."""
    for name, messages in change.form.errors.items():
        if name == "confirm":
            result.unusual += [str(label) for _, label in change.form.fields[name].choices]
        elif name.endswith("-confirm"):
            result.unusual.append(f"{change.label} : {messages[0]}")
        elif name in cells:
            cells[name].fault(messages[0])
        else:
            # « Taux »: a ratio has no cell « Réalisé », nor a number a « Numérateur ».
            _at_first_cell(cells, f"{change.label} : {messages[0]}")
    for name, cell in cells.items():  # nothing that was typed is left out in silence
        if cell.text and name not in change.form.fields and change.form.initial.get(name) is None:
            cell.fault(NO_RATE if name.endswith(("-num", "-den")) else OF_A_RATE)


def _at_first_cell(cells: Mapping[str, Typed], message: str) -> None:
    cell = next(iter(cells.values()), None)
    if cell is not None:
        cell.fault(message)


def _differences(form: Any) -> Iterator[Difference]:
    for name, one in form.fields.items():
        if name in ("revision", "confirm") or name.endswith("-confirm") or "-extra-" in name:
            continue
        before, after = form.initial.get(name), form.cleaned_data.get(name)
        if _plain(before) != _plain(after):
            yield Difference(str(one.label), _words(before), _words(after))


def _plain(value: Any) -> Any:
    """Blank is one thing, however a form says it; zero is another."""
    return None if value is None or value == "" or value is False else value


def _words(value: Any) -> str:
    if isinstance(value, bool):
        return ("non", "oui")[value]
    return words(value) or EMPTY


def _closed(change: Changes, cells: Mapping[str, Typed], *, amounts_only: bool, figures_closed: bool) -> None:
    """Refuse at its cell what this person, or a report open again for its texts, does not write."""
    form = change.form
    form.amounts_only = amounts_only
    for name, cell in cells.items():
        if name in form.fields and form.is_closed(name) and not _same(form, name, cell.text):
            cell.fault(may.FIGURES_CLOSED if figures_closed else may.AMOUNTS_ONLY)


def _same(form: Any, name: str, text: str) -> bool:
    """Whether a cell says what is stored."""
    try:
        return _plain(form.fields[name].to_python(text)) == _plain(form.initial.get(name))
    except ValidationError:
        return False


class SheetMatchForm(DsfrForm):
    """What each row without key is: a fiche of the report that no other row is, or none. Its fields are the cells."""

    mark_optional = False

    def __init__(self, *args: Any, questions: Sequence[Question], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for question in questions:
            choices = [("", "Choisir"), (SKIP, "Aucune : ne pas lire cette ligne")]
            choices += [(str(one.sheet.key), f"La fiche {one.sheet}") for one in question.choices]
            self.fields[question.cell] = forms.ChoiceField(
                label=f"{question.cell} : « {question.code} {question.title} » est…",
                choices=choices,
                initial=question.answer,
                error_messages={"required": "Dites ce qu’est cette ligne."},
            )
