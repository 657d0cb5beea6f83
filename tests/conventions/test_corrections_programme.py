"""The correction of a paper original reaches the indicators, their targets, the axis and the years of a fiche."""

import datetime as dt
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from actions.models import SheetIndicator
from actions.services import TargetData, set_indicators, stored_indicator
from conventions.effects import corrected_indicators as indicators
from conventions.later import typed
from cpo.lib.models import JournalEntry
from reporting.models import RecordCheck
from reporting.services.taking_over import answer_record
from tests.access import places
from tests.access.html import form_data
from tests.factories.scenarios import Scene, later

from .test_corrections import correct
from .test_corrections_rows import change

pytestmark = pytest.mark.django_db


def sheet_of(scene: Scene) -> Any:
    return scene.act.programme.sheets.get()


def indicator_of(scene: Scene) -> SheetIndicator:
    row: SheetIndicator = sheet_of(scene).indicators.first()
    return row


def own_indicator(scene: Scene) -> Any:
    """An indicator of the convention alone, added as the original has it."""
    wording = {"label": "Réunions tenues", "unit": "nb", "direction": "hausse", "type": "realisation", "definition": ""}
    targets = {2025: TargetData(number=3), 2026: TargetData(number=4)}
    change(scene, indicators.NewIndicator(sheet_of(scene).key, wording, "2", "Registre", targets))
    return sheet_of(scene).indicators.get(label="Réunions tenues")


def frozen(scene: Scene) -> Any:
    (sheet,) = scene.version.content["sheets"]
    return sheet


def test_targets_and_the_wording_of_an_indicator_are_corrected_and_the_association_confirms_again() -> None:
    scene = places.recorded()
    row = own_indicator(scene)
    answer_record(convention=scene.convention, answer="confirmed", by=scene.director)
    first = scene.version
    values = {
        f"label-{row.key}": "Réunions d’équipe",
        f"baseline-{row.key}": "1",
        f"cible-2025-{row.key}": "5,5",
        f"cible-2026-{row.key}": "",
        f"cible-2027-{row.key}": "sans objet",
    }
    correct(scene, values, reason="Une colonne sautée.")
    stored = stored_indicator(SheetIndicator.objects.get(pk=row.pk))
    assert (stored.label, stored.baseline) == ("Réunions d’équipe", "1")
    assert {year: (one.number, one.not_applicable) for year, one in stored.targets.items()} == {
        2025: (5.5, False),
        2027: (None, True),
    }
    now = next(one for one in frozen(scene)["indicators"] if one["key"] == str(row.key))
    assert now["label"] == "Réunions d’équipe" and first.content != scene.version.content
    entry = JournalEntry.objects.filter(verb="correct_record").latest("pk")
    for words in (
        "Une colonne sautée.",
        "cible 2025\u00a0: 3 → 5,5",
        "cible 2026\u00a0: 4 → vide",
        "vide → sans objet",
    ):
        assert words in entry.comment
    assert RecordCheck.objects.get(convention=scene.convention).answer == ""
    assert scene.act.programme.frozen


def test_a_target_that_its_unit_does_not_take_is_told_beside_its_field_with_all_the_others() -> None:
    scene = places.recorded()
    row = own_indicator(scene)
    with pytest.raises(ValidationError) as error:
        correct(scene, {f"cible-2025-{row.key}": "cinq", f"cible-2026-{row.key}": "-1"})
    assert set(error.value.message_dict) == {f"cible-2025-{row.key}", f"cible-2026-{row.key}"}
    with pytest.raises(ValidationError) as error:
        correct(scene, {f"unit-{row.key}": "oui/non"})
    assert set(error.value.message_dict) == {f"cible-2025-{row.key}", f"cible-2026-{row.key}"}, "3 is no yes"
    correct(scene, {f"unit-{row.key}": "oui/non", f"cible-2025-{row.key}": "oui", f"cible-2026-{row.key}": "non"})
    assert stored_indicator(indicator_of_label(scene, "Réunions tenues")).targets[2025].text == "oui"


def indicator_of_label(scene: Scene, label: str) -> SheetIndicator:
    row: SheetIndicator = sheet_of(scene).indicators.get(label=label)
    return row


