"""The e-mails of a landing forecast: sent, to be corrected."""

from collections.abc import Iterable
from typing import Any

from django.urls import reverse

from arml.enums import Role
from arml.models import User
from conventions.notifications.common import one_line, people
from cpo.lib import journal
from cpo.lib.actor import Actor
from cpo.lib.enums import Side
from cpo.lib.mail.emails import absolute, write
from reporting.models import Forecast


def _write(forecast: Forecast, key: str, recipients: Iterable[User], actor: Actor, **context: Any) -> None:
    dossier, number = forecast.dossier, forecast.convention.number
    values = {
        "numero_convention": number,
        "arml_nom": dossier.beneficiary.in_sentence,
        "arml_nom_court": str(dossier.beneficiary),
        "annee": forecast.year,
        "lien": absolute(reverse("convention-forecast", kwargs={"number": number, "year": forecast.year})),
        "auteur_nom": actor.name,
        **context,
    }
    write(key, recipients, values, root=journal.key(dossier))


def forecast_sent(forecast: Forecast, actor: Actor) -> None:
    recipients = people(forecast.act, Side.STATE, (Role.OFFICER, Role.MANAGER))
    _write(forecast, "prevision_envoyee", recipients, actor)


def forecast_sent_back(forecast: Forecast, actor: Actor, reason: str) -> None:
    recipients = people(forecast.act, Side.BENEFICIARY, (Role.DIRECTOR, Role.PRESIDENT, Role.ACCOUNTANT))
    _write(forecast, "prevision_a_corriger", recipients, actor, motif=one_line(reason))
