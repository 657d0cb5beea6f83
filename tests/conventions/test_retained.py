"""An open text keeps the values of reference data that it began with, until who has the turn takes the new ones."""

import datetime as dt
import importlib
from io import BytesIO, StringIO
from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from actions.enums import SigningOrder
from actions.models import Account, Objective, Programme
from actions.rows import StoredRows, programme_data
from actions.services import catalogue
from actions.spreadsheet.writing import write_workbook
from arml.models import Organisation
from arml.services import territories, update_organisation
from conventions import workflow
from conventions.agreement import accepting_sides
from conventions.content import retained
from conventions.content.freeze import build_content
from conventions.guards import payments
from conventions.guards.adaptations import last_day
from conventions.guards.signing import next_to_sign
from conventions.guards.versions import version_is_live
from conventions.pages.retained import rows
from conventions.services.retained import take_values
from conventions.text import signing_modes
from conventions.waits import waits_of
from cpo.lib.actor import Actor
from cpo.lib.editing.lock import StaleRevision
from cpo.lib.models import OutboxMessage
from tests.factories import scenarios
from tests.factories.arml import make_user
from tests.factories.conventions import make_act
from tests.factories.scenarios import Scene, later

pytestmark = pytest.mark.django_db

ADDRESS = "au 9, quai du Nouveau"


def move(scene: Scene) -> None:
    """The association changes its address."""
    row = Organisation.objects.get(pk=scene.act.dossier.beneficiary_id)
    update_organisation(
        organisation=row, changes={"address": ADDRESS}, expected_revision=row.revision, by=scene.director
    )


def raise_threshold(scene: Scene) -> None:
    cycle = scene.convention.cycle
    catalogue.update_values(
        cycle=cycle,
        values={"seuil_adaptation": "15 %"},
        signing={},
        expected_revision=cycle.revision,
        by=make_user("national_admin"),
    )


def reword_axis(scene: Scene) -> None:
    axis = scene.convention.cycle.axes.get(number=1)
    catalogue.update_axis(
        axis=axis,
        changes={"label": "Un autre libellé"},
        objectives={},
        expected_revision=axis.revision,
        by=make_user("national_admin"),
    )


def rename_prefect(scene: Scene) -> None:
    row = scene.act.dossier.territories.first()
    territories.update_territory(
        territory=row,
        changes={"prefect_title": "la préfète de l’Exemple"},
        expected_revision=row.revision,
        by=make_user("national_admin"),
    )


def relabel_account(scene: Scene) -> None:
    row = Account.objects.get(code="64")
    catalogue.update_account(
        account=row,
        changes={"label": "Autre libellé"},
        expected_revision=row.revision,
        by=make_user("national_admin"),
    )


CHANGES = [move, raise_threshold, reword_axis, rename_prefect, relabel_account]


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("scene_of", [scenarios.complete_draft, scenarios.accepted_by_both, scenarios.in_signature])
def test_a_changed_value_of_reference_changes_no_text_that_began(change: Any, scene_of: Any) -> None:
    scene = scene_of()
    before = build_content(scene.act)
    change(scene)
    assert build_content(scene.act) == before
    assert Programme.objects.get(pk=scene.act.programme_id).outdated
    assert len(retained.changes(scene.act)) >= 1


@pytest.mark.parametrize("change", CHANGES)
def test_a_text_begun_after_the_change_prints_the_new_value(change: Any) -> None:
    first = scenarios.complete_draft()
    change(first)
    second = scenarios.complete_draft()
    assert retained.changes(second.act) == [] and not second.act.programme.outdated


def test_an_act_after_the_first_takes_the_values_of_the_text_that_it_starts_from() -> None:
    scene = scenarios.active_convention()
    signed = scene.version.content
    for change in CHANGES:
        change(scene)
    opened = later(scene, "annual", year=2026)
    content = build_content(opened.act)
    for name in ("cycle", "axes", "accounts", "territories"):
        assert content[name] == signed[name]
    assert content["parties"] == signed["parties"]
    assert content["values"]["seuil_adaptation"] == signed["values"]["seuil_adaptation"]


def test_an_annual_act_may_change_only_amounts_whatever_the_reference_data_became() -> None:
    from conventions.guards.later import later_act

    scene = scenarios.active_convention()
    for change in CHANGES:
        change(scene)
    opened = later(scene, "annual", year=2026)
    assert not [line.text for line in later_act(opened.act) if "ne peut changer que les montants" in line.text]


