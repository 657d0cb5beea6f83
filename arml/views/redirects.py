"""The page that follows a sign-in, or a button that stands on many pages."""

from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.http import HttpRequest
from django.shortcuts import resolve_url
from django.utils.http import url_has_allowed_host_and_scheme


def safe_next(request: HttpRequest) -> str:
    """Return the address asked for after the sign-in when it belongs to this site, else ""."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    allowed = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    # a path or a full address: `redirect` would take anything else for the name of a route
    return target if allowed and target.startswith(("/", "http://", "https://")) else ""


def after_sign_in(request: HttpRequest) -> str:
    return safe_next(request) or resolve_url(settings.LOGIN_REDIRECT_URL)


def came_from(request: HttpRequest) -> str:
    """Return the address, in this site, of the page that posted; "" when the browser does not tell it."""
    try:
        address = urlsplit(request.headers.get("Referer", ""))
    except ValueError:  # « http://[ »
        return ""
    own = address.netloc == request.get_host() and address.path.startswith("/") and not address.path.startswith("//")
    return urlunsplit(("", "", address.path, address.query, "")) if own else ""
