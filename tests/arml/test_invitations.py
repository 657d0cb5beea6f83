"""Invitations: who may send them, how long the link works, and no account on both sides of one dossier."""

import datetime as dt
import re

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import CommandError, call_command

from arml import services
from arml.models import Invitation, Membership, User
from arml.permissions import may_invite
from cpo.lib import zones
from cpo.lib.actor import SYSTEM
from cpo.lib.models import JournalEntry, OutboxMessage
from cpo.lib.workflow import Refused
from tests.factories.arml import (
    PASSWORD,
    ArmlFactory,
    DossierFactory,
    MembershipFactory,
    NationalFactory,
    OrganisationFactory,
    ServiceFactory,
    TerritoryFactory,
    UserFactory,
    make_user,
)

pytestmark = pytest.mark.django_db
NEW = "une phrase longue et nouvelle"


def invite(organisation, role, by=SYSTEM, email="invitee@exemple.example", **more):
    return services.invite(
        email=email, first_name="Dominique", last_name="Invitée", organisation=organisation, role=role, by=by, **more
    )


UNREACHABLE = "a@" + "é" * 60 + ".fr"


def test_an_address_that_no_message_can_reach_is_refused_at_every_door(client):
    service = ServiceFactory()
    manager = make_user("manager", service)
    with pytest.raises(ValidationError, match="Aucun message ne peut partir"):
        invite(service, "officer", manager, email=UNREACHABLE)
    client.force_login(manager)
    answer = client.post(
        f"/organisations/{service.key}/personnes/inviter/",
        {"first_name": "A", "last_name": "B", "email": UNREACHABLE, "role": "officer"},
    )
    assert "Aucun message ne peut partir vers cette adresse" in answer.content.decode()
    client.post(f"/organisations/{service.key}/modifier/", {"email": UNREACHABLE, "revision": 0})
    service.refresh_from_db()
    assert service.email != UNREACHABLE
    NationalFactory()
    with pytest.raises(CommandError, match="n’est pas une adresse"):
        call_command("create_first_admin", UNREACHABLE)
    assert not Invitation.objects.exists()


# -- who invites whom ----------------------------------------------------------------------------------------------

WHO = [
    # inviter, where, role given, allowed
    ("national_admin", "service", "manager", True),
    ("national_admin", "service", "officer", False),
    ("national_admin", "association", "president", False),
    ("national_admin", "national", "national_admin", True),
    ("national_admin", "other", "reader", True),
    ("national_reader", "service", "manager", False),
    ("manager", "service", "officer", True),
    ("manager", "service", "signatory", True),
    ("manager", "association", "president", True),
    ("manager", "association", "director", True),
    ("manager", "association", "accountant", False),
    ("manager", "national", "national_reader", False),
    ("manager", "elsewhere", "president", False),
    ("officer", "service", "officer", False),
    ("signatory", "service", "officer", False),
    ("president", "association", "director", True),
    ("president", "association", "accountant", True),
    ("president", "service", "officer", False),
    ("president", "elsewhere", "director", False),
    ("director", "association", "accountant", True),
    ("accountant", "association", "accountant", False),
    ("reader", "other", "reader", False),
]


@pytest.mark.parametrize(("inviter", "where", "role", "allowed"), WHO)
def test_who_may_invite_whom(inviter, where, role, allowed):
    dossier = DossierFactory()
    places = {
        "service": dossier.lead,
        "association": dossier.beneficiary,
        "elsewhere": ArmlFactory(territories=[TerritoryFactory()]),
        "national": NationalFactory(),
        "other": OrganisationFactory(),
    }
    home = {"manager": "service", "officer": "service", "signatory": "service", "reader": "other"}
    own = home.get(inviter, "national" if inviter.startswith("national") else "association")
    user = make_user(inviter, places[own])
    assert may_invite(user, places[where], role) is allowed
    if allowed:
        assert invite(places[where], role, by=user)[0].is_open
    else:
        with pytest.raises(PermissionDenied):
            invite(places[where], role, by=user)
        assert not Invitation.objects.exists()


def test_a_role_of_another_kind_of_organisation_is_never_given():
    dossier = DossierFactory()
    assert not may_invite(make_user("manager", dossier.lead), dossier.lead, "president")
    assert not may_invite(make_user("president", dossier.beneficiary), dossier.beneficiary, "manager")


