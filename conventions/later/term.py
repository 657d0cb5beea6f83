"""The term of a convention and the years that it covers, by its text in force on a day.

A year that the term cuts short counts whole: it has its contribution, its targets, its budgets and its report.
An extension adds its years from the day on which it takes effect; a shorter term and a termination remove those after.
"""

import datetime as dt
from collections.abc import Iterable

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import ExtractYear, Least

from actions.models import Cycle
from conventions.enums import ConventionState
from conventions.models import Act, Convention
from cpo.lib import zones

from .in_force import in_force_among


def text_on(convention: Convention, day: dt.date) -> Act:
    """The text in force on a day; act 0 before any is. No query if the acts are prefetched."""
    return in_force_among(convention.acts.all(), day) or convention.act


def term(convention: Convention, day: dt.date) -> dt.date:
    """The last day covered: that of the text in force on `day`, or the day on which the convention ended before it."""
    ends_on = text_on(convention, day).ends_on
    return min(ends_on, convention.ended_on or ends_on)


def covered_years(convention: Convention, day: dt.date) -> list[int]:
    """The years of a convention on a day, from the first of its cycle to that of its term."""
    return list(range(convention.cycle.first_year, term(convention, day).year + 1))


LAST_YEAR = ExtractYear(Least("ends_on", "convention__ended_on"))  # LEAST of PostgreSQL ignores a NULL


def set_by(convention: Convention, day: dt.date) -> Act:
    """The act that set the term of the text in force on a day; the acts after it kept the term."""
    text = text_on(convention, day)
    by_key = {act.pk: act for act in convention.acts.all()}
    while (base := by_key.get(text.base_id or 0)) and base.ends_on == text.ends_on:
        text = base
    return text


def term_of(path: str) -> Subquery:
    """`term` in SQL for a list, before the end of the convention found at `path`: of its text in force today."""
    signed = Act.objects.filter(
        convention=OuterRef(path), state=ConventionState.ACTIVE, effective_on__lte=zones.today()
    )
    return Subquery(signed.order_by("-effective_on", "-latest", "-number").values("ends_on")[:1])


def years_label(convention: Convention, term_on: dt.date | None) -> str:
    """« 2025-2028 »: the years of a convention, whose term `term_of` gave; those of its cycle before it is signed."""
    days = [day for day in (term_on, convention.ended_on) if day]
    return f"{convention.cycle.first_year}-{min(days).year}" if term_on else convention.cycle.years_label


def not_covering(texts: QuerySet[Act], year: int) -> QuerySet[Act]:
    """Those of these texts whose convention ends before that year."""
    return texts.annotate(last=LAST_YEAR).filter(last__lt=year)


def last_years(texts: QuerySet[Act]) -> dict[int, int]:
    """How many of these texts, one for each convention, cover each last year; one query.

    A convention that was terminated covers the year of its end.
    """
    return dict(texts.order_by().annotate(last=LAST_YEAR).values_list("last").annotate(n=Count("pk")))


def shown_years(cycle: Cycle, last: Iterable[int]) -> list[int]:
    """The years that the pages about several conventions show: those of the cycle, and those that an extension adds.

    `last`: the last years of the texts in force of the conventions that the page is about.
    """
    return list(range(cycle.first_year, max([cycle.last_year, *last]) + 1))
