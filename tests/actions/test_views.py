"""The pages of a programme: who may see and edit them, the refusals, the number of queries."""

import re
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from actions import services
from actions.models import ExampleSheet, Programme, Sheet
from arml.models import User
from conventions.models import Act
from conventions.services import threads
from tests.access.html import form_data
from tests.factories import scenarios
from tests.factories.actions import SheetFactory, SheetIndicatorFactory, fill_sheet
from tests.factories.arml import make_user
from tests.factories.conventions import member

pytestmark = pytest.mark.django_db

EDIT_PAGES = ["sheet-edit", "sheet-indicators", "sheet-delete"]
BUDGET_PAGES = ["sheet-budget"]
PAGES = ["sheet-detail", *EDIT_PAGES, *BUDGET_PAGES]
WHOLE = ["programme-detail", "programme-print", "programme-budget"]
WHOLE_EDIT = ["sheet-create", "sheet-from-example"]


def login(client: Client, user: User) -> Client:
    client.force_login(user)
    return client


def address(act: Act, name: str, sheet: Sheet | None = None) -> str:
    kwargs = {"number": act.convention.number} | ({"key": sheet.key} if sheet else {})
    return reverse(name, kwargs=kwargs)


def stored(sheet: Sheet) -> Sheet:
    return Sheet.objects.get(pk=sheet.pk)


def revision(act: Act) -> int:
    return Programme.objects.get(pk=act.programme_id).revision


# -- Who sees, who edits -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [*PAGES, *WHOLE, *WHOLE_EDIT, "programme-structure"])
def test_others_dossiers_do_not_exist(client: Client, act: Act, sheet: Sheet, name: str) -> None:
    login(client, make_user("director"))
    assert client.get(address(act, name, sheet if name in PAGES else None)).status_code == 404


def test_a_sheet_of_another_programme_does_not_exist(client: Client, act: Act) -> None:
    other = SheetFactory()
    login(client, member(act, "director"))
    assert client.get(address(act, "sheet-detail", other)).status_code == 404


@pytest.mark.parametrize("role", ["director", "president"])
@pytest.mark.parametrize("name", [*PAGES, *WHOLE, *WHOLE_EDIT, "programme-structure"])
def test_the_association_edits_when_it_has_the_turn(
    client: Client, act: Act, sheet: Sheet, role: str, name: str
) -> None:
    login(client, member(act, role))
    assert client.get(address(act, name, sheet if name in PAGES else None)).status_code == 200


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("sheet-budget", 200),
        ("programme-structure", 200),
        ("sheet-edit", 403),
        ("sheet-indicators", 403),
        ("sheet-create", 403),
    ],
)
def test_accountant_edits_budgets_but_not_texts(client: Client, act: Act, sheet: Sheet, name: str, status: int) -> None:
    login(client, make_user("accountant", act.dossier.beneficiary))
    assert (
        client.get(
            address(act, name, sheet if name.startswith("sheet") and name != "sheet-create" else None)
        ).status_code
        == status
    )


@pytest.mark.parametrize("role", ["officer", "manager", "signatory"])
def test_the_state_only_reads_when_it_has_not_the_turn(client: Client, act: Act, sheet: Sheet, role: str) -> None:
    login(client, member(act, role))
    page = client.get(address(act, "programme-detail"))
    assert "Lecture seule" in page.content.decode()
    assert "Prendre dans les exemples" not in page.content.decode()
    response = client.get(address(act, "sheet-edit", sheet))
    assert response.status_code == 403
    assert "La main est à" in response.content.decode()


def test_a_post_is_refused_like_the_page(client: Client, act: Act, sheet: Sheet) -> None:
    login(client, member(act, "officer"))
    for name in (*EDIT_PAGES, *BUDGET_PAGES, "sheet-duplicate", "sheet-move"):
        assert client.post(address(act, name, sheet), {"direction": "up"}).status_code == 403
    assert Sheet.objects.count() == 1


def test_the_page_to_print_holds_every_fiche_whole(client: Client, act: Act, sheet: Sheet) -> None:
    other = fill_sheet(SheetFactory(programme=act.programme, title="Une autre action", description="Ce qui est fait."))
    login(client, member(act, "director"))
    page = client.get(address(act, "programme-print")).content.decode()
    for one in (sheet, other):
        assert f"{one.code} – {one.title}" in page and f'id="budget-{one.key}"' in page
    assert "Ce qui est fait." in page and other.indicators.get().label in page
    assert f'id="t-budget-{other.key}"' in page
    assert f"t-budget-{sheet.key}" not in page, "there is no table without amounts"


