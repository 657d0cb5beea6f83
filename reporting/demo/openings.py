"""A year without report and reports opened before their campaign, each with its reason; one is being written."""

import datetime as dt
from decimal import Decimal

from conventions.models import Act
from cpo.lib import clock
from cpo.lib.money import to_cents
from reporting.enums import Opening, Progress
from reporting.models import Report
from reporting.services.openings import decide
from reporting.services.reports import AmountInput, save_sheet

from .story import Story, at

DAY = dt.date(2026, 11, 5)
YEAR = 2026
WRITTEN = ("arml-bretagne",)
DECISIONS = {
    "arml-bretagne": (
        Opening.EARLY,
        "Le solde 2026 se prépare avant la clôture des comptes, à la demande des parties.",
    ),
    "arml-nouvelle-aquitaine": (Opening.SKIPPED, "Les actions de 2026 sont reportées d’un an, par accord des parties."),
    "arml-ocean-indien": (
        Opening.EARLY,
        "La direction part en décembre\u00a0: elle rend compte de ce qu’elle a mené.",
    ),
}


def tell_openings(story: Story, act: Act) -> None:
    if story.arml.key not in DECISIONS:
        return
    choice, reason = DECISIONS[story.arml.key]
    with clock.set_to(at(DAY, 10)):
        report = decide(convention=act.convention, year=YEAR, choice=choice, reason=reason, by=story.user("manager"))
    if report is not None and story.arml.key in WRITTEN:
        with clock.set_to(at(DAY + dt.timedelta(days=4), 15)):
            _begin(story, report)


def _begin(story: Story, report: Report) -> None:
    """The director tells the first half of the fiches, with three quarters of what was forecast."""
    parts = list(report.sheets.select_related("sheet", "report__convention__dossier"))
    for part in parts[: len(parts) // 2]:
        planned = part.sheet.expenses.cash().filter(year=YEAR)
        save_sheet(
            part,
            fields={
                "progress": Progress.IN_PROGRESS,
                "narrative": "Les sessions prévues jusqu’en octobre sont tenues. Le dernier trimestre reste à dire.",
            },
            values=[],
            expenses=[AmountInput(row.account_id, to_cents(row.amount * Decimal("0.75"))) for row in planned],
            resources=[],
            by=story.user("director"),
            expected_revision=None,
        )
