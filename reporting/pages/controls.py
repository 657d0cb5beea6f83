"""The tab « Contrôles »: each control and correction, as far as the person reads them, with what may be done."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from arml.models import User
from arml.permissions import capacities
from conventions.models import Convention
from cpo.lib.enums import Side
from cpo.lib.workflow import Option
from reporting import permissions as may
from reporting.enums import ControlState, CorrectionState
from reporting.models import Control, Correction
from reporting.money.corrections import to_impute
from reporting.services.controls import keeper
from reporting.workflow.controls import CONTROL, CORRECTION

TONES = {
    ControlState.ANNOUNCED: "info",
    ControlState.FOUND: "warning",
    ControlState.CLOSED: "success",
    CorrectionState.PROPOSED: "grey",
    CorrectionState.NOTIFIED: "warning",
    CorrectionState.DECIDED: "info",
    CorrectionState.DONE: "success",
}


@dataclass
class Row:
    row: Any
    options: list[tuple[Option, str]]
    impute_url: str = ""
    grid_words: str = ""  # « remplie », « verrouillée », « à remplir »; "" for who does not read it

    @property
    def tone(self) -> str:
        return TONES[self.row.state]


class ControlsPage:
    """`convention`: read with `reporting.money.reading.with_money`."""

    def __init__(self, convention: Convention, user: User) -> None:
        self.convention, self.user = convention, user
        self.actors = capacities(user, convention.dossier)
        self.may_keep = convention.text.latest and keeper(user, convention) is not None
        self.is_association = any(actor.side == Side.BENEFICIARY for actor in self.actors)

    @property
    def controls(self) -> list[Row]:
        rows = Control.objects.visible_to(self.user).filter(convention=self.convention)
        rows = rows.select_related("opened_by", "grid__version")
        lines = [self._row(row, CONTROL, "control-transition") for row in rows]
        for line in lines:
            line.grid_words = self._grid_words(line.row)
        return lines

    @property
    def corrections(self) -> list[Row]:
        seen = Correction.objects.visible_to(self.user).filter(convention=self.convention)
        people = ("ground", "account", "control", "follows", "decided_by", "act")
        waiting = {row.pk for row in to_impute(self.convention)} if self.may_keep else set()
        rows = [self._row(row, CORRECTION, "correction-transition") for row in seen.select_related(*people)]
        for one in rows:
            if one.row.pk in waiting:
                one.impute_url = reverse("correction-impute", args=[self.convention.number, one.row.pk])
        return rows

    def _grid_words(self, control: Control) -> str:
        grid = getattr(control, "grid", None)
        if not may.reads_control_grid(self.actors, control, grid):
            return ""
        if grid is None:
            return "À remplir" if self.may_keep and control.state != ControlState.CLOSED else ""
        return "Verrouillée" if grid.locked_at else "Remplie"

    def _row(self, row: Any, workflow: Any, route: str) -> Row:
        row.convention = self.convention
        number = self.convention.number
        options = [one for one in workflow.available(row, self.user) if one.ready]
        return Row(row, [(one, reverse(route, args=[number, row.pk, one.transition.name])) for one in options])
