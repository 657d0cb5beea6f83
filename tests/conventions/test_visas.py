"""The State does not read the visa of the association's president; a visa given outside stops nothing."""

import datetime as dt
import io
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from arml.models import User
from arml.permissions import capacities
from conventions import workflow
from conventions.content.freeze import build_content
from conventions.models import OutsideVisa, Visa
from conventions.pages.todo import Hats
from conventions.pages.todo_acts import act_todo
from conventions.services.visas import record_outside_visa, withdraw_outside_visa
from conventions.views.signing.browser import before_signing
from cpo.lib.files.hashing import content_hash
from cpo.lib.models import JournalEntry, OutboxMessage
from cpo.lib.workflow import Refused
from tests.conventions.test_journal import lines, no_other_document, pdf_of
from tests.dom.tree import packed
from tests.factories import scenarios
from tests.factories.arml import make_user
from tests.factories.conventions import PDF
from tests.factories.kept import kept
from tests.factories.scenarios import Scene

pytestmark = pytest.mark.django_db
SCAN = PDF + b"% a visa given on paper\n%%EOF"


@kept
def received() -> Scene:
    """The State has proposed version 2, and the association has the turn."""
    scene = scenarios.proposed()
    scene.edit()
    scene.do("propose", scene.officer)
    return scene


@kept
def with_visa_request() -> Scene:
    scene = received()
    scene.do("ask_president_visa", scene.director, "Avant mardi.")
    return scene


def mails(template: str) -> list[str]:
    return list(OutboxMessage.objects.filter(template=template).order_by("id").values_list("to", flat=True))


def names(scene: Scene, user: Any) -> set[str]:
    return {option.transition.name for option in workflow.ACT.available(scene.act, user)}


def page(client: Client, scene: Scene, user: Any, name: str = "convention-versions", **kwargs: Any) -> str:
    client.force_login(user)
    return packed(client.get(reverse(name, kwargs={"number": scene.number, **kwargs})).content.decode())


def accept_says(scene: Scene, user: Any) -> list[str]:
    option = workflow.ACT.option(scene.act, user, "accept")
    assert option is not None and option.ready, "it stops nothing"
    return [line.text for line in option.missing if "présidence" in line.text]


def todo(user: Any) -> tuple[list[str], list[str]]:
    tasks = act_todo(Hats.of(user))
    return [task.title for task in tasks.mine], [item.title for item in tasks.others]


# -- The visa of the president ---------------------------------------------------------------------------------------


def test_the_director_asks_and_the_president_gives_each_told_by_e_mail(client: Client) -> None:
    scene = with_visa_request()
    assert mails("visa_presidence_demande") == [scene.president.email]
    assert "Avant mardi." in OutboxMessage.objects.get(template="visa_presidence_demande").body
    assert "Donner ou refuser votre visa sur la version 2" in todo(scene.president)[0]
    assert "Visa de la présidence" in todo(scene.director)[1]
    assert "ask_president_visa" not in names(scene, scene.director), "it cannot be asked twice"
    assert "Donner le visa de la présidence" in page(client, scene, scene.president, "convention-detail")
    assert "Avant mardi." in page(client, scene, scene.president)

    scene.do("give_president_visa", scene.president, "D’accord.")
    visa = scene.version.visas.get()
    assert (visa.by, visa.organisation, visa.comment) == (scene.president, scene.act.dossier.beneficiary, "D’accord.")
    assert mails("visa_presidence_rendu") == [scene.director.email]
    assert "visa de la présidence donné" in OutboxMessage.objects.get(template="visa_presidence_rendu").subject
    assert not [title for title in todo(scene.president)[0] if "votre visa" in title]
    assert not {"ask_president_visa", "give_president_visa"} & names(scene, scene.director)
    text = page(client, scene, scene.director)
    assert "Visa donné par" in text and "D’accord." in text


