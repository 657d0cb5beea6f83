"""Form fields for French numbers and dates, with errors in plain French."""

import datetime as dt
import re
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from cpo.lib.dates import MONTHS
from cpo.lib.wording.french import format_french_decimal
from cpo.lib.wording.numbers import parse_french_decimal

MONEY_MAX = Decimal("999999999999.99")  # numeric(14,2)


class FrenchDecimalField(forms.DecimalField):
    """A number with a comma; an invalid value is shown as typed. `symbols` are signs that may follow the number."""

    widget = forms.TextInput
    default_error_messages = {
        "invalid": "« %(value)s » n’est pas un nombre. Écrivez par exemple 325 000 ou 12,5.",
        "min_value": "Indiquez une valeur supérieure ou égale à %(limit_value)s.",
        "max_value": "Indiquez une valeur inférieure ou égale à %(limit_value)s.",
        "max_decimal_places": "Indiquez au plus %(max)s chiffres après la virgule.",
        "max_digits": "Ce nombre est trop grand.",
        "max_whole_digits": "Ce nombre est trop grand.",
    }
    symbols = "%"

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]  # the stubs say int
        if value in self.empty_values or (isinstance(value, str) and not value.strip()):
            return None
        if isinstance(value, Decimal | int):
            return Decimal(value)
        text = str(value).strip()
        try:
            return parse_french_decimal(text.rstrip(self.symbols + " \u00a0\u202f"))
        except ValueError as error:
            raise ValidationError(self.error_messages["invalid"], code="invalid", params={"value": text}) from error

    def validate(self, value: Any) -> None:
        forms.Field.validate(self, value)

    def run_validators(self, value: Any) -> None:
        """Run Django's checks of digits and limits with our messages; two equal messages appear once."""
        try:
            super().run_validators(value)
        except ValidationError as error:
            by_message = {str(item.message): item for item in map(self._reword, error.error_list)}
            raise ValidationError(list(by_message.values())) from None

    def _reword(self, error: ValidationError) -> ValidationError:
        message = self.error_messages.get(error.code or "", error.message)
        params = dict(error.params or {})
        if isinstance(params.get("limit_value"), Decimal | int | float):
            params["limit_value"] = format_french_decimal(Decimal(str(params["limit_value"])))
        return ValidationError(message, code=error.code, params=params)

    def prepare_value(self, value: Any) -> Any:
        return format_french_decimal(Decimal(value)) if isinstance(value, Decimal | int) else value

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {"inputmode": "decimal", "autocomplete": "off"}


class MoneyField(FrenchDecimalField):
    """An amount in euros, numeric(14,2), never negative unless `min_value=None` is passed."""

    default_error_messages = {
        "invalid": "« %(value)s » n’est pas un montant. Écrivez par exemple 325 000 ou 325000,50.",
        "min_value": "Un montant ne peut pas être inférieur à %(limit_value)s €.",
        "max_value": "Ce montant est trop grand.",
        "max_decimal_places": "Un montant a au plus deux chiffres après la virgule.",
        "max_digits": "Ce montant est trop grand.",
        "max_whole_digits": "Ce montant est trop grand.",
    }
    symbols = "€"

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("min_value", Decimal(0))
        kwargs.setdefault("max_value", MONEY_MAX)
        kwargs.setdefault("max_digits", 14)
        kwargs.setdefault("decimal_places", 2)
        super().__init__(**kwargs)

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, Decimal | int):
            return value
        amount = Decimal(value)
        return format_french_decimal(amount, places=0 if amount == amount.to_integral_value() else 2)


DATE_HINT = "Format attendu : JJ/MM/AAAA"


class FrenchDateInput(forms.DateInput):
    """A plain text input: a date picker would silently send nothing when the typed text is not a date."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"autocomplete": "off", **(attrs or {})}, format="%d/%m/%Y")

    def format_value(self, value: Any) -> str | None:
        if isinstance(value, str):  # a date stored as text in JSON
            try:
                value = dt.date.fromisoformat(value)
            except ValueError:
                return value
        return super().format_value(value)


def parse_french_date(text: str) -> dt.date:
    """Read 08/10/2025 (also with dots, dashes or spaces), 8 octobre 2025, 2025-10-08. Raises ValueError."""
    compact = " ".join(text.lower().split())
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", compact):
        return dt.date.fromisoformat(compact)
    if match := re.fullmatch(r"([0-9]{1,2})(?:er)? ([a-zéû]+) ([0-9]{4})", compact):
        return dt.date(int(match[3]), MONTHS.index(match[2]) + 1, int(match[1]))
    match = re.fullmatch(r"([0-9]{1,2})[/. -]([0-9]{1,2})[/. -]([0-9]{4})", compact)
    if not match:
        raise ValueError(text)
    day, month, year = (int(part) for part in match.groups())
    return dt.date(year, month, day)


class FrenchDateField(forms.DateField):
    """A date. `no_future=True` refuses a date after today, where the dossier of the page is (`cpo.lib.zones`)."""

    widget = FrenchDateInput
    default_error_messages = {
        "invalid": "« %(value)s » n’est pas une date. Écrivez par exemple 08/10/2025.",
        "future": "Le %(value)s est dans le futur. Indiquez une date passée.",
        "range": "L’année %(value)s est hors de portée. Vérifiez les quatre chiffres de l’année.",
    }

    def __init__(self, *, no_future: bool = False, **kwargs: Any) -> None:
        self.no_future = no_future
        hint = str(kwargs.pop("help_text", ""))
        if "JJ/MM/AAAA" not in hint:
            hint = f"{hint.rstrip('.')}. {DATE_HINT}" if hint else DATE_HINT
        super().__init__(help_text=hint, **kwargs)

    def to_python(self, value: Any) -> dt.date | None:
        if value in self.empty_values or (isinstance(value, str) and not value.strip()):
            return None
        if isinstance(value, dt.datetime):
            return value.date()
        if isinstance(value, dt.date):
            return value
        try:
            return parse_french_date(str(value))
        except ValueError as error:
            raise ValidationError(self.error_messages["invalid"], code="invalid", params={"value": value}) from error

    def validate(self, value: Any) -> None:
        super().validate(value)
        if value is None:
            return
        if not 1900 <= value.year <= 2100:
            raise ValidationError(self.error_messages["range"], code="range", params={"value": value.year})
        if self.no_future:
            from cpo.lib import zones

            if value > zones.today():
                raise ValidationError(
                    self.error_messages["future"], code="future", params={"value": value.strftime("%d/%m/%Y")}
                )
