"""What must hold before a forecast is sent: each line that is planned has its amount, each wide gap its reason."""

from collections.abc import Iterator

from django.urls import reverse

from cpo.lib import clock
from cpo.lib.workflow import Missing
from reporting import figures
from reporting.content import forecasts as content
from reporting.models import Forecast


def address(forecast: Forecast, route: str = "convention-forecast", fragment: str = "", **kwargs: object) -> str:
    page = reverse(route, kwargs={"number": forecast.convention.number, "year": forecast.year, **kwargs})
    return f"{page}#{fragment}" if fragment else page


def over(forecast: Forecast) -> str:
    """Why the year can't be forecast any more, in French; "" while it runs."""
    today = clock.today(forecast.dossier.time_zone)
    if today.year == forecast.year:
        return ""
    if today.year < forecast.year:
        return f"L’année {forecast.year} n’a pas commencé : sa prévision se saisit en cours d’année."
    return f"L’année {forecast.year} est finie : le compte rendu en dit le réalisé."


def in_its_year(forecast: Forecast) -> Iterator[Missing]:
    if reason := over(forecast):
        yield Missing(reason, address(forecast))


def amounts_given(forecast: Forecast) -> Iterator[Missing]:
    """Blank is not zero: what is planned has its amount, 0 where nothing will come."""
    for name, rows in (("charge", content.charges(forecast)), ("produit", content.resources(forecast))):
        blank = [line.label for line in rows if line.forecast and line.actual is None]
        if blank:
            what = f"Montant attendu ({', '.join(blank)})"
            yield Missing(what, address(forecast, "forecast-edit", f"t-{name}s"))


def gaps_explained(forecast: Forecast) -> Iterator[Missing]:
    """A charge that is further from its budget than the threshold of the cycle says why."""
    threshold = figures.thresholds(forecast).gap
    for line in content.charges(forecast):
        if figures.unexplained(line, threshold):
            words = f"Compte {line.account.code} : explication de l’écart de plus de {threshold}\u00a0%"
            yield Missing(words, address(forecast, "forecast-edit", f"id_charge-{line.account_id}-comment"))
