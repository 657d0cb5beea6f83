"""The page « Synthèse », and the record of visits, which marks what is new."""

import datetime as dt
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from arml.models import label_words
from conventions import permissions as may
from conventions.enums import PartyRole
from conventions.forms.later import DayForm
from conventions.later.in_force import in_force_among
from conventions.models import Act
from conventions.money import summary
from conventions.pages.act_page import ActPage
from conventions.pages.frame import latest_entries
from conventions.pages.other_texts import address_of, timeline
from conventions.pages.waiting import route
from conventions.services import visits
from conventions.text.values import and_list
from cpo.lib import clock, journal
from cpo.lib.actor import Actor
from cpo.lib.wording import french

from .common import get_act_alone
from .framing import editing_rights, open_page, page


@require_safe
def convention_detail(request: HttpRequest, number: str) -> HttpResponse:
    act_page = open_page(request, number)
    act = act_page.act
    if "au" in request.GET and act_page.is_convention and (other := _text_of_day(request, act_page)):
        return redirect("convention-detail", other)
    cycle = act.programme.cycle
    until = act_page.money_until
    years = act_page.kept(f"years:{until}", lambda: summary.years(act_page.content, until))
    context = {
        "years": summary.with_status(years, act_page.firm_years, until),
        "axes": act_page.kept(f"axes:{until}", lambda: summary.axes(act_page.content, until)),
        "ended": act_page.ended,
        "facts": _facts(act_page),
        "terms": act_page.terms,
        "record_url": _record_url(act_page),
        "timeline": timeline(act_page) if act_page.acts else [],
        **_news(request, act, act_page.actors),
        "axis_title": f"Programme par {cycle.axis_label.lower()}, {_span(act.programme.years_to_fill, until)}",
    }
    rights = editing_rights(request.user, act, of_amounts=bool(act.year))
    rights["may_edit_contribution"] = rights["may_edit"] and rights["actor"].is_state
    return page(request, "convention_detail", act, "synthese", context | rights)


def _text_of_day(request: HttpRequest, act_page: ActPage) -> str:
    """Return the address of the text in force on the day that the address asks for; "" for the one of today.

    A day that cannot be read, or that had no text, is told on the page.
    """
    form = DayForm(request.GET)
    day = form.cleaned_data["au"] if form.is_valid() else None
    if day is None:
        messages.error(request, " ".join(form.errors.get("au", ["Donnez une date, par exemple 01/07/2026."])))
        return ""
    in_force = in_force_among(act_page.acts or [act_page.act], day)
    if in_force is None or not in_force.is_active:
        messages.info(request, f"Aucun texte n’était en vigueur le {french.date(day)}.")
        return ""
    return "" if in_force.pk == act_page.text.pk else address_of(in_force)


def _record_url(act_page: ActPage) -> str:
    """Return the page of what was recorded of a paper original, for those who read the negotiation."""
    if not act_page.is_convention or not act_page.act.convention.on_paper:
        return ""
    return route("convention-taking-over", act_page.number) if may.reads_negotiation(act_page.actors) else ""


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
    versions = list(act.versions.proposed().values_list("number", "created_at"))
    new = [number for number, at in versions if at > since]
    if not new:
        return None
    return {"prior": max((number for number, at in versions if at <= since), default=0), "latest": max(new)}


@require_POST
def convention_visit(request: HttpRequest, number: str) -> HttpResponse:
    """The browser posts here while a page of the convention is open."""
    visits.record_visit(request.user, get_act_alone(request, number).dossier)
    return HttpResponse(status=204)


def _span(years: list[int], until: int | None) -> str:
    return f"{years[0]} à {min(years[-1], until or years[-1])}"


TITLES = {PartyRole.BENEFICIARY: "Association", PartyRole.LEAD: "État", PartyRole.COSIGNER: "Cosignataire"}


def _facts(act_page: ActPage) -> list[tuple[str, str]]:
    act = act_page.act
    rows: list[tuple[str, str]] = []
    for party in sorted(act_page.part("parties"), key=lambda party: party["role"] != PartyRole.BENEFICIARY):
        who = party["signatory_name"] or "signataire à désigner"
        if party["capacity"]:
            who = f"{who}, {party['capacity']}"
        if party["by_delegation"]:
            who = f"par délégation, {who}"
        rows.append((TITLES.get(PartyRole(party["role"]), "Cofinanceur"), f"{party['short_name']} : {who}"))
    territories = [territory.name for territory in act.dossier.territories.all()]
    count = act_page.values.get("nombre_missions_locales")
    rows.append(("Territoire", and_list(territories) + (f", {count} missions locales" if count else "")))
    label, _ = label_words(act.dossier.beneficiary, clock.today(act.dossier.time_zone))
    if label:
        rows.append(("Labellisation", label))
    if act.dossier.officer_id:
        rows.append(("Suivi", f"{act.dossier.officer} ({act.dossier.lead})"))
    if act.on_paper:
        rows.append(
            ("Origine", f"Reprise {french.of(act.signed_on_paper)} : le texte est celui de l’original numérisé")
        )
    if act.signed_on:
        rows.append(("Signature", french.date(act.signed_on)))
    if act.notified_on:
        rows.append(("Notification", french.date(act.notified_on)))
    return rows
