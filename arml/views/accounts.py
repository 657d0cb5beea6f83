"""Sign in and out, lost password, own account. Sign-in and password pages are open to anybody, as static pages are."""

import datetime as dt
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout, update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import PasswordResetConfirmView
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from arml import services
from arml.auth import closed_for_this_machine
from arml.forms import (
    AddressForm,
    LoginForm,
    NameForm,
    NewPasswordForm,
    PasswordChangeForm,
    PreferencesForm,
    ResetForm,
)
from arml.permissions import follows_deadlines
from cpo.lib.wording import french
from cpo.lib.work.ceilings import Reached
from cpo.lib.work.throttle import client_address
from cpo.lib.workflow import Refused

from .demo import demo_accounts
from .redirects import after_sign_in, safe_next

FORM = ["GET", "HEAD", "POST"]


@sensitive_post_parameters("password")
@login_not_required
@require_http_methods(FORM)
@never_cache
def login_page(request: HttpRequest) -> HttpResponse:
    target = safe_next(request)
    if request.user.is_authenticated and not settings.DEMO:
        return redirect(after_sign_in(request))
    if request.method == "POST" and (closed := closed_for_this_machine(request)):
        return closed
    form = LoginForm(request, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        login(request, form.get_user())
        return redirect(after_sign_in(request))
    context = {"form": form, "next": target, "demo_groups": demo_accounts() if settings.DEMO else []}
    return render(
        request, "arml/login.html", context | {"DEMO_PASSWORD": settings.DEMO_PASSWORD if settings.DEMO else ""}
    )


@require_POST
def logout_now(request: HttpRequest) -> HttpResponse:
    logout(request)
    messages.info(request, "Vous êtes déconnecté·e.")
    return redirect("login")


@login_not_required
@require_http_methods(FORM)
def password_reset(request: HttpRequest) -> HttpResponse:
    """Answer the same whether the address has an account or not."""
    form = ResetForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            services.request_reset(email=form.cleaned_data["email"], machine=client_address(request))
        except Reached as reached:
            at = french.time(reached.until + dt.timedelta(minutes=1))
            form.add_error(None, f"Trop de demandes sont parties de votre réseau. Réessayez à partir de {at}.")
            return render(request, "arml/password_reset.html", {"form": form}, status=429)
        return redirect("password-reset-done")
    return render(request, "arml/password_reset.html", {"form": form})


@login_not_required
@require_safe
def password_reset_done(request: HttpRequest) -> HttpResponse:
    return render(request, "arml/password_reset_done.html", {"minutes": settings.PASSWORD_RESET_TIMEOUT // 60})


@method_decorator(login_not_required, name="dispatch")
class PasswordResetConfirm(PasswordResetConfirmView):
    """Django moves the token from the address to the session before it shows the form."""

    form_class = NewPasswordForm
    template_name = "arml/password_reset_confirm.html"
    success_url = reverse_lazy("login")

    def get_user(self, uidb64: str) -> Any:
        user = super().get_user(uidb64)
        return user if user and user.is_active and not user.is_demo else None

    def form_valid(self, form: NewPasswordForm) -> HttpResponse:
        response = super().form_valid(form)
        messages.success(self.request, "Votre mot de passe est changé. Connectez-vous avec le nouveau.")
        return response


@require_safe
def account(request: HttpRequest) -> HttpResponse:
    roles = request.user.memberships.select_related("organisation").order_by("-valid_from", "id")
    in_force = {membership.pk for membership in request.user.roles}
    context = {
        "roles": [membership for membership in roles if membership.pk in in_force],
        "former": [membership for membership in roles if membership.pk not in in_force],
        "follows_deadlines": follows_deadlines(request.user),
        "breadcrumb": [{"label": "Accueil", "url": "/"}, {"label": "Mon compte"}],
    }
    return render(request, "arml/account.html", context)


@sensitive_post_parameters()
@require_http_methods(FORM)
def password_change(request: HttpRequest) -> HttpResponse:
    if request.user.is_demo:
        raise PermissionDenied("Les comptes de démonstration partagent un mot de passe, qui ne se change pas.")
    form = PasswordChangeForm(request.user, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        update_session_auth_hash(request, form.save())
        messages.success(request, "Votre mot de passe est changé. Vos autres sessions sont fermées.")
        return redirect("account")
    return render(request, "arml/password_change.html", {"form": form, "breadcrumb": _trail("Changer de mot de passe")})


@require_http_methods(FORM)
def name_change(request: HttpRequest) -> HttpResponse:
    _refuse_demo(request)
    user = request.user
    initial = {"first_name": user.first_name, "last_name": user.last_name}
    form = NameForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        services.change_name(user=user, **form.cleaned_data)
        messages.success(request, "Votre nom est enregistré.")
        return redirect("account")
    return _own_page(request, form, "Changer de nom", "Enregistrer le nom")


@sensitive_post_parameters("password")
@require_http_methods(FORM)
def address_change(request: HttpRequest) -> HttpResponse:
    """Send a link to the new address. The answer does not tell whether it is that of another account."""
    _refuse_demo(request)
    form = AddressForm(request.user, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        email = form.cleaned_data["email"]
        services.request_address(user=request.user, email=email)
        messages.success(
            request,
            f"Si {email} n’est pas déjà l’adresse d’un compte, un lien vient d’y partir. "
            "Votre adresse changera quand vous l’aurez ouvert.",
        )
        return redirect("account")
    return _own_page(request, form, "Changer d’adresse", "Envoyer le lien de confirmation")


@require_http_methods(FORM)
@never_cache
def address_confirm(request: HttpRequest, token: str) -> HttpResponse:
    """The page that the link opens: reading it changes nothing, the button does."""
    try:
        email = services.requested_address(request.user, token)
        if request.method == "POST":
            services.confirm_address(user=request.user, text=token)
            messages.success(request, f"L’adresse de votre compte est désormais {email}. L’ancienne est prévenue.")
            return redirect("account")
    except Refused as refused:
        context = {"reason": refused.message, "breadcrumb": _trail("Changer d’adresse")}
        return render(request, "arml/address_closed.html", context, status=404)
    context = {"email": email, "breadcrumb": _trail("Changer d’adresse")}
    return render(request, "arml/address_confirm.html", context)


def _refuse_demo(request: HttpRequest) -> None:
    if request.user.is_demo:
        raise PermissionDenied(services.identity.DEMO)


def _own_page(request: HttpRequest, form: Any, title: str, submit: str) -> HttpResponse:
    context = {"form": form, "title": title, "submit": submit, "breadcrumb": _trail(title)}
    return render(request, "arml/own_form.html", context)


@require_http_methods(FORM)
def preferences(request: HttpRequest) -> HttpResponse:
    current = "weekly" if request.user.weekly_digest else "immediate"
    form = PreferencesForm(request.POST if request.method == "POST" else None, initial={"rhythm": current})
    if request.method == "POST" and form.is_valid():
        services.set_preferences(user=request.user, weekly_digest=form.cleaned_data["rhythm"] == "weekly")
        messages.success(request, "Votre choix est enregistré.")
        return redirect("preferences")
    return render(request, "arml/preferences.html", {"form": form, "breadcrumb": _trail("Mes messages")})


def _trail(label: str) -> list[dict[str, Any]]:
    account_page = {"label": "Mon compte", "url": reverse_lazy("account")}
    return [{"label": "Accueil", "url": "/"}, account_page, {"label": label}]
