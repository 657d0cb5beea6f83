"""Meetings: who convenes and reads them, what the invited people receive, decisions followed, the act that follows."""

import datetime as dt
import html
from decimal import Decimal

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, connection, transaction
from django.db.utils import IntegrityError
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from conventions import workflow as acts
from conventions.later.opening import Terms
from conventions.models import Document
from cpo.lib.mail.emails import deliver
from cpo.lib.models import OutboxMessage
from cpo.lib.work import jobs
from cpo.lib.workflow import Refused
from reporting import workflow
from reporting.content.decisions import prepared_year
from reporting.guards import address
from reporting.models import Decision, Meeting, Report
from reporting.services import conclusion, meetings, minutes
from reporting.services.campaigns import open_report
from reporting.services.decision_answers import Answer, answer_decisions
from reporting.services.meetings import Plan
from reporting.services.minutes import DecisionInput
from reporting.workflow.meetings import apply
from tests.factories.arml import make_user
from tests.factories.meetings import concluded, dialogue, reviewed
from tests.factories.reporting import admissible, fill, make_report, person, submitted
from tests.factories.scenarios import active_convention

pytestmark = pytest.mark.django_db
COMING = dt.date(2026, 12, 15)
AT = {"begins_at": dt.time(14, 0), "ends_at": dt.time(16, 30), "place": "DREETS, salle 2"}


def planned(report: Report, *, kind: str = "dialogue", by: str = "officer", **fields: object) -> Meeting:
    plan = Plan(**{"day": COMING, **AT, "agenda": "Résultats 2025"} | fields)  # type: ignore[arg-type]
    return meetings.plan(convention=report.convention, kind=kind, year=2025, plan=plan, by=person(report, by))


def fresh(meeting: Meeting) -> Meeting:
    return Meeting.objects.get(pk=meeting.pk)


def told(key: str) -> list[str]:
    return sorted(OutboxMessage.objects.filter(template=key).values_list("to", flat=True))


def unfolded(text: str) -> list[str]:
    return text.replace("\r\n ", "").split("\r\n")


def of_a_signed_text() -> Report:
    """An admissible report of 2025 on a convention signed through the workflow: an act can follow it."""
    report = Report.objects.get(convention=active_convention().convention, year=2025)
    return admissible(submitted(fill(report)))


# -- Convening ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "kind", "allowed"),
    [
        ("officer", "dialogue", True),
        ("manager", "pilotage", True),
        ("director", "pilotage", True),
        ("president", "technique", True),
        ("director", "dialogue", False),
        ("director", "institutions", False),
        ("signatory", "technique", False),
    ],
)
def test_each_side_convenes_its_meetings_and_the_state_alone_the_dialogue(role: str, kind: str, allowed: bool) -> None:
    report = make_report()
    if allowed:
        assert planned(report, kind=kind, by=role).side == (
            "state" if role in ("officer", "manager") else "beneficiary"
        )
    else:
        with pytest.raises(PermissionDenied):
            planned(report, kind=kind, by=role)


def test_a_year_has_one_dialogue_that_stands_for_the_form_and_for_the_database() -> None:
    report = make_report()
    first = planned(report)
    with pytest.raises(ValidationError):
        planned(report)
    with pytest.raises(IntegrityError), transaction.atomic():
        Meeting.objects.create(
            convention=report.convention, kind="dialogue", year=2025, side="state", state_since=first.state_since
        )
    apply("cancel", first, by=person(report, "officer"), comment="Reporté.")
    assert planned(report).pk != first.pk


