"""Search finds only visible rows with all the words, ignores accents, and needs a constant number of queries."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from arml.models import Organisation
from reporting.models import Report
from reporting.services.campaigns import open_report
from tests.factories.arml import make_user
from tests.factories.conventions import add_sheet, make_act
from tests.factories.deadlines import in_force, person

pytestmark = pytest.mark.django_db


def search(client, q):
    response = client.get(reverse("search"), {"q": q})
    assert response.status_code == 200
    return {group.title: [line["title"] for line in group.lines] for group in response.context["groups"]}


@pytest.fixture
def act(client):
    """A negotiation of « ARML Île-de-Bréhat » with one fiche. The director is signed in."""
    act = make_act(state="negotiation", side="beneficiary")
    Organisation.objects.filter(pk=act.dossier.beneficiary_id).update(short_name="ARML Île-de-Bréhat")
    sheet = add_sheet(act)
    type(sheet).objects.filter(pk=sheet.pk).update(title="Insertion par l’école de la deuxième chance")
    client.force_login(member_of(act))
    return act


def member_of(act, role="director"):
    return person(act.convention, role)


@pytest.mark.parametrize("q", ["ile-de-brehat", "ÎLE-DE-BRÉHAT", "arml brehat", "  brehat  "])
def test_accents_and_case_do_not_count(client, act, q):
    assert search(client, q)["Conventions"] == [f"{act.convention.number}, ARML Île-de-Bréhat"]


def test_a_number_and_the_words_of_a_fiche_are_found(client, act):
    assert act.convention.number in search(client, act.convention.number.lower())["Conventions"][0]
    assert list(search(client, "ecole chance")) == ["Fiches actions"]
    assert search(client, "ecole absente") == {}


def test_a_report_is_found_by_its_year_and_its_association(client):
    convention = in_force()
    open_report(convention, 2025)
    open_report(convention, 2026)
    client.force_login(person(convention, "director"))
    name = str(convention.dossier.beneficiary)
    assert search(client, f"{name} 2025")["Comptes rendus annuels"] == [f"Compte rendu 2025, {name}"]
    assert len(search(client, "compte rendu")["Comptes rendus annuels"]) == Report.objects.count() == 2


def test_what_is_not_visible_is_not_found(client, act):
    client.force_login(make_user("director"))
    assert search(client, "brehat") == {}
    assert search(client, "ecole") == {}
    type(act.dossier).objects.filter(pk=act.dossier.pk).update(shared_on=None)
    client.force_login(member_of(act))
    assert search(client, "brehat") == {}


@pytest.mark.parametrize(
    ("q", "words"),
    [
        ("", "Que cherchez-vous"),
        ("a", "au moins deux lettres"),
        ("introuvable", "Aucun résultat"),
        ("%_%", "Aucun résultat"),
        ("mot " * 60, "Aucun résultat"),
        ("<script>", "Aucun résultat"),
    ],
)
def test_an_empty_or_odd_search_says_what_to_do(client, act, q, words):
    response = client.get(reverse("search"), {"q": q})
    assert words in response.content.decode()
    assert "<script>" not in response.content.decode().replace("<script ", "")


def test_the_number_of_queries_is_the_same_for_one_result_and_for_three(client):
    admin = make_user("national_admin")
    client.force_login(admin)

    def one_more():
        convention = in_force()
        open_report(convention, 2025)

    def count():
        with CaptureQueriesContext(connection) as queries:
            groups = search(client, "exemple")
        return len(groups["Conventions"]), len(queries)

    one_more()
    lines, first = count()
    assert lines == 1
    assert first <= 8
    one_more()
    one_more()
    assert count() == (3, first)
