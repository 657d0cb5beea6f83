"""Pages of organisations: who may read and write them, filters, wrong values, a newer revision of another person."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from arml.models import Delegation, Organisation
from cpo.lib import clock
from tests.access.html import form_data
from tests.conflicts import questions
from tests.factories.arml import (
    ArmlFactory,
    DelegationFactory,
    DossierFactory,
    InvitationFactory,
    OrganisationFactory,
    ServiceFactory,
    TerritoryFactory,
    UserFactory,
    make_user,
)

pytestmark = pytest.mark.django_db
LIST = "/organisations/"


def page_of(client, user, url, **data):
    client.force_login(user)
    return client.get(url, data)


def url(organisation, rest=""):
    return f"/organisations/{organisation.key}/{rest}"


def facts(organisation, **changes):
    """The form data of an ARML, with these changes."""
    names = [
        "address",
        "city",
        "email",
        "siret",
        "rna",
        "statutory_purpose",
        "label_status",
        "bank_holder",
        "iban",
        "bic",
    ]
    return {"revision": organisation.revision, **{name: getattr(organisation, name) for name in names}, **changes}


# -- list ----------------------------------------------------------------------------------------------------------


def test_one_s_own_organisations_come_first_whatever_their_names(client):
    own = ServiceFactory(short_name="Zone d’essai", name="Zone d’essai", sort_name="zone d essai")
    rows = page_of(client, make_user("officer", own), LIST, nature="state_service").context["page_obj"].object_list
    assert rows[0] == own and rows[1].sort_name < own.sort_name
    elsewhere = page_of(client, make_user("officer"), LIST, nature="state_service").context["page_obj"].object_list
    assert own not in elsewhere[:1]


def test_search_finds_names_without_accents_nor_case(client):
    OrganisationFactory(short_name="Île Sèche d’Essai", key="ile-seche")
    OrganisationFactory(short_name="Autre organisme inconnu", key="autre-inconnu")
    page = page_of(client, UserFactory(), LIST, q="ILE seche").content.decode()
    assert "ile-seche" in page
    assert "autre-inconnu" not in page


def test_filters_by_kind_and_territory_hold_together(client):
    territory = TerritoryFactory()
    matching = ArmlFactory(territories=[territory])
    service = ServiceFactory(serves=[territory])
    elsewhere = ArmlFactory(territories=[TerritoryFactory()])
    page = page_of(client, UserFactory(), LIST, nature="arml", territoire=territory.code).content.decode()
    assert url(matching) in page
    assert url(service) not in page
    assert url(elsewhere) not in page


def test_a_search_without_result_offers_to_remove_the_filters(client):
    assert page_of(client, UserFactory(), LIST).status_code == 200
    page = page_of(client, UserFactory(), LIST, q="zzzz").content.decode()
    assert "Aucune organisation ne correspond" in page


def test_a_wrong_filter_is_said_and_filters_nothing(client):
    response = page_of(client, UserFactory(), LIST, nature="n’importe quoi")
    assert response.status_code == 200
    assert response.context["page_obj"].paginator.count == Organisation.objects.count()


def test_the_list_pages(client):
    Organisation.objects.bulk_create(
        OrganisationFactory.build(key=f"lot-{n}", short_name=f"Lot {n:02}") for n in range(30)
    )
    response = page_of(client, UserFactory(), LIST, q="lot", page=2)
    assert [o.key for o in response.context["page_obj"]] == [f"lot-{n}" for n in range(25, 30)]


def test_the_list_makes_as_many_queries_for_one_organisation_as_for_three(client):
    user = UserFactory()
    client.force_login(user)
    counts = []
    for number in (1, 3):
        Organisation.objects.filter(key__startswith="compte-").delete()
        for n in range(number):
            OrganisationFactory(short_name=f"Compte {n}", key=f"compte-{n}", territories=[TerritoryFactory()])
        with CaptureQueriesContext(connection) as queries:
            response = client.get(LIST, {"q": "compte "})
        assert response.context["page_obj"].paginator.count == number
        counts.append(len(queries))
    assert counts[0] == counts[1]


# -- page ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def dossier():
    row = DossierFactory()
    Organisation.objects.filter(pk=row.beneficiary_id).update(iban="FR7630006000011234567890189", city="Essai-Ville")
    row.beneficiary.refresh_from_db()
    return row


CONCERNED = [
    ("own", "accountant", True),
    ("lead", "officer", True),
    ("cosigner", "signatory", True),
    ("national", "national_reader", True),
    ("other_service", "manager", False),
    ("other_arml", "president", False),
    ("unml", "reader", False),
]


@pytest.mark.parametrize(("place", "role", "sees"), CONCERNED)
def test_people_invitations_and_bank_are_shown_to_whom_they_concern(client, dossier, place, role, sees):
    dossier.services.add(cosigner := ServiceFactory())
    places = {
        "own": dossier.beneficiary,
        "lead": dossier.lead,
        "cosigner": cosigner,
        "other_service": ServiceFactory(serves=[TerritoryFactory()]),
        "other_arml": ArmlFactory(territories=[TerritoryFactory()]),
        "unml": OrganisationFactory(national_scope=True),
    }
    director = make_user("director", dossier.beneficiary, last_name="Visible-Peut-Être")
    invitation = InvitationFactory(organisation=dossier.beneficiary)
    page = page_of(client, make_user(role, places.get(place)), url(dossier.beneficiary)).content.decode()
    assert "Essai-Ville" in page
    for private in (director.last_name, director.email, invitation.email, "FR76 3000"):
        assert (private in page) is sees


def test_an_association_does_not_see_the_people_of_a_service_before_the_dossier_is_shared(client):
    dossier = DossierFactory(shared_on=None)
    manager = make_user("manager", dossier.lead, last_name="Pas-Encore")
    director = make_user("director", dossier.beneficiary)
    assert manager.last_name not in page_of(client, director, url(dossier.lead)).content.decode()


def test_only_those_who_may_act_are_offered_to(client, dossier):
    make_user("director", dossier.beneficiary)
    content = page_of(client, make_user("accountant", dossier.beneficiary), url(dossier.beneficiary)).content.decode()
    for link in ("personnes/inviter/", "/fin/", "/mandat/", "/modifier/"):
        assert link not in content
    content = page_of(client, make_user("president", dossier.beneficiary), url(dossier.beneficiary)).content.decode()
    for link in ("personnes/inviter/", "/fin/", "/mandat/", "/modifier/"):
        assert link in content


def test_the_page_makes_as_many_queries_with_one_person_as_with_three(client, dossier):
    president = make_user("president", dossier.beneficiary)
    client.force_login(president)
    counts = []
    for number in (1, 2):
        for _ in range(number):
            make_user("director", dossier.beneficiary)
            InvitationFactory(organisation=dossier.beneficiary)
        with CaptureQueriesContext(connection) as queries:
            client.get(url(dossier.beneficiary))
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_what_does_not_concern_answers_404_and_what_is_not_allowed_403(client, dossier):
    membership = make_user("director", dossier.beneficiary).memberships.get()
    invitation = InvitationFactory(organisation=dossier.beneficiary)
    pages = [
        "personnes/inviter/",
        f"personnes/{membership.pk}/modifier/",
        f"personnes/{membership.pk}/fin/",
        f"personnes/{membership.pk}/mandat/",
    ]
    posts = [f"invitations/{invitation.pk}/relancer/", f"invitations/{invitation.pk}/retirer/"]
    for user, expected in (
        (make_user("president", ArmlFactory(territories=[TerritoryFactory()])), 404),
        (make_user("accountant", dossier.beneficiary), 403),
    ):
        client.force_login(user)
        assert {client.get(url(dossier.beneficiary, rest)).status_code for rest in pages} == {expected}
        assert {client.post(url(dossier.beneficiary, rest)).status_code for rest in pages + posts} == {expected}


def test_a_membership_of_another_organisation_answers_404(client, dossier):
    other = make_user("director").memberships.get()
    client.force_login(make_user("president", dossier.beneficiary))
    assert client.get(url(dossier.beneficiary, f"personnes/{other.pk}/fin/")).status_code == 404


# -- facts ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "place", "status"),
    [
        ("president", "own", 200),
        ("director", "own", 200),
        ("national_admin", "national", 200),
        ("accountant", "own", 403),
        ("manager", "lead", 403),
        ("national_reader", "national", 403),
    ],
)
def test_heads_of_an_organisation_and_the_dgefp_edit_its_facts(client, dossier, role, place, status):
    user = make_user(role, {"own": dossier.beneficiary, "lead": dossier.lead}.get(place))
    assert page_of(client, user, url(dossier.beneficiary, "modifier/")).status_code == status
    before = dossier.beneficiary.city
    client.post(
        url(dossier.beneficiary, "modifier/"),
        facts(dossier.beneficiary, city="Ailleurs", name="N", short_name="N", article_name="N"),
    )
    dossier.beneficiary.refresh_from_db()
    assert dossier.beneficiary.city == (before if status == 403 else "Ailleurs")
    assert (dossier.beneficiary.name == "N") is (role == "national_admin")


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("siret", "123", "14 chiffres"),
        ("siret", "732 829 320 00075", "clé de ce SIRET"),
        ("siret", "abcdefghijklmn", "14 chiffres"),
        ("rna", "W12", "commence par W"),
        ("iban", "FR76 3000 6000 0112 3456 7890 188", "IBAN n’est pas valable"),
        ("iban", "FR76 0000", "IBAN n’est pas valable"),
        ("bic", "AGRI", "8 ou 11"),
        ("email", "sans-arobase", "adresse"),
    ],
)
def test_a_wrong_value_is_said_beside_its_field_and_kept_as_typed(client, dossier, field, value, message):
    client.force_login(make_user("president", dossier.beneficiary))
    data = facts(dossier.beneficiary, city="Ville tapée", **{field: value})
    response = client.post(url(dossier.beneficiary, "modifier/"), data)
    page = response.content.decode()
    assert response.status_code == 200
    assert message in " ".join(response.context["form"].errors[field])
    assert "Ville tapée" in page
    assert value in page
    dossier.beneficiary.refresh_from_db()
    assert dossier.beneficiary.city != "Ville tapée"


def test_numbers_are_read_with_their_spaces_and_kept_without(client, dossier):
    client.force_login(make_user("president", dossier.beneficiary))
    data = facts(
        dossier.beneficiary, siret="732 829 320 00074", iban="fr76 3000 6000 0112 3456 7890 189", rna="w351 000 001"
    )
    assert client.post(url(dossier.beneficiary, "modifier/"), data).status_code == 302
    dossier.beneficiary.refresh_from_db()
    assert (dossier.beneficiary.siret, dossier.beneficiary.iban, dossier.beneficiary.rna) == (
        "73282932000074",
        "FR7630006000011234567890189",
        "W351000001",
    )


def test_saving_over_a_newer_revision_is_refused_and_shows_both(client, dossier):
    association = dossier.beneficiary
    client.force_login(make_user("president", association))
    form = form_data(client.get(url(association, "modifier/")).content.decode(), "city", city="La mienne")
    client.post(url(association, "modifier/"), facts(association, city="La leur"))
    response = client.post(url(association, "modifier/"), form)
    assert response.status_code == 409
    [question] = questions(response)
    assert (question.theirs, question.mine) == ("La leur", "La mienne")
    association.refresh_from_db()
    assert association.city == "La leur"
    again = form_data(response.content.decode(), "city") | {"choix-0": "saisie"}
    assert client.post(url(association, "modifier/"), again).status_code == 302
    association.refresh_from_db()
    assert association.city == "La mienne"


# -- delegations ---------------------------------------------------------------------------------------------------


def delegation_data(**changes):
    return {
        "holder_name": "Camille Signataire",
        "holder_capacity": "directrice régionale",
        "reference": "l’arrêté n° 2026-12",
        "dated": "2026-01-05",
        "raa": "",
        "ceiling": "500 000,50",
        "valid_until": "2026-12-31",
        **changes,
    }


def test_the_manager_of_a_service_records_and_corrects_its_delegations(client):
    service = ServiceFactory()
    client.force_login(make_user("manager", service))
    assert client.post(url(service, "delegations/ajouter/"), delegation_data()).status_code == 302
    one = Delegation.objects.get(organisation=service)
    assert str(one.ceiling) == "500000.50"
    assert client.post(url(service, f"delegations/{one.pk}/"), delegation_data(ceiling="")).status_code == 302
    one.refresh_from_db()
    assert one.ceiling is None


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"ceiling": "beaucoup"}, "ceiling"),
        ({"ceiling": "-5"}, "ceiling"),
        ({"valid_until": "2025-12-31"}, "valid_until"),
        ({"dated": ""}, "dated"),
        ({"holder_name": ""}, "holder_name"),
    ],
)
def test_a_wrong_delegation_is_refused_and_kept_as_typed(client, changes, field):
    service = ServiceFactory()
    client.force_login(make_user("manager", service))
    response = client.post(url(service, "delegations/ajouter/"), delegation_data(**changes))
    assert field in response.context["form"].errors
    assert "l’arrêté n° 2026-12" in response.content.decode()
    assert not Delegation.objects.filter(organisation=service).exists()


@pytest.mark.parametrize("role", ["officer", "signatory", "reader"])
def test_nobody_else_in_the_service_records_a_delegation(client, role):
    service = ServiceFactory()
    one = DelegationFactory(organisation=service)
    client.force_login(make_user(role, service))
    assert client.get(url(service, f"delegations/{one.pk}/")).status_code == 403
    assert client.post(url(service, "delegations/ajouter/"), delegation_data()).status_code == 403
    assert Delegation.objects.filter(organisation=service).count() == 1


# -- people, through the pages -------------------------------------------------------------------------------------


def test_the_president_invites_through_the_page(client, dossier, mails):
    client.force_login(make_user("president", dossier.beneficiary))
    data = {"first_name": "Alix", "last_name": "Nouvelle", "email": "alix@exemple.example", "role": "accountant"}
    assert client.post(url(dossier.beneficiary, "personnes/inviter/"), data).status_code == 302
    assert len(mails("alix@exemple.example")) == 1
    page = client.post(url(dossier.beneficiary, "personnes/inviter/"), data).content.decode()
    assert "déjà une invitation en attente" in page
    assert 'value="alix@exemple.example"' in page


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"email": "pas une adresse"}, "email"),
        ({"role": "manager"}, "role"),
        ({"first_name": ""}, "first_name"),
        ({"valid_until": "2020-01-01"}, "valid_until"),
    ],
)
def test_a_wrong_invitation_is_refused_and_kept_as_typed(client, dossier, changes, field, mails):
    client.force_login(make_user("president", dossier.beneficiary))
    data = {
        "first_name": "Alix",
        "last_name": "Nouvelle",
        "email": "alix@exemple.example",
        "role": "director",
        **changes,
    }
    response = client.post(url(dossier.beneficiary, "personnes/inviter/"), data)
    assert field in response.context["form"].errors
    assert 'value="Nouvelle"' in response.content.decode()
    assert mails("alix@exemple.example") == []


def test_ending_a_role_through_the_page_hands_the_dossiers_over(client):
    service = ServiceFactory()
    leaving, staying = make_user("officer", service), make_user("officer", service)
    dossier = DossierFactory(lead=service, officer=leaving)
    client.force_login(make_user("manager", service))
    page = url(service, f"personnes/{leaving.memberships.get().pk}/fin/")
    assert str(dossier.beneficiary) in client.get(page).content.decode()
    assert "successor" in client.post(page, {"when": "now"}).context["form"].errors
    assert "until" in client.post(page, {"when": "on", "successor": staying.pk}).context["form"].errors
    assert client.post(page, {"when": "on", "until": "2026-10-31", "successor": staying.pk}).status_code == 302
    dossier.refresh_from_db()
    assert dossier.officer == staying
    assert leaving.memberships.get().valid_until == dt.date(2026, 10, 31)


def test_an_expired_invitation_can_be_sent_again_from_the_page(client, dossier, at):
    invitation = InvitationFactory(organisation=dossier.beneficiary)
    at("2026-12-01")
    client.force_login(make_user("president", dossier.beneficiary))
    assert "Expirée" in client.get(url(dossier.beneficiary)).content.decode()
    client.post(url(dossier.beneficiary, f"invitations/{invitation.pk}/relancer/"))
    invitation.refresh_from_db()
    assert invitation.expires_at > clock.now()