# -- Examples ------------------------------------------------------------------------------------------------------


def test_an_empty_programme_offers_the_examples(client: Client, act: Act) -> None:
    login(client, member(act, "director"))
    assert "Prendre dans les exemples" in client.get(address(act, "programme-detail")).content.decode()
    page = client.get(address(act, "sheet-from-example")).content.decode()
    assert page.count('name="examples"') == 21


def test_examples_become_sheets(client: Client, act: Act) -> None:
    login(client, member(act, "director"))
    examples = ExampleSheet.objects.filter(code__in=["1-A", "3-A"])
    client.post(address(act, "sheet-from-example"), {"examples": [row.pk for row in examples]})
    assert [row.code for row in act.programme.sheets.all()] == ["1-A", "3-A"]
    nothing = client.post(address(act, "sheet-from-example"), {})
    assert "Choisissez au moins un exemple." in nothing.content.decode()


# -- Texts ---------------------------------------------------------------------------------------------------------


def texts(sheet: Sheet, **changes: Any) -> dict[str, Any]:
    return {
        "revision": sheet.programme.revision,
        "axis": sheet.axis_id,
        "code": sheet.code,
        "title": sheet.title,
        "nature": sheet.nature,
        "first_year": sheet.first_year,
        "last_year": sheet.last_year,
        "description": sheet.description,
    } | changes


def test_a_sheet_is_written_then_completed(client: Client, act: Act) -> None:
    login(client, member(act, "director"))
    axis = act.programme.cycle.axes.get(number=2)
    answer = client.post(
        address(act, "sheet-create"),
        {"axis": axis.pk, "title": "Réunions", "nature": "nouvelle", "first_year": 2026, "last_year": 2027},
    )
    sheet = Sheet.objects.get()
    assert (sheet.code, sheet.years) == ("2-A", [2026, 2027])
    assert answer.url == address(act, "sheet-edit", sheet)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"title": ""}, "Ce champ est obligatoire"),
        ({"code": "1-B"}, "Ce code est déjà celui d’une autre fiche"),
        ({"fte": "beaucoup"}, "n’est pas un nombre"),
        ({"fte": "-1"}, "supérieure ou égale à 0"),
        ({"starts_on": "2026-03-01", "ends_on": "2025-03-01"}, "La date de fin doit suivre la date de début"),
        ({"starts_on": "32/01/2025"}, "n’est pas une date"),
        ({"starts_on": "2024-01-01"}, "hors des années de l’action"),
        ({"first_year": "2027", "last_year": "2026"}, "La dernière année ne peut pas précéder la première"),
        ({"objective": "other"}, "Cet objectif n’est pas de l’axe 1"),
    ],
)
def test_a_wrong_text_is_said_beside_its_field_and_kept(
    client: Client, act: Act, sheet: Sheet, changes: dict[str, str], message: str
) -> None:
    SheetFactory(programme=act.programme, code="1-B")
    if changes.get("objective"):
        changes = {"objective": str(act.programme.cycle.axes.get(number=3).objectives.first().pk)}
    login(client, member(act, "director"))
    page = client.post(address(act, "sheet-edit", sheet), texts(sheet, steps="Étape à garder", **changes))
    content = page.content.decode()
    assert page.status_code == 200
    assert message in content
    assert 'aria-invalid="true"' in content
    assert "Étape à garder" in content
    assert stored(sheet).steps == ""
    for name in changes.keys() - {"objective", "first_year", "last_year"}:
        assert page.context["form"][name].value() == changes[name]


# -- Newer revisions -----------------------------------------------------------------------------------------------


def test_a_change_elsewhere_does_not_stop_a_saving(client: Client, act: Act, sheet: Sheet) -> None:
    page = login(client, member(act, "director")).get(address(act, "sheet-edit", sheet))
    other = SheetFactory(programme=act.programme)
    services.update_sheet(sheet=other, by=member(act, "president"), expected_revision=None, title="Ailleurs")
    data = form_data(page.content.decode(), "title", title="Ici")
    assert client.post(address(act, "sheet-edit", sheet), data).status_code == 302
    assert (stored(sheet).title, stored(other).title) == ("Ici", "Ailleurs")


