"""The meetings of the demonstration: a dialogue de gestion from its invitation to its minutes, a committee to come."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal

from cpo.lib import clock
from reporting import workflow
from reporting.models import Decision, Meeting, Report
from reporting.services import conclusion, meetings, minutes
from reporting.services.meetings import Plan
from reporting.services.minutes import DecisionInput
from reporting.workflow.meetings import MEETING

from .story import Story, at

DIALOGUE = dt.date(2026, 10, 8)
COMMITTEE = dt.date(2026, 12, 3)
TO_COME = dt.date(2026, 12, 15)
# What became of the decisions: rank, state, role, note; the others are still to do.
FOLLOWED = (
    (1, "in_progress", "director", "Taux à 14\u00a0% en octobre."),
    (3, "done", "officer", "Envoyé le 9 octobre."),
    (4, "dropped", "director", "Les missions locales préfèrent les journées en présence."),
)


def convene_dialogue(story: Story, report: Report, day: dt.date = TO_COME) -> Meeting:
    """Invite the heads of both sides, three weeks before or more."""
    people = [story.user(role) for role in ("officer", "manager", "director", "president")]
    plan = Plan(
        day=day,
        begins_at=dt.time(14, 0),
        ends_at=dt.time(16, 30),
        place=f"{story.lead}, salle de réunion",
        agenda="Résultats 2025\nÉcarts des comptes 62 et 64\nProgramme et montant 2027",
        people=[person.pk for person in people],
    )
    with clock.set_to(at(dt.date(2026, 9, 21), 9)):
        officer = story.user("officer")
        return meetings.plan(convention=report.convention, kind="dialogue", year=report.year, plan=plan, by=officer)


def hold_dialogue(story: Story, report: Report, *, concludes: bool) -> None:
    """Invite, hold, record; then conclude the year where the story goes so far. The next committee is convened."""
    officer, manager, director = story.user("officer"), story.user("manager"), story.user("director")
    meeting = convene_dialogue(story, report, DIALOGUE)
    with clock.set_to(at(DIALOGUE, 17)):
        minutes.save_minutes(
            meeting,
            fields={
                "opinion": "satisfaisant",
                "summary": "Les résultats sont conformes au programme. Deux sessions ont été annulées.",
            },
            attendance={row.pk: "present" for row in meeting.invitees.all()},
            decisions=[
                DecisionInput(
                    None,
                    "Mesurer la satisfaction à froid des stagiaires",
                    "beneficiary",
                    director.pk,
                    dt.date(2026, 11, 30),
                ),
                DecisionInput(
                    None, "Réduire les sessions annulées sous 10\u00a0%", "beneficiary", None, dt.date(2027, 12, 31)
                ),
                DecisionInput(
                    None, "Confirmer l’avance 2027 avant le 15 mars", "state", manager.pk, dt.date(2027, 3, 15)
                ),
                DecisionInput(None, "Envoyer le modèle d’émargement", "state", officer.pk, dt.date(2026, 10, 30)),
                DecisionInput(None, "Étudier une session à distance", "beneficiary", None, dt.date(2026, 12, 31)),
            ],
            by=officer,
            expected_revision=None,
        )
        workflow.apply("review", Report.objects.get(pk=report.pk), by=officer)
    _follow(meeting, story)
    if concludes:
        _conclude(story, meeting, report)
    _convene_committee(story, report)


def _follow(meeting: Meeting, story: Story) -> None:
    with clock.set_to(at(dt.date(2026, 10, 12), 10)):
        rows = Decision.objects.filter(meeting=meeting).order_by("rank")
        for rank, state, role, note in FOLLOWED:
            minutes.follow(rows[rank], state=state, note=note, by=story.user(role), expected_revision=None)


def _conclude(story: Story, meeting: Meeting, report: Report) -> None:
    with clock.set_to(at(dt.date(2026, 10, 20), 11)):
        conclusion.write(
            meeting,
            report,
            fields={
                "conclusion": "Les résultats sont conformes au programme ; "
                "le montant 2027 est à confirmer par l’acte financier annuel.",
                "recommendations": "Poursuivre les sessions, mieux les remplir.",
                "next_amount": Decimal(445000),
            },
            by=story.user("manager"),
            expected_revision=None,
            concludes=True,
            opens="",
        )


def _convene_committee(story: Story, report: Report) -> None:
    """The association invites the funders, one of them by an address outside the application."""
    plan = Plan(
        day=COMMITTEE,
        begins_at=dt.time(9, 30),
        ends_at=dt.time(12, 0),
        place="En visioconférence",
        agenda="Suivi du programme régional\nPréparation de 2027",
        people=[story.user("officer").pk, story.user("president").pk],
        outside=[("Financeur régional", "financeur@demo.example")],
    )
    with clock.set_to(at(dt.date(2026, 10, 14), 9)):
        meetings.plan(convention=report.convention, kind="pilotage", year=2026, plan=plan, by=story.user("director"))
        plan = replace(plan, day=COMMITTEE + dt.timedelta(days=14), place="À préciser")
        second = meetings.plan(
            convention=report.convention, kind="pilotage", year=2026, plan=plan, by=story.user("director")
        )
    with clock.set_to(at(dt.date(2026, 10, 21), 9)):
        MEETING.apply("cancel", second, by=story.user("director"), comment="La réunion du 3 décembre suffit.")
