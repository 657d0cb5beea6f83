import datetime as dt
from decimal import Decimal

import pytest
from django import forms
from django.forms import formset_factory

from cpo.lib.forms.base import (
    DsfrForm,
    DsfrFormSet,
    FilterForm,
    FrenchDateField,
    FrenchDecimalField,
    MoneyField,
    field_errors,
)

NB, NNB = "\u00a0", "\u202f"


class SampleForm(DsfrForm):
    amount = MoneyField(label="Contribution")
    dated = FrenchDateField(label="Date", required=False, no_future=True)
    who = forms.ChoiceField(label="Qui", choices=[("a", "A")], widget=forms.RadioSelect, required=False)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 234,56", "1234.56"),
        (f"1{NB}234,56", "1234.56"),
        (f"1{NNB}234{NNB}567", "1234567"),
        ("1234.56", "1234.56"),
        ("325000", "325000"),
        ("325 000 €", "325000"),
        (f"12,5{NB}€", "12.5"),
        ("0", "0"),
        ("0.125", None),  # three decimals
        ("1.234", None),  # means 1234 or 1.234
        ("1,234,567", None),
        ("325 mille", None),
        ("12e3", None),
        ("NaN", None),
        ("-5", None),
        ("1234567890123", None),
    ],
)
def test_an_amount_is_read_as_french_people_type_it_and_the_ambiguous_is_refused(text: str, expected: str | None):
    field = MoneyField(label="Montant")
    if expected is None:
        with pytest.raises(forms.ValidationError):
            field.clean(text)
    else:
        assert field.clean(text) == Decimal(expected)


def test_a_blank_amount_is_not_zero():
    assert MoneyField(required=False).clean("  ") is None
    assert MoneyField(required=False).clean("0") == Decimal(0)


def test_a_refused_amount_says_what_to_write_and_stays_as_typed():
    form = SampleForm({"amount": "325 mille"})
    assert not form.is_valid()
    assert form.errors["amount"] == [
        f"«{NB}325 mille{NB}» n’est pas un montant. Écrivez par exemple 325{NB}000 ou 325000,50."
    ]
    html = str(form["amount"].as_field_group())
    assert 'value="325 mille"' in html
    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="id_amount_error"' in html
    assert 'id="id_amount_error"' in html


def test_an_amount_too_precise_or_negative_is_said_in_french():
    with pytest.raises(forms.ValidationError, match="au plus deux chiffres après la virgule"):
        MoneyField().clean("1,234")
    with pytest.raises(forms.ValidationError, match="inférieur à 0"):
        MoneyField().clean("-1")
    assert MoneyField(min_value=None).clean("−12") == Decimal(-12)


def test_an_amount_too_large_is_said_once():
    with pytest.raises(forms.ValidationError) as error:
        MoneyField().clean("1000000000000000")
    assert error.value.messages == ["Ce montant est trop grand."]


def test_a_stored_amount_is_shown_in_groups_of_three_with_cents_only_when_there_are_some():
    form = SampleForm(initial={"amount": Decimal("325000.00")})
    assert form["amount"].value() == f"325{NB}000"
    assert MoneyField().prepare_value(Decimal("1234.5")) == f"1{NB}234,50"


def test_an_amount_shown_and_sent_back_is_not_a_change():
    form = SampleForm({"amount": f"325{NB}000"}, initial={"amount": Decimal("325000.00")})
    assert not form.has_changed()


def test_a_decimal_keeps_its_comma():
    field = FrenchDecimalField(max_digits=6, decimal_places=3)
    assert field.clean("4,125") == Decimal("4.125")
    assert field.clean("64,3 %") == Decimal("64.3")
    assert field.prepare_value(Decimal("4.10")) == "4,1"


@pytest.mark.parametrize(
    "text", ["2025-10-08", "08/10/2025", "8.10.2025", "8-10-2025", " 08 10 2025 ", "8\u00a0octobre 2025"]
)
def test_a_date_is_read_as_people_write_it(text: str):
    assert FrenchDateField().clean(text) == dt.date(2025, 10, 8)


