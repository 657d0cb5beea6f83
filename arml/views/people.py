"""People of an organisation: invite, change and end roles, give a mandate.

Who may not see the people of the organisation gets a 404; who may see them but not do the action, a 403.
"""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from arml import permissions, services
from arml.forms import InvitationForm, MandateForm, RoleEndForm, RoleForm
from arml.forms.people import role_initial
from arml.models import Membership, Organisation
from arml.services.invitations import capacity_to_give
from cpo.lib.workflow import Refused

from .organisations import FORM, get_organisation, trail


def _visible_organisation(request: HttpRequest, key: str) -> Organisation:
    organisation = get_organisation(key)
    if not permissions.may_see_people(request.user, organisation):
        raise Http404
    return organisation


def _membership(request: HttpRequest, key: str, pk: int) -> Membership:
    organisation = _visible_organisation(request, key)
    return get_object_or_404(
        Membership.objects.select_related("organisation", "user"), pk=pk, organisation=organisation
    )


def _page(request: HttpRequest, organisation: Organisation, form: Any, title: str, **context: Any) -> HttpResponse:
    template = context.pop("template", "arml/form_page.html")
    base = {"organisation": organisation, "form": form, "title": title, "breadcrumb": trail(organisation, title)}
    return render(request, template, base | {"nav_section": "organisation-list"} | context)


@require_http_methods(FORM)
def invite(request: HttpRequest, key: str) -> HttpResponse:
    organisation = _visible_organisation(request, key)
    roles = permissions.roles_to_give(request.user, organisation)
    if not roles:
        raise PermissionDenied(f"Vous ne pouvez pas inviter dans « {organisation} ». Une personne responsable le peut.")
    form = InvitationForm(request.POST if request.method == "POST" else None, roles=roles)
    if request.method == "POST" and form.is_valid():
        data = dict(form.cleaned_data)
        try:
            invitation, _ = services.invite(
                organisation=organisation, role_until=data.pop("valid_until"), by=request.user, **data
            )
        except Refused as refused:
            form.add_error(None, refused.message)
        else:
            messages.success(request, f"L’invitation est partie à {invitation.email}. Le lien expire dans 14 jours.")
            return redirect("organisation-detail", key=key)
    intro = f"La personne reçoit un lien personnel, valable 14 jours, pour rejoindre « {organisation} »."
    return _page(request, organisation, form, "Inviter une personne", intro=intro, submit="Envoyer l’invitation")


@require_POST
def resend(request: HttpRequest, key: str, pk: int) -> HttpResponse:
    message = "Un nouveau lien est parti à {email}. L’ancien ne marche plus."
    return _on_invitation(request, key, pk, services.resend, message)


@require_POST
def withdraw(request: HttpRequest, key: str, pk: int) -> HttpResponse:
    return _on_invitation(request, key, pk, services.withdraw, "L’invitation de {email} est retirée.")


def _on_invitation(request: HttpRequest, key: str, pk: int, act: Callable[..., Any], message: str) -> HttpResponse:
    invitation = get_object_or_404(_visible_organisation(request, key).invitations, pk=pk)
    try:
        act(invitation=invitation, by=request.user)
    except Refused as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, message.format(email=invitation.email))
    return redirect("organisation-detail", key=key)


@require_http_methods(FORM)
def change_role(request: HttpRequest, key: str, pk: int) -> HttpResponse:
    membership = _membership(request, key, pk)
    organisation = membership.organisation
    capacity_to_give(request.user, organisation, membership.role)
    form = RoleForm(
        request.POST if request.method == "POST" else None,
        roles=permissions.roles_to_give(request.user, organisation),
        initial=role_initial(membership),
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.change_role(membership=membership, by=request.user, **form.cleaned_data)
        except Refused as refused:
            form.add_error(None, refused.message)
        else:
            messages.success(request, f"Le rôle de {membership.user} est modifié.")
            return redirect("organisation-detail", key=key)
    intro = "Un nouveau rôle remplace l’ancien à partir d’aujourd’hui ; l’historique garde les deux."
    title = f"Modifier le rôle de {membership.user}"
    return _page(request, organisation, form, title, intro=intro, submit="Enregistrer le rôle")


@require_http_methods(FORM)
def end_role(request: HttpRequest, key: str, pk: int) -> HttpResponse:
    membership = _membership(request, key, pk)
    organisation = membership.organisation
    capacity_to_give(request.user, organisation, membership.role)
    dossiers = list(services.followed_dossiers(membership))
    form = RoleEndForm(
        request.POST if request.method == "POST" else None,
        dossiers=dossiers,
        successors=services.successors(membership),
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            services.end_role(
                membership=membership, until=data.get("until"), successor=data.get("successor"), by=request.user
            )
        except Refused as refused:
            form.add_error(None, refused.message)
        else:
            messages.success(request, f"La fin du rôle de {membership.user} est enregistrée.")
            return redirect("organisation-detail", key=key)
    context = {"membership": membership, "dossiers": dossiers, "template": "arml/role_end.html"}
    return _page(request, organisation, form, f"Mettre fin au rôle de {membership.user}", **context)


@require_http_methods(FORM)
def mandate(request: HttpRequest, key: str, pk: int) -> HttpResponse:
    membership = _membership(request, key, pk)
    if permissions.mandator(request.user, membership.organisation) is None:
        raise PermissionDenied(
            "Seule la présidence de l’association peut donner mandat pour envoyer les comptes rendus."
        )
    initial = {"mandated_on": membership.mandated_on, "mandate_until": membership.mandate_until}
    form = MandateForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            services.set_mandate(membership=membership, by=request.user, **form.cleaned_data)
        except Refused as refused:
            form.add_error(None, refused.message)
        else:
            messages.success(request, f"Le mandat de {membership.user} est enregistré.")
            return redirect("organisation-detail", key=key)
    intro = "Avec ce mandat, la direction peut envoyer le compte rendu annuel à votre place, entre les dates indiquées."
    title = f"Mandat de {membership.user}"
    return _page(request, membership.organisation, form, title, intro=intro, submit="Enregistrer le mandat")
