"""What follows each transition of a forecast, in its transaction."""

from typing import Any

from cpo.lib import clock
from cpo.lib.actor import Actor
from reporting import notifications
from reporting.models import Forecast

Data = dict[str, Any]


def send(forecast: Forecast, actor: Actor, data: Data) -> None:
    forecast.state_since, forecast.sent_by = clock.now(), actor.user
    forecast.sent_on = clock.today(forecast.dossier.time_zone)
    notifications.forecast_sent(forecast, actor)


def send_back(forecast: Forecast, actor: Actor, data: Data) -> None:
    forecast.state_since = clock.now()
    forecast.sent_by = forecast.sent_on = None
    notifications.forecast_sent_back(forecast, actor, data["comment"])