def test_before_any_dossier_the_service_of_a_territory_invites_the_first_president():
    territory = TerritoryFactory()
    service = ServiceFactory(serves=[territory])
    association = ArmlFactory(territories=[territory])
    assert may_invite(make_user("manager", service), association, "president")


def test_a_cosigning_service_does_not_invite_the_president():
    first, second = TerritoryFactory(), TerritoryFactory()
    lead, cosigner = ServiceFactory(serves=[first]), ServiceFactory(serves=[second])
    association = ArmlFactory(territories=[first, second])
    DossierFactory(beneficiary=association, lead=lead, services=[cosigner])
    assert may_invite(make_user("manager", lead), association, "president")
    assert not may_invite(make_user("manager", cosigner), association, "president")


def test_a_role_that_ended_gives_no_right_to_invite():
    service = ServiceFactory()
    user = make_user("manager", service, membership__valid_until=dt.date(2026, 10, 14))
    assert not may_invite(user, service, "officer")


# -- the message and its link --------------------------------------------------------------------------------------


def test_an_invitation_leaves_by_message_and_only_the_hash_of_its_token_is_kept(mails, path_in):
    association = ArmlFactory(name="ARML Exemple Nord")
    invitation, token = invite(association, "director", email="Invitee@Exemple.example", title="directrice")
    mail = mails("invitee@exemple.example")[0]
    assert path_in(mail, "/invitation/") == f"/invitation/{token}/"
    assert "ARML Exemple Nord" in mail.body
    assert "directrice" in mail.body
    assert "29 octobre 2026" in mail.body.replace("\u00a0", " ")
    assert token not in invitation.token_sha256
    assert len(invitation.token_sha256) == 64
    assert mail.secrets == [token], "the message forgets it once sent"


def test_opening_the_link_changes_nothing(client):
    invitation, token = invite(ArmlFactory(), "director")
    client.get(f"/invitation/{token}/")
    invitation.refresh_from_db()
    assert invitation.accepted_at is None
    assert not User.objects.filter(email=invitation.email).exists()


def test_a_new_person_chooses_a_password_and_enters_with_the_role(client):
    association = ArmlFactory()
    invitation, token = invite(association, "director", title="directrice", role_until=dt.date(2027, 12, 31))
    page = client.get(f"/invitation/{token}/").content.decode()
    assert "Créer mon compte" in page
    response = client.post(f"/invitation/{token}/", {"new_password1": NEW, "new_password2": NEW})
    assert response.status_code == 302
    membership = Membership.objects.get(user__email=invitation.email)
    assert (membership.organisation, membership.role, membership.title) == (association, "director", "directrice")
    assert (membership.valid_from, membership.valid_until) == (dt.date(2026, 10, 15), dt.date(2027, 12, 31))
    assert client.session["_auth_user_id"] == str(membership.user_id)
    assert membership.user.check_password(NEW)


@pytest.mark.parametrize(
    ("password", "again", "message"),
    [("", "", "Indiquez votre mot de passe"), ("court", "court", "12"), (NEW, "autre", "diffèrent")],
)
def test_a_refused_password_says_why_and_creates_nothing(client, password, again, message):
    _, token = invite(ArmlFactory(), "director")
    page = client.post(f"/invitation/{token}/", {"new_password1": password, "new_password2": again})
    assert message in page.content.decode()
    assert not User.objects.filter(email="invitee@exemple.example").exists()


def test_a_person_with_an_account_signs_in_then_confirms(client):
    user = UserFactory(email="invitee@exemple.example", password=PASSWORD)
    association = ArmlFactory()
    _, token = invite(association, "director")
    page = client.get(f"/invitation/{token}/").content.decode()
    assert f"/connexion/?next=/invitation/{token}/" in page
    assert client.post(f"/invitation/{token}/", {"new_password1": NEW, "new_password2": NEW}).status_code == 200
    assert not user.memberships.exists(), "without signing in, the link alone gives nothing"
    client.force_login(user)
    assert "Accepter" in client.get(f"/invitation/{token}/").content.decode()
    assert client.post(f"/invitation/{token}/").status_code == 302
    assert user.memberships.get().organisation == association


