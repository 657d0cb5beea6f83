"""Who types, sends and reads the landing forecast of a year."""

from collections.abc import Iterable

from arml.enums import Role
from arml.permissions import lead_officer
from cpo.lib.actor import Actor, reads_negotiation
from cpo.lib.enums import Side
from reporting.models import Forecast

from .reports import association, writes_texts


def reads_forecasts(actors: Iterable[Actor]) -> bool:
    """Both sides and the DGEFP; observers read none."""
    return reads_negotiation(actors)


def reads_forecast(actors: Iterable[Actor], forecast: Forecast | None) -> bool:
    """Until it is sent, the forecast is the association's draft."""
    asked = list(actors)
    sent = forecast is not None and forecast.is_sent
    return (sent and reads_forecasts(asked)) or any(actor.side == Side.BENEFICIARY for actor in asked)


def types_forecast(actor: Actor) -> bool:
    """Types its amounts: direction, presidency and accountant. The first two write its texts and send it."""
    return association(actor) and (writes_texts(actor) or actor.role == Role.ACCOUNTANT)


def sends_forecast(actor: Actor) -> bool:
    return association(actor) and writes_texts(actor)


def returns_forecast(actor: Actor) -> bool:
    """Asks for a correction of what was sent."""
    return lead_officer(actor)
