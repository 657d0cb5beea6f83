"""An avenant or an annual act signed on paper after the convention is taken over as an act of its timeline."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from conventions import workflow
from conventions.documents import recognition
from conventions.forms.later import PaperActForm
from conventions.guards.signing import signing_document
from conventions.later.in_force import act_in_force, firm_years, originals, text_in_force
from conventions.models import Version
from conventions.pages.act_page import find_page
from conventions.services.paper import PaperSignature, record_paper_original
from conventions.waits import waits_of
from cpo.lib.models import Job, JournalEntry, OutboxMessage
from cpo.lib.workflow import Refused
from reporting.deadlines.before import questions
from reporting.enums import DoneAnswer
from reporting.models import RecordCheck
from reporting.services.taking_over import Done, answer_record, record_done
from reporting.todo.home import agenda
from tests.access import places
from tests.access.html import form_data
from tests.factories.kept import kept
from tests.factories.scenarios import Scene, active_convention, later, set_contribution

pytestmark = pytest.mark.django_db
START = dt.date(2026, 3, 1)


@kept
def being_recorded() -> Scene:
    """An avenant signed on paper, of which the service has typed another amount for 2027."""
    scene = places.paper_act()
    set_contribution(scene, 2027, Decimal(30000))
    return scene


@kept
def taken_over() -> Scene:
    scene = being_recorded()
    scene.do("record_paper", scene.officer)
    return scene


def refusal(scene: Scene, name: str, by: Any, **data: Any) -> str:
    with pytest.raises(Refused) as error:
        scene.do(name, by, "Un motif.", **data)
    return error.value.message


def page(client: Client, name: str, *args: Any) -> str:
    text = client.get(reverse(name, args=args), follow=True).content.decode()
    return " ".join(text.replace("\u00a0", " ").replace("\u202f", " ").split())


def contribution_of_2027(version: Version | None) -> Decimal:
    assert version is not None
    return sum((Decimal(row["amount"]) for row in version.content["contributions"] if row["year"] == 2027), Decimal(0))


def test_it_is_the_text_in_force_from_its_own_day_on() -> None:
    scene = taken_over()
    convention = scene.act.convention
    assert act_in_force(convention, START - dt.timedelta(days=1)) == convention.act
    assert act_in_force(convention, START) == scene.act
    assert contribution_of_2027(text_in_force(convention, START)) == 30000
    assert contribution_of_2027(text_in_force(convention, START - dt.timedelta(days=1))) == 40000
    assert (scene.act.signed_on, scene.act.notified_on) == (dt.date(2026, 2, 1), dt.date(2026, 2, 1))
    assert (scene.act.name, scene.act.asked_on) == ("Avenant n°\u00a01", None)


def test_its_scan_is_its_document_and_the_first_one_is_told_to_be_changed() -> None:
    scene = taken_over()
    document = signing_document(scene.act)
    assert document is not None and document.file.sha256 != signing_document(scene.convention.act).file.sha256  # type: ignore[union-attr]
    finding = recognition.identify(document.file.sha256)
    assert finding is not None and finding.verdict == recognition.Verdict.SIGNED
    first = recognition.identify(signing_document(scene.convention.act).file.sha256)  # type: ignore[union-attr]
    assert first is not None and [day for _, day in first.changes] == [START]
    assert Job.objects.filter(key__contains="consolidee").exists()


def test_its_pages_say_that_the_text_is_that_of_the_scans_and_open_each(client: Client) -> None:
    scene = taken_over()
    client.force_login(scene.director)
    for number in (scene.number, scene.convention.number):
        text = page(client, "convention-articles", number)
        assert "Le texte est celui de l’original numérisé" in text
        assert "l’original numérisé de la convention" in text and "l’original numérisé de l’avenant n° 1" in text
    assert [one.number for one in originals(scene.act)] == [0, 1]
    assert "le texte est celui de l’original numérisé" in page(client, "convention-detail", scene.number)
    assert "Avenant n° 1" in page(client, "convention-acts", scene.convention.number)
    assert "30 000" in page(client, "convention-contribution", scene.convention.number)


def test_while_it_is_copied_the_association_reads_the_signed_text_and_nobody_waits() -> None:
    scene = being_recorded()
    shown = find_page(scene.director, scene.number)
    assert shown is not None and sum(shown.planned.values()) == 120000
    assert waits_of(scene.act) == []
    assert [one.title for one in agenda(scene.director).others if "reprise" in one.title.lower()] == []
    assert "Terminer la reprise de l’avenant n°\u00a01 signé sur papier" in [
        one.title for one in agenda(scene.officer).mine
    ]
    for name in ("propose", "accept", "ask_turn"):
        assert "déjà signé sur papier" in refusal(scene, name, scene.director), name


def test_an_original_of_each_kind_of_fact_is_wanted() -> None:
    scene = later(places.recorded(), "paper", effective_on=START)
    missing = {line.text for line in workflow.ACT.attempt("record_paper", scene.act, scene.officer).blocking}
    assert missing == {"Original signé numérisé", "Dates de signature et de notification"}
    places.give_original(scene, dt.date(2025, 8, 31))
    (line,) = workflow.ACT.attempt("record_paper", scene.act, scene.officer).blocking
    assert "signé avant la convention" in line.text, "the acts come in the order of their signatures"
    places.give_original(scene, dt.date(2025, 9, 1))
    scene.do("record_paper", scene.officer)


def test_it_may_change_nothing_of_what_is_held() -> None:
    scene = places.paper_act()
    scene.do("record_paper", scene.officer)
    assert act_in_force(scene.act.convention, START) == scene.act


def test_an_annual_act_fixes_its_year_and_ends_its_deadline() -> None:
    scene = later(places.recorded(), "paper", paper_kind="annual", effective_on=START)
    deadline = scene.convention.deadlines.get(rule__key="acte_financier_annuel", year=2026)
    assert (deadline.met_on, firm_years(scene.act)) == (None, {2025})
    places.give_original(scene, dt.date(2026, 2, 1))
    scene.do("record_paper", scene.officer)
    deadline.refresh_from_db()
    assert (deadline.met_on, firm_years(scene.act)) == (dt.date(2026, 2, 1), {2025, 2026})


def test_the_scan_given_with_the_convention_is_not_asked_for_again(client: Client) -> None:
    first = places.paper()
    asked = {question.key: question for question in questions(first.act.convention) if question.past}
    annual = asked.pop("acte_financier_annuel-2026")
    upload = SimpleUploadedFile("acte-2026.pdf", places.SCAN + b"%F", "application/pdf")
    signed = Done(annual, DoneAnswer.DONE, dt.date(2026, 2, 1), Decimal(40000), upload)
    rest = [Done(question, DoneAnswer.NOT_DONE) for question in asked.values()]
    record_done(convention=first.act.convention, answers=[signed, *rest], by=first.officer)
    first.do("record_paper", first.officer)
    scene = later(first, "paper", paper_kind="annual", effective_on=START)
    client.force_login(scene.officer)
    address = reverse("convention-paper-original", args=[scene.number])
    html = client.get(address).content.decode()
    assert "Déjà déposé : acte-2026.pdf" in html
    sent = {name: value for name, value in form_data(html, "notified_on").items() if name != "scan"}
    assert [sent[f"signed-{party.pk}"] for party in scene.act.parties.filter(signs=True)] == ["01/02/2026"] * 2
    assert client.post(address, sent | {"notified_on": "02/02/2026"}).status_code == 302
    document = signing_document(scene.act)
    given = first.convention.done_before.get(rule=annual.rule, year=2026)
    assert document is not None and document.file_id == given.file_id
    again = form_data(client.get(address).content.decode(), "notified_on")
    assert again["notified_on"] == "02/02/2026"
    assert client.post(address, again | {"notified_on": "03/02/2026"}).status_code == 302, "nor once it is the original"
    assert signing_document(scene.act).file_id == given.file_id  # type: ignore[union-attr]
    scene.do("record_paper", scene.officer)


def test_an_avenant_is_asked_for_its_own_scan(client: Client) -> None:
    scene = later(places.recorded(), "paper", effective_on=START)
    client.force_login(scene.officer)
    address = reverse("convention-paper-original", args=[scene.number])
    empty = client.post(address, form_data(client.get(address).content.decode(), "notified_on"))
    assert "Choisissez le PDF." in empty.content.decode()
    with pytest.raises(ValidationError) as error:
        record_paper_original(act=scene.act, scan=None, notified_on=START, signatures=signed(scene), by=scene.officer)
    assert set(error.value.message_dict) == {"scan"}


def signed(scene: Scene) -> list[PaperSignature]:
    parties = scene.act.parties.filter(signs=True)
    return [PaperSignature(party, "Alex Exemple", "présidente", START) for party in parties]


def test_one_is_taken_over_before_the_first_act_of_the_application_only() -> None:
    scene = later(places.recorded())
    first = Scene(scene.convention)
    assert "déjà en cours" in refusal(first, "open_paper_act", first.officer)
    scene.do("refuse", scene.officer, "Finalement non.")
    other = later(first, "paper", effective_on=START)
    for name in ("open_amendment", "open_annual"):
        assert "L’avenant n°\u00a02 est déjà en cours" in refusal(first, name, first.officer)
    other.do("refuse", other.officer, "Une erreur.")
    again = later(first)
    type(again.act).objects.filter(pk=again.act.pk).update(state="active", signed_on=START, notified_on=START)
    assert "ne se reprend plus" in refusal(first, "open_paper_act", first.officer)


def test_it_is_offered_to_the_lead_service_of_a_paper_convention_alone() -> None:
    scene = places.recorded()
    names = {one.transition.name for one in workflow.ACT.available(scene.act, scene.officer)}
    assert "open_paper_act" in names
    for person in (scene.director, scene.president, scene.signatory):
        with pytest.raises(PermissionDenied):
            scene.do("open_paper_act", person)
    other = active_convention()
    assert "elle-même reprise" in refusal(other, "open_paper_act", other.officer)


def test_what_is_withdrawn_tells_nobody_and_its_number_serves_again() -> None:
    scene = places.paper_act()
    assert "déjà signé sur papier" in refusal(scene, "refuse", scene.director)
    sent = OutboxMessage.objects.count()
    scene.do("refuse", scene.officer, "Saisi deux fois.")
    assert OutboxMessage.objects.count() == sent
    again = later(Scene(scene.convention), "paper", rank=1, effective_on=START)
    assert (again.act.name, again.act.reference) == (scene.act.name, f"{scene.act.reference}-2")


def test_the_association_is_asked_to_confirm_again() -> None:
    scene = being_recorded()
    answer_record(convention=scene.convention, answer="confirmed", by=scene.director)
    before = OutboxMessage.objects.order_by("-pk").first()
    scene.do("record_paper", scene.officer)
    assert RecordCheck.objects.get(convention=scene.convention).answer == ""
    sent = OutboxMessage.objects.filter(pk__gt=before.pk if before else 0, template="reprise_a_confirmer")
    assert {one.to for one in sent} == {scene.director.email, scene.president.email}
    assert "de l’avenant n°\u00a01" in sent[0].body and "correction" not in sent[0].body
    assert "termine la reprise de l’avenant" in JournalEntry.objects.filter(verb="record_paper").first().sentence  # type: ignore[union-attr]


# -- The form ---------------------------------------------------------------------------------------------------------

GOOD = {"kind": "avenant", "rank": "1", "year": "", "purpose": "Un objet.", "effective_on": "01/03/2026"}


@pytest.mark.parametrize(
    ("values", "faulty"),
    [
        ({}, set()),
        ({"rank": "0"}, {"rank"}),
        ({"rank": ""}, {"rank"}),
        ({"kind": "annual", "rank": "", "year": "2026"}, set()),
        ({"kind": "annual", "year": ""}, {"year"}),
        ({"effective_on": "31/12/2024"}, {"effective_on"}),
        ({"effective_on": "01/01/2025"}, set()),
        ({"effective_on": "01/01/2035"}, {"effective_on"}),
        ({"purpose": " "}, {"purpose"}),
        ({"kind": "notice"}, {"kind"}),
    ],
)
def test_what_the_original_says_of_itself_is_checked(values: dict[str, str], faulty: set[str]) -> None:
    form = PaperActForm(GOOD | values, first=places.recorded().act)
    assert set(form.errors) == faulty


def test_a_number_comes_after_those_that_are_taken_over() -> None:
    scene = taken_over()
    assert set(PaperActForm(GOOD, first=scene.convention.act).errors) == {"rank"}
    form = PaperActForm(GOOD | {"rank": "2"}, first=scene.convention.act)
    assert form.is_valid() and form.fields["rank"].initial == 2
    second = later(Scene(scene.convention), "paper", **vars(replace(form.terms)))
    assert (second.act.base, second.act.rank) == (scene.act, 2)
