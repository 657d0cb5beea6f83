"""The words found are marked as they are written, and nothing else is let through as HTML."""

import pytest

from cpo.lib.wording.searching import marked, words_of


@pytest.mark.parametrize(
    ("text", "typed", "html"),
    [
        ("ARML Île-de-France", "ile de france", "ARML <mark>Île</mark>-<mark>de</mark>-<mark>France</mark>"),
        ("ARML Île-de-France", "ÎLE-DE-FRANCE", "ARML <mark>Île-de-France</mark>"),
        ("Mise en œuvre", "oeuvre", "Mise en <mark>œuvre</mark>"),
        ("L’école d’été", "l'école", "<mark>L&#x27;école</mark> d’été".replace("&#x27;", "’")),
        ("ARML Bretagne", "Bretgane", "ARML <mark>Bretagne</mark>"),
        ("La labellisation", "labelisation", "La <mark>labellisation</mark>"),
        ("<b>R&D</b>", "r&d", "&lt;b&gt;<mark>R&amp;D</mark>&lt;/b&gt;"),
        ("e\u0301cole", "ecole", "<mark>e\u0301cole</mark>"),
        ("Rien", "absent", "Rien"),
        ("(a+b)* [c]", "a+b", "(<mark>a+b</mark>)* [c]"),
    ],
)
def test_a_found_word_is_marked(text: str, typed: str, html: str) -> None:
    assert marked(text, words_of(typed)) == html


def test_only_six_words_of_two_letters_or_more_are_looked_for() -> None:
    typed = "a de l’Île-de-France -- \u00a0 CPO-2025-BRE-001-A2"
    assert words_of(typed) == ["de", "l'ile de france", "cpo 2025 bre 001 a2"]
    assert len(words_of("mot " * 60)) == 6
