"""Drafts of forms that are not saved yet, and visits of open pages: private or temporary facts, never content."""

from django.conf import settings
from django.db import models


class FormDraft(models.Model):
    """The text that somebody typed in one form of one page. `raw`: pairs [name, value] as the browser sends them."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="form_drafts")
    path = models.CharField(max_length=300)
    form = models.CharField(max_length=60)
    title = models.CharField("page", max_length=200)
    raw = models.JSONField()
    updated_at = models.DateTimeField("dernière saisie")

    class Meta:
        verbose_name = "saisie non enregistrée"
        verbose_name_plural = "saisies non enregistrées"
        ordering = ["-updated_at"]
        constraints = [
            models.UniqueConstraint(fields=["user", "path", "form"], name="one_draft_per_person_and_form"),
        ]
        indexes = [models.Index(fields=["updated_at"])]

    def __str__(self) -> str:
        return self.title


class PageVisit(models.Model):
    """A person who has an editable page open; the browser renews it every half minute."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    path = models.CharField(max_length=300)
    seen_at = models.DateTimeField()

    class Meta:
        verbose_name = "page ouverte"
        verbose_name_plural = "pages ouvertes"
        constraints = [models.UniqueConstraint(fields=["path", "user"], name="one_visit_per_person_and_page")]

    def __str__(self) -> str:
        return f"{self.user}, {self.path}"