def test_taking_a_value_into_account_is_an_edit_which_cancels_acceptances_and_tells_both(mailoutbox: Any) -> None:
    scene = scenarios.proposed()
    move(scene)
    assert accepting_sides(scene.act)
    (change,) = retained.changes(scene.act)
    assert (change.field, change.after) == ("address", ADDRESS)
    OutboxMessage.objects.all().delete()
    revision = scene.act.programme.revision
    assert take_values(act=scene.act, keys=[change.key], by=scene.officer, expected_revision=revision) == 1
    assert not accepting_sides(scene.act)
    assert build_content(scene.act)["values"]["arml_adresse"] == ADDRESS
    assert retained.changes(scene.act) == [] and not Programme.objects.get(pk=scene.act.programme_id).outdated
    recipients = {message.recipient_id for message in OutboxMessage.objects.all()}
    assert {scene.director.pk, scene.officer.pk} <= recipients
    assert list(version_is_live(scene.act))


def test_one_value_may_be_taken_and_another_left() -> None:
    scene = scenarios.complete_draft()
    move(scene)
    raise_threshold(scene)
    key = next(one.key for one in retained.changes(scene.act) if one.field == "address")
    take_values(act=scene.act, keys=[key], by=scene.officer, expected_revision=None)
    values = build_content(scene.act)["values"]
    assert values["arml_adresse"] == ADDRESS and values["seuil_adaptation"] != "15 %"
    assert Programme.objects.get(pk=scene.act.programme_id).outdated


def test_only_who_has_the_turn_takes_a_value_into_account() -> None:
    scene = scenarios.in_negotiation()
    move(scene)
    (change,) = retained.changes(scene.act)
    with pytest.raises(PermissionDenied):
        take_values(act=scene.act, keys=[change.key], by=scene.officer, expected_revision=None)
    signed = scenarios.in_signature()
    move(signed)
    with pytest.raises(PermissionDenied):
        take_values(act=signed.act, keys=[change.key], by=signed.officer, expected_revision=None)


def test_a_value_set_back_meanwhile_is_refused_and_nothing_is_written() -> None:
    scene = scenarios.complete_draft()
    move(scene)
    (change,) = retained.changes(scene.act)
    Organisation.objects.filter(pk=change.row.pk).update(address=change.before)
    with pytest.raises(ValidationError, match="relisez la liste"):
        take_values(act=scene.act, keys=[change.key], by=scene.officer, expected_revision=None)


def test_a_colleague_who_saved_meanwhile_is_not_overwritten() -> None:
    scene = scenarios.complete_draft()
    move(scene)
    (change,) = retained.changes(scene.act)
    revision = scene.act.programme.revision
    scene.edit()
    with pytest.raises(StaleRevision):
        take_values(act=scene.act, keys=[change.key], by=scene.officer, expected_revision=revision)


def test_a_blank_is_not_retained_and_may_be_filled_in_without_taking_it_into_account() -> None:
    act = make_act()
    lead = act.dossier.lead
    assert lead.email == "" and build_content(act)["values"]["contact_donnees_etat"] == ""
    Organisation.objects.filter(pk=lead.pk).update(email="service@exemple.example")
    assert build_content(act)["values"]["contact_donnees_etat"] == "service@exemple.example"
    assert retained.changes(act) == []


def test_an_open_act_follows_the_values_of_the_text_that_came_into_force() -> None:
    """It keeps those that it took into account itself."""
    scene = scenarios.active_convention()
    avenant, annual = later(scene), later(scene, "annual", year=2026)
    for change in (move, raise_threshold, rename_prefect):
        change(scene)
    by_field = {one.field: one.key for one in retained.changes(avenant.act)}
    keys = [by_field["address"], by_field["value"]]
    take_values(act=avenant.act, keys=keys, by=avenant.officer, expected_revision=None)
    avenant.edit()
    scenarios.in_force(avenant)
    values = build_content(annual.act)["values"]
    assert values["seuil_adaptation"].replace("\u00a0", " ") == "15 %" and values["arml_adresse"] == ADDRESS
    assert values["prefet_qualite"] != "la préfète de l’Exemple"


# -- Pages -----------------------------------------------------------------------------------------------------------


def page(user: Any, name: str, *args: Any) -> str:
    client = Client()
    client.force_login(user)
    return client.get(reverse(name, args=args), follow=True).content.decode()


def test_the_synthesis_of_who_writes_leads_to_the_list_of_what_changed() -> None:
    scene = scenarios.in_negotiation()
    assert reverse("retained-values", args=[scene.number]) not in page(
        scene.director, "convention-detail", scene.number
    )
    rename_prefect(scene)
    link = reverse("retained-values", args=[scene.number])
    assert link in page(scene.director, "convention-detail", scene.number)
    assert link not in page(scene.officer, "convention-detail", scene.number)
    text = page(scene.director, "retained-values", scene.number)
    assert "la préfète de l’Exemple" in text and "Titre du préfet" in text


