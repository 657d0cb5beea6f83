"""Contributions, instalments and the State's lines of the fiches must agree, year by year."""

from collections.abc import Iterator
from decimal import Decimal

from actions import completeness
from conventions.cache import of_revision
from conventions.enums import ContributionLine
from conventions.guards.addresses import url
from conventions.guards.payments import amount_field
from conventions.models import Act
from cpo.lib.hooks import Hook
from cpo.lib.money import total
from cpo.lib.wording.french import euros
from cpo.lib.workflow import Missing


def _nothing_committed(act: Act) -> list[Missing]:
    return []


committed_beyond = Hook(_nothing_committed)  # answered in reporting/hooks.py, which keeps the commitments


def keeps_committed(act: Act) -> Iterator[Missing]:
    """A later text agrees at least what the State already committed: the database refuses the others."""
    if act.number:
        yield from committed_beyond(act)


def state_total(act: Act) -> Decimal:
    return of_revision(
        act, "state_total", lambda: total(contribution.amount for contribution in act.contributions.all())
    )


def money_adds_up(act: Act) -> Iterator[Missing]:
    """For each year, the contribution equals the State's lines of the fiches and the instalments; it is at most the
    eligible cost."""
    totals = completeness.totals(act.programme)
    contributions: dict[int, Decimal] = {}
    for contribution in act.contributions.all():
        contributions[contribution.year] = contributions.get(contribution.year, Decimal(0)) + contribution.amount
    instalments: dict[int, Decimal] = {}
    for instalment in act.instalments.all():
        instalments[instalment.year] = instalments.get(instalment.year, Decimal(0)) + instalment.amount
    page = url(act, "convention-contribution")
    for year in act.programme.years_to_fill:
        contribution_total = contributions.get(year, Decimal(0))
        amount = f"{page}#id_m-{act.dossier.lead_id}-{ContributionLine.BASE}-{year}"
        if not contribution_total and year > act.programme.cycle.last_year:
            yield Missing(f"{year}\u00a0: la prolongation ne porte pas de contribution de l’État", amount, "warning")
        elif not contribution_total:
            yield Missing(f"Contribution de l’État en {year}", amount)
            continue
        state_lines = totals.state_by_year.get(year, Decimal(0))
        if state_lines != contribution_total:
            yield Missing(
                f"{year} : les fiches demandent {euros(state_lines)} à l’État, "
                f"la contribution est de {euros(contribution_total)}",
                amount,
            )
        eligible = totals.eligible_by_year.get(year, Decimal(0))
        if contribution_total > eligible:
            yield Missing(
                f"{year} : la contribution ({euros(contribution_total)}) dépasse le coût éligible ({euros(eligible)})",
                amount,
            )
        planned = instalments.get(year, Decimal(0))
        if planned != contribution_total:
            yield Missing(
                f"{year} : l’échéancier ({euros(planned)}) ne donne pas la contribution ({euros(contribution_total)})",
                f"{page}#{amount_field(act, year)}",
            )
