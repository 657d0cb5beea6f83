"""Long work as rows with a lease. The broker only wakes the worker; beat restarts jobs with an expired lease."""

from django.db import models

from cpo.lib.enums import JobState


class Job(models.Model):
    kind = models.CharField("nature", max_length=60)
    key = models.CharField("objet", max_length=120)
    state = models.CharField("état", max_length=20, choices=JobState, default=JobState.WAITING)
    arguments = models.JSONField(default=dict)
    result = models.JSONField(default=dict)
    error = models.TextField("erreur", blank=True)
    done_steps = models.PositiveIntegerField(default=0)
    total_steps = models.PositiveIntegerField(default=0)
    attempts = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    retry_at = models.DateTimeField(null=True, blank=True)  # after a failure: not tried again before
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "travail"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                name="one_open_job_per_object",
                fields=["kind", "key"],
                condition=models.Q(state__in=[JobState.WAITING, JobState.RUNNING]),
            )
        ]
        indexes = [models.Index(fields=["state", "lease_until"])]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"

    @property
    def under_way(self) -> bool:
        """Whether a worker has it or will take it at once."""
        return self.state == JobState.RUNNING or (self.state == JobState.WAITING and self.retry_at is None)

    @property
    def stopped(self) -> bool:
        """Whether it failed: given up, or to be tried again later."""
        return self.state == JobState.FAILED or (self.state == JobState.WAITING and self.retry_at is not None)

    @property
    def percent(self) -> int:
        """Progress in whole percent, for the progress bar."""
        if self.state == JobState.DONE:
            return 100
        return min(99, self.done_steps * 100 // self.total_steps) if self.total_steps else 0
