"""Changing, ending and handing over roles, the mandate of the president, and no organisation left without people."""

import datetime as dt
import threading

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection

from arml import services
from arml.models import Membership
from cpo.lib.models import JournalEntry
from cpo.lib.workflow import Refused
from tests.factories.arml import DossierFactory, MembershipFactory, ServiceFactory, make_user

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 10, 15)


def role_of(user):
    return user.memberships.order_by("-id").first()


@pytest.fixture
def service():
    return ServiceFactory()


@pytest.fixture
def manager(service):
    return make_user("manager", service)


def test_a_changed_role_starts_today_and_the_former_ends_the_day_before(service, manager):
    officer = make_user("officer", service)
    services.change_role(membership=role_of(officer), role="signatory", title="directrice", by=manager)
    former, present = officer.memberships.order_by("valid_from")
    assert (former.role, former.valid_until) == ("officer", dt.date(2026, 10, 14))
    assert (present.role, present.valid_from, present.title) == ("signatory", TODAY, "directrice")


def test_changing_only_the_title_keeps_the_role_and_its_start(service, manager):
    membership = role_of(make_user("officer", service))
    services.change_role(membership=membership, role="officer", title="cheffe de projet", by=manager)
    membership.refresh_from_db()
    assert (membership.title, membership.valid_from) == ("cheffe de projet", dt.date(2024, 1, 1))


def test_one_does_not_change_a_role_one_could_not_give(service):
    officer = make_user("officer", service)
    with pytest.raises(PermissionDenied):
        services.change_role(membership=role_of(officer), role="manager", title="", by=officer)


def test_the_dgefp_does_not_turn_a_manager_into_an_officer(service, manager):
    admin = make_user("national_admin")
    with pytest.raises(PermissionDenied):
        services.change_role(membership=role_of(manager), role="officer", title="", by=admin)


def test_a_role_held_already_is_not_given_twice(service, manager):
    officer = make_user("officer", service)
    make_user("signatory", service, user=officer)
    with pytest.raises(Refused, match="a déjà le rôle"):
        services.change_role(membership=officer.memberships.get(role="officer"), role="signatory", title="", by=manager)


def test_a_role_ended_at_once_gives_nothing_today(service, manager):
    officer = make_user("officer", service)
    services.end_role(membership=role_of(officer), by=manager)
    assert not officer.memberships.in_force().exists()
    assert officer.memberships.get().valid_until == dt.date(2026, 10, 14)


def test_a_role_that_began_today_can_end_at_once(service, manager):
    officer = make_user("officer", service, membership__valid_from=TODAY)
    services.end_role(membership=role_of(officer), by=manager)
    assert not officer.memberships.exists()
    assert JournalEntry.objects.filter(root=f"organisation:{service.pk}", verb="role_ended").exists()


def test_a_role_ends_on_its_last_day(service, manager, at):
    officer = make_user("officer", service)
    services.end_role(membership=role_of(officer), until=dt.date(2026, 10, 31), by=manager)
    at("2026-10-31 23:00")
    assert officer.memberships.in_force().exists()
    at("2026-11-01 00:30")
    assert not officer.memberships.in_force().exists()


def test_a_role_does_not_end_in_the_past(service, manager):
    with pytest.raises(Refused, match="ne peut pas être passé"):
        services.end_role(membership=role_of(make_user("officer", service)), until=dt.date(2026, 10, 1), by=manager)


def test_a_role_that_ended_is_not_ended_again(service, manager):
    officer = make_user("officer", service, membership__valid_until=dt.date(2026, 9, 30))
    with pytest.raises(Refused, match="déjà pris fin"):
        services.end_role(membership=role_of(officer), by=manager)


def test_dossiers_followed_are_handed_over_when_a_role_ends(manager, service):
    leaving, staying = make_user("officer", service), make_user("officer", service)
    dossier = DossierFactory(lead=service, officer=leaving)
    with pytest.raises(Refused, match="Choisissez à qui"):
        services.end_role(membership=role_of(leaving), by=manager)
    services.end_role(membership=role_of(leaving), successor=staying, by=manager)
    dossier.refresh_from_db()
    assert dossier.officer == staying
    entry = JournalEntry.objects.get(root=f"dossier:{dossier.pk}")
    assert str(staying) in entry.sentence


def test_a_dossier_is_not_handed_over_to_another_service(manager, service):
    leaving = make_user("officer", service)
    DossierFactory(lead=service, officer=leaving)
    with pytest.raises(Refused, match="ne peut pas suivre"):
        services.end_role(membership=role_of(leaving), successor=make_user("officer"), by=manager)


def test_the_last_head_does_not_leave_before_a_successor(service, manager):
    with pytest.raises(Refused, match="dernière personne"):
        services.end_role(membership=role_of(manager), by=manager)
    make_user("manager", service)
    services.end_role(membership=role_of(manager), by=manager)
    assert not manager.memberships.in_force().exists()


# -- Nobody who may invite is left ------------------------------------------------------------------------------------

END = dt.date(2026, 12, 31)
LEAVES = {
    "end at once": lambda membership, by: services.end_role(membership=membership, by=by),
    "end later": lambda membership, by: services.end_role(membership=membership, until=END, by=by),
    "an end date": lambda membership, by: services.change_role(
        membership=membership, role=membership.role, title="", valid_until=END, by=by
    ),
    "a lesser role": lambda membership, by: services.change_role(
        membership=membership, role=LESSER[membership.role], title="", by=by
    ),
}
LESSER = {
    "manager": "officer",
    "president": "accountant",
    "director": "accountant",
    "national_admin": "national_reader",
}


