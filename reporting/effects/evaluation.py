"""What follows each transition of an evaluation, in its transaction."""

from typing import Any

from cpo.lib import clock
from cpo.lib.actor import Actor
from cpo.lib.files.hashing import content_hash
from cpo.lib.workflow import Refused
from reporting import documents, notifications
from reporting.jobs import request_evaluation
from reporting.models import Evaluation

Data = dict[str, Any]
CHANGED = "L’évaluation a changé depuis l’ouverture de la page : relisez-la avant de conclure."


def seen(evaluation: Evaluation) -> str:
    """What a person read before they concluded: another value once somebody wrote since."""
    assessments = evaluation.assessments.order_by("side").values_list("revision", flat=True)
    answers = evaluation.grids.values_list("revision", flat=True)
    return "-".join(map(str, (evaluation.revision, *assessments, *answers)))


def share(evaluation: Evaluation, actor: Actor, data: Data) -> None:
    """`data["answer_by"]`: the day until which the association gives its assessment; see `services.evaluation`."""
    evaluation.state_since, evaluation.answer_by = clock.now(), data["answer_by"]
    notifications.evaluation_shared(evaluation, actor)


def conclude(evaluation: Evaluation, actor: Actor, data: Data) -> None:
    """Freeze the content and print it. `data["seen"]`: see `seen`; None: nothing was read before."""
    if data.get("seen") not in (None, seen(evaluation)):
        raise Refused(CHANGED)
    evaluation.state_since = clock.now()
    evaluation.concluded_on = clock.today(evaluation.dossier.time_zone)
    evaluation.content = documents.evaluation_content(evaluation)
    evaluation.content_sha256 = content_hash(evaluation.content)
    request_evaluation(evaluation)
    notifications.evaluation_concluded(evaluation, actor)