@pytest.mark.parametrize("name", ["programme-detail", "programme-budget", "convention-parties", "convention-values"])
def test_the_pages_of_who_writes_show_what_the_text_prints(name: str) -> None:
    scene = scenarios.in_negotiation()
    for change in CHANGES:
        change(scene)
    text = page(scene.director, name, scene.number)
    for new in ("Un autre libellé", "Autre libellé", ADDRESS, "la préfète de l’Exemple", "15 %"):
        assert new not in text


def test_the_charges_of_a_fiche_have_the_labels_of_the_text() -> None:
    scene = scenarios.in_negotiation()
    Account.objects.update(label="Un autre compte")
    (sheet, *_) = StoredRows(scene.act.programme).sheets
    lines = [*sheet.expenses, *sheet.resources]
    assert lines and "Un autre compte" not in {line.account.label for line in lines}


def test_the_lists_of_the_workbook_have_the_words_of_the_text() -> None:
    scene = scenarios.in_negotiation()
    label = scene.convention.cycle.axes.get(number=1).objectives.first().label
    Objective.objects.update(label="Un autre objectif")
    programme = scene.act.programme
    book = load_workbook(BytesIO(write_workbook(programme, programme_data(StoredRows(programme)), number="X")))
    words = [str(value) for sheet in book for row in sheet.iter_rows(values_only=True) for value in row]
    assert any(label in word for word in words) and not any("Un autre objectif" in word for word in words)


def test_the_form_without_a_choice_says_so_and_with_one_writes_it() -> None:
    scene = scenarios.in_negotiation()
    move(scene)
    (change,) = retained.changes(scene.act)
    client = Client()
    client.force_login(scene.director)
    address = reverse("retained-values", args=[scene.number])
    revision = scene.act.programme.revision
    refused = client.post(address, {"revision": revision})
    assert refused.status_code == 200 and "Cochez au moins une valeur" in refused.content.decode()
    client.post(address, {"revision": revision, "changes": [change.key]})
    assert build_content(scene.act)["values"]["arml_adresse"] == ADDRESS


def test_the_page_of_a_reference_value_says_how_many_open_texts_keep_it() -> None:
    scenarios.active_convention()
    scene = scenarios.in_negotiation()
    admin = make_user("national_admin")
    text = page(admin, "reference-values", scene.convention.cycle.key)
    assert "1 texte en cours garde sa valeur d’aujourd’hui (1 en négociation)" in text
    text = page(admin, "reference-account", "64")
    assert "1 texte en cours garde" in text


def test_an_association_is_not_told_of_a_draft_that_is_not_shared_with_it() -> None:
    scene = scenarios.complete_draft()
    key = scene.act.dossier.beneficiary.key
    assert "Aucun texte en cours" in page(scene.director, "organisation-edit", key)
    scene.do("share", scene.officer)
    assert "1 texte en cours garde" in page(scene.director, "organisation-edit", key)


def test_an_indicator_made_national_stays_as_it_is_in_the_fiches_that_had_it() -> None:
    scene = scenarios.complete_draft()
    sheet = scene.act.programme.sheets.first()
    definition = scene.convention.cycle.indicators.filter(national=False).first()
    sheet.indicators.update(definition_from=definition)
    retained.keep(scene.act)
    admin = make_user("national_admin")
    catalogue.set_national(cycle=scene.convention.cycle, code=definition.code, national=True, by=admin)
    assert not any(row["national"] for one in build_content(scene.act)["sheets"] for row in one["indicators"])
    (change,) = retained.changes(scene.act)
    take_values(act=scene.act, keys=[change.key], by=Actor(None), expected_revision=None)
    assert all(row["national"] for one in build_content(scene.act)["sheets"] for row in one["indicators"])


def test_an_act_begun_before_retains_what_it_prints_today_and_reference_data_rewrites_it_no_more() -> None:
    scene = scenarios.proposed()
    Programme.objects.filter(pk=scene.act.programme_id).update(retained={})
    before = build_content(scene.act)
    call_command("retain_values", stdout=(told := StringIO()))
    assert (told.getvalue().split()[-1], build_content(scene.act)) == ("1.", before)
    reword_axis(scene)
    assert build_content(scene.act) == before
    call_command("retain_values", stdout=(again := StringIO()))
    assert again.getvalue().split()[-1] == "0."


def test_a_signed_act_is_left_alone() -> None:
    scene = scenarios.active_convention()
    retained_before = scene.act.programme.retained
    call_command("retain_values", stdout=StringIO())
    assert scene.act.programme.retained == retained_before


