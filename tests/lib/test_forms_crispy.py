"""`{% crispy form %}` draws DSFR forms: layout, buttons, errors, formsets."""

import warnings

from crispy_forms.bootstrap import FormActions, StrictButton
from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Column, Div, Field, Fieldset, Hidden, Layout, Row, Submit
from django import forms
from django.forms import formset_factory
from django.template import Context, Template

from cpo.lib.forms.base import DsfrForm, DsfrFormSet, MoneyField


class SampleForm(DsfrForm):
    name = forms.CharField(label="Nom")
    amount = MoneyField(label="Montant")
    secret = forms.CharField(widget=forms.HiddenInput, required=False)


def crispy(target: object, helper: FormHelper | None = None) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        source = (
            "{% load crispy_forms_tags %}{% crispy target helper %}"
            if helper is not None
            else "{% load crispy_forms_tags %}{% crispy target %}"
        )
        return Template(source).render(Context({"target": target, "helper": helper, "csrf_token": "x"}))


def test_a_form_without_layout_draws_all_its_fields_and_is_checked_by_the_server_only():
    html = crispy(SampleForm())
    assert html.count("fr-input-group") == 2
    assert 'type="hidden" name="secret"' in html
    assert "novalidate" in html
    assert "csrfmiddlewaretoken" in html


def test_a_layout_becomes_a_dsfr_grid_with_dsfr_buttons():
    helper = FormHelper()
    helper.layout = Layout(
        Fieldset("Identité", Row(Column("name"), Column(Field("amount", css_class="extra"), css_class="fr-col-md-4"))),
        Div(HTML("<p>Texte</p>"), css_class="cpo-cadre"),
        Hidden("step", "2"),
        "secret",
        FormActions(Submit("save", "Enregistrer"), StrictButton("Aperçu", css_class="fr-btn--secondary")),
    )
    html = crispy(SampleForm(), helper)
    assert '<legend class="fr-h6 fr-mb-2w">Identité</legend>' in html
    assert "fr-grid-row fr-grid-row--gutters" in html
    assert 'class="fr-input extra"' in html
    assert 'type="submit" name="save" value="Enregistrer" class="fr-btn' in " ".join(html.split())
    assert 'class="fr-btn fr-btn--secondary"' in html
    assert "btn-primary" not in html


def test_a_refused_form_has_its_summary_and_its_messages():
    html = crispy(SampleForm({"name": "", "amount": "x"}))
    assert "2 points sont à corriger" in html
    assert '<a href="#id_amount">Montant</a>' in html
    assert 'id="id_amount_error"' in html


def test_a_formset_has_rows_that_a_script_can_add_and_remove():
    formset = formset_factory(SampleForm, formset=DsfrFormSet, extra=2, can_delete=True)(prefix="f")
    html = crispy(formset, FormHelper())
    assert html.count("<fieldset") == 3  # two rows and the template of a new one
    assert "f-__prefix__-name" in html
    assert 'name="f-TOTAL_FORMS"' in html
    assert "Retirer cette ligne" in html


def test_a_formset_as_a_table_names_its_inputs_by_row_and_column():
    helper = FormHelper()
    helper.template = "crispy_dsfr/table_inline_formset.html"
    html = crispy(formset_factory(SampleForm, formset=DsfrFormSet)(prefix="f"), helper)
    assert 'aria-labelledby="f-0-r f-amount"' in html
    assert 'id="f-0-r"' in html
    assert 'id="f-amount"' in html
