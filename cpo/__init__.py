"""The project package: settings, addresses, schedule, no business rules. Celery tasks find their application here."""

from .celery import app as celery_app

__all__ = ["celery_app"]
