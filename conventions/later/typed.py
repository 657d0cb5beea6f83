"""What was typed of an act signed on paper, value by value: what its correction shows, compares and writes.

A value has the same name in every act of a convention, so that the acts that took an error over are corrected with it.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import CharField, QuerySet, TextField

from actions.models import Programme, Sheet
from actions.services.sheets import SHEET_FIELDS
from conventions.models import Act, Party, Signature
from cpo.lib import clock
from cpo.lib.money import ZERO
from cpo.lib.wording import french

PARTIES, AMOUNTS = "parties", "montants"
SHORT = 120


@dataclass(frozen=True)
class Line:
    """`name`: that of its field; `place`: `PARTIES`, `AMOUNTS` or the key of a fiche; `own`: no later act has it too.

    `write` saves another value; an amount of zero removes its row.
    """

    name: str
    place: str
    label: str
    value: Any
    write: Callable[[Any], object]
    own: bool = False
    longest: int | None = SHORT  # of a text; None: of several lines

    def words(self, value: Any) -> str:
        if isinstance(value, dt.date):
            return french.date(value)
        return french.euros(value) if isinstance(value, Decimal) else value or "vide"


def lines(act: Act) -> dict[str, Line]:
    """All that was typed, by name, in the order of the pages."""
    rows = [*_dates(act), *_signatories(act), *_amounts(act), *_texts(act)]
    return {line.name: line for line in rows}


def differences(known: Mapping[str, Line], values: Mapping[str, Any]) -> list[str]:
    """« Contribution 2026 : 40 000 € → 41 000 € » for each value that is another one."""
    return [
        f"{known[name].label}\u00a0: {known[name].words(known[name].value)} → {known[name].words(value)}"
        for name, value in values.items()
        if value != known[name].value
    ]


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


TEXTS = [
    field
    for name in SHEET_FIELDS
    if name != "code" and isinstance(field := Sheet._meta.get_field(name), CharField | TextField) and not field.choices
]


def _texts(act: Act) -> Iterator[Line]:
    for sheet in act.programme.sheets.all():
        for field in TEXTS:
            label = f"Fiche {sheet.code}, {field.verbose_name}"
            yield Line(f"{field.name}-{sheet.key}", str(sheet.key), label, getattr(sheet, field.name),
                       _text_of(sheet, field.name), longest=field.max_length)  # fmt: skip


def _text_of(sheet: Sheet, name: str) -> Callable[[Any], object]:
    return lambda value: Sheet.objects.filter(pk=sheet.pk).update(**{name: value})
