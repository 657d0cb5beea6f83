"""Local accounts: e-mail and password, throttled by django-axes; the demo password works in demo mode alone."""

import datetime as dt
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.crypto import constant_time_compare

from cpo.lib import clock
from cpo.lib.work.ceilings import Ceiling, Reached
from cpo.lib.work.throttle import client_address

from .models import User

# Accounts that one machine may miss before it waits: a whole service may share one machine towards us.
MISSED_ACCOUNTS = Ceiling("sign_in_from", most=20, period=dt.timedelta(minutes=15))


class EmailBackend(ModelBackend):
    """Sign in with the e-mail address, whatever its case."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> User | None:
        email = (username or kwargs.get("email") or "").strip().lower()
        if not email or password is None:
            return None
        return super().authenticate(request, username=email, password=password)

    def user_can_authenticate(self, user: Any) -> bool:
        """Demo accounts are closed outside demo mode, their open sessions included."""
        return super().user_can_authenticate(user) and (settings.DEMO or not user.is_demo)

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        return False

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        return False


class DemoBackend(EmailBackend):
    """Demo accounts share one password, which works in demo mode only."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> User | None:
        if not settings.DEMO or password is None or not constant_time_compare(password, settings.DEMO_PASSWORD):
            return None
        email = (username or "").strip().lower()
        return User.objects.filter(email=email, is_demo=True, is_active=True).first()


def client_ip(request: HttpRequest) -> str | None:
    """Return the address from which failures are counted: the client's, not that of the proxy."""
    return client_address(request) or None


def count_failure(request: HttpRequest | None, email: str) -> None:
    """Count an account that this machine could not open; one account counts once, however often it is tried."""
    if request is not None:
        with suppress(Reached):
            MISSED_ACCOUNTS.spend(client_address(request), about=email)


def closed_for_this_machine(request: HttpRequest) -> HttpResponse | None:
    """Return the page that says until when this machine can't sign in, after it missed many accounts."""
    try:
        MISSED_ACCOUNTS.check(client_address(request))
    except Reached as reached:
        wait = max(1, int((reached.until - clock.now()).total_seconds()))
        context = {"retry_at": reached.until + dt.timedelta(minutes=1), "many": True}
        response = render(request, "arml/locked_out.html", context, status=429)
        response["Retry-After"] = str(wait)
        return response
    return None


def client_username(request: HttpRequest, credentials: Any = None) -> str:
    """Return the name under which failures are counted: the address in lower case, one counter whatever the case."""
    username = (credentials or {}).get("username") or request.POST.get("username") or ""
    return str(username).strip().lower()


def locked_out(request: HttpRequest, credentials: Any = None, *args: Any, **kwargs: Any) -> HttpResponse:
    """Answer after too many wrong passwords from one address for one account. The account may not exist."""
    wait = dt.timedelta(hours=settings.AXES_COOLOFF_TIME)
    context = {"minutes": int(wait.total_seconds() // 60), "retry_at": clock.now() + wait + dt.timedelta(minutes=1)}
    response = render(request, "arml/locked_out.html", context, status=429)
    response["Retry-After"] = str(int(wait.total_seconds()))
    return response