def test_an_invitation_of_somebody_else_is_not_accepted(client):
    _, token = invite(ArmlFactory(), "director")
    other = UserFactory()
    client.force_login(other)
    assert "n’est pas pour ce compte" in client.post(f"/invitation/{token}/").content.decode()
    with pytest.raises(PermissionDenied):
        services.accept(token=token, user=other)
    assert not other.memberships.exists()


def test_a_link_serves_once(client):
    invitation, token = invite(ArmlFactory(), "director")
    services.accept(token=token, password=NEW)
    response = client.get(f"/invitation/{token}/")
    assert response.status_code == 410
    assert "déjà servi" in response.content.decode()
    with pytest.raises(Refused):
        services.accept(token=token, user=User.objects.get(email=invitation.email))


def test_a_link_expires_after_fourteen_days(client, at):
    _, token = invite(ArmlFactory(), "director")
    at("2026-10-29 07:59")  # winter time has begun since
    assert client.get(f"/invitation/{token}/").status_code == 200
    at("2026-10-29 08:01")
    response = client.post(f"/invitation/{token}/", {"new_password1": NEW, "new_password2": NEW})
    assert response.status_code == 410
    assert "a expiré" in response.content.decode()
    assert not Membership.objects.filter(user__email="invitee@exemple.example").exists()


def test_a_withdrawn_link_says_so(client):
    invitation, token = invite(ArmlFactory(), "director")
    services.withdraw(invitation=invitation, by=SYSTEM)
    response = client.get(f"/invitation/{token}/")
    assert response.status_code == 410
    assert "retirée" in response.content.decode()


def test_an_unknown_link_is_not_found(client):
    assert client.get("/invitation/nimporte-quoi/").status_code == 404


def test_resending_gives_a_new_link_and_closes_the_former(client, at, mails):
    invitation, former = invite(ArmlFactory(), "director")
    at("2026-11-05")
    _, token = services.resend(invitation=invitation, by=SYSTEM)
    assert client.get(f"/invitation/{former}/").status_code == 404
    at("2026-11-18")
    assert client.get(f"/invitation/{token}/").status_code == 200
    assert len(mails(invitation.email)) == 2


def test_no_more_than_five_invitations_an_hour_leave_for_one_address(at, mails):
    association = ArmlFactory()
    invitation, _ = invite(association, "director")
    for _ in range(3):
        services.resend(invitation=invitation, by=SYSTEM)
    services.withdraw(invitation=invitation, by=SYSTEM)
    again, _ = invite(association, "president")
    with pytest.raises(Refused, match=r"Trop d’invitations sont parties à .* Réessayez à partir de 10\sh\s01"):
        services.resend(invitation=again, by=SYSTEM)
    with pytest.raises(Refused, match="Trop d’invitations"):
        invite(ArmlFactory(), "accountant", email=" Invitee@exemple.example")
    assert len(mails(again.email)) == 5
    invite(association, "accountant", email="autre@exemple.example")
    at("2026-10-15 10:01")
    services.resend(invitation=again, by=SYSTEM)


def test_the_same_invitation_is_not_sent_twice():
    association = ArmlFactory()
    invite(association, "director")
    with pytest.raises(Refused, match="déjà une invitation"):
        invite(association, "director")


def test_one_is_not_invited_into_a_role_one_has():
    association = ArmlFactory()
    user = make_user("director", association)
    with pytest.raises(Refused, match="déjà ce rôle"):
        invite(association, "director", email=user.email)


def test_the_journal_of_the_organisation_tells_who_invited_whom():
    dossier = DossierFactory()
    manager = make_user("manager", dossier.lead)
    _, token = invite(dossier.beneficiary, "president", by=manager)
    services.accept(token=token, password=NEW)
    entries = JournalEntry.objects.filter(root=f"organisation:{dossier.beneficiary.pk}").order_by("id")
    assert [entry.verb for entry in entries] == ["invited", "invitation_accepted"]
    assert (entries[0].actor, entries[0].role, entries[0].organisation) == (manager, "manager", str(dossier.lead))


# -- never both sides ----------------------------------------------------------------------------------------------


def test_a_member_of_the_lead_service_gets_no_role_in_its_association():
    dossier = DossierFactory()
    officer = make_user("officer", dossier.lead)
    with pytest.raises(Refused, match="du côté de l’État et du côté de l’association"):
        invite(dossier.beneficiary, "director", email=officer.email)


