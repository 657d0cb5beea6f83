"""Deadlines: the list with filters, as page, CSV and iCalendar; one deadline, its reminders, its declaration."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, Max, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from arml.permissions import DEADLINES_ARE_FOLLOWED, follows_deadlines
from arml.services.passwords import renew_calendar_address
from cpo.lib import zones
from cpo.lib.enums import MailState
from cpo.lib.files.exports import csv_response
from cpo.lib.mail.emails import absolute
from reporting import permissions as may
from reporting.deadlines import calendar
from reporting.forms.deadlines import DeadlineFilterForm, DeadlineMetForm
from reporting.models import Deadline, Reminder
from reporting.pages import deadlines
from reporting.services.deadlines import declare_met, is_met_automatically, may_declare

PER_PAGE = 25
CALENDAR = "text/calendar; charset=utf-8"


def _allowed_user(request: HttpRequest) -> Any:
    if not follows_deadlines(request.user):  # type: ignore[arg-type]
        raise PermissionDenied(DEADLINES_ARE_FOLLOWED)
    return request.user


def _filtered(request: HttpRequest) -> tuple[Any, DeadlineFilterForm]:
    user = _allowed_user(request)
    form = DeadlineFilterForm(request.GET, rules=deadlines.rules())
    sent = Q(reminders__message__state=MailState.SENT)
    rows = deadlines.filtered_deadlines(user, form.values(), request.GET.get("tri", ""))
    return rows.annotate(
        sent=Count("reminders", filter=sent), last_sent=Max("reminders__created_at", filter=sent)
    ), form


@require_safe
def deadline_index(request: HttpRequest) -> HttpResponse:
    rows, form = _filtered(request)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "page_obj": page,
        "lines": [deadlines.line(deadline) for deadline in page],
        "filtered": bool(form.values()),
        "breadcrumb": [{"label": "Accueil", "url": "/"}, {"label": "Échéances"}],
    }
    return render(request, "reporting/deadlines.html", context)


@require_safe
def deadline_csv(request: HttpRequest) -> HttpResponse:
    rows, _ = _filtered(request)
    return csv_response("echeances.csv", deadlines.COLUMNS, rows.iterator(chunk_size=500))


@require_safe
@never_cache
def deadline_calendar(request: HttpRequest) -> HttpResponse:
    """The calendar of a signed-in person, as a file."""
    return HttpResponse(deadlines.feed(_allowed_user(request)), content_type=CALENDAR)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def calendar_address(request: HttpRequest) -> HttpResponse:
    """The private address of a person's calendar; a post revokes it and gives another one."""
    user = _allowed_user(request)
    if request.method == "POST":
        renew_calendar_address(user=user)
        messages.success(request, "L’ancienne adresse ne donne plus rien. Abonnez de nouveau votre agenda.")
        return redirect("calendar-address")
    context = {
        "feed": absolute(reverse("deadline-feed", kwargs={"token": calendar.token(user)})),
        "breadcrumb": [
            {"label": "Accueil", "url": "/"},
            {"label": "Échéances", "url": reverse("deadline-list")},
            {"label": "Agenda"},
        ],
    }
    return render(request, "reporting/calendar_address.html", context)


@login_not_required
@require_safe
@never_cache
def deadline_feed(request: HttpRequest, token: str) -> HttpResponse:
    """The feed that a calendar subscribes to; the token of the address identifies the person."""
    user = calendar.owner(token)
    if user is None or not follows_deadlines(user):
        raise Http404
    return HttpResponse(deadlines.feed(user), content_type=CALENDAR)


def _deadline(request: HttpRequest, pk: int) -> Any:
    visible = Deadline.objects.visible_to(_allowed_user(request)).with_local_day()
    return get_object_or_404(
        visible.select_related("rule", "convention__dossier__lead", "convention__dossier__beneficiary"), pk=pk
    )


def _page(request: HttpRequest, deadline: Any, form: DeadlineMetForm) -> HttpResponse:
    user: Any = request.user
    zones.set_page(deadline.zone)
    reminders = list(deadline.reminders.select_related("recipient", "message").order_by("-created_at", "recipient"))
    reads_all = may.reads_reminders(user, deadline.convention.dossier)
    for reminder in reminders:
        reminder.delivery = deadlines.delivery(reminder)
        reminder.may_read = bool(reminder.message_id) and (reads_all or reminder.recipient_id == user.pk)
    declarable = not is_met_automatically(deadline) and may_declare(user, deadline)
    context = {
        "deadline": deadline,
        "line": deadlines.line(deadline),
        "rungs": deadlines.rungs(deadline, reminders),
        "reminders": reminders if may.sees_reminders(user, deadline.convention.dossier) else [],
        "form": form if declarable and not deadline.met_on and not deadline.cancelled_on else None,
        "met_automatically": is_met_automatically(deadline),
        "action_url": deadlines.action_url(deadline),
        "nav_section": "home",
        "breadcrumb": [
            {"label": "Accueil", "url": "/"},
            {"label": "Échéances", "url": reverse("deadline-list")},
            {"label": deadline.rule.label},
        ],
    }
    return render(request, "reporting/deadline.html", context)


@require_safe
def deadline_detail(request: HttpRequest, pk: int) -> HttpResponse:
    deadline = _deadline(request, pk)
    form = DeadlineMetForm(today=deadline.local_day, initial={"met_on": deadline.local_day})
    return _page(request, deadline, form)


@require_POST
def deadline_met(request: HttpRequest, pk: int) -> HttpResponse:
    deadline = _deadline(request, pk)
    form = DeadlineMetForm(request.POST, today=deadline.local_day)
    if not may_declare(request.user, deadline):  # type: ignore[arg-type]
        raise PermissionDenied("Seuls le responsable de l’échéance et le service chef de file la déclarent faite.")
    if not form.is_valid():
        return _page(request, deadline, form)
    declare_met(
        deadline,
        on=form.cleaned_data["met_on"],
        by=request.user,  # type: ignore[arg-type]
        comment=form.cleaned_data["comment"],
    )
    messages.success(request, "L’échéance est déclarée faite. Les rappels s’arrêtent.")
    return redirect("deadline-detail", pk=pk)


@require_safe
def reminder_message(request: HttpRequest, pk: int) -> HttpResponse:
    """The text of a reminder, for its recipient and for the lead service."""
    user = _allowed_user(request)
    visible = Deadline.objects.visible_to(user)
    reminder = get_object_or_404(
        Reminder.objects.select_related("message", "recipient", "deadline__rule", "deadline__convention__dossier"),
        pk=pk,
        deadline__in=visible,
        message__isnull=False,
    )
    if reminder.recipient_id != user.pk and not may.reads_reminders(user, reminder.deadline.convention.dossier):
        raise Http404
    zones.set_page(reminder.deadline.convention.dossier)
    context = {
        "reminder": reminder,
        "rung": deadlines.rung_label(reminder.rung),
        "nav_section": "home",
        "breadcrumb": [
            {"label": "Accueil", "url": "/"},
            {"label": "Échéances", "url": reverse("deadline-list")},
            {
                "label": reminder.deadline.rule.label,
                "url": reverse("deadline-detail", kwargs={"pk": reminder.deadline_id}),
            },
            {"label": "Rappel"},
        ],
    }
    return render(request, "reporting/reminder.html", context)
