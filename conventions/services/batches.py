"""Produce the texts in force of a whole cycle, with one job for each text.

The workers share the jobs; when a worker is killed, another one takes its job.
"""

from dataclasses import dataclass
from itertools import groupby

from django.db.models import OuterRef, Subquery

from actions.models import Cycle
from arml.models import User
from arml.permissions import acting_nationally
from conventions.documents import production
from conventions.enums import ConventionState, DocumentPurpose
from conventions.later.in_force import in_signing_order
from conventions.models import Act, Document, Version
from cpo.lib import clock
from cpo.lib.enums import JobState
from cpo.lib.models import Job

PURPOSE = DocumentPurpose.CONSOLIDATED


@dataclass(frozen=True)
class Part:
    """One convention of the batch: the act in force today, its document once it is produced, or else its job."""

    act: Act
    version: int
    document: Document | None
    job: Job | None

    @property
    def state(self) -> str:
        """ "done", "running", "waiting", "failed" or "missing"."""
        if self.document:
            return "done"
        if self.job is None or self.job.state == JobState.DONE:
            return "missing"
        if self.job.stopped:
            return "failed"
        return {JobState.WAITING: "waiting", JobState.RUNNING: "running"}.get(JobState(self.job.state), "failed")


def parts(cycle: Cycle, user: User) -> list[Part]:
    """Return the signed conventions of a cycle that the person may see, in a constant number of queries."""
    latest = Version.objects.filter(act=OuterRef("pk")).order_by("-number").values("pk")[:1]
    acts = Act.objects.visible_to(user).filter(state=ConventionState.ACTIVE, convention__cycle=cycle)
    acts = acts.annotate(text=Subquery(latest)).order_by("convention__number")
    acts = acts.select_related("convention__dossier__beneficiary").prefetch_related("convention__dossier__territories")
    acts_by_convention = groupby(acts, key=lambda act: act.convention_id)
    in_force = [_in_force(in_signing_order(group)) for _, group in acts_by_convention]
    versions = [act.text for act in in_force]  # type: ignore[attr-defined]
    documents = Document.objects.filter(version__in=versions, purpose=PURPOSE, voided_at=None).select_related("file")
    by_version = {document.version_id: document for document in documents.defer("version__content")}
    keys = {production.job_key(version, PURPOSE): version for version in versions}
    jobs = {keys[job.key]: job for job in Job.objects.filter(kind=production.KIND, key__in=keys).order_by("id")}
    return [
        Part(act, version, by_version.get(version), jobs.get(version))
        for act, version in zip(in_force, versions, strict=True)
    ]


def _in_force(acts: list[Act]) -> Act:
    """Return the act in force today; when none has begun yet, the first one that will. `acts`: newest first."""
    today = clock.today(acts[0].dossier.time_zone)
    return next((act for act in acts if act.effective_on <= today), acts[-1])


def ask(cycle: Cycle, *, by: User) -> int:
    """Ask for every text that is missing; return how many. Only the national administration may: PermissionDenied.

    A second request makes nothing twice: a text has a single job as long as this job is open.
    """
    acting_nationally(by)
    missing = [part for part in parts(cycle, by) if part.state in ("missing", "failed")]
    for version in Version.objects.filter(pk__in=[part.version for part in missing]).defer("content"):
        production.ask(version, PURPOSE)
    return len(missing)
