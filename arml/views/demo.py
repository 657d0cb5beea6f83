"""Pages of the demonstration, 404 elsewhere: sign-in in one click, and the list of sent messages."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render, resolve_url
from django.views.decorators.http import require_POST, require_safe

from arml.enums import OrganisationKind
from arml.forms import MailFilterForm
from arml.models import Membership, Organisation, User
from cpo.lib.models import OutboxMessage
from cpo.lib.wording.accents import plain
from cpo.lib.wording.searching import found

from .redirects import after_sign_in


def demo_only(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if not settings.DEMO:
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


@dataclass
class DemoGroup:
    """The accounts of one territory: `organisations` is a list of (organisation, roles)."""

    title: str
    services: int = 0
    organisations: list[tuple[Organisation, list[Membership]]] = field(default_factory=list)


def demo_accounts() -> list[DemoGroup]:
    """Group the demo accounts by territory of an ARML (which may cover several), then organisation; the others last."""
    roles = (
        Membership.objects.in_force()
        .filter(user__is_demo=True, user__is_active=True)
        .select_related("user", "organisation")
        .prefetch_related("organisation__territories", "organisation__served_territories")
        .order_by("id")
    )
    by_organisation: dict[Organisation, list[Membership]] = defaultdict(list)
    for membership in roles:
        by_organisation[membership.organisation].append(membership)
    order = list(OrganisationKind)
    organisations = sorted(by_organisation, key=lambda o: (order.index(OrganisationKind(o.kind)), o.sort_name))
    groups: dict[str, DemoGroup] = {}
    areas = _areas(organisations)
    for organisation in organisations:
        title = _group_title(organisation, areas)
        group = groups.setdefault(title, DemoGroup(title))
        group.services += organisation.is_state
        group.organisations.append((organisation, by_organisation[organisation]))
    return sorted(groups.values(), key=lambda group: (group.title == NATIONAL, plain(group.title)))


NATIONAL = "National"


def _areas(organisations: list[Organisation]) -> dict[int, str]:
    """Map each territory to the title of the group of its ARML."""
    areas = {}
    for association in (o for o in organisations if o.kind == OrganisationKind.ARML):
        covered = list(association.territories.all())
        title = covered[0].name if len(covered) == 1 else association.short_name.removeprefix("ARML ")
        areas |= {territory.pk: title for territory in covered}
    return areas


def _group_title(organisation: Organisation, areas: dict[int, str]) -> str:
    if organisation.kind == OrganisationKind.NATIONAL or organisation.national_scope:
        return NATIONAL
    covered = organisation.covered_territories
    titles = [areas[territory.pk] for territory in covered if territory.pk in areas]
    return (titles or [territory.name for territory in covered] or [NATIONAL])[0]


@login_not_required
@require_POST
@demo_only
def login_as(request: HttpRequest) -> HttpResponse:
    user = User.objects.filter(email=request.POST.get("compte", ""), is_demo=True, is_active=True).first()
    if user is None:
        raise Http404
    login(request, user, backend="arml.auth.DemoBackend")
    return redirect(after_sign_in(request))


@login_not_required
@require_safe
@demo_only
def mail_list(request: HttpRequest) -> HttpResponse:
    form = MailFilterForm(request.GET)
    mails = OutboxMessage.objects.select_related("recipient").order_by("-created_at", "-id")
    words = form.values().get("q", "")
    mails = found(mails, ("to", "subject"), words)
    page = Paginator(mails, 20).get_page(request.GET.get("page"))
    return render(request, "arml/demo_mail_list.html", {"form": form, "page_obj": page, "searched": bool(words)})


@login_not_required
@require_safe
@demo_only
def mail_detail(request: HttpRequest, pk: int) -> HttpResponse:
    mail = get_object_or_404(OutboxMessage.objects.select_related("recipient"), pk=pk)
    trail = [{"label": "Courriels", "url": resolve_url("demo-mail-list")}, {"label": mail.subject}]
    return render(request, "arml/demo_mail.html", {"mail": mail, "breadcrumb": trail})
