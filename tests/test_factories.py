import pytest

from arml.models import Dossier
from tests.factories.arml import DossierFactory, NationalFactory, TerritoryFactory, make_user

pytestmark = pytest.mark.django_db


def test_a_dossier_links_its_association_and_its_service_by_a_territory():
    dossier = DossierFactory()
    assert list(dossier.territories.all()) == list(dossier.beneficiary.territories.all())
    assert dossier.territories.get().service == dossier.lead


def test_a_person_made_with_a_role_sees_the_dossier():
    dossier = DossierFactory()
    for user in (
        make_user("officer", dossier.lead),
        make_user("director", dossier.beneficiary),
        make_user("national_reader"),
    ):
        assert list(Dossier.objects.visible_to(user).filter(pk=dossier.pk)) == [dossier]


def test_one_person_may_hold_two_roles():
    national = NationalFactory()
    user = make_user("national_admin", national)
    make_user("reader", user=user)
    assert {membership.role for membership in user.roles} == {"national_admin", "reader"}


def test_codes_of_many_territories_differ():
    assert len({TerritoryFactory().code for _ in range(30)}) == 30
