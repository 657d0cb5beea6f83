"""Yearly work: the home page, deadlines, reports, the dialogue de gestion, campaigns, the dashboard."""

from typing import Any

from arml.models import Attachment
from cpo.lib import clock
from cpo.lib.files import stored
from cpo.lib.models import OutboxMessage
from reporting.deadlines import calendar
from reporting.enums import ReminderState
from reporting.models import Deadline, DeadlineRule, Reminder, ReportVersion
from tests.access.places import REPORT_STATES, SCAN
from tests.factories.reporting import make_active

from .base import Block, Place, constant, file, form_values, on_convention, on_report
from .reference import CYCLE

REVIEW = {
    "held_on": "15/09/2026",
    "attendees": "Les deux parties",
    "opinion": "satisfaisant",
    "conclusion": "Le programme se poursuit.",
}


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


def compared(place: Place) -> dict[str, Any]:
    """The last sending and a first one, which differ in no place: the page says so."""
    return {"number": place.number, "year": place.report.year, "before": 1, "after": place.report.round or 1}


def answered(place: Place) -> dict[str, Any]:
    return {f"answer{row.pk}": "Sans changement." for row in place.report.send_backs.all()}


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
    "report-general": on_report(),
    "report-finance": on_report(),
    "report-documents": Block(on_report().places, on_report().kwargs, document, empty=False),
    "report-attachment open": on_report(pk=yearly_document),
    "report-attachment confidential": on_report(pk=lambda place: place.confidential()),
    "report-acknowledgement": Block(on_report().places, acknowledged),
    "report-version": Block(on_report().places, sent),
    "report-compare": Block(on_report().places, compared),
    "report-take-over": Block(on_report().places, on_report().kwargs, form_values(), takes=False),
    "report-answers": Block(on_report().places, on_report().kwargs, answered),
    "review": on_report(form_values(**REVIEW)),
    "report-transition start": transition("start"),
    "report-transition submit": transition("submit"),
    "report-transition send_back": transition("send_back", part0="on", reason0="Précisez ce point."),
    "report-transition declare_admissible": transition("declare_admissible"),
    "report-transition reopen": transition("reopen", scope="limited"),
    "report-transition review": transition("review", "held"),
    "report-transition conclude": transition("conclude"),
    "dashboard": Block(),
    "dashboard-list": Block(),
    "dashboard-payments": Block(),
    "chorus": Block(post=lambda place: {"extract": file("extrait.csv", EXTRACT)}, empty=False),
    "chorus-record": Block(kwargs=lambda place: {"row": 2}, post=form_values(payment="1"), takes=False),
    "chorus-export": Block(),
}
