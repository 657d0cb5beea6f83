"""The page « Instruction » of a report: what is retained by fiche, the opinions, the balance that they leave."""

from dataclasses import dataclass, field
from decimal import Decimal

from django.urls import reverse

from arml.models import User
from arml.permissions import capacities
from cpo.lib.money import total
from reporting import guards
from reporting import permissions as may
from reporting.deadlines.examination import ExaminationTime, examination_time
from reporting.enums import GridMoment
from reporting.models import ExaminationOpinion, FilledGrid, Report
from reporting.money.retained import STRUCTURE, Examined, examined, opinions
from reporting.services.grids import grid_of

WHOLE = "ensemble"  # the address of the part about the structure and the whole report


@dataclass
class PartOfExamination:
    """A fiche, the structure, or a fiche of an earlier year of which an amount still waits."""

    key: str
    label: str
    url: str
    lines: list[Examined] = field(default_factory=list)
    opinion: ExaminationOpinion | None = None

    def _sum(self, name: str) -> Decimal:
        return total(getattr(line, name) for line in self.lines if line.cash)

    @property
    def declared(self) -> Decimal:
        return self._sum("declared")

    @property
    def retained(self) -> Decimal:
        return self._sum("retained")

    @property
    def rejected(self) -> Decimal:
        return self._sum("rejected")

    @property
    def pending(self) -> Decimal:
        return self._sum("pending")


def address(report: Report, key: str) -> str:
    return guards.url(report, "report-examine", part=key or WHOLE)


def parts_of(report: Report) -> list[PartOfExamination]:
    """Each fiche in the order of the report, what earlier years left waiting, then the whole."""
    [(_, lines)] = examined([report])
    given = opinions(report)
    rows = {
        str(part.sheet.key): PartOfExamination(
            str(part.sheet.key), f"{part.sheet.code} {part.sheet.title}", address(report, str(part.sheet.key))
        )
        for part in report.sheets.select_related("sheet__axis")
    }
    for key in lines:
        if key[0] not in rows and key[0] != STRUCTURE:
            label = "Fiche d’une année précédente"
            rows[key[0]] = PartOfExamination(key[0], label, address(report, key[0]))
    rows[STRUCTURE] = PartOfExamination(STRUCTURE, "Structure et avis d’ensemble", address(report, STRUCTURE))
    for (sheet_key, _), line in sorted(lines.items(), key=lambda item: item[1].account.rank):
        rows[sheet_key].lines.append(line)
    for sheet_key, row in rows.items():
        row.opinion = given.get(sheet_key)
    return list(rows.values())


class ExaminationPage:
    def __init__(self, report: Report, user: User) -> None:
        self.report, self.actors = report, capacities(user, report.dossier)
        self.parts = parts_of(report)
        self.may_write = may.examiner(user, report) is not None

    @property
    def total(self) -> PartOfExamination:
        lines = [line for part in self.parts for line in part.lines]
        return PartOfExamination("", "Total", "", lines)

    @property
    def left_out(self) -> list[tuple[PartOfExamination, Examined]]:
        """What is not retained as declared, with the words of the officer."""
        return [(part, line) for part in self.parts for line in part.lines if line.decided or line.pending]

    @property
    def overall(self) -> ExaminationOpinion | None:
        return self.parts[-1].opinion

    @property
    def grids(self) -> list[tuple[str, str, FilledGrid]]:
        """The grids that the person reads: label, address, and what is filled."""
        rows, former = [], self.report.grids.filter(moment=GridMoment.EVALUATION).exists()
        for moment in (*GridMoment.of_report(), *([GridMoment.EVALUATION] if former else [])):
            grid = grid_of(self.report, moment)
            if grid is not None and may.reads_grid(self.actors, self.report, grid) and (grid.pk or self.may_write):
                rows.append((moment.label, guards.url(self.report, "report-grid", moment=moment), grid))
        return rows

    @property
    def time(self) -> ExaminationTime | None:
        return examination_time(self.report)

    @property
    def payments_url(self) -> str:
        return reverse("convention-payments", args=[self.report.convention.number])
