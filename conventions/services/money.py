"""The State's contribution per year, line and service; the plan of its payments."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.core.exceptions import ValidationError

from arml.models import Organisation, User
from conventions.enums import ContributionLine, PartyRole
from conventions.guards.payments import day_fault
from conventions.models import Act, Contribution, Instalment
from cpo.lib.actor import Actor
from cpo.lib.money import to_cents

from .base import act_editing


@dataclass(frozen=True)
class ContributionRow:
    year: int
    amount: Decimal
    service: Organisation
    line: str = ContributionLine.BASE
    note: str = ""


@dataclass(frozen=True)
class InstalmentRow:
    year: int
    amount: Decimal
    label: str
    condition: str = ""
    due_on: dt.date | None = None


def set_contributions(
    *, act: Act, rows: Iterable[ContributionRow], by: User | Actor, expected_revision: int | None
) -> None:
    """Replace the whole contribution; an amount of zero gives no row. Raises ValidationError for a wrong row."""
    rows_by_key = {(row.year, row.line, row.service.pk): row for row in rows if row.amount}
    with act_editing(
        act,
        by=by,
        expected_revision=expected_revision,
        element="la contribution de l’État",
        state_only=True,
        of_amounts=True,
    ) as (fresh, _):
        payers = set(
            fresh.parties.filter(role__in=(PartyRole.LEAD, PartyRole.COSIGNER)).values_list(
                "organisation_id", flat=True
            )
        )
        for row in rows_by_key.values():
            _check_amount(fresh, row.year, row.amount)
            if row.service.pk not in payers:
                raise ValidationError(f"{row.service} n’est pas partie à la convention : il n’y contribue pas.")
            if row.line not in ContributionLine.values:
                raise ValidationError(f"La ligne « {row.line} » n’existe pas.")
        existing = {(c.year, c.line, c.service_id): c for c in fresh.contributions.all()}
        for key, contribution in existing.items():
            if key not in rows_by_key:
                contribution.delete()
        for key, row in rows_by_key.items():
            contribution = existing.get(key) or Contribution(
                act=fresh, year=row.year, line=row.line, service=row.service
            )
            amount, note = to_cents(row.amount), row.note.strip()
            if contribution.pk is None or (contribution.amount, contribution.note) != (amount, note):
                contribution.amount, contribution.note = amount, note
                contribution.save()


def set_instalments(
    *, act: Act, rows: Iterable[InstalmentRow], by: User | Actor, expected_revision: int | None
) -> None:
    """Replace the plan of payments. Within each year, payments keep the order of `rows`."""
    instalment_rows = [row for row in rows if row.amount]
    with act_editing(
        act,
        by=by,
        expected_revision=expected_revision,
        element="l’échéancier des versements",
        state_only=True,
        of_amounts=True,
    ) as (fresh, _):
        ranks: dict[int, int] = {}
        instalments = []
        former_days = set(fresh.instalments.values_list("year", "due_on"))
        for row in instalment_rows:
            _check_amount(fresh, row.year, row.amount)
            if not row.label.strip():
                raise ValidationError("Donnez l’objet de chaque versement (avance, solde…).")
            if (row.year, row.due_on) not in former_days and (fault := day_fault(fresh, row.year, row.due_on)):
                raise ValidationError(f"{row.label.strip()} {row.year}\u00a0: {fault}")
            ranks[row.year] = ranks.get(row.year, 0) + 1
            instalments.append(
                Instalment(
                    act=fresh,
                    year=row.year,
                    rank=ranks[row.year],
                    label=row.label.strip(),
                    condition=row.condition.strip(),
                    due_on=row.due_on,
                    amount=to_cents(row.amount),
                )
            )
        fresh.instalments.all().delete()
        Instalment.objects.bulk_create(instalments)


def _check_amount(act: Act, year: int, amount: Decimal) -> None:
    years = act.programme.years
    if year not in years:
        raise ValidationError(f"L’année {year} est hors de la convention ({years[0]}-{years[-1]}).")
    if amount < 0:
        raise ValidationError("Un montant ne peut pas être négatif.")