@pytest.mark.pdf
def test_the_state_and_the_dgefp_read_nothing_of_it(client: Client) -> None:
    """The request and the answer appear neither on pages nor in « À faire », e-mails, or the journal in any format."""
    scene = with_visa_request()
    reader = make_user("national_reader")
    president = str(scene.president)
    strangers = (scene.officer, scene.manager, scene.signatory, reader)

    def assert_unseen() -> None:
        for user in strangers:
            for name, more in (
                ("convention-detail", {}), ("convention-versions", {}), ("convention-version", {"n": 2}),
                ("convention-compare", {"a": 1, "b": 2}), ("convention-documents", {}), ("convention-journal", {}),
            ):  # fmt: skip
                text = page(client, scene, user, name, **more).lower()
                assert "présidence" not in text and "avant mardi" not in text and "trop cher" not in text, name
            client.force_login(user)
            assert "visa" not in client.get(reverse("home")).content.decode().lower()
            assert not [line for line in lines(client, scene, user) if "visa" in line["Événement"]]

    assert_unseen()
    scene.do("refuse_president_visa", scene.president, "Trop cher.")
    assert_unseen()
    entries = JournalEntry.objects.filter(verb__endswith="president_visa")
    assert set(entries.values_list("audience", flat=True)) == {"beneficiary"} and entries.count() == 2
    assert len([line for line in lines(client, scene, scene.director) if "visa de la présidence" in line["Événement"]])
    no_other_document()
    assert "présidence" not in pdf_of(client, scene, scene.officer)
    assert f"{president} refuse le visa de la présidence" in pdf_of(client, scene, scene.director)
    own = {scene.director.email, scene.president.email}
    assert set(mails("visa_presidence_demande") + mails("visa_presidence_rendu")) <= own


def test_while_it_is_asked_the_director_is_warned_and_may_accept() -> None:
    scene = with_visa_request()
    assert accept_says(scene, scene.director) == ["Visa de la présidence, demandé le 15\u00a0octobre, pas encore donné"]
    scene.do("accept", scene.director)
    assert scene.act.president_visa_asked_at is None, "accepting ends the request"


def test_a_refusal_needs_its_reason_is_shown_to_the_director_and_may_be_asked_again() -> None:
    scene = with_visa_request()
    with pytest.raises(Refused, match="motif"):
        scene.do("refuse_president_visa", scene.president, " ")
    scene.do("refuse_president_visa", scene.president, "Trop cher.")
    assert accept_says(scene, scene.director) == [
        "Visa de la présidence, refusé le 15\u00a0octobre\u00a0: «\u00a0Trop cher.\u00a0»"
    ]
    assert "Trop cher." in OutboxMessage.objects.get(template="visa_presidence_rendu").body
    scene.do("ask_president_visa", scene.director)
    scene.do("give_president_visa", scene.president)
    assert accept_says(scene, scene.director) == []


def test_only_the_president_answers_and_only_the_director_asks() -> None:
    scene = received()
    for user in (scene.president, scene.officer):
        with pytest.raises(PermissionDenied):
            scene.do("ask_president_visa", user)
    with pytest.raises(Refused):
        scene.do("give_president_visa", scene.president)
    scene.do("ask_president_visa", scene.director)
    for user in (scene.director, scene.manager):
        with pytest.raises(PermissionDenied):
            scene.do("give_president_visa", user)


def test_a_director_who_is_also_the_president_asks_nothing() -> None:
    scene = received()
    make_user("president", scene.act.dossier.beneficiary, user=scene.director)
    assert "accept" in names(scene, scene.director)
    assert "ask_president_visa" not in names(scene, scene.director)


def test_without_a_president_there_is_nobody_to_ask() -> None:
    scene = received()
    scene.president.memberships.all().delete()
    option = workflow.ACT.option(scene.act, scene.director, "ask_president_visa")
    assert option is not None and "président·e" in option.blocking[0].text


@pytest.mark.parametrize("what", ["edit", "propose", "give_turn"])
def test_what_changes_the_version_or_the_turn_ends_the_request(what: str) -> None:
    scene = with_visa_request()
    if what == "give_turn":
        scene.do("ask_turn", scene.officer, "Une coquille.")
    scene.edit(scene.director) if what == "edit" else scene.do(what, scene.director)
    assert scene.act.president_visa_asked_at is None
    assert "give_president_visa" not in names(scene, scene.president)


def test_the_president_answers_on_the_version_that_was_read() -> None:
    scene = with_visa_request()
    with pytest.raises(Refused, match="version 2 a été proposée entre-temps"):
        scene.do("give_president_visa", scene.president, expected_version="1")


def test_the_state_that_accepts_again_after_a_return_to_negotiation_reads_no_refusal() -> None:
    scene = with_visa_request()
    scene.do("refuse_president_visa", scene.president, "Trop cher.")
    scene.do("accept", scene.director)
    scene.do("give_visa", scene.manager, "Seul présent.")
    scene.do("open_signature", scene.manager)
    scene.do("reopen", scene.manager, "Une erreur.")
    assert accept_says(scene, scene.officer) == []


