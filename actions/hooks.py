"""The answers of this application to the questions of `arml` about the cycle."""

from arml.notifications import cycle_years

from .models import Cycle


@cycle_years.answer
def years_of_the_cycle(year: int) -> str:
    cycle = Cycle.objects.filter(first_year__lte=year, last_year__gte=year).order_by("-first_year").first()
    return f"{cycle.first_year}-{cycle.last_year}" if cycle else ""