@pytest.mark.parametrize("leave", LEAVES)
@pytest.mark.parametrize("role", ["manager", "president", "director", "national_admin"])
def test_the_last_head_stays_whatever_the_door(role, leave):
    head = make_user(role)
    organisation = role_of(head).organisation
    reason = "aucune administration nationale" if role == "national_admin" else "dernière personne"
    with pytest.raises(Refused, match=reason):
        LEAVES[leave](role_of(head), head)
    assert head.memberships.in_force(dt.date(2027, 1, 1)).filter(role=role).exists()
    second = make_user(role, organisation)
    LEAVES[leave](role_of(head), head)
    with pytest.raises(Refused, match=reason):
        LEAVES[leave](role_of(second), second)


@pytest.mark.parametrize("leave", LEAVES)
def test_no_national_administrator_ends_the_last_one_who_stays(leave):
    """Nobody else could invite one: a colleague whose own role ends counts for nothing."""
    staying = make_user("national_admin")
    leaving = make_user("national_admin", role_of(staying).organisation, membership__valid_until=dt.date(2026, 11, 30))
    with pytest.raises(Refused, match="aucune administration nationale"):
        LEAVES[leave](role_of(staying), leaving)


def test_a_head_whose_role_ends_before_does_not_replace_the_last_one(service, manager):
    other = make_user("manager", service, membership__valid_until=dt.date(2026, 11, 30))
    with pytest.raises(Refused, match="dernière personne"):
        services.end_role(membership=role_of(manager), until=END, by=manager)
    services.end_role(membership=role_of(manager), until=dt.date(2026, 11, 29), by=manager)
    assert other.memberships.in_force(dt.date(2026, 11, 30)).exists()


def test_a_closed_account_is_no_head(service, manager):
    make_user("manager", service, is_active=False)
    with pytest.raises(Refused, match="dernière personne"):
        services.end_role(membership=role_of(manager), by=manager)


def test_an_end_that_was_recorded_may_be_moved_later_by_the_last_one():
    admin = make_user("national_admin", membership__valid_until=dt.date(2026, 11, 30))
    services.change_role(membership=role_of(admin), role="national_admin", title="", valid_until=END, by=admin)
    with pytest.raises(Refused):
        services.change_role(membership=role_of(admin), role="national_admin", title="", valid_until=TODAY, by=admin)


def test_the_title_of_the_last_one_changes_and_a_director_becomes_president(manager):
    services.change_role(membership=role_of(manager), role="manager", title="cheffe de pôle", by=manager)
    director = make_user("director")
    services.change_role(membership=role_of(director), role="president", title="", by=director)
    with pytest.raises(Refused, match="dernière personne"):
        services.change_role(membership=role_of(director), role="director", title="", valid_until=END, by=director)


def test_the_dgefp_ends_the_last_manager_of_a_service_and_invites_the_next(manager):
    admin = make_user("national_admin")
    services.end_role(membership=role_of(manager), by=admin)
    assert not manager.memberships.in_force().exists()


@pytest.mark.django_db(transaction=True)
def test_two_last_heads_who_leave_at_once_do_not_both_leave():
    first = make_user("national_admin")
    second = make_user("national_admin", role_of(first).organisation)
    start, refused = threading.Barrier(2), []

    def leave(user):
        start.wait()
        try:
            services.end_role(membership=role_of(user), by=user)
        except Refused:
            refused.append(user)
        finally:
            connection.close()

    threads = [threading.Thread(target=leave, args=[user]) for user in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1


def test_the_president_mandates_the_director_between_two_dates():
    dossier = DossierFactory()
    president, director = make_user("president", dossier.beneficiary), make_user("director", dossier.beneficiary)
    services.set_mandate(
        membership=role_of(director), mandated_on=TODAY, mandate_until=dt.date(2026, 12, 31), by=president
    )
    membership = role_of(director)
    days = (dt.date(2026, 10, 14), TODAY, dt.date(2026, 12, 31), dt.date(2027, 1, 1))
    assert [membership.mandated(day) for day in days] == [False, True, True, False]
    services.set_mandate(membership=membership, mandated_on=None, mandate_until=None, by=president)
    assert not role_of(director).mandated(TODAY)


@pytest.mark.parametrize("role", ["director", "accountant"])
def test_only_the_president_gives_a_mandate(role):
    dossier = DossierFactory()
    director = make_user("director", dossier.beneficiary)
    with pytest.raises(PermissionDenied):
        services.set_mandate(
            membership=role_of(director),
            mandated_on=TODAY,
            mandate_until=None,
            by=director if role == "director" else make_user(role, dossier.beneficiary),
        )


def test_a_mandate_is_for_the_director_only():
    dossier = DossierFactory()
    president = make_user("president", dossier.beneficiary)
    accountant = MembershipFactory(organisation=dossier.beneficiary, role="accountant")
    with pytest.raises(Refused, match="direction"):
        services.set_mandate(membership=accountant, mandated_on=TODAY, mandate_until=None, by=president)
    assert not Membership.objects.filter(mandated_on__isnull=False).exists()