def test_a_president_who_wrote_the_version_gives_the_visa_without_the_dgefp_being_told() -> None:
    """A manager gives the DGEFP a reason for a visa on their own version; a president does not."""
    scene = scenarios.in_negotiation()
    scene.do("propose", scene.president)
    scene.do("accept", scene.officer)
    scene.do("give_visa", scene.manager)
    scene.do("open_signature", scene.manager)
    scene.do("reopen", scene.manager, "Une erreur.")
    scene.do("accept", scene.officer)
    scene.do("ask_president_visa", scene.director)
    scene.do("give_president_visa", scene.president, "Entre nous.")
    assert scene.version.visas.get(by=scene.president).override_reason == ""
    assert not Visa.objects.exclude(override_reason=""), "the DGEFP reads no reason"


def test_the_page_to_sign_lists_the_visas_of_the_services_to_the_services_alone() -> None:
    scene = with_visa_request()
    scene.do("give_president_visa", scene.president)
    scene.do("accept", scene.director)
    scene.do("give_visa", scene.manager)

    def visas(user: User) -> int:
        lines = before_signing(scene.act, capacities(user, scene.act.dossier))
        return sum(line.startswith("Visa") for line in lines)

    assert (visas(scene.signatory), visas(scene.president)) == (1, 0)


# -- Visas given outside ---------------------------------------------------------------------------------------------


def record(scene: Scene, by: Any = None, **more: Any) -> OutsideVisa:
    content = more.pop("content", SCAN)
    return record_outside_visa(
        act=scene.act,
        by=by or scene.officer,
        **{
            "version": scene.version,
            "authority": "SGAR",
            "name": "Camille Exemple",
            "capacity": "adjointe",
            "given_on": dt.date(2026, 10, 15),
            "upload": io.BytesIO(content),
            "upload_name": "visa.pdf",
            "upload_size": len(content),
            **more,
        },
    )


@pytest.mark.parametrize("make", [scenarios.accepted_by_both, scenarios.in_signature])
@pytest.mark.parametrize("role", ["officer", "manager"])
def test_the_lead_service_records_it_once_both_accepted_and_while_it_is_signed(make: Any, role: str) -> None:
    scene = make()
    assert "record_outside_visa" in names(scene, getattr(scene, role))
    before, transitions = content_hash(build_content(scene.act)), names(scene, scene.manager)
    visa = record(scene, getattr(scene, role), comment="Avis favorable.")
    assert (visa.version, visa.recorded_by, visa.file.size) == (scene.version, getattr(scene, role), len(SCAN))
    assert content_hash(build_content(scene.act)) == before == scene.version.content_sha256, (
        "a visa does not change the content"
    )
    assert names(scene, scene.manager) == transitions, "it stops nothing"
    entry = JournalEntry.objects.get(verb="record_outside_visa")
    assert entry.audience == "national" and "SGAR, Camille Exemple" in entry.sentence


def test_the_services_and_the_dgefp_read_it_the_association_does_not(client: Client) -> None:
    scene = scenarios.in_signature()
    visa = record(scene)
    file = reverse("outside-visa-file", args=[scene.number, visa.pk])
    for user in (scene.officer, scene.signatory, make_user("national_reader")):
        assert "Visa extérieur, SGAR" in page(client, scene, user)
        answer = client.get(file)
        assert b"".join(answer.streaming_content) == SCAN
        assert "visa extérieur" in page(client, scene, user, "convention-journal")
    for user in (scene.director, scene.president):
        for name in ("convention-versions", "convention-detail", "convention-documents", "convention-journal"):
            assert "SGAR" not in page(client, scene, user, name)
        assert client.get(file).status_code == 404
        assert not [line for line in lines(client, scene, user) if "SGAR" in line["Événement"]]