def test_saving_a_fiche_leaves_the_ends_of_the_lines_as_they_were(client: Client, act: Act, sheet: Sheet) -> None:
    """A browser sends CR LF at the end of lines. Without a conversion, the next version would differ."""
    Sheet.objects.filter(pk=sheet.pk).update(human_means="Deux personnes\nUne direction")
    login(client, member(act, "director"))
    page = client.get(address(act, "sheet-edit", sheet)).content.decode()
    data = form_data(page, "title", human_means="Deux personnes\r\nUne direction")
    assert client.post(address(act, "sheet-edit", sheet), data).status_code == 302
    assert stored(sheet).human_means == "Deux personnes\nUne direction"


@pytest.mark.parametrize("revision_value", ["", "abc", "999999"])
def test_a_form_without_its_revision_overwrites_nothing(
    client: Client, act: Act, sheet: Sheet, revision_value: str
) -> None:
    login(client, member(act, "director"))
    page = client.post(address(act, "sheet-edit", sheet), texts(sheet, revision=revision_value, title="Autre"))
    assert page.status_code == 409
    assert stored(sheet).title == "Appui"


# -- Indicators ----------------------------------------------------------------------------------------------------


def indicators(*rows: dict[str, Any], initial: int = 0, **extra: Any) -> dict[str, Any]:
    data = {"ind-TOTAL_FORMS": len(rows), "ind-INITIAL_FORMS": initial, **extra}
    base = {"unit": "nb", "direction": "hausse", "type": "realisation"}
    for index, row in enumerate(rows):
        data |= {f"ind-{index}-{name}": value for name, value in (base | row).items()}
    return data


def test_indicators_are_saved_with_targets_or_not_applicable(client: Client, act: Act, sheet: Sheet) -> None:
    login(client, member(act, "director"))
    row = {"label": "Séances", "baseline": "34", "target_2025": "1 234,5", "na_2026": "on", "target_2027": ""}
    answer = client.post(
        address(act, "sheet-indicators", sheet), indicators(row, revision=revision(act), evaluation_method="Émargement")
    )
    assert answer.status_code == 302
    indicator = sheet.indicators.get()
    assert {t.year: (t.number, t.not_applicable) for t in indicator.targets.all()} == {
        2025: (Decimal("1234.50"), False),
        2026: (None, True),
    }
    assert stored(sheet).evaluation_method == "Émargement"


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"target_2025": "beaucoup"}, "n’est pas un nombre"),
        ({"target_2025": "-3"}, "ne peut pas être négative"),
        ({"target_2025": "1,234"}, "au plus deux chiffres après la virgule"),
        ({"unit": "note/5", "target_2025": "6"}, "Une note va de 0 à 5"),
        ({"unit": "oui/non", "target_2025": "12"}, "Écrivez «\u00a0oui\u00a0» ou «\u00a0non\u00a0»"),
        ({"target_2025": "12", "na_2025": "on"}, "décochez «\u00a0sans objet\u00a0»"),
        ({"label": "", "target_2025": "12"}, "Ce champ est obligatoire"),
    ],
)
def test_a_wrong_target_is_said_beside_its_field_and_kept(
    client: Client, act: Act, sheet: Sheet, row: dict[str, str], message: str
) -> None:
    login(client, member(act, "director"))
    data = indicators({"label": "Séances", "source": "À garder"} | row, revision=revision(act))
    page = client.post(address(act, "sheet-indicators", sheet), data)
    assert page.status_code == 200
    assert message in page.content.decode()
    assert "À garder" in page.content.decode()
    assert page.context["formset"].forms[0]["target_2025"].value() == row["target_2025"]
    assert not sheet.indicators.exists()


