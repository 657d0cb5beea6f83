"""What a report answers to the requests of the service that sent it back."""

from collections.abc import Mapping

from django.core.exceptions import PermissionDenied

from arml.models import User
from cpo.lib import journal
from cpo.lib.editing.lock import edit
from cpo.lib.enums import Audience
from reporting import permissions as may
from reporting.enums import ReportState
from reporting.models import Report

ANSWERS = "les réponses aux demandes"  # what the journal calls them


def answer_requests(report: Report, *, answers: Mapping[int, str], by: User, expected_revision: int | None) -> Report:
    """Write the association's answers to the requests of the round, by id of request; those of others stay.

    Each answer belongs to who may write the part that it is about. Raises PermissionDenied, StaleRevision.
    """
    requests = [row for row in report.send_backs.all() if row.round == report.round]
    paths = {row.path for row in requests if may.writer(by, report, row.path)}
    actor = next((may.writer(by, report, path) for path in sorted(paths)), None)
    if report.state != ReportState.TO_COMPLETE or actor is None:
        raise PermissionDenied(may.why_not_answer(by, report))

    def texts(locked: Report) -> str:
        return repr(sorted(locked.send_backs.values_list("pk", "answer")))

    with edit(report, expected_revision=expected_revision, by=actor, element=ANSWERS, state=texts) as locked:
        if locked.state != ReportState.TO_COMPLETE:
            raise PermissionDenied(may.why_not_answer(by, locked))
        for row in requests:
            if row.pk in answers and row.path in paths:
                locked.send_backs.filter(pk=row.pk).update(answer=answers[row.pk])
        journal.record(
            locked,
            root=locked.dossier,
            by=actor,
            verb="report_written",
            sentence=f"{actor.name} modifie {ANSWERS} du compte rendu {locked.year}.",
            element=ANSWERS,
            parameters={"year": locked.year},
            audience=Audience.BENEFICIARY,
        )
    return report
