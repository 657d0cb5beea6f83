"""The State's contribution to the signed conventions, by year and axis, and for how many of them each year is firm."""

from typing import Any

from django.db.models import Count, QuerySet

from conventions.enums import ActKind, ConventionState
from conventions.models import Act
from conventions.money import totals
from cpo.lib import zones

from .board import Selection


def money(selection: Selection) -> list[dict[str, Any]]:
    """Each year, with its total and its amount by axis. `status`: in words, whether the amount is firm."""
    sums, firm = selection.sums(), _firm_counts(selection)
    signed = {
        year: sum(count for last, count in selection.last_years.items() if year <= last) for year in selection.years
    }
    firm[selection.cycle.first_year] = signed[selection.cycle.first_year]
    return [
        {
            "year": year,
            "status": status(min(firm.get(year, 0), signed[year]), signed[year]),
            "total": sums.get((year, None)),
            "url": selection.link("montants", annee=year),
            "axes": [
                {"amount": sums.get((year, axis.pk)), "url": selection.link("axes", annee=year, axe=axis.number)}
                for axis in selection.cycle.axes.all()
            ],
        }
        for year in selection.years
    ]


def status(firm: int, signed: int) -> str:
    """« ferme », « prévision », or for how many of the conventions that cover the year it is firm."""
    if firm == signed:
        return "ferme" if signed else "prévision"
    return f"ferme pour {firm} sur {signed}" if firm else "prévision"


def _firm_counts(selection: Selection) -> dict[int, int]:
    """How many conventions have a year fixed by an annual act in force (article 4.3), by year.

    The first year is firm from the signature (`later.in_force.firm_years` is the rule of one text).
    """

    def build() -> QuerySet[Any, Any]:
        acts = Act.objects.filter(kind=ActKind.ANNUAL, state=ConventionState.ACTIVE, effective_on__lte=zones.today())
        acts = selection.within(acts, "convention").exclude(totals.after_the_end("convention"))
        counts = acts.order_by().values_list("year")
        return counts.annotate(n=Count("convention", distinct=True))

    return dict(selection.read("firm", build))
