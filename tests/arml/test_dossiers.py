"""Who sees a dossier, by role and standing. All other filters build on this rule."""

import datetime as dt

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, Exists, OuterRef

from arml.models import Attachment, AttachmentKind, Dossier, Organisation, zone_of
from arml.permissions import capacities, sides
from cpo.lib import clock
from tests.factories.arml import (
    ArmlFactory,
    DossierFactory,
    NationalFactory,
    OrganisationFactory,
    ServiceFactory,
    TerritoryFactory,
    UserFactory,
    make_user,
)

pytestmark = pytest.mark.django_db
STATES = {
    "draft": {"shared_on": None, "published_on": None},
    "shared": {"shared_on": dt.date(2025, 1, 6), "published_on": None},
    "published": {"shared_on": dt.date(2025, 1, 6), "published_on": dt.date(2025, 3, 1)},
}
# person → states in which they see the dossier, written by hand
EXPECTED = [
    ("lead", "officer", {"draft", "shared", "published"}),
    ("lead", "manager", {"draft", "shared", "published"}),
    ("lead", "signatory", {"draft", "shared", "published"}),
    ("lead", "reader", {"draft", "shared", "published"}),
    ("cosigner", "officer", {"draft", "shared", "published"}),
    ("cosigner", "signatory", {"draft", "shared", "published"}),
    ("territory", "officer", {"draft", "shared", "published"}),
    ("beneficiary", "director", {"shared", "published"}),
    ("beneficiary", "president", {"shared", "published"}),
    ("beneficiary", "accountant", {"shared", "published"}),
    ("national", "national_admin", {"draft", "shared", "published"}),
    ("national", "national_reader", {"draft", "shared", "published"}),
    ("unml", "reader", {"published"}),
    ("region", "reader", {"published"}),
    ("other_region", "reader", set()),
    ("other_service", "manager", set()),
    ("other_arml", "president", set()),
    ("neighbour", "reader", set()),
]


@pytest.fixture
def places():
    """A dossier with a co-signer and two territories. The lead serves one, a service that does not sign the other.

    The neighbour is a State service that covers a territory of the dossier without being its service.
    """
    first, second, other = TerritoryFactory(), TerritoryFactory(), TerritoryFactory()
    return {
        "lead": ServiceFactory(serves=[first]),
        "territory": ServiceFactory(serves=[second]),
        "cosigner": ServiceFactory(),
        "beneficiary": ArmlFactory(territories=[first, second]),
        "national": NationalFactory(),
        "unml": OrganisationFactory(national_scope=True),
        "region": OrganisationFactory(territories=[second]),
        "other_region": OrganisationFactory(territories=[other]),
        "other_service": ServiceFactory(serves=[other]),
        "other_arml": ArmlFactory(territories=[other]),
        "neighbour": ServiceFactory(territories=[second]),
    }


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize(("place", "role", "seen_in"), EXPECTED)
def test_who_sees_a_dossier(places, place, role, seen_in, state):
    dossier = DossierFactory(
        beneficiary=places["beneficiary"], lead=places["lead"], services=[places["cosigner"]], **STATES[state]
    )
    user = make_user(role, places[place])
    count = Dossier.objects.visible_to(user).filter(pk=dossier.pk).count()
    assert count == (1 if state in seen_in else 0)
    if not count:
        assert capacities(user, dossier) == []


def test_nobody_without_a_role_in_force_sees_anything(places):
    dossier = DossierFactory(beneficiary=places["beneficiary"], lead=places["lead"], **STATES["published"])
    former = make_user("officer", places["lead"], membership__valid_until=dt.date(2026, 10, 14))
    coming = make_user("officer", places["lead"], membership__valid_from=dt.date(2026, 10, 16))
    for user in (AnonymousUser(), UserFactory(), former, coming):
        assert not Dossier.objects.visible_to(user).exists()
        assert sides(user, dossier) == set()


def test_each_standing_is_on_its_side(places):
    dossier = DossierFactory(
        beneficiary=places["beneficiary"], lead=places["lead"], services=[places["cosigner"]], **STATES["published"]
    )
    expected = {"lead": "state", "cosigner": "state", "territory": "state", "beneficiary": "beneficiary"}
    roles = {"beneficiary": "director", "national": "national_admin", "unml": "reader"}
    for place in ("lead", "cosigner", "territory", "beneficiary", "national", "unml"):
        actor = capacities(make_user(roles.get(place, "officer"), places[place]), dossier)[0]
        assert actor.side == expected.get(place, "")


