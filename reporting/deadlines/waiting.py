"""What people wait for on the acts of a convention, and the rows of deadlines that remind of it."""

from django.db.models import prefetch_related_objects

from arml.permissions import BENEFICIARY_ROLES
from conventions.enums import ConventionState
from conventions.models import Act, Convention
from conventions.waits import Wait, waits_of
from cpo.lib.enums import Audience
from reporting.models import Deadline

OPEN = (ConventionState.NEGOTIATION, ConventionState.SIGNATURE)


def of_convention(convention: Convention) -> list[Wait]:
    acts = sorted((act for act in convention.acts.all() if act.state in OPEN), key=lambda act: act.pk)
    prefetch_related_objects(acts, "programme")
    return [wait for act in acts for wait in waits_of(act)]


def about(wait: Wait) -> str:
    """The key of a wait among all those of its convention."""
    return f"{wait.act.pk}/{wait.key}"


def of_deadline(deadline: Deadline) -> Wait | None:
    """What the row reminds of, as it is now; None once it is over, or began anew."""
    act_key, _, key = deadline.about.partition("/")
    acts = Act.objects.select_related("programme", "convention__cycle", "convention__dossier__lead")
    act = acts.select_related("convention__dossier__beneficiary").get(pk=act_key)
    return next((wait for wait in waits_of(act) if wait.key == key and wait.due_on == deadline.due_on), None)


def may_know(role: str, wait: Wait) -> bool:
    """Whether the people of a role read the page of the wait: an escalation tells nobody else."""
    if wait.audience == Audience.BENEFICIARY:
        return role in BENEFICIARY_ROLES
    return wait.audience == Audience.BOTH or role not in BENEFICIARY_ROLES
