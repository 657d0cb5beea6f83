"""Content of the pages of a report for each reader: words of the state, turn, parts with their state."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from arml.enums import Standing, side_in_sentence
from arml.models import User
from arml.permissions import capacities
from cpo.lib import clock
from cpo.lib.actor import Actor
from cpo.lib.enums import Side
from cpo.lib.wording import french
from cpo.lib.workflow import Missing
from reporting import figures, guards
from reporting import permissions as may
from reporting.deadlines.rules import SENT_BACK
from reporting.enums import ReportState as State
from reporting.models import Deadline, Report, SendBack

ORDINALS = ("premier", "deuxième", "troisième", "quatrième", "cinquième", "sixième")
FINISHED = State.CONCLUDED
SHEET = may.sheet_path("")  # how the path of a fiche begins
EXAMINATION = "instruction"  # the entry of the side menu that is no part of the report
CLARIFICATIONS = "precisions"
STANDING = "standing"  # a key of the side menu: « où en est-on »
OWN_TURN = "mine"  # a key of the badge of the turn


def ordinal(number: int) -> str:
    return ORDINALS[number - 1] if 1 <= number <= len(ORDINALS) else f"{number}e"


def reader_side(actors: list[Actor]) -> str:
    """The side of the reader, "" for the national administration and observers."""
    return next((str(actor.side) for actor in actors if actor.side), "")


def state_label(report: Report, side: str) -> str:
    """Words of the state; they depend on the side of the reader."""
    if report.state == State.SUBMITTED:
        return {Side.BENEFICIARY: "Envoyé, en examen", Side.STATE: "À examiner"}.get(side, "Envoyé")  # type: ignore[call-overload, no-any-return]
    if report.state == State.TO_COMPLETE:
        if side == Side.BENEFICIARY:
            count = len(current_requests(report))
            return f"À compléter, {count} demande{'s' if count > 1 else ''}"
        if side == Side.STATE:
            return f"Renvoyé, {ordinal(report.round)} examen"
    return str(report.get_state_display())


def current_requests(report: Report) -> list[SendBack]:
    """The requests of the last round; empty once the report is sent again."""
    if report.state != State.TO_COMPLETE:
        return []
    requests = [request for request in report.send_backs.all() if request.round == report.round]
    return sorted(requests, key=lambda request: request.pk)


def acting_side(report: Report) -> str:
    """The side that must act: the association until it sends, then the State side, nobody once concluded."""
    if report.state in may.WRITABLE:
        return Side.BENEFICIARY
    return "" if report.state == FINISHED else Side.STATE


def turn(report: Report, actors: list[Actor]) -> tuple[str, str]:
    """Key and words of the badge of the turn; both empty when nobody must act."""
    acting = acting_side(report)
    if not acting:
        return "", ""
    is_own_turn = any(a.side == acting and a.standing in (Standing.LEAD, Standing.BENEFICIARY) for a in actors)
    if is_own_turn:
        return OWN_TURN, "La main est à vous"
    return "theirs", f"La main est à {side_in_sentence(acting, report.dossier.lead.service_type)}"


def due_on(report: Report) -> dt.date | None:
    """The day by which the association must send; None when it has nothing to send."""
    if report.state not in figures.LATE_STATES:
        return None
    if hasattr(report, "current_due"):
        return report.current_due  # type: ignore[no-any-return]
    if report.state == State.TO_COMPLETE:
        deadline = Deadline.objects.filter(
            convention=report.convention_id, year=report.year, rule__base_event=SENT_BACK
        ).first()
        return deadline.due_on if deadline else report.due_on
    return report.due_on


def distance(day: dt.date, today: dt.date) -> str:
    """« J-12 », « aujourd’hui », « en retard de 3 jours »."""
    gap = (day - today).days
    if gap == 0:
        return "aujourd’hui"
    if gap > 0:
        return f"J-{gap}"
    return f"en retard de {-gap} jour{'s' if gap < -1 else ''}"


@dataclass
class Due:
    day: dt.date
    words: str
    late: bool


def due(report: Report) -> Due | None:
    day = due_on(report)
    if day is None:
        return None
    today = clock.today(report.dossier.time_zone)
    return Due(day, distance(day, today), day < today)


@dataclass
class Part:
    """One part of a report for one reader."""

    path: str
    label: str
    url: str
    missing: list[Missing] = field(default_factory=list)
    to_explain: list[Missing] = field(default_factory=list)  # filled in, and too far from the forecast or the target
    reopened: bool = False
    readable: bool = False
    writable: bool = False
    amounts_only: bool = False  # of a fiche, the person writes the amounts only

    @property
    def is_owed(self) -> bool:
        """Whether the person still has something to write here."""
        lines = [line for line in (*self.missing, *self.to_explain) if line.severity == "error"]
        if self.amounts_only:
            lines = [line for line in lines if line.url.endswith("#charges")]
        return self.writable and (self.reopened or bool(lines))

    @property
    def is_documents(self) -> bool:
        """Whether the part is the documents: it has a form for each of them, no form of its own."""
        return self.path == may.DOCUMENTS

    @property
    def is_sheet(self) -> bool:
        return self.path.startswith(SHEET)

    @property
    def complete(self) -> bool:
        return not any(line.severity == "error" for line in self.missing)

    def entry(self, current: str = "") -> dict[str, Any]:
        """Its entry in the side menu, with the words of its state for screen readers."""
        state, text = ("ok", "complet") if self.complete else ("missing", "à compléter")
        if self.reopened:
            state, text = "returned", "rouverte, à compléter"
        return {
            "label": self.label,
            "url": self.url,
            "current": self.path == current,
            "state": state,
            "state_text": text,
        }


def _sheet_label(sheet: guards.SheetState) -> str:
    left = f" (retirée au {french.date(sheet.dropped_on)})" if sheet.dropped_on else ""
    return f"{sheet.name}{left}"


def parts(report: Report, user: User) -> list[Part]:
    """Every part in the order of the side menu: fiches, yearly text, finances, documents."""
    lacks = guards.completeness(report)
    rows = [
        Part(may.sheet_path(sheet.key), _sheet_label(sheet), sheet.url, sheet.missing, sheet.to_explain)
        for sheet in lacks.sheets
    ]
    rows += [
        Part(may.GENERAL, "Synthèse de l’année", address(report, may.GENERAL), lacks.general),
        Part(
            may.FINANCE,
            "Compte rendu financier",
            address(report, may.FINANCE),
            [*lacks.balance, *lacks.annex],
            lacks.gaps,
        ),
        Part(
            may.DOCUMENTS,
            "Pièces de l’exercice",
            address(report, may.DOCUMENTS),
            list(guards.missing_documents(report, reader=user)),
        ),
    ]
    reopened = may.reopened_paths(report) if report.state == State.TO_COMPLETE else set()
    actors = actors_of(user, report)
    for part in rows:
        part.reopened = part.path in reopened
        part.readable = may.reads(actors, report, part.path)
        part.writable, part.amounts_only = writes(report, actors, part.path)
    return rows


def writes(report: Report, actors: list[Actor], path: str) -> tuple[bool, bool]:
    """Whether the person writes a part now, and of a fiche the amounts only."""
    actor = may.writer_among(actors, report, path)
    amounts_only = actor is not None and path.startswith(SHEET) and not may.writes_texts(actor)
    return actor is not None, amounts_only


def address(report: Report, path: str) -> str:
    """The page of a part."""
    if path.startswith(SHEET):
        return guards.url(report, "report-sheet", key=path.removeprefix(SHEET))
    return guards.url(report, f"report-{path}")


def menu(report: Report, parts: list[Part], actors: list[Actor], current: str = "") -> dict[str, Any]:
    """Context of the side menu: title, count of complete parts, entries that the reader may open."""
    done = sum(part.complete and not part.reopened for part in parts)
    count = f"{done} partie{'s' if done > 1 else ''} sur {len(parts)}"
    overview = {"label": "Vue d’ensemble", "url": guards.url(report, "report-detail"), "current": not current}
    items = [part.entry(current) for part in parts if part.readable]
    if report.round or items:
        page = guards.url(report, "report-standing")
        items.append({"label": "Où en est-on", "url": page, "current": current == STANDING})
    if may.reads_examination(actors, report):
        page = guards.url(report, "report-examination")
        items.append({"label": "Instruction", "url": page, "current": current == EXAMINATION})
    if any(may.reads_sendings(actor) for actor in actors) and report.state not in may.UNSUBMITTED:
        page = guards.url(report, "report-clarifications")
        items.append({"label": "Précisions", "url": page, "current": current == CLARIFICATIONS})
    return {"menu_title": f"Compte rendu {report.year}", "menu_count": count, "menu_items": [overview, *items]}


def label(report: Report, actors: list[Actor]) -> dict[str, Any]:
    """State and turn with their words, for lists and page heads."""
    state, words = turn(report, actors)
    return {
        "state": report.state,
        "words": state_label(report, reader_side(actors)),
        "turn": state,
        "is_own_turn": state == OWN_TURN,
        "turn_words": words,
    }


def actors_of(user: User, report: Report) -> list[Actor]:
    return capacities(user, report.dossier)
