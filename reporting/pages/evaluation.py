"""The final evaluation as a person reads it: its content, live or as it was concluded, and what they may do."""

from functools import cached_property
from typing import Any

from arml.models import User
from arml.permissions import capacities
from conventions.models import Convention
from cpo.lib.actor import Actor
from cpo.lib.workflow import Option
from reporting import documents
from reporting import permissions as may
from reporting.enums import EvaluationState
from reporting.guards.evaluation import first_day
from reporting.models import Evaluation, FilledGrid
from reporting.services import evaluation as services
from reporting.services import grids
from reporting.workflow.evaluation import EVALUATION

TONES = {EvaluationState.DRAFT: "grey", EvaluationState.SHARED: "info", EvaluationState.CONCLUDED: "success"}


class EvaluationPage:
    """`convention`: with its dossier. `evaluation` is None for who does not read it, whether it exists or not."""

    def __init__(self, convention: Convention, user: User) -> None:
        self.convention, self.user = convention, user
        self.actors: list[Actor] = capacities(user, convention.dossier)
        row = Evaluation.objects.filter(convention=convention).select_related("document__act", "opened_by").first()
        self.evaluation = row if may.reads_evaluation(self.actors, row) else None
        if self.evaluation:
            self.evaluation.convention = convention

    @property
    def tone(self) -> str:
        return TONES[EvaluationState(self.evaluation.state)] if self.evaluation else ""

    @property
    def first_day(self) -> Any:
        return first_day(self.convention)

    @cached_property
    def content(self) -> dict[str, Any]:
        assert self.evaluation is not None  # noqa: S101  the template asks before
        kept: dict[str, Any] | None = self.evaluation.content
        return kept or documents.evaluation_content(self.evaluation)

    @cached_property
    def shown(self) -> dict[str, Any]:
        return documents.shown(self.content)

    @property
    def may_open(self) -> bool:
        prepares = services.preparer(self.user, self.convention) is not None
        return self.evaluation is None and prepares and not services.not_to_open(self.convention)

    @property
    def closed(self) -> str:
        return services.not_to_open(self.convention)

    @property
    def may_prepare(self) -> bool:
        return self._is_open and services.preparer(self.user, self.convention) is not None

    @property
    def may_assess(self) -> bool:
        return self._is_open and services.assessor(self.user, self.evaluation) is not None  # type: ignore[arg-type]

    @property
    def _is_open(self) -> bool:
        return self.evaluation is not None and not self.evaluation.is_concluded

    @cached_property
    def grid(self) -> FilledGrid | None:
        """The grid, for who reads an internal one too: the State; the association reads the one that is shown."""
        row = grids.of_evaluation(self.evaluation) if self.evaluation else None
        return row if row and may.reads_evaluation_grid(self.actors, row) else None

    @cached_property
    def options(self) -> list[Option]:
        return EVALUATION.available(self.evaluation, self.user) if self.evaluation else []
