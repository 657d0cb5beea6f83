"""Yearly work: the home page, deadlines, reports, the dialogue de gestion, campaigns, the dashboard."""

from typing import Any

from django.db import connection, transaction

from arml.models import Attachment
from cpo.lib import clock
from cpo.lib.files import stored
from cpo.lib.models import OutboxMessage
from reporting.deadlines import calendar
from reporting.enums import ReminderState
from reporting.models import (
    Clarification,
    Deadline,
    DeadlineRule,
    Reminder,
    Report,
    ReportImport,
    ReportVersion,
    SheetFile,
)
from reporting.spreadsheet.writing import write_report
from tests.access.places import REPORT_STATES, SCAN
from tests.actions.books import edited, set_cell
from tests.factories.arml import PASSWORD
from tests.factories.reporting import make_active, print_financial

from .base import Block, Place, constant, file, form_values, on_convention, on_report
from .meetings import SIGNED, unsigned_pdf
from .reference import CYCLE


def fiche(place: Place) -> Any:
    return place.sheet.key


def yearly_document(place: Place) -> int:
    """A yearly document that every party may read."""
    return (
        Attachment.objects.filter(dossier=place.act.dossier, year__isnull=False, kind__confidential=False)
        .values_list("pk", flat=True)
        .first()
        or 0
    )


def sheet_file(place: Place) -> int:
    """A file of the fiche; in a settled report it was joined before, which the trigger of its table would refuse."""

    def create() -> SheetFile:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            return SheetFile.objects.create(
                sheet_report=place.report.sheets.get(sheet__key=fiche(place)),
                file=stored.store(SCAN, "application/pdf"),
                name="emargement.pdf",
                added_by=place.people["dir"],
                added_at=clock.now(),
            )

    return place.once("sheet file", create).pk


def document(place: Place) -> dict[str, Any]:
    return {"kind": "comptes_annuels", "comptes_annuels-upload": file()}


def deadline(rule: dict[str, Any]) -> Any:
    """A deadline by this rule, which a person may declare met."""

    def pk(place: Place) -> int:
        def create() -> Deadline:
            deadline_rule = DeadlineRule.objects.filter(**rule).order_by("rank").first()
            return Deadline.objects.get_or_create(
                convention=place.act.convention,
                rule=deadline_rule,
                year=2026,
                defaults={"due_on": clock.today(clock.PARIS), "created_on": clock.today(clock.PARIS)},
            )[0]

        return place.once(f"deadline {rule}", create).pk

    return lambda place: {"pk": pk(place)}


def reminder(place: Place) -> dict[str, Any]:
    """A reminder that the director received."""

    def create() -> Reminder:
        director = place.people["dir"]
        message = OutboxMessage.objects.create(
            message_id="<rappel@exemple.example>",
            to=director.email,
            recipient=director,
            subject="Rappel",
            body="Texte",
            created_at=clock.now(),
        )
        return Reminder.objects.create(
            deadline_id=deadline(OF_ASSOCIATION)(place)["pk"],
            due_on=clock.today(clock.PARIS),
            rung=-7,
            recipient=director,
            state=ReminderState.SENT,
            message=message,
            created_at=clock.now(),
        )

    return {"pk": place.once("reminder", create).pk}


def pending(place: Place) -> dict[str, Any]:
    """The campaign of a year in which one convention has no report yet."""
    place.once("pending", make_active)
    return {"cycle": CYCLE, "year": 2025}


def feed(place: Place) -> dict[str, Any]:
    return {"token": calendar.token(place.people["off"])}


def sent(place: Place) -> dict[str, Any]:
    """The last sending of a report, the first where nothing was sent."""
    return {"number": place.number, "year": place.report.year, "sending": place.report.round or 1}


def acknowledged(place: Place) -> dict[str, Any]:
    """Its acknowledgement. Stand-in bytes replace the file that the worker renders."""
    versions = ReportVersion.objects.filter(report=place.report, acknowledgement=None)
    if versions.exists():
        versions.update(acknowledgement=stored.store(SCAN, "application/pdf"))
    return sent(place)


