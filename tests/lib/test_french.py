"""Articles before the names of organisations."""

from decimal import Decimal

import pytest

from cpo.lib.wording import french


@pytest.mark.parametrize(
    ("name", "model", "expected"),
    [
        ("DREETS Bretagne", "la direction régionale de l’économie (DREETS) de Bretagne", "la DREETS Bretagne"),
        ("ARML de Corse", "l’Association régionale des missions locales de Corse", "l’ARML de Corse"),
        ("AMILAURA", "l’Association des missions locales d’Auvergne-Rhône-Alpes", "l’AMILAURA"),
        ("ADÉ", "la direction", "l’ADÉ"),
        ("Conseil régional", "le Conseil régional", "le Conseil régional"),
        ("Missions Locales", "les Missions Locales", "les Missions Locales"),
        ("Service", "l’Organisme", "Service"),
        ("Service", "", "Service"),
    ],
)
def test_a_short_name_takes_the_article_of_its_full_name(name, model, expected):
    assert french.with_article(name, model) == expected


@pytest.mark.parametrize(
    ("name", "of", "to"),
    [
        ("la DEETS de la Martinique", "de la DEETS de la Martinique", "à la DEETS de la Martinique"),
        ("l’ARML Bretagne", "de l’ARML Bretagne", "à l’ARML Bretagne"),
        ("le Conseil régional", "du Conseil régional", "au Conseil régional"),
        ("les Missions Locales", "des Missions Locales", "aux Missions Locales"),
        ("Orléans", "d’Orléans", "à Orléans"),
    ],
)
def test_articles_contract_after_a_preposition(name, of, to):
    assert (french.of(name), french.to(name)) == (of, to)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("Animer", "animer"), ("L’accès", "l’accès"), ("À deux", "à deux"), ("ETP par an", "ETP par an")],
)
def test_a_capital_is_lowered_inside_a_sentence_unless_it_begins_an_acronym(text, expected):
    assert french.lower_first(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("président·e", "président ou présidente"),
        ("directeur·rice adjoint·e", "directeur ou directrice adjoint ou adjointe"),
        ("chargé·e·s de mission", "chargés ou chargées de mission"),
        ("REF · version 1 · envoi", "REF · version 1 · envoi"),
    ],
)
def test_a_document_writes_both_genders_in_full(text, expected):
    assert french.both_genders(text) == expected


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("arrêté n° 12", "l’arrêté n° 12"),
        ("Arrêté n° 12", "l’arrêté n° 12"),
        ("l’arrêté n° 12", "l’arrêté n° 12"),
        ("décision n° 3", "la décision n° 3"),
        ("", ""),
    ],
)
def test_an_administrative_act_is_named_with_its_article(reference, expected):
    assert french.decree(reference) == expected


@pytest.mark.parametrize("stored", ["0", "0.00", "-0.00", "0E+2"])
def test_a_zero_has_no_decimals_however_it_is_stored(stored: str) -> None:
    assert french.number(Decimal(stored)) == french.figure(stored) == "0"


@pytest.mark.parametrize(("stored", "written"), [("12.50", "12,5"), ("4.00", "4"), ("1E+3", "1\u00a0000")])
def test_a_number_drops_its_useless_zeros(stored: str, written: str) -> None:
    assert french.number(Decimal(stored)) == written
