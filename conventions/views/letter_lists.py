"""The letters of a service: all of them, and the page that produces one for each of several conventions."""

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from arml.models import User
from arml.permissions import SPOKESPERSONS, is_national
from conventions.documents.letters import template_text
from conventions.enums import LetterKind
from conventions.forms.letters import BatchForm, LetterFilter
from conventions.models import Convention, Letter
from conventions.pages.letters import TONES, letters_of
from conventions.pages.listing import late_conventions
from conventions.services import letters as services
from conventions.text.letters import VARIABLES
from cpo.lib import zones
from cpo.lib.enums import JobState, Side
from cpo.lib.models import Job

from .drafting import add_errors

PAGE = 20
NOT_FOUND = "Cette page n’existe pas, ou ne vous est pas ouverte."
OF_SERVICES = "Les lettres d’un service sont lues par ce service et par l’administration nationale."


def _readers_only(user: User) -> None:
    if not services.services_of(user) and not is_national(user):
        raise PermissionDenied(OF_SERVICES)


def _led_by(user: User) -> Any:
    """The signed conventions of the services where the person is an officer or a manager."""
    own = [m.organisation_id for m in user.roles if m.organisation.is_state and m.role in SPOKESPERSONS[Side.STATE]]
    return Convention.objects.filter(dossier__lead__in=own, state__in=services.SIGNED_STATES)


@require_safe
def letter_list(request: HttpRequest) -> HttpResponse:
    _readers_only(request.user)
    form = LetterFilter(request.GET or {})
    values = form.values()
    page = Paginator(letters_of(request.user, values), PAGE).get_page(request.GET.get("page"))
    context = {
        "nav_section": "convention-list",
        "form": form,
        "page_obj": page,
        "lines": [(row, TONES[row.state]) for row in page.object_list],
        "kinds": [(one.value, one.label) for one in LetterKind.written_alone()] if _led_by(request.user) else [],
        "services": services.services_of(request.user),
        "show_filters": bool(values or form.errors) or page.paginator.count > 5,
        "breadcrumb": [
            {"label": "Conventions", "url": reverse("convention-list")},
            {"label": "Lettres", "url": ""},
        ],
    }
    return render(request, "conventions/letters/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def letter_batch(request: HttpRequest, kind: str) -> HttpResponse:
    """One letter of a kind for each convention that is ticked; those that are late are ticked first for a reminder."""
    if kind not in LetterKind.written_alone():
        raise Http404(NOT_FOUND)
    if not any(m.organisation.is_state and m.role in SPOKESPERSONS[Side.STATE] for m in request.user.roles):
        raise PermissionDenied(services.NOT_YOURS)
    led = _led_by(request.user)
    rows = list(led.select_related("dossier__beneficiary", "dossier__lead").order_by("number"))
    late = set(led.filter(pk__in=late_conventions(request.user)).values_list("pk", flat=True))
    choices = [(row.pk, _label(row, late)) for row in rows]
    lead = rows[0].dossier.lead if rows else services.services_of(request.user)[0]
    text = template_text(lead, kind)
    posted = request.method == "POST"
    initial = {
        "dated_on": zones.today(),
        "subject": text.subject,
        "body": text.body,
        "conventions": [row.pk for row in rows if row.pk in late and kind == LetterKind.REMINDER],
    }
    form = BatchForm(request.POST if posted else None, initial=initial, choices=choices)
    if posted and form.is_valid():
        data = form.cleaned_data
        try:
            job = services.ask_batch(
                kind=kind,
                text=form.text,
                dated_on=data["dated_on"],
                conventions=data["conventions"],
                by=request.user,
            )
        except ValidationError as error:
            add_errors(form, error)
        else:
            return redirect("letter-batch-progress", job.key)
    context = {
        "nav_section": "convention-list",
        "form": form,
        "rows": rows,
        "kind_label": LetterKind(kind).label,
        "choices": [(one, "") for one in VARIABLES.values()],
        "breadcrumb": _crumbs(f"Plusieurs lettres, {LetterKind(kind).label.lower()}"),
    }
    return render(request, "conventions/letters/batch.html", context)


def _label(row: Convention, late: set[Any]) -> str:
    words = " – en retard" if row.pk in late else ""
    return f"{row.number}, {row.dossier.beneficiary}{words}"


def _crumbs(label: str) -> list[dict[str, str]]:
    return [
        {"label": "Conventions", "url": reverse("convention-list")},
        {"label": "Lettres", "url": reverse("letter-list")},
        {"label": label, "url": ""},
    ]


@require_safe
def letter_batch_progress(request: HttpRequest, key: str) -> HttpResponse:
    """How far a batch is; then its letters, and the conventions whose letter could not be written, with the reason."""
    job = Job.objects.filter(kind=services.MAKE, key=key).order_by("-id").first()
    if job is None or job.arguments["by"] != request.user.pk:
        raise Http404(NOT_FOUND)
    rows = Letter.objects.visible_to(request.user).filter(batch=key)
    made, total = rows.filter(document__isnull=False).count(), len(job.arguments["conventions"])
    plural = "s" if made > 1 else ""
    progress = {
        "title": f"{made} lettre{plural} produite{plural} sur {total}",
        "percent": 100 * made // total,
        "done": not job.under_way,
        "url": request.path,
    }
    if not request.accepts("text/html"):
        return JsonResponse(progress)
    context = {
        "nav_section": "convention-list",
        "job": job,
        "progress": progress,
        "failed": job.stopped,
        "finished": job.state == JobState.DONE,
        "refused": job.result.get("refused", []),
        "rows": rows.select_related("convention__dossier__beneficiary", "document").order_by("convention__number"),
        "breadcrumb": _crumbs("Production"),
    }
    return render(request, "conventions/letters/batch_progress.html", context)
