"""The landing forecast: what the association expects to have spent and received on 31 December, told in autumn."""

import pgtrigger
from django.db import models
from django.db.models import Q

from actions.models import Account
from arml.models import Dossier, User, within_scope
from conventions.models import Act, Convention
from reporting.enums import ForecastState


class ForecastQuerySet(models.QuerySet["Forecast"]):
    def visible_to(self, user: User) -> "ForecastQuerySet":
        """Both sides and the DGEFP; what is not sent yet is the association's alone (pages)."""
        return within_scope(self, user, "convention__dossier", observed=None)


class Forecast(models.Model):
    """`act`: the text in force when it was opened, whose budget it is compared with."""

    convention = models.ForeignKey(Convention, on_delete=models.PROTECT, related_name="forecasts")
    year = models.PositiveIntegerField("année")
    act = models.ForeignKey(Act, on_delete=models.PROTECT, related_name="+")
    state = models.CharField("état", max_length=12, choices=ForecastState, default=ForecastState.DRAFT)
    state_since = models.DateTimeField("dans cet état depuis")
    comment = models.TextField("ce qui explique l’atterrissage", blank=True)
    measures = models.TextField("ce qui est fait d’ici au 31 décembre", blank=True)
    revision = models.PositiveIntegerField(default=0)
    sent_on = models.DateField("envoyée le", null=True, blank=True)
    sent_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    objects = ForecastQuerySet.as_manager()

    class Meta:
        verbose_name = "prévision au 31 décembre"
        verbose_name_plural = "prévisions au 31 décembre"
        ordering = ["-year"]
        constraints = [
            models.UniqueConstraint(name="one_forecast_per_year", fields=["convention", "year"]),
            models.CheckConstraint(
                name="sent_forecast_says_by_whom",
                condition=Q(state="draft", sent_on=None, sent_by=None)
                | Q(state="sent", sent_on__isnull=False, sent_by__isnull=False),
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="sent_forecast_keeps_its_text",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "OLD.state = 'sent' AND NEW.state = 'sent' AND to_jsonb(OLD) IS DISTINCT FROM to_jsonb(NEW)"
                ),
            )
        ]

    def __str__(self) -> str:
        return f"Prévision au 31 décembre {self.year}"

    @property
    def dossier(self) -> Dossier:
        return self.convention.dossier

    @property
    def is_sent(self) -> bool:
        return self.state == ForecastState.SENT


class ForecastLine(models.Model):
    """The amount expected on 31 December of an account, and of a funder for a resource. No row means not filled in."""

    forecast = models.ForeignKey(Forecast, on_delete=models.CASCADE, related_name="lines")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    funder = models.CharField("financeur", max_length=120, blank=True)
    amount = models.DecimalField("attendu au 31 décembre", max_digits=14, decimal_places=2)
    comment = models.CharField("explication de l’écart", max_length=250, blank=True)

    class Meta:
        verbose_name = "ligne de la prévision"
        verbose_name_plural = "lignes de la prévision"
        ordering = ["account__rank", "funder"]
        constraints = [
            models.UniqueConstraint(name="one_forecast_line_per_account", fields=["forecast", "account", "funder"]),
            models.CheckConstraint(name="forecast_line_is_not_negative", condition=Q(amount__gte=0)),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="line_of_sent_forecast_never_changes",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                declare=[("target", "RECORD")],
                func="""
                    IF TG_OP = 'DELETE' THEN target := OLD; ELSE target := NEW; END IF;
                    IF EXISTS (SELECT 1 FROM reporting_forecast f
                               WHERE f.id = target.forecast_id AND f.state = 'sent') THEN
                        RAISE EXCEPTION 'a sent forecast never changes' USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN target;
                """,
            )
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.amount}"
