"""An extract of Chorus (restitution of payments) → rows; each row → the payment that it may be."""

import csv
import datetime as dt
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError

from cpo.lib.files.kinds import Kind
from cpo.lib.files.workbooks import first_sheet
from cpo.lib.wording.accents import plain
from cpo.lib.wording.numbers import parse_french_decimal
from reporting.enums import PaymentState
from reporting.models import Payment

# The names that a restitution gives to its columns, without accents; the first that is found counts.
FIELDS: dict[str, tuple[str, tuple[str, ...]]] = {
    "ej": ("Numéro d’EJ", ("n° ej", "numero ej", "ej", "n° engagement juridique", "engagement juridique")),
    "dp": ("Numéro de DP", ("n° dp", "numero dp", "dp", "n° demande de paiement", "demande de paiement")),
    "siret": ("SIRET du bénéficiaire", ("siret", "n° siret", "siret du beneficiaire", "siret tiers")),
    "amount": ("Montant payé", ("montant paye", "montant", "cp consommes", "montant cp", "montant ttc", "paye")),
    "day": ("Date de paiement", ("date de paiement", "date paiement", "date de reglement", "date comptable", "date")),
}
REQUIRED = ("ej", "amount", "day")
HEAD = 20  # rows among which the headers are looked for
MOST = 2_000  # rows
EXTRACT = Kind("d’un extrait de Chorus", "à l’extrait", "Refaites l’extraction")
FRENCH_DAY = re.compile(r"([0-9]{2})[/.]([0-9]{2})[/.]([0-9]{4})")


def table(data: bytes, name: str) -> list[list[Any]]:
    """The cells of an XLSX (its first sheet) or of a CSV, in UTF-8 or Windows-1252. Raises ValidationError."""
    if data.startswith(b"PK"):
        return first_sheet(data, kind=EXTRACT).rows
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
    if "\0" in text:
        raise ValidationError("Ce fichier n’est ni un classeur XLSX, ni un fichier CSV.")
    head = text[:4_000]
    separator = max(";\t,", key=head.count)
    rows: list[list[Any]] = list(csv.reader(io.StringIO(text), delimiter=separator))
    if len(rows) > MOST + HEAD:
        raise ValidationError(f"Ce fichier a plus de {MOST} lignes. Extrayez une période plus courte.")
    return rows


def _words(cell: Any) -> str:
    return " ".join(plain(str(cell if cell is not None else "")).replace("no ", "n° ").split())


def headers(rows: Sequence[Sequence[Any]]) -> tuple[int, list[str]]:
    """The rank of the row of headers, and its words: the first row that names two fields, else the first one filled."""
    known = {name for _, names in FIELDS.values() for name in names}
    filled = [(rank, row) for rank, row in enumerate(rows[:HEAD]) if any(str(cell or "").strip() for cell in row)]
    if not filled:
        raise ValidationError("Ce fichier est vide.")
    rank, row = next(
        ((rank, row) for rank, row in filled if sum(_words(cell) in known for cell in row) >= 2), filled[0]
    )
    return rank, [" ".join(str(cell or "").split()) for cell in row]


def recognised(columns: Sequence[str]) -> dict[str, str]:
    """The header of each field that is recognised."""
    by_words = {_words(column): column for column in reversed(columns) if column}
    found = {field: [by_words[one] for one in names if one in by_words] for field, (_, names) in FIELDS.items()}
    return {field: names[0] for field, names in found.items() if names}


def read(rows: Sequence[Sequence[Any]], rank: int, mapping: dict[str, str]) -> list[dict[str, Any]]:
    """The rows below the headers: {row, ej, dp, siret, amount, day (ISO), fault}. A wrong row has its fault, alone."""
    columns = [" ".join(str(cell or "").split()) for cell in rows[rank]]
    places = {field: columns.index(column) for field, column in mapping.items() if column in columns}
    result = []
    for number, row in enumerate(rows[rank + 1 :], start=rank + 2):
        cells = {field: row[place] if place < len(row) else "" for field, place in places.items()}
        if any(str(cell or "").strip() for cell in cells.values()):
            result.append({"row": number, **_row(cells)})
    return result