@pytest.mark.parametrize(
    ("unit", "target", "asks"),
    [("%", "100", False), ("%", "100,01", True), ("%", "185 %", True), ("nb", "185", False), ("%", "-5", False)],
)
def test_a_target_of_a_rate_above_a_hundred_is_asked_about(
    client: Client, act: Act, sheet: Sheet, unit: str, target: str, asks: bool
) -> None:
    login(client, member(act, "director"))
    row = {"label": "Présence", "unit": unit, "target_2026": target}
    answer = client.post(address(act, "sheet-indicators", sheet), indicators(row, revision=revision(act)))
    assert answer.status_code == (200 if asks else 302)
    if asks:
        page = answer.content.decode()
        assert 'href="#id_ind-0-confirm"' in page and 'name="ind-0-confirm"' in page
        assert "Cible de plus de 100\u00a0%" in page and "en 2026" in page
        assert not sheet.indicators.exists()
        confirmed = indicators(row | {"confirm": "on"}, revision=revision(act))
        assert client.post(address(act, "sheet-indicators", sheet), confirmed).status_code == 302
    assert sheet.indicators.get().targets.get().year == 2026


def test_a_confirmed_target_is_not_asked_about_again_but_another_is(client: Client, act: Act, sheet: Sheet) -> None:
    login(client, member(act, "director"))
    page = address(act, "sheet-indicators", sheet)
    row = {"label": "Présence", "unit": "%", "target_2026": "185", "confirm": "on"}
    client.post(page, indicators(row, revision=revision(act)))
    assert 'name="ind-0-confirm"' not in client.get(page).content.decode()
    again = row | {"key": str(sheet.indicators.get().key), "source": "Enquête", "confirm": ""}
    assert client.post(page, indicators(again, initial=1, revision=revision(act))).status_code == 302
    for change in ({"target_2026": "186"}, {"target_2027": "185"}):
        answer = client.post(page, indicators(again | change, initial=1, revision=revision(act)))
        assert answer.status_code == 200 and 'name="ind-0-confirm"' in answer.content.decode()


def test_a_number_that_becomes_a_rate_is_asked_about(client: Client, act: Act, sheet: Sheet) -> None:
    login(client, member(act, "director"))
    page = address(act, "sheet-indicators", sheet)
    row = {"label": "Présents", "unit": "nb", "target_2026": "185"}
    client.post(page, indicators(row, revision=revision(act)))
    rate = row | {"key": str(sheet.indicators.get().key), "unit": "%"}
    assert client.post(page, indicators(rate, initial=1, revision=revision(act))).status_code == 200
    assert sheet.indicators.get().unit == "nb"


def test_a_box_not_applicable_says_its_year_to_a_screen_reader(client: Client, act: Act, sheet: Sheet) -> None:
    login(client, member(act, "director"))
    page = client.get(address(act, "sheet-indicators", sheet)).content.decode()
    for year in sheet.years:
        assert f'sans objet<span class="fr-sr-only"> en {year}</span>' in page


def test_target_is_required_for_every_year_the_action_runs(client: Client, act: Act) -> None:
    sheet = fill_sheet(SheetFactory(programme=act.programme, code="1-A", last_year=2026))
    sheet.indicators.get().targets.filter(year=2026).delete()
    login(client, member(act, "director"))
    missing = [item.text for item in client.get(address(act, "sheet-detail", sheet)).context["missing"]]
    assert missing == [f"Fiche 1-A\u00a0: cible 2026 de «\u00a0{sheet.indicators.get().label}\u00a0»"]
    link = client.get(address(act, "sheet-detail", sheet)).context["missing"][0].url
    assert f'id="{link.partition("#")[2]}"' in client.get(link).content.decode()


def test_an_indicator_of_the_catalogue_is_added_without_losing_what_was_typed(
    client: Client, act: Act, sheet: Sheet
) -> None:
    SheetIndicatorFactory(sheet=sheet, label="Présent")
    login(client, member(act, "director"))
    definition = act.programme.cycle.indicators.get(code="3-A-1", version=1)
    row = {"key": sheet.indicators.get().key, "label": "Présent", "target_2025": "12,3,4"}
    data = indicators(row, initial=1, revision=revision(act), add="catalogue", definition=definition.pk)
    page = client.post(address(act, "sheet-indicators", sheet), data)
    first, second = page.context["formset"].forms
    assert first["target_2025"].value() == "12,3,4"
    assert second["label"].value() == definition.label
    assert sheet.indicators.count() == 1
    corrected_data = indicators(
        row | {"target_2025": "12"},
        {"definition_from": definition.pk, "label": definition.label, "target_2025": "40"},
        initial=1,
        revision=revision(act),
    )
    assert client.post(address(act, "sheet-indicators", sheet), corrected_data).status_code == 302
    assert sheet.indicators.get(rank=2).definition_from == definition