def test_the_invited_people_have_a_message_with_its_calendar_and_the_outside_reads_no_link() -> None:
    report = make_report()
    director = person(report, "director")
    planned(report, people=[director.pk], outside=[("Région", "contact@region.example")])
    deliver()
    sent = [one for one in mail.outbox if one.attachments]
    inside, outside = sorted(sent, key=lambda one: one.to[0] == "contact@region.example")
    assert inside.to == [director.email]
    assert "15\u00a0décembre 2026, de 14\u00a0h\u00a000 à 16\u00a0h\u00a030" in inside.body
    assert "/reunions/" in inside.body
    assert "/reunions/" not in outside.body
    (name, content, media_type) = inside.attachments[0]
    assert (name, media_type) == ("invitation.ics", "text/calendar; method=REQUEST; charset=utf-8")
    lines = unfolded(content)
    assert {"METHOD:REQUEST", "SEQUENCE:0", "DTSTART:20261215T130000Z", "DTEND:20261215T153000Z"} <= set(lines)
    assert f"mailto:{director.email}" in next(line for line in lines if line.startswith("ATTENDEE"))
    assert "contact@region.example" not in content, "one does not read the addresses of the others"
    assert next(line for line in lines if line.startswith("ORGANIZER")).endswith(person(report, "officer").email)
    assert all(len(line.encode()) <= 75 for line in content.split("\r\n"))


def test_a_change_raises_the_sequence_and_who_is_left_out_has_it_cancelled() -> None:
    report = make_report()
    director, president = person(report, "director"), person(report, "president")
    meeting = planned(report, people=[director.pk, president.pk])
    OutboxMessage.objects.all().delete()
    plan = Plan(day=COMING, **AT | {"place": "ARML"}, agenda="Résultats 2025", people=[director.pk])  # type: ignore[arg-type]
    meetings.change(meeting=meeting, plan=plan, by=person(report, "officer"), expected_revision=0)
    assert told("reunion_modifiee") == [director.email]
    assert told("reunion_annulee") == [president.email]
    assert "le lieu" in OutboxMessage.objects.get(template="reunion_modifiee").body
    sent = {row.message.to: unfolded(row.calendar) for row in fresh(meeting).invitations.all()}
    assert {"METHOD:REQUEST", "SEQUENCE:1", "STATUS:CONFIRMED"} <= set(sent[director.email])
    assert {"METHOD:CANCEL", "SEQUENCE:1", "STATUS:CANCELLED"} <= set(sent[president.email])
    uid = {line for lines in sent.values() for line in lines if line.startswith("UID:")}
    assert len(uid) == 1
    count = OutboxMessage.objects.count()
    meetings.change(meeting=meeting, plan=plan, by=person(report, "officer"), expected_revision=1)
    assert (fresh(meeting).revision, OutboxMessage.objects.count()) == (1, count), "nothing changed: nobody is told"


def test_a_cancelled_meeting_tells_everybody_why_and_a_past_one_tells_nobody() -> None:
    report = make_report()
    director = person(report, "director")
    meeting = planned(report, people=[director.pk])
    with pytest.raises(Refused):
        apply("cancel", meeting, by=person(report, "officer"))
    apply("cancel", meeting, by=person(report, "officer"), comment="Salle indisponible.")
    assert "Salle indisponible." in OutboxMessage.objects.get(template="reunion_annulee", to=director.email).body
    OutboxMessage.objects.all().delete()
    planned(report, day=dt.date(2026, 10, 14), people=[director.pk])
    assert told("reunion_invitation") == []
    planned(report, kind="technique", day=dt.date(2026, 10, 15), people=[director.pk])
    assert told("reunion_invitation") == [director.email], "a meeting of today is still to come"


# -- Reading -----------------------------------------------------------------------------------------------------------


def test_both_sides_and_the_dgefp_read_a_meeting_and_an_observer_or_another_region_nothing(client) -> None:
    report = make_report()
    meeting = planned(report)
    observer = make_user("reader")
    observer.roles[0].organisation.national_scope = True
    observer.roles[0].organisation.save()
    pages = [
        address(meeting),
        address(meeting, "meeting-ics"),
        reverse("convention-meetings", args=[report.convention]),
    ]
    readers = [(person(report, "director"), 200), (make_user("national_reader"), 200), (observer, 404)]
    for user, status in [*readers, (make_user("officer"), 404)]:
        client.force_login(user)
        assert [client.get(page).status_code for page in pages] == [status] * 3


