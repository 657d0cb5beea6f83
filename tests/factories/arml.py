"""Fictitious organisations, people and dossiers. Their codes and keys differ from those of the reference data.

dossier = DossierFactory()                           # one ARML, one lead service, one territory, shared
officer = make_user("officer", dossier.lead)
president = make_user("president", dossier.beneficiary)
admin = make_user("national_admin")                  # in a new national organisation
"""

import datetime as dt
import string
from typing import Any

import factory
from factory.django import DjangoModelFactory

from arml.enums import OrganisationKind, Role, ServiceType
from arml.models import Delegation, Dossier, Invitation, Membership, Organisation, Territory, User
from cpo.lib import clock
from cpo.lib.wording.accents import plain

PASSWORD = "un mot de passe assez long"


def territory_code(n: int) -> str:
    """A00, A01… A0Z, A10…: no INSEE code, no short code. They sort in the order of creation, as conventions must."""
    return f"{chr(65 + n // 360)}{n % 360 // 36}{(string.digits + string.ascii_uppercase)[n % 36]}"


class TerritoryFactory(DjangoModelFactory):
    class Meta:
        model = Territory

    code = factory.Sequence(territory_code)
    code3 = factory.SelfAttribute("code")
    name = factory.Sequence(lambda n: f"Région exemple {n:05d}")
    in_sentence = factory.LazyAttribute(lambda o: f"en {o.name}")
    prefecture = "Chef-lieu"
    prefect_title = factory.LazyAttribute(lambda o: f"le préfet de la {o.name}")
    court = "Chef-lieu"


class OrganisationFactory(DjangoModelFactory):
    class Meta:
        model = Organisation
        skip_postgeneration_save = True

    kind = OrganisationKind.OTHER
    key = factory.Sequence(lambda n: f"organisme-exemple-{n:05d}")
    short_name = factory.Sequence(lambda n: f"Organisme exemple {n:05d}")
    name = factory.SelfAttribute("short_name")
    article_name = factory.LazyAttribute(lambda o: f"l’organisme {o.name}")
    sort_name = factory.LazyAttribute(lambda o: plain(o.short_name))

    @factory.post_generation
    def territories(self, create: bool, extracted: Any, **kwargs: Any) -> None:
        if create and extracted:
            self.territories.set(extracted)


class NationalFactory(OrganisationFactory):
    kind = OrganisationKind.NATIONAL
    key = factory.Sequence(lambda n: f"administration-exemple-{n:05d}")
    short_name = factory.Sequence(lambda n: f"Administration exemple {n:05d}")
    national_scope = True


class ServiceFactory(OrganisationFactory):
    """A State service. `serves=[territory]` makes it the service of these territories."""

    kind = OrganisationKind.STATE_SERVICE
    key = factory.Sequence(lambda n: f"service-exemple-{n:05d}")
    short_name = factory.Sequence(lambda n: f"DREETS Exemple {n:05d}")
    service_type = ServiceType.DREETS

    @factory.post_generation
    def serves(self, create: bool, extracted: Any, **kwargs: Any) -> None:
        for territory in extracted or []:
            territory.service = self
            territory.save()
            self.territories.add(territory)


class ArmlFactory(OrganisationFactory):
    kind = OrganisationKind.ARML
    key = factory.Sequence(lambda n: f"arml-exemple-{n:05d}")
    short_name = factory.Sequence(lambda n: f"ARML Exemple {n:05d}")


class UserFactory(DjangoModelFactory):
    """Without `password`, the account has no usable one, and tests log in with `force_login`."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"personne.{n:05d}@exemple.example")
    first_name = "Camille"
    last_name = factory.Sequence(lambda n: f"Exemple-{n:05d}")

    @factory.post_generation
    def password(self, create: bool, extracted: str | None, **kwargs: Any) -> None:
        if extracted:
            self.set_password(extracted)
        else:
            self.set_unusable_password()
        self.save()


class MembershipFactory(DjangoModelFactory):
    class Meta:
        model = Membership

    user = factory.SubFactory(UserFactory)
    organisation = factory.SubFactory(ArmlFactory)
    role = Role.DIRECTOR
    valid_from = dt.date(2024, 1, 1)


class InvitationFactory(DjangoModelFactory):
    class Meta:
        model = Invitation

    email = factory.Sequence(lambda n: f"invitee.{n:05d}@exemple.example")
    first_name = "Dominique"
    last_name = "Invitée"
    organisation = factory.SubFactory(ArmlFactory)
    role = Role.DIRECTOR
    token_sha256 = factory.Sequence(lambda n: f"{n:064x}")
    invited_by = factory.SubFactory(UserFactory)
    created_at = factory.LazyFunction(clock.now)
    expires_at = factory.LazyAttribute(lambda o: o.created_at + dt.timedelta(days=14))


class DelegationFactory(DjangoModelFactory):
    class Meta:
        model = Delegation

    organisation = factory.SubFactory(ServiceFactory)
    holder_name = "Camille Signataire"
    holder_capacity = "directrice régionale"
    reference = "l’arrêté n° 2025-EX-01"
    dated = dt.date(2025, 1, 2)


class DossierFactory(DjangoModelFactory):
    """One ARML, its lead service, one territory that the service serves; shared with the association."""

    class Meta:
        model = Dossier
        skip_postgeneration_save = True

    beneficiary = factory.SubFactory(ArmlFactory)
    lead = factory.SubFactory(ServiceFactory)
    shared_on = dt.date(2025, 1, 6)
    created_at = factory.LazyFunction(clock.now)

    @factory.post_generation
    def services(self, create: bool, extracted: Any, **kwargs: Any) -> None:
        if create and extracted:
            self.services.set(extracted)

    @factory.post_generation
    def territories(self, create: bool, extracted: Any, **kwargs: Any) -> None:
        """By default, those of the association, else of the lead, else a new one. Both organisations get them too."""
        if not create:
            return
        rows = list(extracted or self.beneficiary.territories.all() or self.lead.served_territories.all()) or [
            TerritoryFactory(service=self.lead)
        ]
        self.territories.set(rows)
        self.beneficiary.territories.add(*rows)


def make_user(role: str, organisation: Organisation | None = None, *, user: User | None = None, **fields: Any) -> User:
    """A person with one valid role. Fields that begin with `membership__` go to the role, the others to the person."""
    kinds = {
        Role.OFFICER: ServiceFactory,
        Role.MANAGER: ServiceFactory,
        Role.SIGNATORY: ServiceFactory,
        Role.NATIONAL_ADMIN: NationalFactory,
        Role.NATIONAL_READER: NationalFactory,
        Role.READER: OrganisationFactory,
    }
    organisation = organisation or kinds.get(Role(role), ArmlFactory)()
    of_role = {
        key.removeprefix("membership__"): fields.pop(key) for key in list(fields) if key.startswith("membership__")
    }
    user = user or UserFactory(**fields)
    MembershipFactory(user=user, organisation=organisation, role=role, **of_role)
    user.__dict__.pop("roles", None)
    return user
