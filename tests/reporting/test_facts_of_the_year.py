"""Facts that the application knows by itself: a dialogue held, minutes signed, a renewed delegation, a publication."""

import datetime as dt
import io
from decimal import Decimal
from typing import Any

import pytest

from arml.models import AttachmentKind, Delegation
from conventions.documents.letters import letter_content, template_text
from conventions.models import Convention, Document
from conventions.services.pieces import add_attachment
from conventions.text.letters import wording
from cpo.lib import clock
from cpo.lib.models import Job, OutboxMessage
from cpo.lib.work import jobs
from reporting import tasks  # noqa: F401  its handlers
from reporting.deadlines.facts import facts_of
from reporting.enums import ReportState
from reporting.models import Deadline, DeadlineRule, Meeting, Report
from reporting.pages.meetings import MeetingPage
from reporting.services.deadlines import is_met_automatically, sync
from tests.factories import meetings as held
from tests.factories.conventions import PDF, make_convention, member
from tests.factories.reporting import make_active
from tests.lib.test_pdf import assert_conformant, read

pytestmark = pytest.mark.django_db


def test_the_dialogue_is_done_when_it_is_held_and_its_minutes_when_both_signed() -> None:
    report = held.reviewed()
    convention = Convention.objects.get(pk=report.convention_id)
    dialogue = report.dialogue
    assert dialogue is not None and dialogue.day is not None
    year = dialogue.day.year
    facts = facts_of(convention)
    assert facts[f"dialogue_tenu:{year}"] == dialogue.day
    assert f"releve_dialogue_signe:{year}" not in facts
    sync(convention)
    own = Deadline.objects.get(convention=convention, rule__key="dialogue_gestion", year=year)
    minutes = Deadline.objects.get(convention=convention, rule__key="releve_dialogue", year=year)
    assert (own.met_on, minutes.met_on) == (dialogue.day, None)
    assert is_met_automatically(minutes)


@pytest.mark.parametrize("kept", [True, False])
def test_a_delegation_that_was_renewed_lasts_as_its_renewal_does(kept: bool) -> None:
    convention = make_convention()
    act = convention.act
    act.state = "signature"
    type(act).objects.filter(pk=act.pk).update(state="signature")
    party = act.parties.get(role="lead")
    old = party.delegation
    Delegation.objects.filter(pk=old.pk).update(valid_until=dt.date(2026, 11, 30))
    fresh = Convention.objects.get(pk=convention.pk)
    assert facts_of(fresh)["fin_delegation"] == dt.date(2026, 11, 30)
    holder = old.holder_name if kept else "Une autre personne"
    Delegation.objects.create(
        organisation=old.organisation,
        holder_name=holder,
        holder_capacity=old.holder_capacity,
        reference="l’arrêté n° 2",
        dated=dt.date(2026, 10, 1),
        valid_until=dt.date(2027, 11, 30),
    )
    expected = dt.date(2027, 11, 30) if kept else dt.date(2026, 11, 30)
    assert facts_of(Convention.objects.get(pk=convention.pk))["fin_delegation"] == expected


def test_the_publication_is_a_fact_once_its_document_is_added() -> None:
    act = make_active(funded=True)
    rule = DeadlineRule.objects.get(key="donnees_essentielles")
    assert rule.met_by == "publication_donnees_essentielles"
    add_attachment(
        act=act,
        kind=AttachmentKind.objects.get(key="publication_donnees_essentielles"),
        by=member(act, "officer"),
        upload=io.BytesIO(PDF),
        name="publication.pdf",
    )
    assert facts_of(act.convention)["publication_donnees_essentielles"] == dt.date(2026, 10, 15)


@pytest.mark.pdf
def test_a_concluded_year_has_its_paper_for_both(tmp_path: Any) -> None:
    report = held.concluded()
    job = Job.objects.get(kind="print_conclusion")
    assert jobs.run(job.pk)
    document = Document.objects.get(purpose="conclusion")
    assert document.audience == "both"
    data = document.file
    from cpo.lib.files import stored

    paper = stored.read(data)
    assert_conformant(paper, tmp_path)
    text = " ".join(read(paper, tmp_path).split()).replace("\xa0", " ")
    for words in (f"Conclusion de l’année {report.year}", "Recommandations", "Décisions du dialogue de gestion"):
        assert words in text
    for role in ("officer", "director"):
        page = MeetingPage(report.dialogue, member(report.act, role))
        assert page.conclusion_file == document
    assert Report.objects.get(pk=report.pk).state == ReportState.CONCLUDED


def letter_of_the_conclusion(convention: Convention) -> tuple[str, list[str]]:
    """The words of the national letter, as it would be produced today, and what it lacks."""
    text = template_text(convention.dossier.lead, "conclusion")
    content = letter_content(convention, "conclusion", text, dated_on=clock.today(clock.PARIS), by=None)
    words = wording(content["of_body"]).html(content["body"])
    return words.replace("\u00a0", " "), content["missing"]


def message_of_the_conclusion() -> str:
    return OutboxMessage.objects.filter(template="annee_conclue").latest("pk").body.replace("\u00a0", " ")


def test_the_letter_of_the_conclusion_names_the_year_that_follows_and_its_amount() -> None:
    report = held.concluded(next_amount=Decimal("41000.50"))
    words, missing = letter_of_the_conclusion(report.convention)
    assert "Pour l’année 2027, la contribution de l’État proposée s’élève à 41 000,50 €" in words and not missing
    assert "2027" in message_of_the_conclusion()


def test_without_an_amount_the_letter_of_the_conclusion_names_no_contribution() -> None:
    words, missing = letter_of_the_conclusion(held.concluded().convention)
    assert "contribution de l’État" not in words and not missing


def test_after_the_term_neither_the_letter_nor_the_message_names_a_year_that_follows(at: Any) -> None:
    report = held.reviewed()
    at("2028-02-01 10:00")
    Meeting.objects.filter(pk=report.dialogue.pk).update(day=dt.date(2028, 1, 20))
    report = held.concluded(Report.objects.get(pk=report.pk), next_amount=Decimal(41000))
    words, missing = letter_of_the_conclusion(report.convention)
    assert "2029" not in words and "41 000" not in words and not missing
    assert "41 000" not in message_of_the_conclusion() and "Montant proposé" not in message_of_the_conclusion()
