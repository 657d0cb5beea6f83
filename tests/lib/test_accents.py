"""PostgreSQL and Python give the same normal form of French text, and a search uses it."""

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from arml.models import Organisation
from cpo.lib.wording.accents import plain, searched
from tests.factories.arml import ArmlFactory

TEXTS = (
    "l’État",
    "L'ÉTAT",
    "Œuvre",
    "œuvre sociale",
    "Île-de-France",
    "Provence‑Alpes–Côte d’Azur",
    "«\u00a0mission\u00a0»",
    "“Mission”  locale",
    "Æthelred, Straße, Łódź, Ø",
    "100\u202f000\u00a0€",
    "  Ça   va ",
    "",
)


@pytest.mark.django_db
@pytest.mark.parametrize("text", TEXTS)
def test_postgresql_and_python_give_the_same_normal_form(text: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT f_plain(%s)", [text])
        assert cursor.fetchone()[0] == plain(text)


@pytest.mark.parametrize(
    ("text", "normal"),
    [("l’État", "l'etat"), ("Œuvre", "oeuvre"), ("«\u00a0État\u00a0»", "etat"), ("Saint–Denis", "saint-denis")],
)
def test_the_normal_form_has_neither_accent_nor_typography(text: str, normal: str) -> None:
    assert plain(text) == normal


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["l’œuvre", "L'OEUVRE", "l'œuvre d’Île", "oeuvre d'ile", "l’Oeuvre\u00a0d'Ile"])
@pytest.mark.parametrize("stored_name", ["Association de l’Œuvre d’Île", "Association de l'Oeuvre d'Ile"])
def test_a_search_finds_a_name_however_either_is_written(query: str, stored_name: str) -> None:
    organisation = ArmlFactory(name=stored_name)
    assert list(Organisation.objects.filter(name__plain__contains=query)) == [organisation]


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["100%", "_", "l\\a"])
def test_signs_of_a_pattern_are_looked_for_as_they_are(query: str) -> None:
    ArmlFactory(name="Association quelconque")
    organisation = ArmlFactory(name=f"Association {query} exemple")
    assert list(Organisation.objects.filter(name__plain__contains=query)) == [organisation]


# What people type in European languages: Latin letters and their marks, typographic signs and spaces, ligatures.
SIGNS = "".join(map(chr, (*range(0x20, 0x7F), *range(0xA0, 0x180), *range(0x300, 0x34F), *range(0x2000, 0x2050))))
TYPED = st.text(st.sampled_from(SIGNS + "\t\n\r" + "ﬀﬁﬂﬃﬄﬅﬆẼẽỲỳ€"), max_size=40)


@pytest.mark.django_db
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=TYPED)
def test_postgresql_and_python_give_the_same_normal_form_of_any_text_that_people_type(text: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT f_plain(%s), translate(f_plain(%s), '-', ' ')", [text, text])
        assert cursor.fetchone() == (plain(text), searched(text))


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["Île de France", "ile-de-france", "ÎLE‑DE‑FRANCE", "île–de-France"])
@pytest.mark.parametrize("stored_name", ["Île-de-France", "Ile de France", "ILE‑DE‑FRANCE"])
def test_a_hyphen_is_a_space_in_a_search(query: str, stored_name: str) -> None:
    organisation = ArmlFactory(name=stored_name)
    assert organisation in Organisation.objects.filter(name__searched__contains=query)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("bretgane", "ARML Bretagne"),
        ("occitnaie", "DREETS Occitanie"),
        ("normadnie", "Normandie"),
        ("guadelopue", "La Guadeloupe"),
        ("labelisation", "La labellisation des structures"),
        ("acompagnement", "Accompagnement"),
        ("numerque", "Médiation numérique"),
    ],
)
def test_a_letter_or_two_wrong_are_forgiven_and_another_word_is_not(typed: str, name: str) -> None:
    organisation = ArmlFactory(name=name)
    other = ArmlFactory(name="Bourgogne, Corse et Mayotte : valorisation, harmonisation, professionnalisation")
    found = Organisation.objects.filter(name__searched__resembles=typed)
    assert organisation in found and other not in found
