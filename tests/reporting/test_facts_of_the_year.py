"""Facts that the application knows by itself: a dialogue held, minutes signed, a renewed delegation, a publication."""

import datetime as dt
import io
from typing import Any

import pytest

from arml.models import AttachmentKind, Delegation
from conventions.models import Convention, Document
from conventions.services.pieces import add_attachment
from cpo.lib.models import Job
from cpo.lib.work import jobs
from reporting import tasks  # noqa: F401  its handlers
from reporting.deadlines.facts import facts_of
from reporting.enums import ReportState
from reporting.models import Deadline, DeadlineRule, Report
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