def test_the_minutes_are_their_organiser_s_until_they_are_recorded(client) -> None:
    report = admissible()
    meeting = dialogue(report, summary="Un échange vif", decisions=(DecisionInput(None, "Suivre les effectifs"),))
    client.force_login(person(report, "director"))
    assert client.get(address(meeting, "meeting-minutes")).status_code == 403
    assert "Un échange vif" not in client.get(address(meeting)).content.decode()
    workflow.apply("review", Report.objects.get(pk=report.pk), by=person(report, "officer"))
    page = client.get(address(meeting)).content.decode()
    assert "Un échange vif" in page
    assert "Suivre les effectifs" in page


def test_the_personal_calendar_holds_meetings_and_open_decisions_and_no_draft(client) -> None:
    report = admissible()
    decision = DecisionInput(None, "Suivre les effectifs", "beneficiary", None, dt.date(2027, 4, 30))
    dialogue(report, decisions=(decision,))
    planned(report, kind="pilotage", by="director")
    client.force_login(person(report, "director"))
    feed = reverse("deadline-calendar")
    lines = unfolded(client.get(feed).content.decode())
    assert any(line.startswith("SUMMARY:Comité de pilotage 2025") for line in lines)
    assert not any("Suivre les effectifs" in line for line in lines)
    workflow.apply("review", Report.objects.get(pk=report.pk), by=person(report, "officer"))
    assert any(
        "Décision : Suivre" in line.replace("\u00a0", " ") for line in unfolded(client.get(feed).content.decode())
    )
    row = Decision.objects.get()
    minutes.follow(row, state="done", note="", by=person(report, "director"), expected_revision=None)
    assert "Suivre les effectifs" not in client.get(feed).content.decode()


# -- Minutes and decisions ---------------------------------------------------------------------------------------------


def test_recording_tells_both_sides_but_not_who_records_and_prints_the_minutes() -> None:
    report = reviewed(decisions=(DecisionInput(None, "Suivre"),))
    recipients = set(told("releve_enregistre"))
    assert {person(report, "director").email, person(report, "president").email} <= recipients
    assert person(report, "officer").email not in recipients
    assert "1 décision" in OutboxMessage.objects.filter(template="releve_enregistre")[0].body
    assert fresh(report.dialogue).minutes is None
    jobs.take_up()
    assert fresh(report.dialogue).minutes is not None


def test_another_meeting_is_recorded_by_its_organiser_on_its_own_page(client) -> None:
    report = make_report()
    meeting = planned(report, kind="pilotage", by="director", day=dt.date(2026, 10, 1))
    director = person(report, "director")
    with pytest.raises(Refused):
        apply("record", meeting, by=director)
    fields = {"attendees": "Les financeurs"}
    save = {"attendance": {}, "decisions": (), "expected_revision": None}
    minutes.save_minutes(meeting, fields=fields, by=director, **save)  # type: ignore[arg-type]
    with pytest.raises(Refused):
        apply("record", meeting, by=person(report, "officer"))
    with pytest.raises(PermissionDenied):
        minutes.save_minutes(meeting, fields={"attendees": "X"}, by=person(report, "officer"), **save)  # type: ignore[arg-type]
    assert apply("record", meeting, by=director).state == "held"


def test_a_correction_before_the_signature_replaces_the_minutes() -> None:
    report = reviewed()
    jobs.take_up()
    former = fresh(report.dialogue).minutes
    minutes.save_minutes(
        report.dialogue,
        fields={"summary": "Corrigé."},
        attendance={},
        decisions=(),
        by=person(report, "officer"),
        expected_revision=None,
    )
    assert fresh(report.dialogue).minutes is None, "nobody signs what is being replaced"
    jobs.take_up()
    after = fresh(report.dialogue).minutes
    assert former is not None and after is not None
    assert [Document.objects.get(pk=row.pk).status_words for row in (former, after)] == ["Remplacé", "Conservé"]


