"""Type the landing forecast of a year: amounts by account, the reason of each wide gap, two texts."""

from collections.abc import Mapping, Sequence

from django.core.exceptions import PermissionDenied
from django.db import transaction

from arml.models import User
from arml.permissions import capacities
from conventions.enums import ConventionState
from conventions.later.term import covered_years, text_on
from conventions.models import Convention
from cpo.lib import clock, journal
from cpo.lib.actor import Actor
from cpo.lib.editing.lock import check_revision, set_changed
from cpo.lib.enums import Audience
from cpo.lib.workflow import Refused
from reporting import permissions as may
from reporting.guards.forecasts import over
from reporting.models import Forecast, ForecastLine
from reporting.services.reports import AmountInput

TEXTS = ("comment", "measures")
NOT_YOURS = "La prévision est saisie par l’association : ses montants par la comptabilité, ses textes par la direction."
SENT = "Cette prévision est envoyée : elle se modifie si le service de l’État demande une correction."
NOT_RUNNING = "La convention n’est pas en exécution : aucune prévision ne s’y saisit."


def forecast_of(convention: Convention, year: int) -> Forecast | None:
    """The forecast of a year, stored or to begin; None for a year that the convention does not cover."""
    today = clock.today(convention.dossier.time_zone)
    if year not in covered_years(convention, today):
        return None
    row = Forecast.objects.filter(convention=convention, year=year).select_related("act__programme", "sent_by").first()
    row = row or Forecast(convention=convention, year=year, act=text_on(convention, today))
    row.convention = convention
    return row


def typist(user: User, forecast: Forecast) -> Actor | None:
    """The capacity in which the person types it, whatever its state; the one that writes its texts first."""
    actors = [one for one in capacities(user, forecast.dossier) if may.types_forecast(one)]
    return next((one for one in actors if may.sends_forecast(one)), actors[0] if actors else None)


def closed(forecast: Forecast) -> str:
    """Why it can't be typed now, in French; "" when it can."""
    if forecast.convention.state != ConventionState.ACTIVE:
        return NOT_RUNNING
    return SENT if forecast.is_sent else over(forecast)


@transaction.atomic
def save(
    convention: Convention,
    year: int,
    *,
    lines: Sequence[AmountInput],
    texts: Mapping[str, str],
    by: User,
    expected_revision: int | None,
) -> Forecast:
    """Write the forecast; nothing where nothing differs. A text of who types amounts only is left as it is.

    Raises PermissionDenied, Refused, StaleRevision.
    """
    locked = Convention.objects.select_for_update().select_related("dossier", "cycle").get(pk=convention.pk)
    row = forecast_of(locked, year)
    if row is None:
        raise Refused(NOT_RUNNING)
    actor = typist(by, row)
    if actor is None:
        raise PermissionDenied(NOT_YOURS)
    if reason := closed(row):
        raise Refused(reason)
    check_revision(row, expected_revision)
    rewritten = may.sends_forecast(actor) and set_changed(row, texts, TEXTS)
    written = _changed(row, lines)
    if not rewritten and not written:
        return row
    row.act = text_on(locked, clock.today(locked.dossier.time_zone))
    row.state_since = row.state_since or clock.now()
    row.revision += 1
    row.save()
    _store(row, written)
    sentence = f"{actor.name} saisit la prévision au 31 décembre {year}."
    audience = Audience.BENEFICIARY
    journal.record(row, root=row.dossier, by=actor, verb="forecast_written", sentence=sentence, audience=audience)
    return row


def _changed(row: Forecast, lines: Sequence[AmountInput]) -> list[AmountInput]:
    stored = {(one.account_id, one.funder): one for one in row.lines.all()} if row.pk else {}

    def same(line: AmountInput) -> bool:
        kept = stored.get((line.account_id, line.funder))
        now = (line.amount, line.comment.strip()) if line.amount is not None else None
        return now == ((kept.amount, kept.comment) if kept else None)

    return [line for line in lines if not same(line)]


def _store(row: Forecast, lines: Sequence[AmountInput]) -> None:
    for line in lines:
        kept = row.lines.filter(account=line.account_id, funder=line.funder)
        if line.amount is None:
            kept.delete()
            continue
        one = kept.first() or ForecastLine(forecast=row, account_id=line.account_id, funder=line.funder)
        one.amount, one.comment = line.amount, line.comment.strip()
        one.save()
