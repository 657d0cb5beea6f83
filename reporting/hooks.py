"""Answers to the questions of `conventions` about deadlines."""

from typing import Any

from django.db.models import QuerySet

from conventions.pages.listing import late_conventions

from .models import Deadline


@late_conventions.answer
def with_a_late_deadline() -> QuerySet[Any, Any]:
    return Deadline.objects.late().values("convention")
