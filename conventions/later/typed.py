"""What was typed of an act signed on paper, value by value: what its correction shows, compares and writes.

A value has the same name in every act of a convention, so that the acts that took an error over are corrected with it.
"""

import datetime as dt
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from actions.models import Programme, Sheet
from conventions.later.lines import AMOUNTS, PARTIES, Line
from conventions.later.typed_sheets import sheet_lines
from conventions.models import Act, Instalment, Party, Signature
from cpo.lib import clock
from cpo.lib.money import ZERO


def lines(act: Act) -> dict[str, Line]:
    """All that was typed, by name, in the order of the pages."""
    rows = [*_dates(act), *_signatories(act), *_payments(act), *sheet_lines(act), *_amounts(act)]
    return {line.name: line for line in rows}


def _dates(act: Act) -> Iterator[Line]:
    labels = {"notified_on": "Notification", "effective_on": "Prise d’effet", "ends_on": "Terme de la convention"}
    for name, label in labels.items():
        yield Line(name, PARTIES, label, getattr(act, name), _date_of(act, name), own=name != "ends_on")


def save_dates(act: Act) -> None:
    act.save(update_fields=["signed_on", "notified_on", "effective_on", "ends_on"])


def _date_of(act: Act, name: str) -> Callable[[Any], object]:
    def write(day: dt.date) -> None:
        setattr(act, name, day)  # `save_dates` saves them together, once they agree
        if name == "ends_on":
            Programme.objects.filter(pk=act.programme_id).update(term_year=day.year)

    return write


def _signatories(act: Act) -> Iterator[Line]:
    document = act.documents.to_sign().first()
    parties = act.parties.filter(signs=True).select_related("organisation")
    signatures = {one.party_id: one for one in document.signatures.filter(voided_at=None)} if document else {}
    for party in parties:
        who, key = party.organisation.short_name or party.organisation.name, party.organisation_id
        if signature := signatures.get(party.pk):
            yield Line(f"signed-{key}", PARTIES, f"{who}, signé le", signature.signed_on,
                       _signature_of(act, party, "signed_on"), own=True)  # fmt: skip
        for name, label in (("signatory_name", "nom du signataire"), ("capacity", "en qualité de")):
            yield Line(f"{name}-{key}", PARTIES, f"{who}, {label}", getattr(party, name),
                       _signature_of(act, party, name), own=True)  # fmt: skip


def _signature_of(act: Act, party: Party, name: str) -> Callable[[Any], object]:
    """A signature never changes: the one that was recorded is voided, and stays readable."""

    def write(value: Any) -> None:
        if name != "signed_on":
            Party.objects.filter(pk=party.pk).update(**{name: value})
        former = Signature.objects.of_text(act).filter(party=party, voided_at=None, document__voided_at=None)
        for signature in former:
            Signature.objects.filter(pk=signature.pk).update(voided_at=clock.now())
            signature.pk, signature._state.adding = None, True
            setattr(signature, name, value)
            signature.recorded_at = clock.now()
            signature.save(force_insert=True)

    return write


def _payments(act: Act) -> Iterator[Line]:
    """What the plan says of each payment, besides its amount."""
    for row in act.instalments.all():
        for name in ("label", "due_on", "condition"):
            field: Any = Instalment._meta.get_field(name)
            label = f"Versement {row.year}, {row.label}, {field.verbose_name}"
            yield Line(f"{name}-{row.year}-{row.rank}", AMOUNTS, label, getattr(row, name), _payment_of(row, name),
                       longest=field.max_length or 0, day=name == "due_on")  # fmt: skip


def _payment_of(row: Instalment, name: str) -> Callable[[Any], object]:
    return lambda value: Instalment.objects.filter(pk=row.pk).update(**{name: value})


def _amounts(act: Act) -> Iterator[Line]:
    for row in act.contributions.select_related("service"):
        name = f"contribution-{row.year}-{row.line}-{row.service_id}"
        label = f"Contribution {row.year}, {row.get_line_display().lower()}, {row.service}"
        yield _amount(act.contributions, row, name, label, AMOUNTS)
    for payment in act.instalments.all():
        name = f"versement-{payment.year}-{payment.rank}"
        yield _amount(act.instalments, payment, name, f"Versement {payment.year}, {payment.label}", AMOUNTS)
    for expense in act.programme.expenses.select_related("account", "sheet"):
        name = f"charge-{_place(expense.sheet)}-{expense.account_id}-{expense.year}"
        label = f"Charges {expense.year}, {expense.account}"
        yield _amount(act.programme.expenses, expense, name, label, _place(expense.sheet))
    for resource in act.programme.resources.select_related("account", "sheet"):
        name = f"produit-{_place(resource.sheet)}-{resource.account_id}-{resource.year}-{_part(resource.funder)}"
        label = f"Produits {resource.year}, {resource.funder or resource.account}"
        yield _amount(act.programme.resources, resource, name, label, _place(resource.sheet))


def _place(sheet: Sheet | None) -> str:
    return str(sheet.key) if sheet else AMOUNTS


def _part(text: str) -> str:
    """Write any text as a part of the name of a field."""
    return text.encode().hex()


def _amount(rows: Any, row: Any, name: str, label: str, place: str) -> Line:
    def write(amount: Decimal) -> None:
        own: QuerySet[Any] = rows.filter(pk=row.pk)
        own.delete() if amount == ZERO else own.update(amount=amount)

    return Line(name, place, label, row.amount, write)
