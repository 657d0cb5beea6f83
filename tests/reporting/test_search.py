"""Search finds only visible rows with all the words, ignores accents, and needs a constant number of queries."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from arml.models import Organisation
from arml.permissions import may_see_people, whose_people_are_seen
from conventions.models import ArticleText
from cpo.lib.correction import correcting
from reporting.models import Report
from reporting.services.campaigns import open_report
from tests.factories import scenarios
from tests.factories.arml import MembershipFactory, OrganisationFactory, make_user
from tests.factories.conventions import add_sheet, make_act
from tests.factories.deadlines import in_force, person
from tests.factories.kept import kept

pytestmark = pytest.mark.django_db


def search(client, q):
    response = client.get(reverse("search"), {"q": q})
    assert response.status_code == 200
    return {group.title: [unmarked(line["title"]) for line in group.lines] for group in response.context["groups"]}


def unmarked(html):
    return html.replace("<mark>", "").replace("</mark>", "")


@pytest.fixture
def act(client):
    """The negotiation below. The director is signed in."""
    act = negotiation()
    client.force_login(member_of(act))
    return act


@kept
def negotiation():
    """A negotiation of « ARML Île-de-Bréhat » with one fiche."""
    act = make_act(state="negotiation", side="beneficiary")
    Organisation.objects.filter(pk=act.dossier.beneficiary_id).update(short_name="ARML Île-de-Bréhat")
    sheet = add_sheet(act)
    type(sheet).objects.filter(pk=sheet.pk).update(title="Insertion par l’école de la deuxième chance")
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


def test_a_fiche_is_shown_with_its_axis_as_its_text_retains_it(client, act):
    sheet = act.programme.sheets.first()
    retained = {"axis": {str(sheet.axis_id): {"label": "Le libellé du texte", "short_label": "Le libellé du texte"}}}
    with correcting():
        type(act.programme).objects.filter(pk=act.programme_id).update(retained=retained)
    groups = client.get(reverse("search"), {"q": "ecole chance"}).context["groups"]
    assert "Le libellé du texte" in unmarked(groups[0].lines[0]["detail"])


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
    assert set(search(client, "brehat")) == {"Organisations"}, "the list of organisations is for everybody"
    assert search(client, "ecole") == {}
    type(act.dossier).objects.filter(pk=act.dossier.pk).update(shared_on=None)
    client.force_login(member_of(act))
    assert "Conventions" not in search(client, "brehat")


@pytest.mark.parametrize(
    ("q", "words"),
    [
        ("", "Que cherchez-vous"),
        ("a", "au moins deux lettres"),
        ("introuvable", "Aucun résultat"),
        ("%_%", "Aucun résultat"),
        ("zzyzx " * 60, "Aucun résultat"),
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
    assert first <= 13  # one for each group: the members of the associations are the last
    one_more()
    one_more()
    assert count() == (3, first)


@pytest.mark.parametrize("q", ["Bréaht", "ARML Brehta", "dexieme chance", "insretion"])
def test_a_letter_or_two_wrong_are_forgiven_when_nothing_has_the_words(client, act, q):
    page = client.get(reverse("search"), {"q": q}).content.decode()
    assert (
        "Voici ce qui leur ressemble" in page and "ressemble" not in client.get("/recherche/?q=brehat").content.decode()
    )
    assert act.convention.number in page


def test_an_act_is_found_by_the_reference_that_its_document_prints(client):
    scene = scenarios.with_later_act()
    reference = scene.act.reference
    client.force_login(scene.director)
    assert search(client, reference.lower()) == {"Avenants et actes annuels": [ANY]}
    page = client.get(reverse("search"), {"q": reference}).content.decode()
    assert f"<mark>{reference}</mark>" in page


ANY = type("Any", (), {"__eq__": lambda self, other: True, "__hash__": None})()


def test_an_observer_finds_what_is_published_only(client):
    """An avenant that is negotiated, its fiches and its articles are not the observer's; the signed text is."""
    scene = scenarios.with_later_act()
    observer = OrganisationFactory(national_scope=True)
    reader = make_user("reader", observer)
    open_report(scene.convention, 2025)
    for user, sees in (
        (reader, False),
        (scene.officer, True),
        (scene.president, True),
        (make_user("national_reader"), True),
    ):
        client.force_login(user)
        assert bool(search(client, scene.act.reference)) is sees
        assert search(client, scene.convention.number)["Conventions"]
        assert ("Comptes rendus annuels" in search(client, f"{scene.convention.number} 2025")) is sees
    client.force_login(reader)
    for q in ("convention", "action", "exemple"):
        for group in client.get(reverse("search"), {"q": q}).context["groups"]:
            for line in group.lines:
                assert client.get(line["url"]).status_code == 200, line["url"]


def test_every_result_opens_for_who_finds_it(client):
    scene = scenarios.with_later_act()
    for user in (scene.officer, scene.director, scene.signatory, make_user("national_reader"), make_user("director")):
        client.force_login(user)
        for q in ("exemple", "action", "subvention"):
            for group in client.get(reverse("search"), {"q": q}).context["groups"]:
                for line in group.lines[:3]:
                    assert client.get(line["url"]).status_code == 200, (user, line["url"])


def test_an_article_is_found_by_the_text_of_the_model_and_by_its_own(client, act):
    article = act.articles.filter(included=True).select_related("model_article").last()
    ArticleText.objects.filter(pk=article.pk).update(body="Le chapardage est interdit.")
    assert search(client, "chapardage") == {"Articles": [ANY]}
    client.force_login(make_user("director"))
    assert search(client, "chapardage") == {}


def test_people_are_found_where_their_page_shows_them(client):
    act = make_act(state="negotiation")
    stranger = MembershipFactory()
    director = member_of(act)
    for user in (
        director,
        member_of(act, "officer"),
        make_user("national_reader"),
        stranger.user,
        make_user("reader", OrganisationFactory()),
    ):
        seen = set(whose_people_are_seen(user))
        assert seen == {one for one in Organisation.objects.all() if may_see_people(user, one)}, user
        client.force_login(user)
        found = search(client, str(member_of(act, "manager"))).get("Personnes", [])
        assert bool(found) is (user not in (stranger.user,) and act.dossier.lead in seen)


def test_what_goes_beyond_ten_is_read_page_by_page(client):
    client.force_login(make_user("national_reader"))
    for rank in range(23):
        OrganisationFactory(name=f"Structure zélée {rank:02d}", short_name=f"Zélée {rank:02d}")
    page = client.get(reverse("search"), {"q": "zelee"})
    (group,) = page.context["groups"]
    assert (len(group.lines), group.count) == (10, 23)
    assert "?q=zelee&amp;dans=organisations" in page.content.decode()
    names = []
    for number in (1, 2):
        answer = client.get(reverse("search"), {"q": "zelee", "dans": "organisations", "page": number})
        names += [line["title"] for line in answer.context["groups"][0].lines]
    assert len(set(names)) == 23
    assert client.get(reverse("search"), {"q": "zelee", "dans": "ailleurs", "page": "²"}).status_code == 200


@pytest.mark.parametrize(
    "key", ["conventions", "organisations", "personnes", "fiches", "articles", "comptes-rendus", "actes"]
)
def test_each_kind_alone_costs_the_same_for_one_row_and_for_three(client, key):
    client.force_login(make_user("national_admin"))

    def count():
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("search"), {"q": "exemple", "dans": key})
        return len(queries)

    open_report(in_force(), 2025)
    client.get(reverse("search"), {"q": "exemple"})
    first = count()
    for _ in range(2):
        open_report(in_force(), 2025)
    assert count() <= first <= 7