def test_a_national_indicator_keeps_the_wording_of_the_catalogue_and_takes_other_targets() -> None:
    scene = places.recorded()
    national = scene.convention.cycle.indicators.first()
    type(national).objects.filter(pk=national.pk).update(national=True)
    change(scene, indicators.NewIndicator(sheet_of(scene).key, {}, definition_from=national))
    row = indicator_of_label(scene, national.label)
    names = {name for name in typed.lines(scene.act) if name.endswith(str(row.key))}
    assert names == {f"{name}-{row.key}" for name in ("baseline", "source", "cible-2025", "cible-2026", "cible-2027")}


def test_the_axis_of_a_fiche_is_corrected_with_its_objective() -> None:
    scene = places.recorded()
    sheet = sheet_of(scene)
    axis = scene.convention.cycle.axes.exclude(pk=sheet.axis_id).first()
    objective = sheet.axis.objectives.first()
    correct(scene, {f"objective-{sheet.key}": str(objective.pk)})
    with pytest.raises(ValidationError) as error:
        correct(scene, {f"axis-{sheet.key}": str(axis.pk)})
    assert set(error.value.message_dict) == {f"objective-{sheet.key}"}
    assert sheet_of(scene).axis_id == sheet.axis_id, "nothing is written"
    correct(scene, {f"axis-{sheet.key}": str(axis.pk), f"objective-{sheet.key}": ""})
    assert (sheet_of(scene).axis, sheet_of(scene).objective) == (axis, None)
    assert frozen(scene)["axis"] == axis.number
    entry = JournalEntry.objects.filter(verb="correct_record").latest("pk")
    assert f"{sheet.axis} → {axis}" in entry.comment


def test_the_years_of_a_fiche_keep_what_is_typed_for_them_and_the_term_keeps_the_targets() -> None:
    scene = places.recorded()
    sheet = sheet_of(scene)
    with pytest.raises(ValidationError) as error:
        correct(scene, {f"first_year-{sheet.key}": "2026"})
    assert set(error.value.message_dict) == {f"first_year-{sheet.key}"}, "2025 has amounts and targets"
    with pytest.raises(ValidationError) as error:
        correct(scene, {f"last_year-{sheet.key}": "2028"})
    assert set(error.value.message_dict) == {f"last_year-{sheet.key}"}, "beyond the term"
    correct(scene, {"ends_on": dt.date(2028, 6, 30), f"last_year-{sheet.key}": "2028"})
    assert sheet_of(scene).last_year == 2028
    row = own_indicator(scene)
    correct(scene, {f"cible-2028-{row.key}": "9", f"starts_on-{sheet.key}": dt.date(2025, 3, 1)})
    assert frozen(scene)["starts_on"] == "2025-03-01"
    with pytest.raises(ValidationError) as error:
        correct(scene, {"ends_on": dt.date(2027, 12, 31)})
    assert set(error.value.message_dict) == {"ends_on"}
    correct(scene, {f"cible-2028-{row.key}": "", f"last_year-{sheet.key}": "2027"})
    correct(scene, {"ends_on": dt.date(2027, 12, 31)})
    assert (scene.act.ends_on, scene.act.programme.term_year) == (dt.date(2027, 12, 31), 2027)


def test_the_day_the_object_and_the_condition_of_a_payment_are_corrected() -> None:
    scene = places.recorded()
    row = scene.act.instalments.filter(year=2026).first()
    assert row is not None
    name = f"2026-{row.rank}"
    correct(scene, {f"label-{name}": "Avance", f"due_on-{name}": dt.date(2026, 3, 2), f"condition-{name}": "Budget."})
    row.refresh_from_db()
    assert (row.label, row.due_on, row.condition) == ("Avance", dt.date(2026, 3, 2), "Budget.")
    with pytest.raises(ValidationError) as error:
        correct(scene, {f"due_on-{name}": dt.date(2028, 1, 1)})
    assert set(error.value.message_dict) == {f"due_on-{name}"}


