"""The grids: national versions, as data; the answers of an officer about a report, a control, the final evaluation."""

import pgtrigger
from django.db import models
from django.db.models import Q

from arml.models import User
from reporting.enums import GridMoment

from .controls import Control
from .evaluation import Evaluation
from .reports import Report


class GridVersion(models.Model):
    """A version of the grid of a moment. Once published it never changes: a new one is written.

    `text`: see `reporting.content.grids`. `shown`: the association reads the answers, once the report is admissible.
    """

    moment = models.CharField("moment", max_length=12, choices=GridMoment)
    number = models.PositiveSmallIntegerField("version")
    text = models.TextField("questions")
    shown = models.BooleanField("montrée à l’association", default=False)
    published_on = models.DateField("publiée le", null=True, blank=True)
    revision = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = "version d’une grille"
        verbose_name_plural = "versions des grilles"
        ordering = ["moment", "-number"]
        constraints = [
            models.UniqueConstraint(name="grid_version_is_unique", fields=["moment", "number"]),
            models.UniqueConstraint(
                name="one_grid_draft_per_moment", fields=["moment"], condition=Q(published_on=None)
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="published_grid_never_changes",
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Q(old__published_on__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_moment_display()}, version {self.number}"


class FilledGrid(models.Model):
    """The answers about one sending of a report, a control, or the final evaluation. Locked, they never change.

    `answers`: {"q1": {"value": "oui", "note": ""}}. `round`: the sending; 0 for a control or an evaluation.
    """

    report = models.ForeignKey(Report, null=True, blank=True, on_delete=models.PROTECT, related_name="grids")
    control = models.OneToOneField(Control, null=True, blank=True, on_delete=models.PROTECT, related_name="grid")
    evaluation = models.ForeignKey(Evaluation, null=True, blank=True, on_delete=models.PROTECT, related_name="grids")
    round = models.PositiveSmallIntegerField("envoi n°", default=0)
    version = models.ForeignKey(GridVersion, on_delete=models.PROTECT, related_name="filled")
    moment = models.CharField("moment", max_length=12, choices=GridMoment)
    answers = models.JSONField("réponses", default=dict)
    revision = models.PositiveIntegerField(default=0)
    filled_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    filled_at = models.DateTimeField("remplie le")
    locked_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    locked_at = models.DateTimeField("verrouillée le", null=True, blank=True)

    class Meta:
        verbose_name = "grille remplie"
        verbose_name_plural = "grilles remplies"
        ordering = ["-round", "moment"]
        constraints = [
            models.UniqueConstraint(name="one_grid_per_sending", fields=["report", "round", "moment"]),
            models.UniqueConstraint(name="one_grid_per_evaluation", fields=["evaluation"]),
            models.CheckConstraint(
                name="grid_is_about_one_thing",
                condition=Q(report__isnull=False, control=None, evaluation=None)
                | Q(report=None, control__isnull=False, evaluation=None, round=0)
                | Q(report=None, control=None, evaluation__isnull=False, round=0),
            ),
            models.CheckConstraint(
                name="locked_grid_has_its_author",
                condition=Q(locked_by=None, locked_at=None) | Q(locked_by__isnull=False, locked_at__isnull=False),
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="locked_grid_never_changes",
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Q(old__locked_at__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.report or self.control or self.evaluation}, {self.get_moment_display()}"