def test_the_ways_to_sign_of_an_act_are_those_that_its_text_retains_until_the_new_ones_are_taken(
    settings: Any,
) -> None:
    settings.SIGNATURE_TRUST_ROOTS = "configured"
    negotiated, signing = scenarios.in_negotiation(), scenarios.in_signature()
    admin = make_user("national_admin")
    cycle = negotiated.convention.cycle
    catalogue.update_values(
        cycle=cycle,
        values={},
        signing={"scan_signature": False},
        expected_revision=cycle.revision,
        by=admin,
    )
    assert signing_modes.of(signing.act) == (True, True, True)
    assert workflow.ACT.attempt("record_signature", signing.act, signing.manager)
    passage = "variante_mode_signature"
    assert build_content(negotiated.act)["variants"][passage].startswith("Signé par chaque partie")
    change = next(row for row in retained.changes(negotiated.act) if row.field == "scan_signature")
    shown = rows([change])[0]
    assert (shown["label"].startswith("Original signé sur papier"), shown["before"], shown["after"]) == (
        True,
        "oui",
        "non",
    )
    who = negotiated.officer if negotiated.act.turn == "state" else negotiated.director
    take_values(act=negotiated.act, keys=[change.key], by=who, expected_revision=negotiated.act.programme.revision)
    assert signing_modes.of(negotiated.act) == (True, False, True)
    assert build_content(negotiated.act)["variants"][passage].startswith("Signé électroniquement")


def change_signing(cycle: Any, **signing: Any) -> None:
    cycle.refresh_from_db()
    admin = make_user("national_admin")
    catalogue.update_values(cycle=cycle, values={}, signing=signing, expected_revision=cycle.revision, by=admin)


def test_the_order_of_the_signatures_of_an_act_is_the_one_that_its_text_retains_until_the_new_one_is_taken() -> None:
    negotiated, signing = scenarios.in_negotiation(), scenarios.in_signature()
    cycle = negotiated.convention.cycle
    change_signing(cycle, signing_order="state")
    assert {party.role for party in next_to_sign(signing.act)} == {"lead", "beneficiary"}, "in any order, as agreed"
    waited = [wait.key for wait in waits_of(signing.act) if wait.kind == "signature"]
    assert len(waited) == 2
    assert workflow.ACT.attempt("sign", signing.act, signing.president)
    change = next(row for row in retained.changes(negotiated.act) if row.field == "signing_order")
    (shown,) = rows([change])
    assert (shown["label"].startswith("Ordre des signatures"), shown["before"], shown["after"]) == (
        True,
        SigningOrder.FREE.label,
        SigningOrder.STATE_FIRST.label,
    )
    assert signing_modes.order(negotiated.act) == SigningOrder.FREE
    who = negotiated.officer if negotiated.act.turn == "state" else negotiated.director
    take_values(act=negotiated.act, keys=[change.key], by=who, expected_revision=negotiated.act.programme.revision)
    assert signing_modes.order(negotiated.act) == SigningOrder.STATE_FIRST
    assert signing_modes.order(scenarios.complete_draft().act) == SigningOrder.STATE_FIRST, "what begins now"


def test_an_act_after_the_first_keeps_the_order_of_the_text_that_it_starts_from() -> None:
    scene = scenarios.active_convention()
    change_signing(scene.convention.cycle, signing_order="beneficiary")
    assert signing_modes.order(later(scene).act) == SigningOrder.FREE


def test_an_act_opened_before_the_order_was_retained_keeps_the_one_of_the_day_of_the_migration() -> None:
    scene = scenarios.in_signature()
    programme = scene.act.programme
    del programme.retained["cycle"][str(programme.cycle_id)]["signing_order"]
    programme.save()
    migration = importlib.import_module("conventions.migrations.0032_retained_signing_order")
    migration.retain_order(apps, None)
    change_signing(scene.convention.cycle, signing_order="state")
    assert signing_modes.order(scene.act) == SigningOrder.FREE


def test_the_guards_read_what_the_text_prints_not_what_the_cycle_became() -> None:
    """The last day of an adaptation (article 3.4) and the ceiling of an advance (article 5.2)."""
    scene = scenarios.complete_draft()
    before = (last_day(scene.act, 2026), payments.ceiling(scene.act))
    cycle = scene.convention.cycle
    catalogue.update_values(
        cycle=cycle,
        values={"date_limite_adaptation": "1er mars", "taux_avance_max": "20 %"},
        signing={},
        expected_revision=cycle.revision,
        by=make_user("national_admin"),
    )
    assert (last_day(scene.act, 2026), payments.ceiling(scene.act)) == before == (dt.date(2026, 7, 1), 50)
    keys = [change.key for change in retained.changes(scene.act)]
    take_values(act=scene.act, keys=keys, by=scene.officer, expected_revision=None)
    assert (last_day(scene.act, 2026), payments.ceiling(scene.act)) == (dt.date(2026, 3, 1), 20)