@pytest.mark.parametrize(
    ("place", "role", "seen"),
    [
        ("lead", "officer", {"statuts", "remunerations_dirigeants"}),
        ("beneficiary", "accountant", {"statuts", "remunerations_dirigeants"}),
        ("cosigner", "manager", {"statuts"}),
        ("national", "national_admin", {"statuts"}),
        ("territory", "manager", set()),
        ("region", "reader", set()),
    ],
)
def test_a_confidential_document_is_only_for_the_lead_and_the_association(places, place, role, seen):
    dossier = DossierFactory(
        beneficiary=places["beneficiary"], lead=places["lead"], services=[places["cosigner"]], **STATES["published"]
    )
    for key in ("statuts", "remunerations_dirigeants"):
        Attachment.objects.create(
            dossier=dossier,
            kind=AttachmentKind.objects.get(key=key),
            not_applicable_reason="Sans objet.",
            added_by=UserFactory(),
            added_at=clock.now(),
        )
    visible = Attachment.objects.visible_to(make_user(role, places[place]))
    assert set(visible.values_list("kind__key", flat=True)) == seen


def test_a_person_with_two_roles_sees_both_dossiers():
    first, second = DossierFactory(), DossierFactory()
    user = make_user("officer", first.lead)
    make_user("director", second.beneficiary, user=user)
    DossierFactory()
    assert set(Dossier.objects.visible_to(user)) == {first, second}


def test_what_is_seen_is_counted_filtered_and_joined_as_any_queryset():
    """The rule is a union of subqueries: the queryset operations that pages use must not change its rows."""
    first, second, hidden = DossierFactory(), DossierFactory(), DossierFactory()
    user = make_user("officer", first.lead)
    make_user("director", second.beneficiary, user=user)
    visible = Dossier.objects.visible_to(user)
    assert (visible.count(), visible.exists(), visible.filter(pk=hidden.pk).exists()) == (2, True, False)
    assert set(visible.values_list("lead", flat=True)) == {first.lead_id, second.lead_id}
    assert set(visible.annotate(n=Count("territories")).filter(pk__lte=hidden.pk)) == {first, second}
    assert list(visible.exclude(pk=first.pk)) == [second]
    assert list(visible.visible_to(make_user("officer", second.lead))) == [second]
    assert set(Organisation.objects.filter(led_dossiers__in=visible)) == {first.lead, second.lead}
    assert list(Dossier.objects.exclude(pk__in=visible)) == [hidden]
    assert set(Dossier.objects.annotate(s=Exists(visible.filter(pk=OuterRef("pk")))).filter(s=True)) == {first, second}
    assert {dossier.pk for dossier in visible | Dossier.objects.filter(pk=hidden.pk)} == {
        first.pk,
        second.pk,
        hidden.pk,
    }


def test_the_zone_of_a_dossier_is_the_same_in_sql_and_in_python() -> None:
    """That of the territory which its lead service serves, else of its first territory; Paris where it has none."""
    lead = ServiceFactory()
    far = TerritoryFactory(code="901", time_zone="Indian/Reunion")
    own = TerritoryFactory(code="902", time_zone="America/Cayenne", service=lead)
    served = DossierFactory(lead=lead)
    served.territories.set([far, own])
    elsewhere, nowhere = DossierFactory(lead=lead), DossierFactory(lead=lead)
    elsewhere.territories.set([far])
    nowhere.territories.clear()
    expected = {served.pk: "America/Cayenne", elsewhere.pk: "Indian/Reunion", nowhere.pk: "Europe/Paris"}
    dossiers = Dossier.objects.filter(pk__in=expected)
    assert {one.pk: one.time_zone for one in dossiers} == expected
    assert dict(dossiers.annotate(zone=zone_of("pk")).values_list("pk", "zone")) == expected


def test_a_person_reads_from_the_zone_of_their_organisation(django_assert_num_queries) -> None:
    territory = TerritoryFactory(time_zone="Indian/Mayotte")
    service, arml = ServiceFactory(), ArmlFactory(territories=[territory])
    type(territory).objects.filter(pk=territory.pk).update(service=service)
    people = [make_user("officer", service), make_user("director", arml), make_user("national_reader"), UserFactory()]
    for user, zone in zip(people, ["Indian/Mayotte", "Indian/Mayotte", "Europe/Paris", "Europe/Paris"], strict=True):
        with django_assert_num_queries(1):  # it comes with the roles
            assert (len(user.roles), user.time_zone) == (len(user.roles), zone)
    assert arml.time_zone == "Indian/Mayotte"