def financed(place: Place) -> dict[str, Any]:
    """Its compte rendu financier, with stand-in bytes."""
    if place.report.round and place.report.last_sending().financial_document is None:
        print_financial(place.report)
    return sent(place)


def to_sign(place: Place) -> dict[str, Any]:
    financed(place)
    return {"number": place.number, "year": place.report.year}


def checked_piece(place: Place) -> dict[str, Any]:
    return {"number": place.number, "year": place.report.year, "pk": yearly_document(place)}


def finding(place: Place) -> dict[str, Any]:
    prefix = f"verification-{yearly_document(place)}"
    return {f"{prefix}-answer": "refused", f"{prefix}-refusal": "Illisible."}


def form(place: Place) -> dict[str, Any]:
    """Its blank form, with stand-in bytes."""
    reports = Report.objects.filter(pk=place.report.pk, form=None)
    if reports.exists():
        reports.update(form=stored.store(SCAN, "application/pdf"))
    return {"number": place.number, "year": place.report.year}


def workbook(place: Place) -> bytes:
    """What the report says, and one text more: there is something to import."""
    typed = set_cell("Fiches", "Ce qui a été fait", "Deux sessions.")
    return place.once("report workbook", lambda: edited(write_report(place.report), typed))


def upload(place: Place) -> dict[str, Any]:
    return {"workbook": file("compte-rendu.xlsx", workbook(place))}


def waiting(place: Place) -> dict[str, Any]:
    """Every person of the place has a workbook to confirm, so that only the right decides the answer."""

    def send() -> bool:
        for person in {person for person in place.people.values() if person}:
            fields = {"name": "compte-rendu.xlsx", "data": workbook(place), "created_at": clock.now()}
            ReportImport.objects.create(report=place.report, user=person, **fields)
        return True

    place.once("waiting report", send)
    return {"number": place.number, "year": place.report.year}


def compared(place: Place) -> dict[str, Any]:
    """The last sending and a first one, which differ in no place: the page says so."""
    return {"number": place.number, "year": place.report.year, "before": 1, "after": place.report.round or 1}


def answered(place: Place) -> dict[str, Any]:
    return {f"answer{row.pk}": "Sans changement." for row in place.report.send_backs.all()}


QUESTION = {"part": "finance", "question": "Que recouvre cette hausse ?", "due_on": "20/11/2026"}


# An open request stops « recevable »: none stands where that is walked.
CLARIFIED = tuple(state for state in REPORT_STATES if state != "submitted")


def asked(place: Place) -> dict[str, Any]:
    """A request for details, open; none where the report was never sent."""

    def create() -> Clarification:
        return Clarification.objects.create(
            report=place.report,
            number=1,
            path="finance",
            label="Compte rendu financier",
            question="Que recouvre cette hausse ?",
            due_on=clock.today(clock.PARIS),
            file=stored.store(SCAN, "application/pdf"),
            file_name="tableau.pdf",
            asked_by=place.people["off"],
            asked_at=clock.now(),
        )

    if place.report.round:
        place.once("clarification", create)
    return {"number": place.number, "year": place.report.year, "sequence": 1}


def transition(name: str, *more: str, **data: Any) -> Block:
    return on_report(form_values(comment="", **data), states=(*REPORT_STATES, *more), name=constant(name))


EXTRACT = "N° EJ;Montant;Date de paiement\n".encode()
OF_ASSOCIATION = {"responsible": "director", "met_by": "compte_rendu_comite_depose"}
OF_SERVICE = {"responsible": "officer", "met_by": "acte_financier_signe"}
MET = {"met_on": "15/10/2026", "comment": "Fait."}

