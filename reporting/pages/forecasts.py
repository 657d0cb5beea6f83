"""The landing forecast of a year as a person reads it, and what they may do."""

from functools import cached_property

from arml.models import User
from arml.permissions import capacities
from conventions.later.term import covered_years
from conventions.models import Convention
from cpo.lib import clock
from cpo.lib.actor import Actor
from cpo.lib.workflow import Option
from reporting import figures
from reporting import permissions as may
from reporting.content import forecasts as content
from reporting.models import Forecast
from reporting.services import forecasts as services
from reporting.workflow.forecasts import FORECAST


class ForecastPage:
    """`forecast`: stored, or to begin; with its convention and dossier."""

    def __init__(self, forecast: Forecast, user: User) -> None:
        self.forecast, self.user = forecast, user
        self.actors: list[Actor] = capacities(user, forecast.dossier)

    @property
    def reads(self) -> bool:
        return may.reads_forecast(self.actors, self.forecast)

    @property
    def closed(self) -> str:
        return services.closed(self.forecast)

    @property
    def may_type(self) -> bool:
        return not self.closed and services.typist(self.user, self.forecast) is not None

    @cached_property
    def charges(self) -> figures.Sum:
        return figures.Sum(content.charges(self.forecast))

    @cached_property
    def resources(self) -> figures.Sum:
        return figures.Sum(content.resources(self.forecast))

    @cached_property
    def outcomes(self) -> list[tuple[str, str, list[content.Outcome]]]:
        """What became of it, once the report of the year is sent: id and caption of a table, its rows."""
        found = content.outcomes(self.forecast) if self.forecast.is_sent else None
        names = (("t-charges-realisees", "Charges"), ("t-produits-realises", "Produits"))
        return [(key, label, rows) for (key, label), rows in zip(names, found, strict=True)] if found else []

    @cached_property
    def options(self) -> list[Option]:
        return FORECAST.available(self.forecast, self.user) if self.forecast.pk else []


def present_year(number: str, user: User) -> int | None:
    """The year whose forecast the tab of the reports leads to; None for who reads none, and before the signature."""
    rows = Convention.objects.visible_to(user).filter(number=number).select_related("dossier", "cycle")
    convention = rows.prefetch_related("acts").first()
    if convention is None or not convention.act.is_active:
        return None
    today = clock.today(convention.dossier.time_zone)
    covered = today.year in covered_years(convention, today)
    return today.year if covered and may.reads_forecasts(capacities(user, convention.dossier)) else None
