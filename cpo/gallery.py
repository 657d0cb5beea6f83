"""Sample data of the gallery page: fictitious, and never read from the database."""

from typing import Any

from django.http import HttpRequest


def context(request: HttpRequest) -> dict[str, Any]:
    return {}
