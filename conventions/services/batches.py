"""The texts in force of a whole cycle, one job each: the workers share them, and a killed worker's part is taken up."""

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
    """One convention of the batch: its text in force today, its document once produced, else the job that makes it."""

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
        return {JobState.WAITING: "waiting", JobState.RUNNING: "running"}.get(JobState(self.job.state), "failed")


def parts(cycle: Cycle, user: User) -> list[Part]:
    """The signed conventions of a cycle that the person sees, in a constant number of queries."""
    latest = Version.objects.filter(act=OuterRef("pk")).order_by("-number").values("pk")[:1]
    acts = Act.objects.visible_to(user).filter(state=ConventionState.ACTIVE, convention__cycle=cycle)
    acts = acts.annotate(text=Subquery(latest)).order_by("convention__number")
    acts = acts.select_related("convention__dossier__beneficiary").prefetch_related("convention__dossier__territories")
    signed = groupby(acts, key=lambda act: act.convention_id)
    found = [_in_force(in_signing_order(group)) for _, group in signed]
    versions = [act.text for act in found]  # type: ignore[attr-defined]
    documents = Document.objects.filter(version__in=versions, purpose=PURPOSE, voided_at=None).select_related("file")
    by_version = {document.version_id: document for document in documents.defer("version__content")}
    keys = {production.job_key(version, PURPOSE): version for version in versions}
    jobs = {keys[job.key]: job for job in Job.objects.filter(kind=production.KIND, key__in=keys).order_by("id")}
    return [
        Part(act, version, by_version.get(version), jobs.get(version))
        for act, version in zip(found, versions, strict=True)
    ]


def _in_force(signed: list[Act]) -> Act:
    """Of the acts of a convention, the last first; of one that begins later, the first text to come into force."""
    today = clock.today(signed[0].dossier.time_zone)
    return next((act for act in signed if act.effective_on <= today), signed[-1])


def ask(cycle: Cycle, *, by: User) -> int:
    """Ask for every text that is missing; return how many. Raises PermissionDenied but for the national administration.

    Asked twice, nothing is made twice: the job of a text is one as long as it is open.
    """
    acting_nationally(by)
    missing = [part for part in parts(cycle, by) if part.state in ("missing", "failed")]
    for version in Version.objects.filter(pk__in=[part.version for part in missing]).defer("content"):
        production.ask(version, PURPOSE)
    return len(missing)
