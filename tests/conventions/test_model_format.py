"""The import of a model reports each mistake with its line, so that no passage is lost in silence."""

import pytest

from conventions.text.model_format import ModelFormatError, parse

GOOD = """# Modèle

::: article numero=1 cle=objet titre="Objet de la convention" statut=locked
**1.1.** La convention {{ numero }} a un objet.

{{ variante_effet }}
:::

::: variante groupe=variante_effet cle=avant titre="Avant" option=effet valeur=avant defaut=oui
Elle prend effet avant.
:::

::: variante groupe=variante_effet cle=apres titre="Après" option=effet valeur=apres defaut=non
:::

::: article numero="1 bis" cle=parts titre="Part" statut=optional defaut=inactif
Une part.
:::

::: note de=objet
Relire.
:::

## Variables

| nom | sens | type | exemple | source |
|---|---|---|---|---|
| numero | numéro | text | 1 | convention |
"""


def test_a_model_is_read_with_its_parts() -> None:
    model = parse(GOOD)
    first, second = model.articles
    assert (first.number, first.title, first.default_included) == ("1", "Objet de la convention", True)
    assert first.drafting_note == "Relire."
    assert (second.number, second.default_included) == ("1 bis", False)
    assert [(variant.value, variant.default, variant.body) for variant in model.variants] == [
        ("avant", True, "Elle prend effet avant."),
        ("apres", False, ""),
    ]
    assert [(variable.name, variable.type) for variable in model.variables] == [("numero", "text")]


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("statut=locked", "statut=ferme", 3, "statut inconnu"),
        ("statut=locked", "statut=locked defaut=actif", 3, "article optional seulement"),
        ("{{ numero }}", "{{ nom }}", 3, "variable inconnue"),
        ("La convention {{ numero }}", "La convention", 28, "ne sert nulle part"),
        ("::: article numero=1 ", "::: chapitre numero=1 ", 3, "type de bloc inconnu"),
        ("cle=objet ", "", 3, "attribut manquant"),
        ("cle=objet ", "cle=objet couleur=bleu ", 3, "attribut inconnu"),
        ('titre="Objet de la convention"', "titre=Objet de la convention", 3, "attributs illisibles"),
        ("cle=parts", "cle=objet", 16, "en double"),
        ("defaut=non", "defaut=oui", 9, "par défaut et une seule"),
        ("Une part.", "", 16, "vide"),
        ("Une part.", "| a | b |", 16, "tableau"),
        ("de=objet", "de=visas", 20, "aucun article"),
        ("{{ variante_effet }}\n", "", 8, "inséré dans aucun article"),
        ("| text |", "| nombre |", 28, "type inconnu"),
        ("| convention |", "| ailleurs |", 28, "source inconnue"),
        ("| 1 | convention |", "| convention |", 28, "cinq colonnes"),
    ],
)
def test_a_mistake_is_told_with_its_line(old: str, new: str, line: int, message: str) -> None:
    with pytest.raises(ModelFormatError, match=message) as error:
        parse(GOOD.replace(old, new, 1))
    assert error.value.line == line


def test_a_block_left_open_is_told() -> None:
    with pytest.raises(ModelFormatError, match="pas fermé"):
        parse(GOOD.replace("Relire.\n:::", "Relire."))


def test_a_closing_line_alone_is_told() -> None:
    with pytest.raises(ModelFormatError, match="n’a pas été ouvert"):
        parse(":::\n" + GOOD)