def test_a_member_of_the_association_gets_no_role_in_its_service():
    dossier = DossierFactory()
    director = make_user("director", dossier.beneficiary)
    with pytest.raises(Refused, match="un même dossier"):
        invite(dossier.lead, "officer", email=director.email)


def test_a_cosigning_service_is_a_side_too():
    cosigner = ServiceFactory()
    dossier = DossierFactory(services=[cosigner])
    with pytest.raises(Refused):
        services.check_sides(make_user("officer", cosigner), dossier.beneficiary)


def test_an_overlapping_territory_is_enough_before_any_dossier():
    territory = TerritoryFactory()
    service = ServiceFactory(serves=[territory])
    association = ArmlFactory(territories=[territory])
    with pytest.raises(Refused):
        services.check_sides(make_user("director", association), service)


def test_roles_of_two_regions_that_share_no_dossier_are_allowed():
    first, second = DossierFactory(), DossierFactory()
    services.check_sides(make_user("officer", first.lead), second.beneficiary)
    invitation, _ = invite(second.beneficiary, "director", email=make_user("officer", first.lead).email)
    assert invitation.is_open


def test_a_role_that_ended_is_no_side_but_one_to_come_is():
    dossier = DossierFactory()
    former = make_user("officer", dossier.lead, membership__valid_until=dt.date(2026, 10, 14))
    services.check_sides(former, dossier.beneficiary)
    coming = UserFactory()
    MembershipFactory(user=coming, organisation=dossier.lead, role="officer", valid_from=dt.date(2027, 1, 1))
    with pytest.raises(Refused):
        services.check_sides(coming, dossier.beneficiary)


def test_a_role_taken_on_the_other_side_after_the_invitation_refuses_the_acceptance(client):
    dossier = DossierFactory()
    user = UserFactory(email="invitee@exemple.example")
    invitation, token = invite(dossier.beneficiary, "director")
    make_user("officer", dossier.lead, user=user)
    client.force_login(user)
    response = client.post(f"/invitation/{token}/")
    assert response.status_code == 410
    assert "un même dossier" in response.content.decode()
    invitation.refresh_from_db()
    assert invitation.accepted_at is None


def test_parties_of_a_dossier_to_be_share_nobody():
    dossier = DossierFactory()
    outside = ServiceFactory()
    services.check_parties(dossier.beneficiary, [dossier.lead, outside])
    both = make_user("officer", outside)
    make_user("director", dossier.beneficiary, user=both)
    with pytest.raises(Refused, match=both.last_name):
        services.check_parties(dossier.beneficiary, [dossier.lead, outside])


# -- the first administrator ---------------------------------------------------------------------------------------


def test_a_fresh_system_invites_its_first_administrator_by_command(capsys, client, mails):
    call_command("create_first_admin", "premiere@exemple.example", "--prenom", "Camille")
    out = capsys.readouterr().out
    path = "/invitation/" + out.split("/invitation/")[1].strip()
    assert len(mails("premiere@exemple.example")) == 1
    assert client.post(path, {"new_password1": NEW, "new_password2": NEW}).status_code == 302
    assert User.objects.get(email="premiere@exemple.example").has_role("national_admin")
    with pytest.raises(CommandError, match="déjà"):
        call_command("create_first_admin", "seconde@exemple.example")


def test_the_first_administrator_needs_a_real_address():
    with pytest.raises(CommandError, match="adresse"):
        call_command("create_first_admin", "pas-une-adresse")


@pytest.mark.parametrize(
    ("zone", "moment", "day"),
    [
        ("America/Miquelon", "2026-12-18 02:30+00:00", "31\u00a0décembre 2026"),
        ("Indian/Reunion", "2026-12-17 20:30+00:00", "1er\u00a0janvier 2027"),
    ],
)
def test_the_link_ends_on_one_day_in_the_message_and_on_the_page(client, at, zone, moment, day):
    at(moment)
    organisation = ArmlFactory(territories=[TerritoryFactory(time_zone=zone)])
    invite(organisation, "director")
    mail = OutboxMessage.objects.get()
    assert day in mail.body
    address = re.search(r"/invitation/[^/\s]+/", mail.body)[0]
    page = client.get(address).content.decode().replace("<sup>er</sup>", "er")
    assert f"Le lien expire le {day} à" in page and f"({zones.name_of(zone)})" in page
