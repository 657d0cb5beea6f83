import pytest

from cpo.lib.wording.typography import html_lines, html_text, long_date, punctuated, typographic

NB = "\u00a0"


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("l'État d'une région", "l’État d’une région"),
        ("trois axes : un ; deux ! trois ?", f"trois axes{NB}: un{NB}; deux{NB}! trois{NB}?"),
        ("trois axes: un; deux", f"trois axes{NB}: un{NB}; deux"),
        ("« oui » et «non»", f"«{NB}oui{NB}» et «{NB}non{NB}»"),
        ("12 000 € soit 42,3 %", f"12{NB}000{NB}€ soit 42,3{NB}%"),
        ("n° 2000-321, art. L. 612-4", f"n°{NB}2000-321, art. L.{NB}612-4"),
        ("le 17 juillet 2025", f"le 17{NB}juillet 2025"),
        ("Annexe I - Programme", f"Annexe{NB}I{NB}– Programme"),
        ("1\u202f000 porte\u2010clefs", f"1{NB}000 porte-clefs"),
        ("SIRET 00000000060004", f"SIRET 000{NB}000{NB}000{NB}60004"),
        ("000 000 000 10009,", f"000{NB}000{NB}000{NB}10009,"),
        ("FR7600000000000000000000000 (BIC)", f"FR76{NB}0000{NB}0000{NB}0000{NB}0000{NB}0000{NB}000 (BIC)"),
        ("FR76 0000 0000 0000 0000 0000 000", f"FR76{NB}0000{NB}0000{NB}0000{NB}0000{NB}0000{NB}000"),
        ("empreinte 00000000060004ab", "empreinte 00000000060004ab"),
        ("https://exemple.fr/?page=2 à 14:30", "https://exemple.fr/?page=2 à 14:30"),
    ],
)
def test_typed_text_is_printed_with_french_typography(text, printed):
    assert typographic(text) == printed
    assert typographic(printed) == printed


def test_no_space_or_hyphen_that_marianne_lacks_ever_comes_out():
    text = typographic("1\u202f000 \u2011 «\u202foui\u202f»\u2009; l'an\u2010ci\u00ad\u200b")
    assert not set(text) & set("\u202f\u2010\u2011\u2009\u00ad\u200b")


def test_html_is_escaped_and_ordinals_are_raised():
    assert html_text("<b>1er janvier</b> & l'an") == f"&lt;b&gt;1<sup>er</sup>{NB}janvier&lt;/b&gt; &amp; l’an"


def test_lines_become_paragraphs_and_breaks():
    assert html_lines("a\nb\r\n\r\nc\n") == "<p>a<br>b</p><p>c</p>"


def test_dates_are_written_in_full():
    assert long_date("2025-01-01") == f"1er{NB}janvier 2025"
    assert long_date(None) == ""
    assert long_date("30 juin") == "30 juin"


@pytest.mark.parametrize(
    ("items", "printed"),
    [
        (["notes", "guides"], [f"notes{NB};", "guides."]),
        (["notes ;", "guides;", "bilans ."], [f"notes{NB};", f"guides{NB};", "bilans."]),
        (["Écrire la note", "Relire."], ["Écrire la note.", "Relire."]),
        (["BRE-01 Appui", "T1 : bilan"], [f"BRE-01 Appui{NB};", "T1 : bilan."]),
        (["revues, etc.", "fait !"], ["revues, etc.", "fait !"]),
    ],
)
def test_a_list_is_punctuated_as_in_french(items, printed):
    assert punctuated(items) == printed
    assert punctuated(printed) == printed
