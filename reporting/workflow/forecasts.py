"""THE transition table of a landing forecast: typed by the association, sent, or sent back to be corrected."""

from typing import Any

from arml.permissions import capacities as dossier_capacities
from cpo.lib.actor import Actor
from cpo.lib.workflow import Transition, Workflow
from reporting import permissions as may
from reporting.effects import forecasts as effects
from reporting.enums import ForecastState as State
from reporting.guards import forecasts as guards
from reporting.models import Forecast


def lock(forecast: Forecast) -> Forecast:
    related = ("convention__dossier__lead", "convention__dossier__beneficiary", "convention__cycle", "act__programme")
    return Forecast.objects.select_for_update(of=("self",)).select_related(*related).get(pk=forecast.pk)


def capacities(user: Any, forecast: Forecast) -> list[Actor]:
    return dossier_capacities(user, forecast.dossier)


FORECAST = Workflow(
    [
        Transition(
            name="send",
            label="Envoyer la prévision",
            sources=frozenset({State.DRAFT}),
            target=State.SENT,
            who=may.sends_forecast,
            guards=(guards.in_its_year, guards.amounts_given, guards.gaps_explained),
            effect=effects.send,
            sentence=lambda forecast, actor, data: f"{actor.name} envoie la prévision au 31 décembre {forecast.year}.",
            consequence="Le service la lit, en est informé par courriel, et la compare plus tard au compte rendu. Elle "
            "ne se modifie plus, sauf s’il demande une correction.",
            rank=10,
        ),
        Transition(
            name="send_back",
            label="Demander une correction",
            sources=frozenset({State.SENT}),
            target=State.DRAFT,
            who=may.returns_forecast,
            when=lambda forecast, actor: not guards.over(forecast),
            not_now=lambda forecast, actor: guards.over(forecast),
            effect=effects.send_back,
            sentence=lambda forecast, actor, data: (
                f"{actor.name} demande de corriger la prévision au 31 décembre {forecast.year}."
            ),
            comment="required",
            comment_label="Ce qui est à corriger, lu par l’association",
            consequence="L’association la reprend, la corrige et l’envoie de nouveau. D’ici là, vous ne la lisez plus.",
            dangerous=True,
            rank=50,
        ),
    ],
    root=lambda forecast: forecast.dossier,
    capacities=capacities,
    lock=lock,
)


def apply(name: str, forecast: Forecast, *, by: Any, comment: str = "") -> Forecast:
    """Do a transition of a forecast; see cpo.lib.workflow.Workflow.apply."""
    return FORECAST.apply(name, forecast, by=by, comment=comment)  # type: ignore[no-any-return]
