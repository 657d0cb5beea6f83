"""A date that the text prints is typed once, with its pièce; the text, the page and annex IV give the same."""

import datetime as dt
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from arml.models import Attachment, AttachmentKind
from conventions import workflow
from conventions.content.freeze import build_content
from conventions.models import Act
from conventions.services.pieces import may_add
from conventions.services.texts import editable_variables, set_values
from conventions.text.dating import dates_printed
from tests.conventions.guarded import at
from tests.factories import scenarios
from tests.factories.conventions import give, make_act, member
from tests.factories.scenarios import Scene

pytestmark = pytest.mark.django_db
NB = "\u00a0"
PRINTED = f"17{NB}juillet 2025"
DECISION = "deliberation_autorisation"


def kind(key: str) -> AttachmentKind:
    return AttachmentKind.objects.get(key=key)


def typed(act: Act, **values: str) -> None:
    Act.objects.filter(pk=act.pk).update(values=act.values | values)


def names(act: Act) -> set[str]:
    return {variable.name for variable in editable_variables(act)}


def page(client: Client, scene: Scene, user: Any) -> str:
    client.force_login(user)
    return client.get(reverse("convention-values", args=[scene.number])).content.decode()


def test_the_text_prints_the_date_of_the_piece() -> None:
    scene = scenarios.complete_draft()
    typed(scene.act, date_deliberation="2025-07-11", date_demande_subvention="")
    values = build_content(scene.act)["values"]
    assert (values["date_deliberation"], values["date_demande_subvention"]) == (PRINTED, f"12{NB}juin 2025")


def test_the_newest_piece_gives_the_date() -> None:
    scene = scenarios.complete_draft()
    former = scene.act.dossier.attachments.get(kind__key=DECISION)
    Attachment.objects.create(
        dossier=scene.act.dossier, kind=kind(DECISION), file=former.file, dated=dt.date(2025, 9, 1), replaces=former,
        added_by=former.added_by, added_at=former.added_at,
    )  # fmt: skip
    assert build_content(scene.act)["values"]["date_deliberation"] == f"1er{NB}septembre 2025"


def test_the_page_shows_the_date_of_the_piece_and_does_not_ask_for_it(client: Client) -> None:
    scene = scenarios.complete_draft()
    html = page(client, scene, scene.officer)
    assert "id_date_deliberation" not in html
    assert PRINTED in html and f"#piece-{DECISION}" in html


def test_who_only_reads_the_page_reads_that_date_too(client: Client) -> None:
    scene = scenarios.proposed()  # the State has the turn
    assert PRINTED in page(client, scene, scene.director)


def test_a_date_that_contradicts_its_piece_is_shown_to_be_emptied(client: Client) -> None:
    scene = scenarios.complete_draft()
    typed(scene.act, date_deliberation="2025-07-11")
    html = page(client, scene, scene.officer)
    assert "id_date_deliberation" in html
    assert f"La pièce déposée porte une autre date, qui s’imprime{NB}: {PRINTED}" in html
    set_values(act=scene.act, values={"date_deliberation": ""}, by=scene.officer, expected_revision=None)
    assert "date_deliberation" not in names(scene.act)


def test_a_date_is_not_typed_against_its_piece() -> None:
    scene = scenarios.complete_draft()
    with pytest.raises(ValidationError) as error:
        set_values(act=scene.act, values={"date_deliberation": "2025-07-18"}, by=scene.officer, expected_revision=None)
    assert "Videz ce champ, ou remplacez la pièce" in error.value.message_dict["date_deliberation"][0]
    set_values(act=scene.act, values={"date_deliberation": "2025-07-17"}, by=scene.officer, expected_revision=None)


def test_a_date_typed_before_its_piece_is_given_is_printed() -> None:
    act = make_act()
    set_values(act=act, values={"date_deliberation": "2025-07-11"}, by=member(act, "officer"), expected_revision=None)
    assert build_content(act)["values"]["date_deliberation"] == f"11{NB}juillet 2025"
    assert "date_deliberation" in names(act)


def test_a_contradiction_stops_the_acceptance() -> None:
    scene = scenarios.proposed()
    typed(scene.act, date_deliberation="2025-07-11")
    option = workflow.ACT.attempt("accept", scene.act, scene.officer)
    assert at(scene, "convention-values#id_date_deliberation") in {line.url for line in option.blocking}


def test_the_piece_that_dates_the_text_is_content_while_it_is_written() -> None:
    scene = scenarios.accepted_by_both()
    revision = scene.act.programme.revision
    give(scene.act, kind("demande_subvention"))
    assert scene.act.programme.revision == revision + 1
    assert not scene.version.acceptances.filter(cancelled_at=None).exists()


def test_who_has_not_the_turn_does_not_date_the_text() -> None:
    scene = scenarios.proposed()
    assert may_add(scene.director, scene.act, kind("demande_subvention")) is None


def test_a_signed_text_is_not_dated_any_more_so_its_pieces_may_come() -> None:
    scene = scenarios.active_convention()
    assert may_add(scene.director, scene.act, kind("demande_subvention"))


def test_the_form_of_a_delegation_knows_what_its_record_says(client: Client) -> None:
    scene = scenarios.complete_draft()
    client.force_login(scene.officer)
    form = client.get(reverse("attachment-add", args=[scene.number, "delegation_signature_etat"])).context["form"]
    assert form["dated"].value() == dt.date(2025, 1, 2)


def test_a_later_act_keeps_the_dates_of_the_text_that_it_changes() -> None:
    scene = scenarios.with_later_act()
    Attachment.objects.filter(kind__key=DECISION).update(dated=dt.date(2026, 9, 1))
    act = scene.act
    assert act.number == 1
    assert build_content(act)["values"]["date_deliberation"] == PRINTED


def test_a_later_act_keeps_a_date_that_only_the_piece_gave() -> None:
    scene = scenarios.complete_draft()
    typed(scene.act, date_deliberation="")
    assert dates_printed(build_content(scene.act)) == {
        "date_deliberation": "2025-07-17",
        "date_demande_subvention": "2025-06-12",
    }
