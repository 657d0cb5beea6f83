"""The deadline rules, for the national administration: list, form, preview of the reminders that a rule will send."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from actions.views.catalogue import frame, get_cycle
from arml.permissions import acting_nationally
from cpo.lib import journal
from cpo.lib.dates import MONTHS
from cpo.lib.editing import conflicts
from reporting.deadlines.rules import WAIT
from reporting.forms.rules import EVENTS, OTHER_PEOPLE, PEOPLE, RuleForm
from reporting.models import DeadlineRule
from reporting.notifications import WAITING, reminder_template
from reporting.services import rules as services


def _base(rule: DeadlineRule) -> str:
    """The base of the date in words: « 30 juin N+1 », « la dernière signature + 3 mois »."""
    if rule.base_event:
        base = EVENTS.get(rule.base_event, rule.base_event.replace("_", " "))
    else:
        day = "1er" if rule.base_day == 1 else str(rule.base_day)
        base = f"{day} {MONTHS[(rule.base_month or 1) - 1]} {rule.base_year}"
    for amount, one, many in ((rule.shift_months, "mois", "mois"), (rule.shift_days, "jour", "jours")):
        if amount:
            base += f" {'+' if amount > 0 else '−'} {abs(amount)} {many if abs(amount) > 1 else one}"
    return base


def _rung(day: int) -> str:
    return "J" if day == 0 else f"J{'+' if day > 0 else '-'}{abs(day)}"


@require_safe
def rules(request: HttpRequest, cycle: str) -> HttpResponse:
    acting_nationally(request.user)
    selected_cycle = get_cycle(cycle)
    rows = [
        {
            "rule": rule,
            "base": _base(rule),
            "ladder": ", ".join(_rung(day) for day in rule.ladder),
            "responsible": PEOPLE.get(rule.responsible) or OTHER_PEOPLE.get(rule.responsible, "–"),
        }
        for rule in selected_cycle.deadline_rules.all()
    ]
    return render(request, "reference/rules.html", {"rows": rows, **frame(selected_cycle, "reference-rules")})


@require_http_methods(["GET", "HEAD", "POST"])
def rule(request: HttpRequest, cycle: str, key: str) -> HttpResponse:
    """Edit a rule; « preview » shows what it would send with the values of the form."""
    actor = acting_nationally(request.user)
    selected_cycle = get_cycle(cycle)
    instance = get_object_or_404(DeadlineRule.objects.select_related("cycle"), cycle=selected_cycle, key=key)
    form, previewed_rule, status = RuleForm(rule=instance), instance, 200
    if "preview" in request.POST:
        form = RuleForm(request.POST, rule=instance)
        for name, value in form.changes.items() if form.is_valid() else ():
            setattr(previewed_rule, name, value)
    elif request.method == "POST":
        outcome = conflicts.save(
            request,
            make=lambda data: RuleForm(data, rule=DeadlineRule.objects.get(pk=instance.pk)),
            write=lambda form, revision: services.update_rule(
                rule=instance, changes=form.changes, expected_revision=revision, by=actor
            ),
            author=lambda: journal.last(instance, "rule_changed"),
        )
        if outcome.saved:
            messages.success(request, "La règle est enregistrée." if outcome.result else "Rien n’a changé.")
            return redirect("reference-rule", selected_cycle.key, instance.key)
        form, status = outcome.form, outcome.status
    context = {
        "rule": instance,
        "form": form,
        "previews": _previews(previewed_rule, request),
        "is_draft": "preview" in request.POST and form.is_valid(),
        **frame(selected_cycle, "reference-rules", {"label": instance.label}),
    }
    return render(request, "reference/rule.html", context, status=status)


def _previews(rule: DeadlineRule, request: HttpRequest) -> list[dict[str, Any]]:
    return [
        {
            "year": item.year,
            "due_on": item.due_on,
            "conventions": item.conventions,
            "rows": [
                {
                    "rung": _rung(sending.rung),
                    "on": sending.on,
                    "past": sending.past,
                    "messages": sending.messages,
                    "people": ", ".join(PEOPLE.get(role) or OTHER_PEOPLE.get(role, role) for role in sending.roles),
                    "email": WAITING if rule.base_event.startswith(WAIT) else reminder_template(sending.rung),
                }
                for sending in item.sendings
            ],
        }
        for item in services.preview(rule, by=request.user)  # type: ignore[arg-type]
    ]
