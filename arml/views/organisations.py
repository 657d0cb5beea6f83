"""Organisations: the list, the page of each, its facts and its delegations of signature."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Case, Prefetch, Q, When
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render, resolve_url
from django.views.decorators.http import require_http_methods, require_safe

from arml import permissions, services
from arml.enums import OrganisationKind, Role
from arml.forms import DelegationForm, OrganisationFilterForm, OrganisationForm
from arml.models import Delegation, Membership, MissionLocaleCount, Organisation, Territory, label_words
from arml.notifications import InvitationMail
from cpo.lib import clock, journal, zones
from cpo.lib.clock import PARIS
from cpo.lib.editing import conflicts
from cpo.lib.enums import MailState
from cpo.lib.files.exports import Column, csv_response
from cpo.lib.mail.emails import last_delivery, unsent_to
from cpo.lib.models import JournalEntry
from cpo.lib.wording import french
from cpo.lib.wording.searching import found

FORM = ["GET", "HEAD", "POST"]


def trail(organisation: Organisation | None = None, label: str = "") -> list[dict[str, Any]]:
    items = [{"label": "Accueil", "url": "/"}, {"label": "Organisations", "url": resolve_url("organisation-list")}]
    if organisation:
        items.append(
            {"label": organisation.short_name, "url": resolve_url("organisation-detail", key=organisation.key)}
        )
    return [*items, {"label": label}] if label else items


def get_organisation(key: str) -> Organisation:
    organisations = Organisation.objects.prefetch_related("territories", "served_territories")
    organisation: Organisation = get_object_or_404(organisations, key=key)
    zones.set_page(organisation)
    return organisation


COLUMNS = [
    Column("Nom", "short_name"),
    Column("Dénomination", "name"),
    Column("Nature", lambda organisation: organisation.get_kind_display()),
    Column(
        "Territoires", lambda organisation: ", ".join(str(territory) for territory in organisation.covered_territories)
    ),
    Column("Ville", "city"),
    Column("SIRET", "siret"),
    Column("Numéro RNA", "rna"),
]


@require_safe
def organisation_list(request: HttpRequest) -> HttpResponseBase:
    form = OrganisationFilterForm(request.GET)
    filters = form.values()
    mine = {membership.organisation_id for membership in request.user.roles}
    organisations = Organisation.objects.prefetch_related("territories", "served_territories")
    organisations = organisations.annotate(other=Case(When(pk__in=mine, then=0), default=1)).order_by(
        "other", "sort_name", "id"
    )
    organisations = found(organisations, ("name", "short_name", "city"), filters.get("q", ""))
    if kind := filters.get("nature"):
        organisations = organisations.filter(kind=kind)
    if territory := filters.get("territoire"):
        organisations = organisations.filter(Q(territories=territory) | Q(served_territories=territory)).distinct()
    if request.GET.get("format") == "csv":
        return csv_response("organisations.csv", COLUMNS, organisations)
    context = {
        "form": form,
        "page_obj": Paginator(organisations, 25).get_page(request.GET.get("page")),
        "filtered": bool(filters),
        "mine": mine,
        "breadcrumb": [{"label": "Accueil", "url": "/"}, {"label": "Organisations"}],
    }
    return render(request, "arml/organisation_list.html", context)


@require_safe
def detail(request: HttpRequest, key: str) -> HttpResponse:
    organisation = get_organisation(key)
    user = request.user
    concerned = permissions.may_see_people(user, organisation)
    context: dict[str, Any] = {
        "organisation": organisation,
        "breadcrumb": [*trail(), {"label": organisation.short_name}],
        "facts": facts(organisation),
        "concerned": concerned,
        "may_edit": permissions.editor(user, organisation),
        "with_life": permissions.reads_association(user, organisation)
        or permissions.observes_association(user, organisation),
    }
    if concerned:
        context |= _people(request, organisation) | {"bank": bank(organisation)}
        context["history"] = journal_of(organisation)
        if organisation.is_state:
            context["delegations"] = _delegations(organisation)
            context["may_delegate"] = permissions.delegator(user, organisation)
    return render(request, "arml/organisation_detail.html", context)


def _people(request: HttpRequest, organisation: Organisation) -> dict[str, Any]:
    """List the people with a current or future role, the pending invitations, and what the reader may do with each."""
    user = request.user
    to_give = set(permissions.roles_to_give(user, organisation))
    mandator = permissions.mandator(user, organisation)
    today = clock.today(PARIS)
    live = organisation.memberships.filter(Q(valid_until__isnull=True) | Q(valid_until__gte=today))
    invitations = organisation.invitations.filter(accepted_at=None, withdrawn_at=None).select_related("invited_by")
    live = live.annotate(delivery=last_delivery("user")).select_related("user")
    memberships = sorted(live.order_by("user__last_name", "id"), key=_rank)
    unsent = unsent_to(InvitationMail.template, root=journal.key(organisation))
    return {
        "people": [
            {
                "membership": membership,
                "manageable": membership.role in to_give,
                "mandatable": bool(mandator and membership.role == Role.DIRECTOR),
                "mandated": membership.mandated(today),
                "failed": membership.delivery == MailState.FAILED,
                "to_come": membership.valid_from > today,
            }
            for membership in memberships
        ],
        "invitations": [
            {"invitation": one, "manageable": one.role in to_give, "failed": one.email in unsent} for one in invitations
        ],
        "may_invite": bool(to_give),
    }


def _delegations(organisation: Organisation) -> list[dict[str, Any]]:
    today = clock.today(organisation.time_zone)
    return [{"delegation": row, "out_of_force": row.out_of_force(today)} for row in organisation.delegations.all()]


def journal_of(organisation: Organisation) -> list[JournalEntry]:
    return list(JournalEntry.objects.filter(root=journal.key(organisation)).order_by("-at", "-id")[:10])


def facts(organisation: Organisation) -> list[tuple[str, str]]:
    """Return the facts that everybody may read, as (term, value), in the order of the page."""
    names = [territory.name for territory in organisation.covered_territories]
    rows = [
        ("Nature", capitalised(organisation.service_type or organisation.get_kind_display())),
        ("Territoires" if len(names) > 1 else "Territoire", ", ".join(names)),
        ("Ville", organisation.city),
        ("Adresse", organisation.address),
        ("Courriel", organisation.email),
        ("SIRET", _format_siret(organisation.siret)),
    ]
    if organisation.kind == OrganisationKind.ARML:
        label, _ = label_words(organisation, clock.today(organisation.time_zone))
        rows += [
            ("RNA", organisation.rna),
            ("Missions locales", missions_locales(organisation)),
            ("Labellisation", label or capitalised(organisation.get_label_status_display())),
            ("Objet statutaire", organisation.statutory_purpose),
        ]
    if organisation.is_state:
        rows.append(("Comptable assignataire", organisation.accounting_officer))
    if organisation.successor_id:
        rows.append(("Remplacée par", str(organisation.successor)))
    return rows


def missions_locales(organisation: Organisation) -> str:
    """Add up the latest count of each territory, with the oldest of their dates."""
    newest_first = MissionLocaleCount.objects.order_by("-counted_on")
    territories = Territory.objects.filter(organisations=organisation).prefetch_related(
        Prefetch("mission_locale_counts", newest_first, to_attr="counts")
    )
    latest = [territory.counts[0] for territory in territories if territory.counts]
    if not latest:
        return ""
    return f"{sum(count.count for count in latest)}, au {french.date(min(count.counted_on for count in latest))}"


def bank(organisation: Organisation) -> list[tuple[str, str]]:
    if organisation.kind != OrganisationKind.ARML:
        return []
    iban = " ".join(organisation.iban[i : i + 4] for i in range(0, len(organisation.iban), 4))
    return [("Titulaire du compte", organisation.bank_holder), ("IBAN", iban), ("BIC", organisation.bic)]


def capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]


def _rank(membership: Membership) -> int:
    """Sort heads first, then by decreasing rights."""
    order = (Role.PRESIDENT, Role.DIRECTOR, Role.NATIONAL_ADMIN, Role.MANAGER, Role.OFFICER, Role.SIGNATORY)
    return order.index(Role(membership.role)) if membership.role in order else len(order)


def _format_siret(siret: str) -> str:
    return f"{siret[:3]} {siret[3:6]} {siret[6:9]} {siret[9:]}" if siret else ""


@require_http_methods(FORM)
def edit(request: HttpRequest, key: str) -> HttpResponse:
    organisation = get_organisation(key)
    if permissions.editor(request.user, organisation) is None:
        raise PermissionDenied(
            "La direction, la présidence ou la personne responsable de cette organisation peut la modifier."
        )
    national = permissions.is_national_admin(request.user)
    form, status = OrganisationForm(instance=get_organisation(key), national=national), 200
    if request.method == "POST":
        outcome = conflicts.save(
            request,
            make=lambda data: OrganisationForm(data, instance=get_organisation(key), national=national),
            write=lambda form, revision: services.update_organisation(
                organisation=organisation, changes=form.facts(), expected_revision=revision, by=request.user
            ),
            author=lambda: journal.last(organisation, "organisation_changed"),
        )
        if outcome.saved:
            messages.success(request, "Les informations sont enregistrées.")
            return redirect("organisation-detail", key=key)
        form, status = outcome.form, outcome.status
    context = {"organisation": organisation, "form": form, "nav_section": "organisation-list"}
    context["breadcrumb"] = trail(organisation, "Modifier")
    return render(request, "arml/organisation_edit.html", context, status=status)


@require_http_methods(FORM)
def delegation(request: HttpRequest, key: str, pk: int | None = None) -> HttpResponse:
    """Record a delegation of signature, or correct one (`pk`)."""
    organisation = get_organisation(key)
    if not permissions.may_see_people(request.user, organisation):
        raise Http404
    one = get_object_or_404(organisation.delegations, pk=pk) if pk else Delegation(organisation=organisation)
    if permissions.delegator(request.user, organisation) is None:
        raise PermissionDenied(
            "Seule une personne responsable du service peut enregistrer ses délégations de signature."
        )
    initial = DelegationForm.initial_of(one) if pk else None
    form = DelegationForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        for name, value in form.cleaned_data.items():
            setattr(one, name, value)
        services.save_delegation(delegation=one, by=request.user)
        messages.success(request, "La délégation est enregistrée.")
        return redirect(resolve_url("organisation-detail", key=key) + "#delegations")
    title = "Corriger une délégation de signature" if pk else "Enregistrer une délégation de signature"
    context = {"organisation": organisation, "form": form, "title": title, "breadcrumb": trail(organisation, title)}
    context |= {"submit": "Enregistrer la délégation", "reference_row": one if pk else None}
    return render(request, "arml/form_page.html", context)
