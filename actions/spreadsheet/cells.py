"""The cells of one row as values; each error is recorded with its cell."""

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeVar

from django.db.models import TextChoices

from cpo.lib.forms.fields import parse_french_date
from cpo.lib.wording import french
from cpo.lib.wording.numbers import parse_french_decimal

from .layout import LONGEST, cell_text, plain, same_title

Choices = TypeVar("Choices", bound=TextChoices)


@dataclass(frozen=True)
class Fault:
    """An error that prevents the import, and its cell: « Charges!D12 »."""

    sheet: str
    cell: str
    message: str

    @property
    def address(self) -> str:
        return f"{self.sheet}!{self.cell}"


class Faults(list[Fault]):
    """One fault for each cell: the first one usually causes the others."""

    def __init__(self) -> None:
        super().__init__()
        self.cells: set[tuple[str, str]] = set()

    def add(self, sheet: str, cell: str, message: str) -> None:
        if (sheet, cell) not in self.cells:
            self.cells.add((sheet, cell))
            self.append(Fault(sheet, cell, message))


@dataclass
class Row:
    """One row of a sheet: the value and the address of each of its columns."""

    sheet: str
    values: dict[str, Any]
    cells: dict[str, str]
    faults: Faults

    def fault(self, name: str, message: str) -> None:
        self.faults.add(self.sheet, self.cells.get(name) or next(iter(self.cells.values())), message)

    def text(self, name: str) -> str:
        """Return the text of a cell, whatever its type."""
        value = self.values.get(name)
        if value is None or isinstance(value, str):
            return (value or "").strip()
        if isinstance(value, bool):
            return "oui" if value else "non"
        if isinstance(value, float | int):
            number = _decimal(value)
            return str(value) if number is None else f"{number:f}".replace(".", ",")
        if isinstance(value, dt.date):
            return french.date(value, "num")
        return str(value)

    def required(self, name: str) -> str:
        text = self.text(name)
        if not text:
            self.fault(name, "Cette cellule est obligatoire.")
        return text

    def choice(self, name: str, choices: type[Choices], default: Choices | None = None) -> str:
        """Return a value of a closed list, from its label or its value."""
        text = self.required(name) if default is None else self.text(name)
        if not text:
            return default.value if default else ""
        for choice in choices:
            if same_title(text) in (same_title(choice.label), same_title(choice.value)):
                return str(choice.value)
        self.fault(name, f"« {text} » n’est pas dans la liste : {', '.join(choices.labels)}.")
        return ""

    def number(self, name: str, noun: str, places: int = 2) -> Decimal | None:
        """Return a typed or computed number, exactly: a float is rounded to the digits that a cell shows."""
        value = self.values.get(name)
        if value is None or value == "" or (isinstance(value, str) and not value.strip()):
            return None
        number: Decimal | None = None
        if isinstance(value, str):
            try:
                number = parse_french_decimal(value.strip().rstrip("€ \u00a0\u202f"))
            except ValueError:
                number = None
        elif isinstance(value, float | int) and not isinstance(value, bool):
            number = _decimal(value)
            if number is None and math.isfinite(value):
                self.fault(name, "Ce nombre est trop grand.")
                return None
        if number is None:
            self.fault(name, f"« {self.text(name)} » n’est pas {noun}.")
            return None
        if number != round(number, places):
            digits = f"au plus {places} chiffres après la virgule" if places else "un nombre entier"
            self.fault(name, f"« {self.text(name)} » : indiquez {digits}.")
            return None
        return number

    def identifier(self, name: str) -> str:
        """Return a number that identifies something: 1.1 typed as a number is the objective 1.1."""
        text = self.text(name)
        return text.replace(",", ".") if isinstance(self.values.get(name), float) else text

    def year(self, name: str, years: Sequence[int], default: int) -> int:
        number = self.number(name, "une année", places=0)
        if number is None or number in years:
            return default if number is None else int(number)
        self.fault(name, f"Choisissez une année de {years[0]} à {years[-1]}.")
        return default

    def day(self, name: str) -> dt.date | None:
        value = self.values.get(name)
        if isinstance(value, dt.datetime):
            return value.date()
        if isinstance(value, dt.date):
            return value
        text = self.text(name)
        if not text:
            return None
        try:
            if not isinstance(value, str):
                raise ValueError(text)
            return parse_french_date(text)
        except ValueError:
            self.fault(name, f"« {text} » n’est pas une date. Écrivez par exemple 08/10/2025.")
            return None

    def full_text(self, name: str, former: str) -> str:
        """Return the text of a cell, or `former` if it is unchanged: a cell can't contain every text of a field."""
        value = self.values.get(name)
        text = value if isinstance(value, str) else self.text(name)
        if text == cell_text(former):
            return former
        if len(former) > LONGEST:
            self.fault(name, "Ce texte est plus long que ce qu’une cellule contient. Modifiez-le dans l’application.")
        return plain(text).strip()


def _decimal(value: float) -> Decimal | None:
    """Return the number that the cell shows: spreadsheets show 15 digits, so that 0.1 + 0.2 is 0.3."""
    if not math.isfinite(value) or abs(value) >= 1e15:
        return None
    number = Decimal(f"{value:.15g}")
    return number.quantize(Decimal(1)) if number == number.to_integral_value() else number.normalize()