def test_a_decision_is_followed_by_who_is_in_charge_and_closed_on_a_day() -> None:
    report = reviewed(decisions=(DecisionInput(None, "Suivre", "beneficiary"), DecisionInput(None, "Payer", "state")))
    own, other = Decision.objects.order_by("rank")
    director = person(report, "director")
    done = minutes.follow(own, state="done", note="Fait en mars.", by=director, expected_revision=0)
    assert (done.state, done.closed_on) == ("done", dt.date(2026, 10, 15))
    again = minutes.follow(own, state="in_progress", note="", by=person(report, "officer"), expected_revision=1)
    assert again.closed_on is None
    with pytest.raises(PermissionDenied):
        minutes.follow(other, state="done", note="", by=director, expected_revision=None)


def test_the_next_report_answers_each_open_decision_before_it_is_sent(client) -> None:
    report = reviewed(of_a_signed_text(), decisions=(DecisionInput(None, "Suivre", "beneficiary"),))
    later = open_report(report.convention, 2026)
    assert later is not None
    director, decision = person(later, "director"), Decision.objects.get()
    page = reverse("report-decisions", args=[later.convention.number, 2026])
    option = workflow.REPORT.attempt("submit", later, person(later, "president"))
    assert any("Suivre" in line.text and page in line.url for line in option.blocking)
    client.force_login(director)
    data = {"revision": str(later.revision), f"state{decision.pk}": "done", f"answer{decision.pk}": "C’est fait."}
    assert client.post(page, data).status_code == 302
    option = workflow.REPORT.attempt("submit", Report.objects.get(pk=later.pk), person(later, "president"))
    assert not any("Suivre" in line.text for line in option.blocking)
    assert Decision.objects.get().state == "done"
    assert "C’est fait." in client.get(reverse("report-detail", args=[later.convention.number, 2026])).content.decode()
    client.force_login(person(later, "officer"))
    assert client.get(page).status_code == 403, "what was not sent is the association’s"


def test_an_answer_is_written_once_the_report_is_begun_and_two_sendings_show_what_it_became(client, at) -> None:
    report = reviewed(of_a_signed_text(), decisions=(DecisionInput(None, "Suivre", "beneficiary"),))
    at("2027-03-01")
    later, decision = open_report(report.convention, 2026), Decision.objects.get()
    assert later is not None
    director, president = person(later, "director"), person(later, "president")

    def say(text: str) -> None:
        answers = {decision.pk: Answer(text, "in_progress")}
        answer_decisions(Report.objects.get(pk=later.pk), answers=answers, by=director, expected_revision=None)

    say("Une première mesure.")
    submitted(fill(Report.objects.get(pk=later.pk)))
    officer = person(later, "officer")
    requests = {"requests": [("general", "Synthèse", "Précisez.")]}
    workflow.apply("send_back", Report.objects.get(pk=later.pk), by=officer, data=requests)
    say("Une seconde mesure.")
    submitted(Report.objects.get(pk=later.pk), by=president)
    client.force_login(officer)
    pages = [reverse("report-version", args=[later.convention.number, 2026, number]) for number in (1, 2)]
    first, second = (client.get(page).content.decode() for page in pages)
    assert "Une première mesure." in first and "Une première mesure." not in second
    page = reverse("report-compare", args=[later.convention.number, 2026, 1, 2])
    compared = client.get(page).content.decode()
    assert "Suite donnée aux décisions" in compared and "seconde" in compared


@pytest.mark.parametrize(("state", "answer"), [("done", "C’est fait."), ("todo", "Plus tard."), ("done", "")])
def test_the_answers_to_decisions_are_kept_in_a_report_that_was_begun(client, state: str, answer: str) -> None:
    """They were rolled back as if nothing had changed, and the page said that they were saved."""
    report = reviewed(of_a_signed_text(), decisions=(DecisionInput(None, "Suivre", "beneficiary"),))
    later = open_report(report.convention, 2026)
    assert later is not None
    workflow.apply("start", later, by=person(later, "director"))
    later, decision = Report.objects.get(pk=later.pk), Decision.objects.get()
    client.force_login(person(later, "director"))
    data = {"revision": str(later.revision), f"state{decision.pk}": state, f"answer{decision.pk}": answer}
    page = reverse("report-decisions", args=[later.convention.number, 2026])
    assert client.post(page, data).status_code == 302
    assert Decision.objects.get().state == state
    assert [row.text for row in decision.answers.all()] == ([answer] if answer else [])
    assert Report.objects.get(pk=later.pk).revision == later.revision + 1