@pytest.mark.parametrize(
    ("more", "field", "says"),
    [
        ({"given_on": dt.date(2026, 10, 16)}, "given_on", "futur"),
        ({"given_on": dt.date(2026, 10, 14)}, "given_on", "proposée le 15\u00a0octobre 2026"),
        ({"content": b"MZ not a PDF"}, "upload", "PDF"),
        ({"content": b""}, "upload", "vide"),
    ],
)
def test_a_date_that_can_not_be_and_a_file_that_is_no_pdf_are_refused(more: Any, field: str, says: str) -> None:
    scene = scenarios.accepted_by_both()
    with pytest.raises(ValidationError) as refusal:
        record(scene, **more)
    assert list(refusal.value.message_dict) == [field] and says in refusal.value.message_dict[field][0]
    assert not OutsideVisa.objects.exists()


def test_it_is_recorded_once_on_the_latest_version_by_the_lead_service_alone() -> None:
    scene = scenarios.proposed()
    with pytest.raises(Refused):
        record(scene)
    first = scene.version
    scene.edit()
    scene.do("propose", scene.officer)
    scene.do("accept", scene.director)
    with pytest.raises(Refused, match="version 2 a été proposée entre-temps"):
        record(scene, version=first)
    for user in (scene.signatory, scene.director, make_user("national_admin")):
        with pytest.raises(PermissionDenied):
            record(scene, user)
    record(scene)
    with pytest.raises(ValidationError, match="déjà enregistré"):
        record(scene)
    record(scene, authority="Contrôle budgétaire régional")
    with pytest.raises(Refused):
        record(scenarios.active_convention())


def test_recorded_by_mistake_it_is_withdrawn_with_a_reason_and_stays_in_the_history(client: Client) -> None:
    scene = scenarios.in_signature()
    visa = record(scene)
    with pytest.raises(ValidationError):
        withdraw_outside_visa(visa=visa, reason=" ", by=scene.officer)
    for user in (scene.signatory, scene.president):
        with pytest.raises(PermissionDenied):
            withdraw_outside_visa(visa=visa, reason="Erreur.", by=user)
    client.force_login(scene.manager)
    client.post(reverse("outside-visa-withdraw", args=[scene.number, visa.pk]), {"reason": "Un autre dossier."})
    text = page(client, scene, scene.officer)
    assert "Visa extérieur retiré" in text and "Un autre dossier." in text
    assert JournalEntry.objects.get(verb="outside_visa_withdrawn").audience == "national"
    with pytest.raises(Refused, match="déjà retiré"):
        withdraw_outside_visa(visa=visa, reason="Encore.", by=scene.officer)
    record(scene)  # the correct visa may use the same file


def test_the_database_keeps_an_outside_visa_as_it_was_recorded() -> None:
    scene = scenarios.in_signature()
    rows = OutsideVisa.objects.filter(pk=record(scene).pk)
    for change in (
        rows.delete,
        lambda: rows.update(name="Une autre personne"),
        lambda: rows.update(withdrawn_at=dt.datetime(2026, 10, 15, tzinfo=dt.UTC)),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    withdraw_outside_visa(visa=rows.get(), reason="Erreur.", by=scene.officer)
    with pytest.raises(DatabaseError), transaction.atomic():
        rows.update(withdrawn_reason="Une autre raison.")


def test_a_version_proposed_meanwhile_is_told_and_nothing_typed_is_lost(client: Client) -> None:
    scene = scenarios.proposed()
    scene.edit()
    scene.do("propose", scene.officer)
    scene.do("accept", scene.director)
    client.force_login(scene.officer)
    data = {"version": 1, "authority": "SGAR", "name": "Camille Exemple", "capacity": "adjointe"}
    data |= {"given_on": "15/10/2026", "upload": SimpleUploadedFile("visa.pdf", SCAN)}
    answer = client.post(reverse("outside-visa-add", args=[scene.number]), data)
    text = answer.content.decode()
    assert answer.status_code == 409 and not OutsideVisa.objects.exists()
    assert "La version 2 a été proposée entre-temps" in text and 'value="Camille Exemple"' in text
    assert 'name="version" value="2"' in text


def test_the_page_of_versions_asks_as_much_for_three_visas_as_for_one(client: Client) -> None:
    scene = scenarios.in_signature()
    record(scene)
    page(client, scene, scene.officer)
    with CaptureQueriesContext(connection) as one:
        page(client, scene, scene.officer)
    record(scene, authority="Contrôle budgétaire régional")
    withdraw_outside_visa(visa=record(scene, authority="Préfecture"), reason="Erreur.", by=scene.manager)
    with CaptureQueriesContext(connection) as three:
        page(client, scene, scene.officer)
    assert len(three) == len(one)
