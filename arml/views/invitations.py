"""The page of an invitation link. Opening it changes nothing: a form accepts the invitation."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from arml import services
from arml.forms import AcceptForm
from arml.models import Invitation, User
from arml.services.invitations import why_closed
from cpo.lib.workflow import Refused

UNKNOWN = (
    "Ce lien d’invitation n’existe pas, ou a été remplacé par un lien plus récent. Vérifiez vos derniers messages."
)


@sensitive_post_parameters()
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def accept(request: HttpRequest, token: str) -> HttpResponse:
    invitation = services.find_invitation(token)
    if invitation is None:
        return _closed_page(request, UNKNOWN, status=404)
    if reason := why_closed(invitation):
        return _closed_page(request, reason, invitation)
    account = User.objects.filter(email=invitation.email).first()
    signed_in = request.user if request.user.is_authenticated else None
    context = {"invitation": invitation, "account": account, "mine": bool(account and account == signed_in)}
    if signed_in and not context["mine"]:
        return render(request, "arml/invitation_other_account.html", context, status=200)
    if account and not signed_in:
        return render(request, "arml/invitation_sign_in.html", context | {"next": request.path})
    return _form(request, token, context)


def _form(request: HttpRequest, token: str, context: dict[str, object]) -> HttpResponse:
    """Confirm when the account exists and is signed in, else choose a first password."""
    invitation: Invitation = context["invitation"]
    stranger = User(email=invitation.email, first_name=invitation.first_name, last_name=invitation.last_name)
    form = None
    if not context["mine"]:
        form = AcceptForm(stranger, request.POST if request.method == "POST" else None)
    if request.method == "POST" and (form is None or form.is_valid()):
        password = form.cleaned_data["new_password1"] if form else ""
        try:
            user, membership = services.accept(token=token, user=None if form else request.user, password=password)
        except Refused as refused:
            return _closed_page(request, refused.message, invitation)
        if form:
            login(request, user, backend="arml.auth.EmailBackend")
        messages.success(request, f"Bienvenue. Votre rôle dans « {membership.organisation} » est actif.")
        return redirect(resolve_url(settings.LOGIN_REDIRECT_URL))
    return render(request, "arml/invitation_accept.html", context | {"form": form})


def _closed_page(
    request: HttpRequest, reason: str, invitation: Invitation | None = None, status: int = 410
) -> HttpResponse:
    return render(request, "arml/invitation_closed.html", {"reason": reason, "invitation": invitation}, status=status)
