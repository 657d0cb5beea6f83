"""The wording of an article: the admitted markup, the variables, and the faults."""

import re

import pytest
from django.conf import settings

from conventions.text.variables import OF_YEARS, VARIABLES
from conventions.text.wording import Wording, faults, missing_variables

NB = "\u00a0"


def test_paragraphs_lists_bold_and_line_breaks_are_admitted():
    html = Wording().html("**Titre.** Un\ndeux\n\n1. a\n2. b\n\n- c")
    assert html == (
        "<p><strong>Titre.</strong> Un<br>\ndeux</p>\n<ol>\n<li>a</li>\n<li>b</li>\n</ol>\n<ul>\n<li>c</li>\n</ul>\n"
    )


@pytest.mark.parametrize(
    "source",
    [
        "<script>alert(1)</script>",
        "<b>gras</b>",
        "[lien](http://exemple.fr)",
        "![image](x.png)",
        "# titre",
        "| a | b |",
    ],
)
def test_everything_else_prints_as_it_was_typed(source):
    html = Wording().html(source)
    assert "<" not in html.replace("<p>", "").replace("</p>", "")


def test_a_value_is_escaped_and_never_becomes_markup_nor_a_variable():
    html = Wording({"arml_nom": "<i>**ARML**</i> {{ iban }}", "iban": "FR76"}).html("Nom : {{ arml_nom }}.")
    assert html == f"<p>Nom{NB}: &lt;i&gt;**ARML**&lt;/i&gt; {{{{ iban }}}}.</p>\n"


def test_a_list_stands_alone_as_bullets_and_in_a_sentence_as_words():
    wording = Wording({"liste_axes": ["un ;", "deux."], "liste_territoires": ["Guadeloupe", "Martinique", "Guyane"]})
    assert wording.html("{{ liste_axes }}") == f"<ul>\n<li>un{NB};</li>\n<li>deux.</li>\n</ul>\n"
    assert "Guadeloupe, Martinique et Guyane." in wording.html("Territoire : {{ liste_territoires }}.")


def test_additional_visas_are_paragraphs_and_may_be_absent():
    source = "Vu A ;\n\n{{ visas_complementaires }}"
    assert Wording({"visas_complementaires": ["Vu B ;", "Vu C ;"]}).html(source).count("<p>") == 3
    assert Wording().html(source) == f"<p>Vu A{NB};</p>\n"


def test_a_long_value_alone_on_its_line_may_have_paragraphs_and_lists():
    html = Wording({"diagnostic_regional": "Un.\n\n- **deux**"}).html("{{ diagnostic_regional }}")
    assert html == "<p>Un.</p>\n<ul>\n<li><strong>deux</strong></li>\n</ul>\n"


def test_a_missing_value_prints_a_visible_gap():
    html = Wording().html("Le {{ date_effet }}.")
    assert html == f'<p>Le <span class="manque">[à compléter{NB}: date de prise d’effet]</span>.</p>\n'


def test_a_variable_with_a_default_prints_it():
    assert "sans objet" in Wording().html("Motif : {{ motif_axe_absent }}")


def test_the_chosen_variant_replaces_its_line_with_its_own_variables():
    wording = Wording({"date_effet": "1er janvier 2025"}, {"variante_prise_effet": "**2.1.** Dès le {{ date_effet }}."})
    html = wording.html("{{ variante_prise_effet }}\n\n**2.2.** Fin.")
    assert (
        html
        == f"<p><strong>2.1.</strong> Dès le 1<sup>er</sup>{NB}janvier 2025.</p>\n<p><strong>2.2.</strong> Fin.</p>\n"
    )


def test_an_empty_variant_removes_its_line():
    assert Wording(variants={"variante_services_parties": ""}).html("a\n\n{{ variante_services_parties }}\n\nb") == (
        "<p>a</p>\n<p>b</p>\n"
    )


def test_tables_are_put_in_as_they_are_and_remembered():
    wording = Wording(tables={"fiches_actions": "<table></table>"})
    assert "<table></table>" in wording.html("{{ fiches_actions }}")
    assert wording.used_tables == {"fiches_actions"}


def test_the_closed_list_has_each_name_once_with_its_meaning():
    assert all(name == variable.name and variable.label for name, variable in VARIABLES.items())
    assert {"numero_convention", "fiches_actions", "tribunal_administratif"} <= set(VARIABLES)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("Le {{ date_inconnue }}", "n’existe pas"),
        ("Le {{ Date }}", "s’écrit"),
        ("Le {{ date_effet", "s’écrit"),
        ("Axes : {{ liste_axes }}", "seule sur sa ligne"),
        ("Ici {{ variante_exercice }}", "seule sur sa ligne"),
    ],
)
def test_a_faulty_wording_is_refused_with_words_for_its_author(source, message):
    assert any(message in fault for fault in faults(source))


def test_the_wording_of_the_model_has_no_fault():
    assert faults("{{ variante_exercice }}\n\n1. le {{ date_effet }}, pour {{ liste_territoires }}") == []


def test_what_is_missing_is_what_printed_articles_need():
    content = {
        "values": {"iban": "FR76", "bic": " "},
        "variants": {},
        "articles": [
            {"body": "{{ iban }} {{ bic }} {{ visas_complementaires }} {{ motif_axe_absent }}"},
            {"body": "{{ date_effet }}", "included": False},
            {"body": "{{ fiches_actions }}"},
        ],
    }
    assert [variable.name for variable in missing_variables(content)] == ["bic"]


MODEL = settings.FIXTURE_ROOT / "reference" / "modele.md"


def test_no_text_of_the_national_model_is_faulty():
    blocks = re.findall(r"^::: (?:article|variante) [^\n]*\n(.*?)^:::$", MODEL.read_text(), re.MULTILINE | re.DOTALL)
    assert len(blocks) > 40
    assert [fault for block in blocks for fault in faults(block)] == []


def test_the_closed_list_is_that_of_the_national_model():
    table = MODEL.read_text().split("## Variables")[1]
    assert set(re.findall(r"^\| ([a-z_0-9]+) \|(?! sens)", table, re.MULTILINE)) | OF_YEARS.keys() == set(VARIABLES)


@pytest.mark.parametrize("source", ["{{convention.numero}}", "{{ Numero }}", "{{ seule", "seule }}"])
def test_what_saving_refuses_is_marked_in_the_preview_and_there_alone(source: str) -> None:
    assert 'class="manque"' in Wording(proof=True).html(f"Le texte {source} continue.")
    assert Wording().html(f"Le texte {source} continue.") == f"<p>Le texte {source} continue.</p>\n"