# -- Conclusion --------------------------------------------------------------------------------------------------------


def test_the_conclusion_opens_the_annual_act_with_its_amount_in_one_step() -> None:
    report = reviewed(of_a_signed_text())
    done = concluded(report, opens="annual", next_amount=Decimal("41000.01"), recommendations="Poursuivre.")
    act = done.convention.acts.latest("number")
    assert (done.state, act.kind, act.year) == ("concluded", "annual", 2027)
    assert sum(row.amount for row in act.contributions.filter(year=2027)) == Decimal("41000.01")
    assert sum(row.amount for row in act.contributions.filter(year=2025)) == Decimal(40000)
    body = OutboxMessage.objects.filter(template="annee_conclue", to=person(report, "president").email).get().body
    assert "41\u00a0000,01" in body
    assert "L’acte financier 2027 est ouvert." in body


def test_nothing_is_concluded_when_the_act_cannot_open() -> None:
    report = reviewed(of_a_signed_text())
    with pytest.raises(ValidationError):
        concluded(report, opens="annual")
    assert (Report.objects.get(pk=report.pk).state, fresh(report.dialogue).conclusion) == ("reviewed", "")
    concluded(report, opens="avenant", next_programme="Ajouter une fiche.")
    assert report.convention.acts.latest("number").purpose == "Ajouter une fiche."


@pytest.mark.parametrize(("day", "year"), [(dt.date(2027, 12, 31), 2028), (dt.date(2028, 1, 1), None)])
def test_a_dialogue_held_after_the_term_prepares_no_year(at, day: dt.date, year: int | None) -> None:
    report = reviewed()
    meeting = report.dialogue
    meeting.day = day
    assert prepared_year(meeting) == year
    meeting.day = None
    at(day.isoformat())
    assert (prepared_year(meeting) is None) == (year is None), "one without a day counts as of today"


def test_the_conclusion_offers_the_acts_that_may_open_and_refuses_the_others_in_the_form(client, at) -> None:
    report = reviewed(of_a_signed_text())
    page, manager = address(report.dialogue, "meeting-conclusion"), person(report, "manager")
    assert conclusion.openable(report.dialogue, manager) == ["annual", "avenant"]
    at("2027-12-31")
    client.force_login(manager)
    assert "Ouvrir un avenant" in client.get(page).content.decode(), "the last day of the convention"
    at("2028-01-01")
    client.force_login(manager)
    assert conclusion.openable(report.dialogue, manager) == []
    assert "Ouvrir un avenant" not in client.get(page).content.decode()
    data = {"revision": str(report.dialogue.revision), "conclusion": "On continue.", "suite": "conclure"}
    answer = client.post(page, data | {"opens": "avenant"})
    assert "L’acte choisi ne peut plus s’ouvrir" in answer.content.decode()
    assert Report.objects.get(pk=report.pk).state == "reviewed"
    assert client.post(page, data).status_code == 302
    assert Report.objects.get(pk=report.pk).state == "concluded"


def test_an_act_that_is_open_already_is_not_offered_again() -> None:
    report = reviewed(of_a_signed_text())
    manager, first = person(report, "manager"), report.convention.act
    terms = {"terms": Terms("Ajouter une fiche.", cause="Un besoin.", consequences="Une fiche.", topic="programme")}
    acts.apply("open_amendment", first, by=manager, data=terms)
    assert conclusion.openable(report.dialogue, manager) == ["annual"]


