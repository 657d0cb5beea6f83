"""Context of every page: names of the service and what the deployment shows."""

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, object]:
    return {"SITE_NAME": settings.SITE_NAME, "DEMO": settings.DEMO, "STATE_DEPLOYMENT": settings.STATE_DEPLOYMENT}
