"""A year without report and a report opened before its campaign, each with its reason."""

import datetime as dt

from conventions.models import Act
from cpo.lib import clock
from reporting.enums import Opening
from reporting.services.openings import decide

from .story import Story, at

DAY = dt.date(2026, 11, 5)
YEAR = 2026
DECISIONS = {
    "arml-nouvelle-aquitaine": (Opening.SKIPPED, "Les actions de 2026 sont reportées d’un an, par accord des parties."),
    "arml-ocean-indien": (
        Opening.EARLY,
        "La direction part en décembre\u00a0: elle rend compte de ce qu’elle a mené.",
    ),
}


def tell_openings(story: Story, act: Act) -> None:
    if story.arml.key in DECISIONS:
        choice, reason = DECISIONS[story.arml.key]
        with clock.set_to(at(DAY, 10)):
            decide(convention=act.convention, year=YEAR, choice=choice, reason=reason, by=story.user("manager"))