def test_an_indicator_is_added_and_removed_in_the_acts_that_started_from_the_original() -> None:
    first = places.recorded()
    paper = later(first, "paper", effective_on=dt.date(2026, 3, 1))
    places.give_original(paper, dt.date(2026, 2, 1))
    paper.do("record_paper", paper.officer)
    ours = later(Scene(first.convention))
    row = own_indicator(first)
    for scene in (first, paper, ours):
        assert indicator_of_label(scene, "Réunions tenues").key == row.key
    correct(first, {f"cible-2026-{row.key}": "40"})
    assert stored_indicator(indicator_of_label(ours, "Réunions tenues")).targets[2026].number == 40
    sheet = sheet_of(ours)
    mine = [stored_indicator(one) for one in sheet.indicators.all()]
    changed = [one if one.key != row.key else stored_indicator_with(one, "À elle") for one in mine]
    set_indicators(sheet=sheet, by=ours.officer, expected_revision=None, indicators=changed)
    removal = indicators.IndicatorRemoved(row)
    with pytest.raises(ValidationError, match="modifie cet indicateur"):
        change(first, removal)
    set_indicators(sheet=sheet, by=ours.officer, expected_revision=None, indicators=mine)
    change(first, removal, reason="Il n’y est pas.")
    for scene in (first, paper, ours):
        assert not sheet_of(scene).indicators.filter(key=row.key).exists()
    assert "Réunions tenues" in JournalEntry.objects.filter(verb="correct_record").latest("pk").comment


def stored_indicator_with(one: Any, source: str) -> Any:
    return type(one)(**{**vars(one), "source": source})


def test_what_cannot_be_added_to_a_fiche_is_said_beside_its_field() -> None:
    scene = places.recorded()
    row = own_indicator(scene)
    wording = {"label": row.label, "unit": "nb"}
    new = indicators.NewIndicator
    for one, field in (
        (new(sheet_of(scene).key, wording), "label"),
        (new(sheet_of(scene).key, {"label": "x" * 201, "unit": "nb"}), "label"),
        (
            new(sheet_of(scene).key, {"label": "Autre", "unit": "nb"}, targets={2028: TargetData(number=1)}),
            "target_2028",
        ),
    ):
        with pytest.raises(ValidationError) as error:
            change(scene, one)
        assert set(error.value.message_dict) == {field}


def test_the_page_of_a_fiche_saves_only_what_changed_and_asks_about_more_than_the_whole(client: Client) -> None:
    scene = places.recorded()
    rate = {"label": "Taux de présence", "unit": "%", "direction": "hausse", "type": "resultat"}
    key = sheet_of(scene).key
    change(scene, indicators.NewIndicator(key, rate, targets={2025: TargetData(number=80)}))
    row = indicator_of_label(scene, "Taux de présence")
    client.force_login(scene.officer)
    page = f"{reverse('record-correct', args=[scene.number])}?endroit={key}"
    html = client.get(page).content.decode()
    same = client.post(page, form_data(html, "reason", reason="Rien."))
    assert "Aucune valeur n’a changé" in same.content.decode(), "« 80 » is the target that is stored"
    asked = client.post(page, form_data(html, "reason", reason="Oui.", **{f"cible-2025-{row.key}": "185"}))
    assert "plus de 100" in asked.content.decode() and "id_confirm_error" in asked.content.decode()
    values = {f"cible-2025-{row.key}": "85 %", f"title-{key}": "Un autre titre"}
    assert client.post(page, form_data(html, "reason", reason="Mal lu.", **values)).status_code == 302
    assert stored_indicator(SheetIndicator.objects.get(pk=row.pk)).targets[2025].number == 85
    adding = f"{reverse('record-correct-row', args=[scene.number, 'indicateur'])}?endroit={key}"
    html = client.get(adding).content.decode()
    wrong = client.post(adding, form_data(html, "reason", label="", unit="nb", target_2025="beaucoup", reason="Oubli."))
    assert "id_label_error" in wrong.content.decode() and "id_target_2025_error" in wrong.content.decode()
    data = form_data(html, "reason", label="Un de plus", unit="nb", target_2025="3", reason="Oubli.")
    assert client.post(adding, data).status_code == 302
    removal = f"{reverse('record-correct-row', args=[scene.number, 'retirer-indicateur'])}?endroit={row.pk}"
    html = client.get(removal).content.decode()
    assert client.post(removal, form_data(html, "reason", reason="De trop.")).status_code == 302
    assert {one.label for one in sheet_of(scene).indicators.all()} >= {"Un de plus"}
    assert not sheet_of(scene).indicators.filter(pk=row.pk).exists()
    assert client.get(removal).status_code == 404
