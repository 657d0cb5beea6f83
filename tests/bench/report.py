"""Measure the report of a year with 60 fiches: opened, a fiche read and saved, « où en est-on ».

The report is that of the director, who writes it: nothing is frozen yet, so that every page reads the tables.
"""

import itertools
from argparse import Namespace
from collections.abc import Callable
from functools import partial
from typing import Any

from django.urls import reverse

from reporting.enums import ReportState
from reporting.forms.sheets import SheetForm
from reporting.models import Report, SheetReport

from . import big, data, pages
from .measure import Visitor, compare


def measure(table: Any, options: Namespace) -> None:
    act = big.make("active", pages.FICHES)
    written = Report.objects.filter(convention=act.convention_id)
    written.update(state=ReportState.IN_PROGRESS, submitted_at=None, submitted_by=None)
    data.settle()
    visitor, floor = Visitor(pages.director(act)), reverse("floor")
    for name, url in pages.report(act):
        queries = len(visitor.queries(url))
        ratio = compare(partial(visitor.get, floor), partial(visitor.get, url), times=options.times)
        table.row(f"{pages.REPORT}, {name}", ratio.value, pages.YEAR_FLOORS, ratio.candidate_ms, count=queries)
    save = saver(visitor, written.get(), dict(pages.report(act))["une fiche"])
    ratio = compare(partial(visitor.get, floor), save, times=options.times)
    table.row(f"{pages.REPORT}, enregistrer une fiche", ratio.value, pages.SAVED_FLOORS, ratio.candidate_ms)


def saver(visitor: Visitor, report: Report, url: str) -> Callable[[], object]:
    """Post the form of a fiche, each time with another text, at the revision that the last one left."""
    part = SheetReport.objects.select_related("sheet", "report__act").get(report=report, sheet__key=url.split("/")[-2])
    form = SheetForm(part=part, revision=report.revision)
    values = {name: form[name].value() for name in form.fields}
    posted = {name: str(value) for name, value in values.items() if value not in (None, "", False)}
    turns = itertools.count()

    def save() -> None:
        turn = next(turns)
        changed = {"narrative": f"Ce qui a été fait, tour {turn}.", "revision": str(report.revision + turn)}
        answer = visitor.client.post(url, posted | changed)
        if answer.status_code != 302:
            raise RuntimeError(f"{url} : réponse {answer.status_code}")

    return save
