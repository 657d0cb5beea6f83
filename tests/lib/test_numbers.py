"""Amounts and whole numbers are read in one way: ASCII digits, and not what a normalisation makes of others."""

import ast
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from django import forms
from django.urls import URLPattern, URLResolver, get_resolver, resolve
from django.urls.converters import IntConverter
from django.urls.exceptions import Resolver404

from cpo.lib.forms.base import DsfrForm
from cpo.lib.forms.fields import FrenchDateField, FrenchDecimalField, MoneyField, parse_french_date
from cpo.lib.wording.numbers import parse_french_decimal, whole_number

ROOT = Path(__file__).resolve().parent.parent.parent
# Superscript, circled, Roman, fraction; Arabic, Devanagari, full-width and mathematical digits.
NOT_DIGITS = ["²", "①", "Ⅳ", "½", "٣", "३", "５", "𝟓", "𑁨"]


@pytest.mark.parametrize("other", NOT_DIGITS)
@pytest.mark.parametrize("where", ["500{}", "{}500", "5{}0", "{}", "12,{}", "-{}", "5 {}"])
def test_what_is_no_ascii_digit_is_no_digit_of_an_amount_nor_of_a_whole_number(other: str, where: str) -> None:
    text = where.format(other)
    with pytest.raises(ValueError, match=re.escape(text.strip())):
        parse_french_decimal(text)
    assert whole_number(text) is None
    for field in (MoneyField(), FrenchDecimalField()):
        with pytest.raises(forms.ValidationError, match="n’est pas un"):
            field.clean(text)


@pytest.mark.parametrize(
    "text", ["5\t002", "5\n002", "5\u2028002", "5 \r\n002", "1_000", "1e3", "1.234", "+5", "5-", "١"]
)
def test_two_cells_pasted_into_one_are_not_one_number(text: str) -> None:
    with pytest.raises(ValueError):
        parse_french_decimal(text)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1 234,56", "1234.56"),
        ("1\u00a0234.5", "1234.5"),
        ("1\u202f234", "1234"),
        ("1\u2009234", "1234"),
        ("1’234", "1234"),
        ("−12", "-12"),
        (" 007 ", "7"),
        ("0.123", "0.123"),
    ],
)
def test_an_amount_is_read_as_people_type_it(text: str, number: str) -> None:
    assert parse_french_decimal(text) == Decimal(number)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        *[("12", 12), (" 12 ", 12), ("0", 0), (7, 7), ("999999999", 999_999_999), ("9999999999", None)],
        *[("", None), (None, None), ("-1", None), ("1 000", None), ("1,0", None), ("9" * 19, None)],
    ],
)
def test_a_whole_number_is_digits_that_a_column_can_hold(text: object, number: int | None) -> None:
    assert whole_number(text) == number


@pytest.mark.parametrize("other", NOT_DIGITS)
def test_a_field_for_a_whole_number_refuses_what_int_would_read(other: str) -> None:
    class Invented(DsfrForm):
        count = forms.IntegerField(min_value=-5)

    for text in (other, f"1{other}", "1_0", "9" * 19, "9" * 5000):
        assert "count" in Invented({"count": text}).errors, text
    form = Invented({"count": " -5 "})
    assert form.is_valid() and form.cleaned_data == {"count": -5}


@pytest.mark.parametrize("text", ["٠٨/١٠/٢٠٢٥", "０8/10/2025", "8 octobre ２０２５", "²/10/2025", "2025-1²-01"])
def test_a_date_has_ascii_digits(text: str) -> None:
    with pytest.raises(ValueError):
        parse_french_date(text)
    with pytest.raises(forms.ValidationError):
        FrenchDateField().clean(text)


def patterns(resolver: URLResolver) -> Iterator[URLPattern]:
    for one in resolver.url_patterns:
        if isinstance(one, URLResolver):
            yield from patterns(one)
        else:
            yield one


def test_no_address_takes_a_number_that_overflows_a_column() -> None:
    found = list(patterns(get_resolver()))
    assert len(found) > 100
    assert not [one for one in found if any(isinstance(c, IntConverter) for c in one.pattern.converters.values())]
    assert resolve("/echeances/999999999/").kwargs == {"pk": 999_999_999}
    for text in ("9" * 19, "9" * 10, "²", "٣"):
        with pytest.raises(Resolver404):
            resolve(f"/echeances/{text}/")


# `int(x)` on what is no text: a number, or a part that a pattern of ASCII digits has matched.
READ_ELSEWHERE = {
    "cpo/lib/wording/numbers.py",
    "cpo/dev",
    "cpo/lib/files/workbooks.py",  # names of cells and attributes of XML, matched by [0-9] or refused as a whole
}


def test_no_other_code_asks_python_what_a_digit_is() -> None:
    """`isdigit` and `isdecimal` of a text that somebody typed are how « ² » came in; NFKC is how it became a 2."""
    culprits = []
    for folder in ("cpo", "arml", "actions", "conventions", "reporting"):
        for path in (ROOT / folder).rglob("*.py"):
            name = str(path.relative_to(ROOT))
            if any(name.startswith(one) for one in READ_ELSEWHERE):
                continue
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                asked = isinstance(node, ast.Attribute) and node.attr in (
                    "isdigit",
                    "isdecimal",
                    "isnumeric",
                )
                if asked or (isinstance(node, ast.Constant) and node.value in ("NFKC", "NFKD")):
                    culprits.append(f"{name}:{node.lineno}")
    assert not culprits


@pytest.mark.parametrize("text", ["2 400 1 200", "12 34", "1 234,5 6", "1234 567", "1 2345"])
def test_two_numbers_in_one_cell_are_refused(text):
    with pytest.raises(ValueError, match=text):
        parse_french_decimal(text)


@pytest.mark.parametrize(
    ("text", "amount"), [("12 345 678", "12345678"), ("1’234,5", "1234.5"), ("- 5", "-5"), ("−1\u202f000", "-1000")]
)
def test_separators_of_thousands_stand_before_three_digits(text, amount):
    assert parse_french_decimal(text) == Decimal(amount)
