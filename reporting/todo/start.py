"""The task of a State service that has no convention yet: to create one, for those who may."""

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from actions.models import Cycle
from arml.enums import OrganisationKind
from arml.models import Organisation
from arml.permissions import SPOKESPERSONS
from conventions.enums import ConventionState
from conventions.models import Convention, ModelVersion
from conventions.pages.todo import Hats, Task
from cpo.lib import clock
from cpo.lib.clock import PARIS
from cpo.lib.enums import Side
from cpo.lib.wording import french


def start_tasks(hats: Hats) -> list[Task]:
    """One line for each service that answers for a territory, in a cycle that runs and whose model is published."""
    own = [pk for pk, roles in hats.roles.items() if roles & set(SPOKESPERSONS[Side.STATE])]
    cycle = Cycle.objects.filter(_published()).first() if own else None
    if cycle is None or clock.today(PARIS).year > cycle.last_year:
        return []
    theirs = Q(dossier__lead=OuterRef("pk")) | Q(dossier__services=OuterRef("pk"))
    conventions = Convention.objects.filter(theirs, cycle=cycle).exclude(state=ConventionState.ABANDONED)
    services = (
        Organisation.objects.filter(~Exists(conventions), pk__in=own, kind=OrganisationKind.STATE_SERVICE)
        .filter(served_territories__isnull=False)
        .order_by("name")
        .distinct()
    )
    return [
        Task(
            title=f"Créer la convention {french.of(service.in_sentence)}",
            url=reverse("convention-create"),
            verb="Créer",
            detail=f"{cycle.label} · ou reprendre celle qui fut signée sur papier",
        )
        for service in services
    ]


def _published() -> Exists:
    return Exists(ModelVersion.objects.filter(cycle=OuterRef("pk"), published_on__isnull=False))