BLOCKS: dict[str, Block] = {
    "home": Block(),
    "search": Block(query="?q=CPO"),
    "campaign-list": Block(),
    "campaign-open": Block(kwargs=pending),
    "report-opening": on_convention(
        form_values(choice="skipped", reason="Un motif."),
        states=("state-turn", "active", "noticed"),
        year=constant(2027),
    ),
    "deadline-list": Block(),
    "deadline-list-csv": Block(),
    "deadline-calendar": Block(),
    "deadline-feed": Block(kwargs=feed),
    "calendar-address": Block(post=form_values()),
    "deadline-detail": Block(kwargs=deadline(OF_ASSOCIATION)),
    "deadline-met association": Block(kwargs=deadline(OF_ASSOCIATION), post=form_values(**MET)),
    "deadline-met service": Block(kwargs=deadline(OF_SERVICE), post=form_values(**MET)),
    "reminder-message": Block(kwargs=reminder),
    "report-list": Block(),
    "report-list-csv": Block(),
    "convention-taking-over": on_convention(
        form_values(answer="confirmed"), states=("paper", "recorded", "draft", "active")
    ),
    "convention-taking-over-file": on_convention(states=("recorded", "paper", "active"), pk=Place.proof),
    "convention-reports": on_convention(states=("draft", "state-turn", "active", "concluded")),
    "report-detail": on_report(),
    "report-sheet": on_report(key=fiche),
    "report-sheet-file-add": on_report(lambda place: {"upload": file()}, key=fiche),
    "report-sheet-file": on_report(key=fiche, pk=sheet_file),
    "report-sheet-file-remove": on_report(form_values(), key=fiche, pk=sheet_file),
    "report-general": on_report(),
    "report-finance": on_report(),
    "report-documents": Block(on_report().places, on_report().kwargs, document, empty=False),
    "report-attachment open": on_report(pk=yearly_document),
    "report-attachment confidential": on_report(pk=lambda place: place.confidential()),
    "report-piece-check": Block(on_report().places, checked_piece, finding),
    "report-acknowledgement": Block(on_report().places, acknowledged),
    "report-version": Block(on_report().places, sent),
    "report-compare": Block(on_report().places, compared),
    "report-take-over": Block(on_report().places, on_report().kwargs, form_values(), takes=False),
    "report-financial": Block(on_report().places, financed),
    "report-sign": Block(on_report().places, to_sign, form_values(etape="identite", password=PASSWORD)),
    "report-scan": Block(on_report().places, to_sign, lambda place: {"upload": file(content=SCAN), **SIGNED}),
    "report-deposit": Block(on_report().places, to_sign, unsigned_pdf, takes=False),
    "report-form": Block(on_report().places, form),
    "report-export": on_report(),
    "report-blank": on_report(),
    "report-import": on_report(upload),
    "report-import-preview": Block(on_report().places, waiting, form_values()),
    "report-standing": on_report(),
    "report-standing-xlsx": on_report(),
    "report-answers": Block(on_report().places, on_report().kwargs, answered),
    "report-examination": on_report(),
    "report-examine": on_report(lambda place: {"opinion": "satisfaisant"}, part=constant("ensemble")),
    "report-grid shown": on_report(form_values(q1="oui"), moment=constant("recevabilite")),
    "report-grid internal": on_report(form_values(q1="3"), moment=constant("instruction")),
    "report-clarifications": on_report(form_values(**QUESTION)),
    "report-clarification": Block(CLARIFIED, asked, form_values(text="Un mot.", satisfactory="non", judgment="Non.")),
    "clarification-file": Block(CLARIFIED, lambda place: asked(place) | {"rank": 0}),
    "report-decisions": on_report(form_values()),
    "report-transition start": transition("start"),
    "report-transition submit": transition("submit"),
    "report-transition send_back": transition("send_back", part0="on", reason0="Précisez ce point."),
    "report-transition declare_admissible": transition("declare_admissible", "certified"),
    "report-transition reopen": transition("reopen", scope="limited"),
    "report-transition review": transition("review", "held"),
    "dashboard": Block(),
    "dashboard-list": Block(),
    "dashboard-payments": Block(),
    "chorus": Block(post=lambda place: {"extract": file("extrait.csv", EXTRACT)}, empty=False),
    "chorus-record": Block(kwargs=lambda place: {"row": 2}, post=form_values(payment="1"), takes=False),
    "chorus-export": Block(),
}