def test_a_national_indicator_keeps_the_wording_of_the_catalogue(client: Client, act: Act, sheet: Sheet) -> None:
    definition = act.programme.cycle.indicators.get(code="3-A-1", version=1)
    type(definition).objects.filter(pk=definition.pk).update(national=True)
    login(client, member(act, "director"))
    data = indicators(
        {"definition_from": definition.pk, "label": "Mon libellé", "target_2025": "40"}, revision=revision(act)
    )
    assert client.post(address(act, "sheet-indicators", sheet), data).status_code == 302
    assert sheet.indicators.get().label == definition.label


def test_a_removed_or_blank_indicator_leaves(client: Client, act: Act, sheet: Sheet) -> None:
    old = SheetIndicatorFactory(sheet=sheet)
    login(client, member(act, "director"))
    data = indicators(
        {"key": old.key, "label": old.label, "DELETE": "on"}, {"label": ""}, initial=1, revision=revision(act)
    )
    assert client.post(address(act, "sheet-indicators", sheet), data).status_code == 302
    assert not sheet.indicators.exists()


# -- Budgets -------------------------------------------------------------------------------------------------------


def budget(charges: list[dict[str, Any]], produits: list[dict[str, Any]], **extra: Any) -> dict[str, Any]:
    data: dict[str, Any] = dict(extra)
    for prefix, rows in (("charges", charges), ("produits", produits)):
        data |= {f"{prefix}-TOTAL_FORMS": len(rows), f"{prefix}-INITIAL_FORMS": len(rows)}
        for index, row in enumerate(rows):
            data |= {f"{prefix}-{index}-{name}": value for name, value in row.items()}
    return data


def test_a_budget_is_saved_to_the_cent(client: Client, act: Act, sheet: Sheet) -> None:
    login(client, make_user("accountant", act.dossier.beneficiary))
    data = budget(
        [{"account": "64", "y2025": "1\u202f000,10", "y2026": ""}],
        [{"account": "74-ETAT", "funder": "", "y2025": "600,05"}, {"account": "756", "y2025": "400.05 €"}],
        revision=revision(act),
    )
    assert client.post(address(act, "sheet-budget", sheet), data).status_code == 302
    assert [row.amount for row in sheet.expenses.all()] == [Decimal("1000.10")]
    assert sheet.resources.get(account__code="74-ETAT").funder == act.dossier.lead.short_name


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"y2025": "12,5,3"}, "n’est pas un montant"),
        ({"y2025": "-5"}, "ne peut pas être inférieur à 0"),
        ({"y2025": "1,234"}, "au plus deux chiffres"),
        ({"account": "74-ETAT", "y2025": "5"}, "ne se saisit pas ici"),
        ({"account": "inconnu", "y2025": "5"}, "ne se saisit pas ici"),
    ],
)
def test_a_wrong_amount_is_said_in_its_cell_and_kept(
    client: Client, act: Act, sheet: Sheet, row: dict[str, str], message: str
) -> None:
    login(client, member(act, "director"))
    data = budget([{"account": "64", "y2026": "77"} | row], [], revision=revision(act))
    page = client.post(address(act, "sheet-budget", sheet), data)
    assert page.status_code == 200
    assert message in str(page.context["budget"].expenses.errors)
    form = page.context["budget"].expenses.forms[0]
    assert (form["y2025"].value(), form["y2026"].value()) == (row["y2025"], "77")
    assert not sheet.expenses.exists()
    if "account" not in row:
        assert message in page.content.decode()


def test_the_same_line_twice_is_refused_on_the_line(client: Client, act: Act, sheet: Sheet) -> None:
    login(client, member(act, "director"))
    row = {"account": "74-REGION", "funder": "Région", "y2025": "5"}
    page = client.post(address(act, "sheet-budget", sheet), budget([], [row, row], revision=revision(act)))
    assert "Cette ligne figure deux fois" in page.content.decode()


def test_a_line_is_added_without_losing_what_was_typed(client: Client, act: Act, sheet: Sheet) -> None:
    login(client, member(act, "director"))
    data = budget([{"account": "64", "y2025": "12,5,3"}], [], revision=revision(act))
    page = client.post(address(act, "sheet-budget", sheet), data | {"add": "expense", "new_expense": "62-DEPL"})
    rows = [(f["account"].value(), f["y2025"].value()) for f in page.context["budget"].expenses.forms]
    assert rows == [("64", "12,5,3"), ("62-DEPL", None)]
    assert not sheet.expenses.exists()


