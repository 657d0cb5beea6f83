"""What the State paid was recorded beside what other funders paid; it moves to the payments, where the sums hold.

A fact that the contribution of its year cannot hold, or that names a fiche, stays where it is: it still counts in the
funding plan, and its service voids it. The facts that moved are voided, with the reason.
"""

from decimal import Decimal
from typing import Any

from django.db import migrations
from django.db.models import Sum

from cpo.lib import clock

STATE_ACCOUNT = "74-ETAT"
REASON = "Repris dans l’onglet Versements."
LINES = ("socle", "complementaire", "specifique")


def take_over(apps: Any, schema_editor: Any) -> None:
    facts = apps.get_model("conventions", "FundingFact").objects.filter(
        kind="paid", account__code=STATE_ACCOUNT, sheet_key=None, voided_at=None
    )
    for fact in facts.order_by("dated_on", "pk"):
        rooms, instalments = _rooms(apps, fact), _instalments(apps, fact)
        if fact.amount > sum(room for _, room in rooms) or fact.amount > sum(room for _, room in instalments):
            continue
        left = fact.amount
        for contribution, room in rooms:
            if share := min(left, room):
                left -= share
                instalments = _pay(apps, fact, contribution, share, instalments)
        fact.voided_by_id, fact.voided_at, fact.void_reason = fact.recorded_by_id, clock.now(), REASON
        fact.save(update_fields=["voided_by", "voided_at", "void_reason"])


def _rooms(apps: Any, fact: Any) -> list[tuple[Any, Decimal]]:
    """The contributions of the year that the funder of the fact can mean, with what of each is not committed."""
    text = _text(apps, fact)
    if text is None:
        return []
    rows = list(text.contributions.filter(year=fact.year).select_related("service"))
    own = [row for row in rows if fact.funder in (row.service.short_name, row.service.name)]
    resources = text.programme.resources.filter(account__code=STATE_ACCOUNT)
    if not own and set(resources.values_list("funder", flat=True)) == {fact.funder}:
        own = rows
    Commitment = apps.get_model("reporting", "Commitment")
    rooms = []
    for row in sorted(own, key=lambda one: (LINES.index(one.line), one.pk)):
        same = {"year": row.year, "line": row.line, "service": row.service, "voided_at": None}
        committed = Commitment.objects.filter(convention=fact.convention_id, **same).aggregate(s=Sum("amount"))["s"]
        rooms.append((row, row.amount - (committed or Decimal(0))))
    return rooms


def _instalments(apps: Any, fact: Any) -> list[tuple[Any, Decimal]]:
    text = _text(apps, fact)
    payments = apps.get_model("reporting", "Payment").objects.filter(convention=fact.convention_id, voided_at=None)
    rows = text.instalments.filter(year=fact.year).order_by("rank") if text else []
    rooms = []
    for row in rows:
        paid = payments.filter(year=row.year, rank=row.rank).aggregate(s=Sum("amount"))["s"] or Decimal(0)
        rooms.append((row, max(row.amount - paid, Decimal(0))))
    return rooms


def _text(apps: Any, fact: Any) -> Any:
    acts = apps.get_model("conventions", "Act").objects.select_related("programme")
    return acts.filter(convention=fact.convention_id, latest=True).first()


def _pay(apps: Any, fact: Any, contribution: Any, amount: Decimal, instalments: list[Any]) -> list[Any]:
    """Write one commitment and its payments; return what remains of the instalments."""
    whole = {"convention_id": fact.convention_id, "year": fact.year, "taken_over": True}
    commitment = apps.get_model("reporting", "Commitment").objects.create(
        line=contribution.line,
        service_id=contribution.service_id,
        amount=amount,
        committed_on=fact.dated_on,
        recorded_by_id=fact.recorded_by_id,
        recorded_at=fact.recorded_at,
        **whole,
    )
    left = []
    for rank, (row, room) in enumerate(instalments):
        share = min(amount, room)
        amount -= share
        left.append((row, room - share))
        if share:
            advance = "avance" in row.label.lower() or (rank == 0 and len(instalments) > 1)
            apps.get_model("reporting", "Payment").objects.create(
                commitment_id=commitment.pk,
                rank=row.rank,
                label=row.label,
                kind="avance" if advance else "solde",
                amount=share,
                state="paid",
                proposed_by_id=fact.recorded_by_id,
                proposed_at=fact.recorded_at,
                paid_on=fact.dated_on,
                paid_by_id=fact.recorded_by_id,
                **whole,
            )
    return left


class Migration(migrations.Migration):
    dependencies = [("reporting", "0009_payments")]

    operations = [migrations.RunPython(take_over, migrations.RunPython.noop)]