def test_the_officer_drafts_the_conclusion_and_the_manager_alone_concludes(client) -> None:
    report = reviewed()
    page = address(report.dialogue, "meeting-conclusion")
    data = {"revision": str(report.dialogue.revision), "conclusion": "On continue.", "opens": ""}
    client.force_login(person(report, "officer"))
    assert client.post(page, data).status_code == 302
    client.force_login(person(report, "director"))
    assert client.get(page).status_code == 403
    assert "On continue." not in client.get(address(report.dialogue)).content.decode()
    client.force_login(person(report, "officer"))
    data["revision"] = str(fresh(report.dialogue).revision)
    assert client.post(page, data | {"suite": "conclure"}).status_code == 403
    client.force_login(person(report, "manager"))
    assert client.post(page, data | {"suite": "conclure"}).status_code == 302
    assert Report.objects.get(pk=report.pk).state == "concluded"
    client.force_login(person(report, "director"))
    assert "On continue." in client.get(address(report.dialogue)).content.decode()
    with pytest.raises(PermissionDenied):
        conclusion.save_conclusion(
            report.dialogue,
            report,
            fields={"conclusion": "Autre"},
            by=person(report, "manager"),
            expected_revision=None,
        )


# -- What the database refuses -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE reporting_meeting SET summary = 'autre'",
        "UPDATE reporting_meeting SET day = day + 1",
        "UPDATE reporting_decision SET text = 'autre'",
        "DELETE FROM reporting_decision",
    ],
)
def test_signed_minutes_and_their_decisions_never_change(statement: str) -> None:
    report = reviewed(decisions=(DecisionInput(None, "Suivre"),))
    jobs.take_up()
    Meeting.objects.update(signed_on=dt.date(2026, 10, 1))
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE reporting_decision SET note = 'suivie'")
    assert report.dialogue.decisions.get().note == "suivie"


# -- Preparation -------------------------------------------------------------------------------------------------------


def test_the_preparation_is_computed_of_what_its_reader_opens(client) -> None:
    report = of_a_signed_text()
    part = report.sheets.get()
    Report.objects.filter(pk=report.pk).update(state="submitted")  # the rows of an admissible report never change
    part.values.update(number=Decimal(40))
    part.expenses.update(amount=Decimal(30000), comment="")
    Report.objects.filter(pk=report.pk).update(state="admissible")
    meeting = planned(report)
    page = address(meeting, "meeting-preparation")
    for role in ("officer", "director"):
        client.force_login(person(report, role))
        text = html.unescape(client.get(page).content.decode())
        assert "40\u00a0% de la cible" in text
        assert "sans explication" in text
        assert "40\u00a0000" in text, "the contribution of the year"
        assert "Aucune décision n’est ouverte." in text
    Report.objects.filter(pk=report.pk).update(state="in_progress")
    client.force_login(person(report, "officer"))
    text = client.get(page).content.decode()
    assert "40\u00a0% de la cible" not in text
    assert "ne vous est pas encore ouvert" in text
    committee = planned(report, kind="pilotage")
    assert client.get(address(committee, "meeting-preparation")).status_code == 404


def test_the_preparation_and_the_list_take_as_many_queries_for_one_meeting_as_for_three(client) -> None:
    report = of_a_signed_text()
    client.force_login(person(report, "officer"))
    meeting = dialogue(report, decisions=(DecisionInput(None, "Suivre", "beneficiary"),))
    workflow.apply("review", Report.objects.get(pk=report.pk), by=person(report, "officer"))
    pages = [address(meeting), reverse("convention-meetings", args=[report.convention])]

    def count() -> list[int]:
        numbers = []
        for page in pages:
            with CaptureQueriesContext(connection) as queries:
                assert client.get(page).status_code == 200
            numbers.append(len(queries))
        return numbers

    count()
    first = count()
    for kind in ("pilotage", "technique"):
        planned(report, kind=kind, people=[person(report, "director").pk])
    Decision.objects.create(meeting=meeting, text="Deux", owner=person(report, "manager"), rank=2)
    Decision.objects.create(meeting=meeting, text="Trois", side="state", rank=3)
    assert count() == first
