"""The text in force on a day: the last signed act among those that have taken effect.

Each act holds the whole text, starts from the act signed before it, and never takes effect before it. Acts are in the
order of their signatures (`base` after `base`), not of their numbers: an act opened first may be signed last.
"""

import datetime as dt
from collections.abc import Iterable, Mapping

from django.db.models import Q

from conventions.enums import ActKind, ConventionState
from conventions.models import Act, Convention, Version
from cpo.lib import clock, zones


def signed_acts(convention: Convention) -> list[Act]:
    """The acts signed and notified (for a budget adaptation: notified), the last one first; one query."""
    return in_signing_order(convention.acts.filter(state=ConventionState.ACTIVE))


def in_signing_order(acts: Iterable[Act]) -> list[Act]:
    """The signed acts among those of a convention, the last one first."""
    by_key = {act.pk: act for act in acts}
    ordered = [act for act in by_key.values() if act.latest]
    while ordered and (base := by_key.get(ordered[-1].base_id or 0)):
        ordered.append(base)
    return ordered


def act_in_force(convention: Convention, day: dt.date) -> Act | None:
    return in_force_among(convention.acts.filter(state=ConventionState.ACTIVE).order_by(), day)


def in_force_among(acts: Iterable[Act], day: dt.date) -> Act | None:
    """The text in force on a day, among all the acts of a convention."""
    return next((act for act in in_signing_order(acts) if act.effective_on <= day), None)


def texts_to_come(conventions: Iterable[int] | None = None) -> dict[int, int]:
    """The conventions whose last signed text is not in force yet, each with the act in force today; one query.

    A convention whose first text is still to come has no other. A text takes effect on a day of its dossier's zone.
    """
    acts = Act.objects.filter(latest=True, number__gt=0, effective_on__gt=min(zones.days().values()))
    if conventions is not None:
        acts = acts.filter(convention__in=conventions)
    texts = {}
    for act in acts.select_related("convention__dossier"):
        today = clock.today(act.dossier.time_zone)
        if act.effective_on > today:
            in_force = act_in_force(act.convention, today) or act.convention.act
            texts[act.convention_id] = in_force.pk
    return texts


def in_force_today(texts: Mapping[int, int] | None = None) -> Q:
    """Filter acts: the text in force today of each signed convention. `texts`: `texts_to_come`, if it was read."""
    texts = texts_to_come() if texts is None else texts
    latest = Q(latest=True)
    return latest & ~Q(convention__in=texts) | Q(pk__in=texts.values()) if texts else latest


def applied_acts(act: Act) -> list[Act]:
    """The signed acts that make the text of an act, the first one first.

    The last one is the act itself, or for an open act the one that it starts from.
    """
    acts = signed_acts(act.convention)
    start = next((rank for rank, one in enumerate(acts) if one.pk in (act.pk, act.base_id)), len(acts))
    return acts[start:][::-1]


def originals(act: Act) -> list[Act]:
    """The acts signed on paper whose scans hold the text of an act, the first one first; its own once it is given."""
    papers = [one for one in applied_acts(act) if one.on_paper]
    return [*papers, act] if act.is_being_recorded and act.documents.to_sign().exists() else papers


def latest_act(convention: Convention) -> Act | None:
    """The last signed act, already in force or not; the next act starts from its text."""
    return convention.acts.filter(latest=True).first()


def signed_version(act: Act) -> Version | None:
    """The signed version of an act: its last one; None if the act is not signed."""
    return act.versions.order_by("-number").first() if act.state == ConventionState.ACTIVE else None


def text_in_force(convention: Convention, day: dt.date) -> Version | None:
    act = act_in_force(convention, day)
    return signed_version(act) if act else None


def firm_years(act: Act) -> set[int]:
    """The years with a firm State contribution in the text of an act.

    They are the first year of the cycle and the years fixed by an annual financial act (article 4.3 of the model),
    on paper too when the convention was taken over.
    """
    annual_years = {one.year for one in applied_acts(act) if one.kind == ActKind.ANNUAL and one.year}
    return {act.programme.cycle.first_year, *annual_years, *act.convention.years_fixed_on_paper}