def _row(cells: dict[str, Any]) -> dict[str, Any]:
    texts = {name: _number(cells.get(name)) for name in ("ej", "dp", "siret")}
    faults, amount, day = [], "", ""
    try:
        amount = str(_amount(cells.get("amount")))
    except ValueError:
        faults.append(f"le montant « {cells.get('amount') or ''} » ne se lit pas")
    try:
        day = _day(cells.get("day")).isoformat()
    except ValueError:
        faults.append(f"la date « {cells.get('day') or ''} » ne se lit pas")
    if not texts["ej"]:
        faults.append("le numéro d’EJ manque")
    return {**texts, "amount": amount, "day": day, "fault": " ; ".join(faults)}


def _number(cell: Any) -> str:
    """A number as Chorus writes it, whatever type the spreadsheet gave it: 2102000001.0 is « 2102000001 »."""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return "".join(str(cell if cell is not None else "").split())[:20]


def _amount(cell: Any) -> Decimal:
    amount = Decimal(str(cell)) if isinstance(cell, int | float) else parse_french_decimal(str(cell or ""))
    return amount.quantize(Decimal("0.01"))


def _day(cell: Any) -> dt.date:
    if isinstance(cell, dt.datetime):
        return cell.date()
    if isinstance(cell, dt.date):
        return cell
    text = str(cell or "").strip()[:10]
    if french := FRENCH_DAY.fullmatch(text):
        day, month, year = map(int, french.groups())
        return dt.date(year, month, day)
    return dt.date.fromisoformat(text)


@dataclass
class Match:
    """A row of the extract, and what it may be. `why_not`: why nothing is proposed; `done`: it is recorded already."""

    row: dict[str, Any]
    payment: Payment | None = None
    why_not: str = ""
    done: bool = False

    @property
    def amount(self) -> Decimal | None:
        return Decimal(self.row["amount"]) if self.row["amount"] else None

    @property
    def day(self) -> dt.date | None:
        return dt.date.fromisoformat(self.row["day"]) if self.row["day"] else None


def match(row: dict[str, Any], payments: Iterable[Payment]) -> Match:
    """The one payment of this EJ, SIRET and amount that is certified or ordered, and whose steps precede the day."""
    if row["fault"]:
        return Match(row, why_not=row["fault"])
    amount, day = Decimal(row["amount"]), dt.date.fromisoformat(row["day"])
    same = [
        one
        for one in payments
        if one.commitment.number == row["ej"]
        and one.amount == amount
        and (not row["siret"] or one.commitment.siret == row["siret"])
    ]
    paid = [one for one in same if one.state == PaymentState.PAID and one.paid_on == day and _same_request(one, row)]
    if paid:
        return Match(row, paid[0], done=True)
    open_ones = [
        one for one in same if one.state in (PaymentState.CERTIFIED, PaymentState.ORDERED) and _same_request(one, row)
    ]
    if not open_ones:
        return Match(row, why_not="aucun versement certifié n’a cet EJ, ce bénéficiaire et ce montant")
    if len(open_ones) > 1:
        return Match(row, why_not="plusieurs versements répondent : enregistrez celui-ci depuis sa convention")
    payment = open_ones[0]
    first = payment.ordered_on or payment.commitment.committed_on
    if day < first:
        return Match(row, why_not="la date précède l’étape d’avant")
    if payment.state == PaymentState.CERTIFIED and not row["dp"]:
        return Match(row, why_not="le numéro de DP manque pour le mandatement")
    return Match(row, payment)


def _same_request(payment: Payment, row: dict[str, Any]) -> bool:
    return not payment.number or not row["dp"] or "".join(payment.number.split()) == row["dp"]
