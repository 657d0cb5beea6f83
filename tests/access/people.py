"""The columns of the table: one person for each role towards a dossier, and one who is not signed in."""

from typing import Any

from arml.enums import OrganisationKind
from arml.models import Organisation, Territory, User
from conventions.models import Act
from tests.factories.arml import (
    PASSWORD,
    ArmlFactory,
    NationalFactory,
    OrganisationFactory,
    ServiceFactory,
    TerritoryFactory,
    make_user,
)
from tests.factories.conventions import member

COLUMNS = {
    "anon": "not signed in",
    "off": "officer of the lead service",
    "man": "manager of the lead service",
    "sig": "signatory of the lead service",
    "cof": "officer of a co-signing service",
    "cma": "manager of a co-signing service",
    "csi": "signatory of a co-signing service",
    "tof": "officer of the service of a territory that does not sign",
    "xof": "officer of an unrelated service",
    "dir": "director of the beneficiary, without mandate",
    "pre": "president of the beneficiary",
    "acc": "accountant of the beneficiary",
    "xdi": "director of another association",
    "adm": "national administrator",
    "red": "national reader",
    "uml": "national observer (the union of Missions Locales)",
    "rin": "reader of a Région of the dossier",
    "rou": "reader of another Région",
}


class Strangers:
    """People and organisations outside the dossiers, or national ones. All dossiers of the walk share them."""

    def __init__(self) -> None:
        self.bystander = Territory.objects.get(pk=TerritoryFactory().pk)
        self.bystander_service: Organisation = ServiceFactory(serves=[self.bystander])
        self.other_arml: Organisation = ArmlFactory(territories=[TerritoryFactory()])
        national = NationalFactory()
        region = OrganisationFactory(kind=OrganisationKind.REGION, territories=[self.bystander])
        elsewhere = OrganisationFactory(kind=OrganisationKind.REGION, territories=[TerritoryFactory()])
        union = OrganisationFactory(kind=OrganisationKind.OTHER, national_scope=True)
        self.people: dict[str, User] = {
            "tof": make_user("officer", self.bystander_service),
            "xof": make_user("officer", ServiceFactory(serves=[TerritoryFactory()])),
            "xdi": make_user("director", self.other_arml),
            "adm": make_user("national_admin", national),
            "red": make_user("national_reader", national),
            "uml": make_user("reader", union),
            "rin": make_user("reader", region),
            "rou": make_user("reader", elsewhere),
        }

    def around(self, act: Act) -> dict[str, User | None]:
        """The person of each column, for one dossier."""
        dossier = act.dossier
        cosigner = dossier.services.exclude(pk=dossier.lead_id).earliest("pk")
        own: dict[str, Any] = {"anon": None}
        own |= {name: member(act, role) for name, role in LEAD_AND_BENEFICIARY.items()}
        own["acc"] = make_user("accountant", dossier.beneficiary)
        own |= {name: _holder(role, cosigner) for name, role in COSIGNER.items()}
        people = own | self.people
        for user in people.values():
            if user is not None and not user.has_usable_password():
                user.set_password(PASSWORD)
                user.save()
        return {name: people[name] for name in COLUMNS}


LEAD_AND_BENEFICIARY = {
    "off": "officer",
    "man": "manager",
    "sig": "signatory",
    "dir": "director",
    "pre": "president",
}
COSIGNER = {"cof": "officer", "cma": "manager", "csi": "signatory"}


def _holder(role: str, organisation: Organisation) -> User:
    membership = organisation.memberships.filter(role=role).first()
    return User.objects.get(pk=membership.user_id) if membership else make_user(role, organisation)
