"""Template context of every page: the name of the service and the kind of deployment."""

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, object]:
    return {"SITE_NAME": settings.SITE_NAME, "DEMO": settings.DEMO, "STATE_DEPLOYMENT": settings.STATE_DEPLOYMENT}
