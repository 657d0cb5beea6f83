"""The page « Synthèse », and the record of visits, which marks what is new."""

import datetime as dt
from collections import defaultdict
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, Sum
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST, require_safe

from actions.enums import STATE_ACCOUNT
from conventions import permissions as may
from conventions.cache import of_revision
from conventions.enums import Origin, PartyRole
from conventions.later.in_force import firm_years
from conventions.models import Act, Party
from conventions.pages.frame import latest_entries
from conventions.services import visits
from conventions.text.values import and_list
from cpo.lib import journal
from cpo.lib.actor import Actor
from cpo.lib.money import share
from cpo.lib.wording import french

from .common import get_act_alone
from .framing import editing_rights, open_page, page


@require_safe
def convention_detail(request: HttpRequest, number: str) -> HttpResponse:
    act_page = open_page(request, number)
    act = act_page.act
    context = {
        "years": of_revision(act, "years", lambda: _years(act)),
        "axes": of_revision(act, "axes", lambda: _axes(act)),
        "facts": _facts(act, act_page.parties),
        **_news(request, act, act_page.actors),
        "axis_title": f"Programme par {act.programme.cycle.axis_label.lower()}, {_span(act)}",
    }
    rights = editing_rights(request.user, act, of_amounts=bool(act.year))
    rights["may_edit_contribution"] = rights["may_edit"] and rights["actor"].is_state
    return page(request, "convention_detail", act, "synthese", context | rights)


LATEST, MOST = 5, 8


def _news(request: HttpRequest, act: Act, actors: list[Actor]) -> dict[str, Any]:
    """Return the last events; mark and count those that other people made since the person's previous visit."""
    since = visits.previous_visit_end(request.user, act.dossier)
    if since is None:
        return {"entries": latest_entries(act, actors, LATEST)}
    entries = latest_entries(act, actors, MOST)
    fresh = [entry for entry in entries if entry.at > since and entry.actor_id != request.user.pk]
    for entry in fresh:
        entry.is_new = True
    count = len(fresh)
    if len(entries) == MOST and entries[-1].at > since:
        count = journal.entries(act.dossier, actors).filter(at__gt=since).exclude(actor=request.user).count()
    visible_count = max(LATEST, entries.index(fresh[-1]) + 1 if fresh else 0)
    return {
        "entries": entries[:visible_count],
        "since": since,
        "news": count,
        "news_versions": _new_versions(act, since) if may.reads_negotiation(actors) else None,
    }


def _new_versions(act: Act, since: dt.datetime) -> dict[str, Any] | None:
    """Return the last version at the previous visit (0: none) and the latest one; None when there is no newer one."""
    versions = list(act.versions.values_list("number", "created_at"))
    new = [number for number, at in versions if at > since]
    if not new:
        return None
    return {"prior": max((number for number, at in versions if at <= since), default=0), "latest": max(new)}


@require_POST
def convention_visit(request: HttpRequest, number: str) -> HttpResponse:
    """The browser posts here while a page of the convention is open."""
    visits.record_visit(request.user, get_act_alone(request, number).dossier)
    return HttpResponse(status=204)


def _span(act: Act) -> str:
    years = act.programme.cycle.years
    return f"{years[0]} à {years[-1]}"


def _by_year(rows: Any) -> dict[int, Decimal]:
    return defaultdict(Decimal, {row["year"]: row["total"] for row in rows})


def _years(act: Act) -> list[dict[str, Any]]:
    """For each year and in total: contribution, other funding, eligible cost, share of the State; four queries."""
    state = _by_year(act.contributions.order_by().values("year").annotate(total=Sum("amount")))
    programme = act.programme
    cost = _by_year(programme.expenses.eligible().order_by().values("year").annotate(total=Sum("amount")))
    other = _by_year(
        programme.resources.cash()
        .exclude(account__code=STATE_ACCOUNT)
        .order_by()
        .values("year")
        .annotate(total=Sum("amount"))
    )
    years, firm = programme.cycle.years, firm_years(act)
    rows = [_year(str(year), state[year], other[year], cost[year]) for year in years]
    for row, year in zip(rows, years, strict=True):
        row["status"] = "ferme" if year in firm else "prévision"
    whole = [sum((amounts[year] for year in years), Decimal(0)) for amounts in (state, other, cost)]
    return [*rows, _year("Total", *whole) | {"whole": True}]


def _year(label: str, state: Decimal, other: Decimal, cost: Decimal) -> dict[str, Any]:
    return {
        "label": label,
        "state": state or None,
        "other": other or None,
        "cost": cost or None,
        "share": share(state, cost) if state else None,
    }


def _axes(act: Act) -> list[dict[str, Any]]:
    """Return for each axis its number of fiches, its cost and the State's money; three queries."""
    programme = act.programme
    cost = {
        row["sheet__axis"]: row["total"]
        for row in programme.expenses.eligible().order_by().values("sheet__axis").annotate(total=Sum("amount"))
    }
    state = {
        row["sheet__axis"]: row["total"]
        for row in programme.resources.filter(account__code=STATE_ACCOUNT, sheet__isnull=False)
        .order_by()
        .values("sheet__axis")
        .annotate(total=Sum("amount"))
    }
    whole = sum(state.values(), Decimal(0))
    sheet_count = Count("sheets", filter=Q(sheets__programme=programme))
    return [
        {
            "label": f"{axis.number}. {axis.short_label or axis.label}",
            "sheets": axis.sheet_total,
            "cost": cost.get(axis.pk),
            "state": state.get(axis.pk),
            "share": share(state.get(axis.pk, Decimal(0)), whole) if whole else None,
        }
        for axis in programme.cycle.axes.annotate(sheet_total=sheet_count).order_by("number")
    ]


def _facts(act: Act, parties: list[Party]) -> list[tuple[str, str]]:
    rows: list[tuple[str, str]] = []
    for party in sorted(parties, key=lambda party: (party.role != PartyRole.BENEFICIARY, party.rank)):
        who = party.signatory_name or "signataire à désigner"
        if party.capacity:
            who = f"{who}, {party.capacity}"
        if party.by_delegation:
            who = f"par délégation, {who}"
        titles = {PartyRole.BENEFICIARY: "Association", PartyRole.LEAD: "État", PartyRole.COSIGNER: "Cosignataire"}
        rows.append((titles.get(PartyRole(party.role), "Cofinanceur"), f"{party.organisation} : {who}"))
    territories = [territory.name for territory in act.dossier.territories.all()]
    count = act.values.get("nombre_missions_locales")
    rows.append(("Territoire", and_list(territories) + (f", {count} missions locales" if count else "")))
    if act.dossier.officer_id:
        rows.append(("Suivi", f"{act.dossier.officer} ({act.dossier.lead})"))
    if act.convention.origin == Origin.PAPER:
        rows.append(("Origine", "Original signé sur papier, repris dans l’application"))
    if act.signed_on:
        rows.append(("Signature", french.date(act.signed_on)))
    if act.notified_on:
        rows.append(("Notification", french.date(act.notified_on)))
    return rows
