"""Whatever is sent, sent back, reopened or signed late, in any order: each sending is read again byte for byte."""

import contextlib
import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from actions.enums import STATE_ACCOUNT
from conventions.models import Act
from cpo.lib.files.hashing import content_hash
from cpo.lib.money import total
from cpo.lib.workflow import Refused
from reporting import permissions as may
from reporting import workflow
from reporting.content import standing
from reporting.models import Report, ReportVersion
from reporting.services import late_acts, reports
from tests.factories.reporting import account, amended, answer, fill, make_active, make_report, person, sheet_input

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
DEEDS = ("rewrite", "send", "send_back", "admit", "reopen", "late_act", "take_over")
deeds = st.lists(st.tuples(st.sampled_from(DEEDS), st.sampled_from([2025, 2026]), st.integers(1, 9)), max_size=12)


def paths(report: Report) -> list[tuple[str, str]]:
    return [(may.sheet_path(part.sheet.key), str(part.sheet)) for part in report.sheets.all()]


def play(act: Act, name: str, report: Report, rank: int) -> None:
    manager, director = person(report, "manager"), person(report, "director")
    if name == "rewrite":
        part = report.sheets.first()
        cents = Decimal(f"{rank * 10_000}.{rank * 7:02d}")  # shares of it are never whole
        amounts = [reports.AmountInput(account("64").pk, cents, comment="Écart.")]
        reports.save_sheet(part, **sheet_input(part) | {"expenses": amounts}, by=director, expected_revision=None)
        received = [reports.AmountInput(account(STATE_ACCOUNT).pk, cents, "État")]
        text = {"comment": "Un écart.", "expenses": [], "resources": received}
        reports.save_finance(Report.objects.get(pk=report.pk), **text, by=director, expected_revision=None)
    elif name == "send":
        if report.is_to_complete:
            answer(report)
        workflow.apply("submit", report, by=person(report, "president"))
    elif name == "send_back":
        requests = [(path, label, "Précisez.") for path, label in paths(report)]
        workflow.apply("send_back", report, by=person(report, "officer"), data={"requests": requests})
    elif name == "admit":
        workflow.apply("declare_admissible", report, by=manager)
    elif name == "reopen":
        data = {"scope": "full", "parts": paths(report)}
        workflow.apply("reopen", report, by=manager, comment="Une erreur.", data=data)
    elif name == "late_act" and act.convention.acts.count() == 1:
        amended(act, on=dt.date(2025, 11, 1), drop="2-A")
    elif name == "take_over":
        late_acts.take_over(report, by=director)


def spent(content: dict[str, Any]) -> Decimal:
    return total(Decimal(line["actual"]) for sheet in content["sheets"] for line in sheet["expenses"] if line["actual"])


def adds_up(content: dict[str, Any]) -> None:
    """The five cuts say one total, to the cent, and each row what its columns say."""
    tables = standing.read(content["standing"])
    charges = [tables[cut] for cut in standing.CHARGES]
    assert {table.whole.now for table in charges} == {spent(content)}
    for column in ("budget", "before", "now", "total", "remainder"):
        assert len({getattr(table.whole, column) for table in charges}) == 1, column
    state = [row for row in tables["funder"].rows if row.key.startswith(STATE_ACCOUNT)]
    for column in ("before", "now"):
        received = total(getattr(row, column) for row in state)
        assert (getattr(tables["line"].whole, column) or 0) == received, "the lines share all of it, cents included"
    for table in tables.values():
        for row in (*table.rows, table.whole):
            assert (row.total or 0) == (row.before or 0) + (row.now or 0)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(deeds)
def test_each_sending_stays_and_its_declared_before_is_what_it_cites(deeds: list[tuple[str, int, int]]) -> None:
    with transaction.atomic():
        act = make_active(sheets=2, funded=True)
        for year in (2025, 2026):
            fill(make_report(act, year=year))
        kept: dict[int, tuple[str, Any]] = {}
        for name, year, rank in [("send", 2025, 1), ("send", 2026, 1), *deeds]:
            report = Report.objects.get(year=year)
            with contextlib.suppress(Refused, PermissionDenied), transaction.atomic():
                play(act, name, report, rank)
            for version in ReportVersion.objects.all():
                kept.setdefault(version.pk, (version.content_sha256, version.content))
                assert kept[version.pk] == (content_hash(version.content), version.content), name
        for version in ReportVersion.objects.all():
            adds_up(version.content)
        for version in ReportVersion.objects.filter(report__year=2026):
            (base,) = version.content["bases"]
            cited = ReportVersion.objects.get(report__year=2025, number=base["sending"])
            assert cited.content_sha256 == base["sha256"]
            tables = standing.read(version.content["standing"])
            assert {tables[cut].whole.before for cut in standing.CHARGES} == {spent(cited.content)}
        transaction.set_rollback(True)