@pytest.mark.parametrize("text", ["31/02/2025", "2025-13-01", "demain", "08/10/25", "08/10/0025"])
def test_a_bad_date_is_refused_in_french(text: str):
    with pytest.raises(forms.ValidationError) as error:
        FrenchDateField().clean(text)
    assert "date" in error.value.messages[0] or "année" in error.value.messages[0]


def test_a_refused_date_is_given_back_as_typed_and_a_saved_one_as_people_write_it():
    form = SampleForm({"amount": "1", "dated": "31/02/2025"})
    assert not form.is_valid()
    assert 'value="31/02/2025"' in str(form["dated"])
    widget = str(SampleForm(initial={"dated": dt.date(2025, 10, 8)})["dated"])
    assert 'value="08/10/2025"' in widget
    assert 'value="08/10/2025"' in str(SampleForm(initial={"dated": "2025-10-08"})["dated"])
    assert 'type="text"' in widget, "a date picker would send nothing for a text that is no date"


def test_a_date_says_the_format_that_it_awaits():
    assert FrenchDateField().help_text == "Format attendu\u00a0: JJ/MM/AAAA"
    assert FrenchDateField(help_text="Tel que signé.").help_text == "Tel que signé. Format attendu\u00a0: JJ/MM/AAAA"


def test_a_date_in_the_future_is_refused_where_it_must_be_past():
    form = SampleForm({"amount": "1", "dated": "2052-10-08"})
    assert not form.is_valid()
    assert form.errors["dated"] == ["Le 08/10/2052 est dans le futur. Indiquez une date passée."]


def test_optional_fields_say_so_and_the_browser_does_not_answer_in_our_place():
    html = SampleForm().as_p() + str(SampleForm())
    assert "(facultatif)" in html
    assert " required" not in html.replace("aria-required", "")


def test_the_summary_lists_each_error_with_the_id_of_what_takes_the_focus():
    form = SampleForm({"x-who": "z"}, prefix="x")
    errors = field_errors(form)
    assert [(error.anchor, error.label) for error in errors] == [("id_x-amount", "Contribution"), ("id_x-who_0", "Qui")]


def test_the_summary_says_the_line_of_a_formset():
    formset = formset_factory(SampleForm, formset=DsfrFormSet)(
        {"form-TOTAL_FORMS": "2", "form-INITIAL_FORMS": "0", "form-0-amount": "1", "form-1-amount": "x"}
    )
    assert [(error.anchor, error.label) for error in field_errors(formset)] == [
        ("id_form-1-amount", "Ligne 2, Contribution")
    ]


def test_a_form_that_was_not_sent_has_no_error():
    assert field_errors(SampleForm(), None) == []


def test_a_filter_in_error_filters_nothing_and_the_others_hold():
    class Filters(FilterForm):
        year = forms.IntegerField(required=False)
        state = forms.CharField(required=False)

    assert Filters({"year": "abc", "state": "active"}).values() == {"state": "active"}
    assert "(facultatif)" not in str(Filters())


def test_a_label_and_a_hint_given_by_the_form_itself_are_drawn():
    class Consent(DsfrForm):
        agree = forms.BooleanField()
        until = FrenchDateField(required=False)

        def __init__(self) -> None:
            super().__init__()
            self.fields["agree"].label = "J’ai lu le document"
            self.fields["until"].help_text = "Sans saisie, un an."

    html = str(Consent())
    assert "J’ai lu le document" in html
    assert "Sans saisie, un an." in html


def test_a_hint_that_holds_the_name_of_a_file_or_of_a_person_is_no_html():
    form = SampleForm()
    form.fields["amount"].help_text = "Déjà déposé : <img src=x onerror=alert(1)>.pdf"
    html = str(form["amount"].as_field_group())
    assert "&lt;img src=x" in html and "<img" not in html