def test_a_year_out_of_the_sheet_is_not_read(client: Client, act: Act) -> None:
    sheet = SheetFactory(programme=act.programme, last_year=2026)
    login(client, member(act, "director"))
    data = budget([{"account": "64", "y2026": "5", "y2027": "9"}], [], revision=revision(act))
    assert client.post(address(act, "sheet-budget", sheet), data).status_code == 302
    assert list(sheet.expenses.values_list("year", flat=True)) == [2026]


def test_structure_costs_are_saved_apart(client: Client, act: Act) -> None:
    login(client, member(act, "director"))
    data = budget([{"account": "61", "y2025": "64000"}], [{"account": "756", "y2025": "64000"}], revision=revision(act))
    assert client.post(address(act, "programme-structure"), data).status_code == 302
    page = client.get(address(act, "programme-budget"))
    assert page.context["structure"][0].expenses == Decimal(64000)
    assert page.context["eligible"][0].expenses == 0


def test_the_name_of_a_funder_is_told_without_the_blanks_around_it(client: Client, act: Act, sheet: Sheet) -> None:
    login(client, member(act, "director"))
    data = budget([], [{"account": "74-EPCI", "funder": "haute-corse ", "y2025": "douze"}], revision=revision(act))
    text = client.post(address(act, "sheet-budget", sheet), data).content.decode()
    assert "haute-corse, 2025" in text and "haute-corse ," not in text


# -- Removing, moving ----------------------------------------------------------------------------------------------


def test_a_sheet_is_removed_after_a_page_that_says_what_goes(client: Client, act: Act) -> None:
    sheet = fill_sheet(SheetFactory(programme=act.programme))
    login(client, member(act, "director"))
    page = client.get(address(act, "sheet-delete", sheet))
    assert "3\u00a0000\u00a0€" in page.content.decode()
    stale = client.post(address(act, "sheet-delete", sheet), {"revision": "99"})
    assert stale.status_code == 409
    client.post(address(act, "sheet-delete", sheet), {"revision": page.context["revision"]})
    assert not Sheet.objects.exists()


def test_the_page_of_a_removal_tells_the_open_exchanges_and_versions_only_where_there_are_some(
    client: Client, db: None
) -> None:
    scene = scenarios.proposed(sheets=2)
    login(client, scene.officer)
    first, new = scene.act.programme.sheets.first(), SheetFactory(programme=scene.act.programme, code="9-Z")
    text = client.get(address(scene.act, "sheet-delete", new)).content.decode()
    assert "Les versions déjà proposées" not in text and "échange" not in text.split("<h1", 1)[1].split("</main", 1)[0]
    for place in ("", "/description"):
        threads.start(scene.act, by=scene.officer, path=f"sheet/{first.key}{place}", text="Une question.")
    text = client.get(address(scene.act, "sheet-delete", first)).content.decode()
    assert "Les versions déjà proposées" in text and "2 échanges sont ouverts" in text


def test_a_fiche_that_was_withdrawn_says_so_and_gives_back_what_was_typed(
    client: Client, act: Act, sheet: Sheet
) -> None:
    director = member(act, "director")
    login(client, director)
    title = sheet.title
    where = address(act, "sheet-edit", sheet)
    token = re.search('name="saisie" value="([^"]*)"', client.get(where).content.decode())
    services.delete_sheet(sheet=sheet, by=director, expected_revision=None)
    assert token
    answer = client.post(where, {"saisie": token[1], "description": "Un long texte tapé."})
    text = answer.content.decode()
    assert answer.status_code == 404
    assert f"{director} retire la fiche" in text and title in text and "Un long texte tapé." in text
    assert address(act, "programme-detail") in text
    login(client, make_user("director"))
    assert title not in client.get(where).content.decode(), "only those who may see the convention read it"


def test_get_never_writes(client: Client, act: Act, sheet: Sheet) -> None:
    login(client, member(act, "director"))
    for name in ("sheet-duplicate", "sheet-move"):
        assert client.get(address(act, name, sheet)).status_code == 405
    for name in PAGES:
        client.get(address(act, name, sheet))
    assert revision(act) == 0
