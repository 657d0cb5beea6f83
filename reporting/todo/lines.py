"""Lines of the home page for tasks and conventions: plain dictionaries for the templates."""

import datetime as dt
from typing import Any

from django.db.models import OuterRef, Subquery
from django.urls import reverse

from arml.models import User
from arml.permissions import is_national
from conventions.enums import ENDED, ConventionState, Origin
from conventions.later.term import term_of, years_label
from conventions.models import Act, Convention
from conventions.pages.contributions import contributions_shown
from conventions.pages.todo import Hats, Task
from cpo.lib.enums import Side
from cpo.lib.wording import french
from reporting.enums import ReportState
from reporting.models import Report

NUMBERS = ("Aucune", "Une", "Deux", "Trois", "Quatre", "Cinq", "Six", "Sept", "Huit", "Neuf", "Dix")


def in_letters(count: int) -> str:
    return NUMBERS[count] if count < len(NUMBERS) else french.number(count)


def distance(due: dt.date, today: dt.date) -> str:
    """« J-12 », « demain », « aujourd’hui »; « 3 jours » when late."""
    days = (due - today).days
    if days < 0:
        return f"{-days} jour{'s' if days < -1 else ''}"
    return {0: "aujourd’hui", 1: "demain"}.get(days, f"J-{days}")


def line(task: Task, *, primary: bool = False) -> dict[str, Any]:
    """One line of `components/line.html`."""
    today = task.day
    row: dict[str, Any] = {
        "title": task.title,
        "detail": " · ".join(part for part in (task.detail, task.duration) if part),
        "url": task.url,
        "verb": task.verb,
        "primary": primary,
    }
    if task.due is None:
        since = french.since(task.since, today) if task.since else ""
        return row | {"date_text": "À vous", "distance": f"depuis {since.removeprefix('il y a ')}" if since else ""}
    late = task.due < today
    gap = distance(task.due, today)
    return row | {
        "due": task.due,
        "late": late,
        "distance": f"{gap} ({french.date(task.due, 'jour')})" if late else gap,
    }


def conventions_of(user: User, hats: Hats, limit: int) -> tuple[list[dict[str, Any]], int]:
    """The latest conventions that the person sees, and their total count."""
    latest = Report.objects.filter(convention=OuterRef("convention")).exclude(state=ReportState.CONCLUDED)
    latest = latest.order_by("year")
    visible = Convention.objects.visible_to(user)
    ids = list(visible.order_by("-state_since", "number").values_list("pk", flat=True)[: limit + 1])
    acts = (
        Act.objects.filter(number=0, convention__in=ids[:limit])
        .select_related("programme", "convention__cycle", "convention__dossier__lead")
        .select_related("convention__dossier__beneficiary")
        .annotate(
            report_year=Subquery(latest.values("year")[:1]),
            report_state=Subquery(latest.values("state")[:1]),
            term_on=term_of("convention"),
        )
        .order_by("-convention__state_since", "convention__number")
    )
    count = visible.count() if len(ids) > limit else len(ids)
    national = is_national(user)
    amounts = contributions_shown(user, ids[:limit])
    return [_row(act, hats, national) | {"amount": amounts[act.convention_id]} for act in acts], count


def _row(act: Any, hats: Hats, national: bool) -> dict[str, Any]:
    convention = act.convention
    dossier = convention.dossier
    association = dossier.beneficiary_id in hats.roles
    return {
        "number": convention.number,
        "url": reverse("convention-detail", kwargs={"number": convention.number}),
        "years": years_label(convention, act.term_on),
        "party": dossier.lead if association else dossier.beneficiary,
        "state": convention.state,
        "label": convention.get_state_display(),
        "where": situation(act, hats, national),
    }


def situation(act: Any, hats: Hats, national: bool) -> str:
    """The situation of a convention in a few words, for this reader."""
    convention, dossier = act.convention, act.convention.dossier
    own = {Side.STATE: dossier.lead_id in hats.roles, Side.BENEFICIARY: dossier.beneficiary_id in hats.roles}
    if convention.state == ConventionState.DRAFT:
        return (
            "Reprise d’une convention signée sur papier"
            if convention.origin == Origin.PAPER
            else "Projet en préparation"
        )
    if convention.state == ConventionState.NEGOTIATION:
        if own.get(act.turn):
            return "La main est à vous"
        holder = dossier.lead if act.turn == Side.STATE else dossier.beneficiary
        return f"La main est {french.to(holder.in_sentence)}"
    if convention.state == ConventionState.SIGNATURE:
        return "Signatures en cours"
    if convention.state == ConventionState.ABANDONED:
        return "Arrêtée avant la signature"
    if convention.state in ENDED:
        return f"{convention.get_state_display()} le {french.date(convention.ended_on)}"
    involved = national or any(own.values()) or dossier.pk in hats.cosigned
    if act.report_year and involved:
        return f"Compte rendu {act.report_year} : {ReportState(act.report_state).label.lower()}"
    return "En vigueur"
