"""Answers to the questions of `conventions` about deadlines."""

from typing import Any

from django.db.models import F, QuerySet

from conventions.pages.listing import late_conventions

from .models import Deadline


@late_conventions.answer
def with_a_late_deadline() -> QuerySet[Any, Any]:
    return Deadline.objects.pending().with_local_day().filter(due_on__lt=F("local_day")).values("convention")
