"""The comparison of two versions: articles word by word, fiches field by field, amounts with their difference."""

import copy
import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from actions.services import update_sheet
from conventions.content.comparison import compare, summary
from conventions.services.articles import set_article
from conventions.services.money import ContributionRow, set_contributions
from cpo.lib.models import OutboxMessage
from cpo.lib.wording.words import Piece, after_side, before_side, changed_lines, changed_paragraphs, word_diff
from tests.factories import scenarios

SAMPLE = Path(__file__).parent / "data" / "convention_bretagne.json"
Content = dict[str, Any]


@pytest.fixture
def content() -> Content:
    sample: Content = json.loads(SAMPLE.read_text())
    return sample


def text(pieces: list[Piece]) -> str:
    return "".join(piece.text for piece in pieces)


# -- Words -----------------------------------------------------------------------------------------------------------


def test_a_line_that_changes_at_its_end_still_ends_on_both_sides() -> None:
    for before, after in (
        ("Un mot\nDeux", "Un autre\nDeux"),
        ("Un\nDeux", "Deux"),
        ("Deux", "Un\nDeux"),
        ("a\nb", "c\nd"),
    ):
        pieces = changed_lines(before, after)
        assert (text(before_side(pieces)), text(after_side(pieces))) == (before, after)


def test_figures_and_units_of_a_fiche_are_written_as_in_its_text(content: Content) -> None:
    after = copy.deepcopy(content)
    sheet, indicator = after["sheets"][0], after["sheets"][0]["indicators"][0]
    sheet["fte"]["2025"], sheet["objective"] = "2.50", "1.2"
    indicator["baseline"], indicator["unit"] = "80.25", "j"
    [change] = [one for one in compare(content, after).sheets if one.key == sheet["key"]]
    said = {field.label: (text(field.before), text(field.after)) for field in change.fields}
    assert said["ETP par an"][1].startswith("2025\u00a0: 2,5, 2026\u00a0: 1,4")
    assert said["Objectif"] == ("1.1", "1.2"), "a number of the programme is no figure"
    name = indicator["label"]
    assert said[f"{name}, valeur de départ"] == ("76,5", "80,25")
    assert {"%", "jours"} <= {one for pair in said.values() for one in pair}


def test_an_amount_written_with_spaces_is_one_word() -> None:
    pieces = word_diff("un montant de 965\u00a0000 €, soit", "un montant de 975\u00a0000 €, soit")
    assert [(p.op, p.text) for p in pieces] == [
        ("equal", "un montant de "),
        ("delete", "965\u00a0000"),
        ("insert", "975\u00a0000"),
        ("equal", " €, soit"),
    ]


def test_words_changed_side_by_side_are_read_together() -> None:
    pieces = word_diff("remis au terme de la convention", "remis avant le 30 septembre")
    assert sum(piece.op == "delete" for piece in pieces) <= 2


@given(st.text(alphabet="ab 1.,\n", max_size=40), st.text(alphabet="ab 1.,\n", max_size=40))
def test_pieces_spell_both_texts(before: str, after: str) -> None:
    pieces = word_diff(before, after)
    assert text(before_side(pieces)) == before
    assert text(after_side(pieces)) == after


def test_identical_paragraphs_are_left_out() -> None:
    same = "Un paragraphe qui ne change pas."
    paragraphs = changed_paragraphs(f"{same}\n\nLe second.\n\n{same}", f"{same}\n\nLe deuxième.\n\n{same}")
    assert [piece.op for piece in paragraphs[0]] == ["gap"]
    assert "deuxième" in text(paragraphs[1])
    assert len(paragraphs) == 3


A = "L’association réunit les missions locales."
B = "L’État verse sa part en juin."
C = "Un bilan est remis chaque année."


def ops(paragraphs: list[list[Piece]]) -> list[tuple[str, str]]:
    return [(piece.op, piece.text) for pieces in paragraphs for piece in pieces]


def test_a_paragraph_that_moves_is_neither_added_nor_removed() -> None:
    paragraphs = changed_paragraphs("\n\n".join([A, B, C]), "\n\n".join([C, A, B]))
    assert ops(paragraphs) == [("arrived", C), ("gap", ""), ("left", C)]


def test_a_paragraph_that_moves_and_changes_shows_both() -> None:
    paragraphs = changed_paragraphs("\n\n".join([A, B, C]), "\n\n".join([C.replace("année", "semaine"), A, B]))
    assert ("left", C) in ops(paragraphs)
    assert [op for op, _ in ops(paragraphs)[:4]] == ["arrived", "delete", "insert", "arrived"]


def test_words_that_move_inside_an_article_are_marked_as_moved() -> None:
    paragraphs = changed_paragraphs(f"{A} {B}\n\nUn autre sujet.", f"{A}\n\nUn autre sujet. {B}")
    assert [op for op, _ in ops(paragraphs)] == ["equal", "left", "equal", "arrived"]
    assert {text.strip() for op, text in ops(paragraphs) if op in ("left", "arrived")} == {B}


def test_a_few_words_found_in_two_places_are_not_a_move() -> None:
    paragraphs = changed_paragraphs("de la part de tous\n\nrien", "tous\n\nrien de la part de")
    assert not {"left", "arrived"} & {op for op, _ in ops(paragraphs)}


def test_lines_of_a_field_that_change_places_are_marked_on_both_sides(content: Content) -> None:
    after = copy.deepcopy(content)
    content["sheets"][0]["steps"], after["sheets"][0]["steps"] = [A, B, C], [C, A, B]
    (change,) = compare(content, after).sheets
    (field,) = change.fields
    assert ("left", C) in {(piece.op, piece.text.strip()) for piece in field.before}
    assert ("arrived", C) in {(piece.op, piece.text.strip()) for piece in field.after}
    assert not {"delete", "insert"} & {piece.op for piece in (*field.before, *field.after)}


# -- Contents --------------------------------------------------------------------------------------------------------


def test_identical_contents_have_no_difference(content: Content) -> None:
    comparison = compare(content, copy.deepcopy(content))
    assert comparison.count == 0
    assert comparison.tables == []


def test_a_value_that_changes_is_seen_in_the_article_that_prints_it(content: Content) -> None:
    after = copy.deepcopy(content)
    article = after["articles"][5]
    article["body"] += "\n\nLe montant est de {{ montant_exemple }}."
    before = copy.deepcopy(after)
    before["values"]["montant_exemple"], after["values"]["montant_exemple"] = "965 000 €", "975 000 €"
    (change,) = compare(before, after).articles
    assert change.key == article["key"]
    pieces = [piece for paragraph in change.paragraphs for piece in paragraph if piece.op in ("delete", "insert")]
    assert [(piece.op, piece.text) for piece in pieces] == [("delete", "965 000"), ("insert", "975 000")]


def test_an_article_left_out_is_removed(content: Content) -> None:
    after = copy.deepcopy(content)
    article = next(row for row in after["articles"] if row["included"])
    article["included"] = False
    (change,) = compare(content, after).articles
    assert (change.kind, change.key) == ("removed", article["key"])


def test_a_fiche_is_added_removed_or_shown_field_by_field(content: Content) -> None:
    before, after = copy.deepcopy(content), copy.deepcopy(content)
    removed_sheet = before["sheets"][-1]
    after["sheets"].pop()
    new_sheet = copy.deepcopy(after["sheets"][0]) | {"key": "nouvelle", "code": "9-Z", "title": "Observatoire"}
    after["sheets"].append(new_sheet)
    after["sheets"][0]["partners"] = ["Région", "opérateur de compétences"]
    changes = {change.key: change for change in compare(before, after).sheets}
    assert changes[removed_sheet["key"]].kind == "removed"
    assert changes["nouvelle"].kind == "added"
    assert "indicateur" in changes["nouvelle"].summary
    (field,) = changes[after["sheets"][0]["key"]].fields
    assert field.label == "Partenaires"


def test_targets_are_compared_year_by_year(content: Content) -> None:
    after = copy.deepcopy(content)
    indicator = next(i for sheet in after["sheets"] for i in sheet["indicators"] if "2026" in i["targets"])
    indicator["targets"]["2026"] = {"value": "310.00"}
    (change,) = compare(content, after).sheets
    (field,) = change.fields
    assert field.label == f"{indicator['label']}, cible 2026"
    assert text(field.after) == "310"


def test_amounts_are_compared_with_their_gap_in_euros_and_percent(content: Content) -> None:
    after = copy.deepcopy(content)
    row = next(row for row in after["contributions"] if row["year"] == 2026)
    row["amount"] = str(Decimal(row["amount"]) + 5000)
    table = next(table for table in compare(content, after).tables if table.key == "contribution")
    changed_row = next(row for row in table.rows if row.gap)
    assert (changed_row.label, changed_row.gap) == ("2026", Decimal(5000))
    assert changed_row.percent == (Decimal(5000) * 100 / changed_row.before).quantize(Decimal("0.1"))
    assert table.total.gap == Decimal(5000)


def test_a_new_amount_has_no_percentage(content: Content) -> None:
    before, after = copy.deepcopy(content), copy.deepcopy(content)
    before["contributions"] = [row for row in before["contributions"] if row["year"] != 2027]
    table = compare(before, after).tables[0]
    assert next(row for row in table.rows if row.label == "2027").percent is None


def test_the_number_of_changes_is_the_number_of_elements(content: Content) -> None:
    after = copy.deepcopy(content)
    after["sheets"][0]["title"] += " (bis)"
    after["contributions"][0]["amount"] = "1.00"
    after["convention"]["ends_on"] = "2027-06-30"
    assert compare(content, after).count == 3


def test_the_summary_counts_names_and_gives_amounts_before_and_after(content: Content) -> None:
    after = copy.deepcopy(content)
    removed_sheet, changed_sheet = after["sheets"].pop(), after["sheets"][0]
    changed_sheet["title"] += " (bis)"
    row = after["contributions"][0]
    row["amount"] = str(Decimal(row["amount"]) + 5000)
    message = summary.message(compare(content, after)).replace("\u00a0", " ")
    assert (
        f"- 1 fiche supprimée, 1 modifiée : {changed_sheet['code']} – {changed_sheet['title']} ; "
        f"{removed_sheet['code']} – " in message
    )
    assert "- Contribution de l’État, par année : " in message
    assert "(+5 000 €)" in message
    assert "Coût de chaque fiche action" not in message  # an e-mail gives no amount of a fiche


def test_names_beyond_five_are_counted(content: Content) -> None:
    after = copy.deepcopy(content)
    for sheet in after["sheets"][:7]:
        sheet["title"] += " (bis)"
    assert "et 2 autres" in summary.message(compare(content, after))


def test_a_fiche_shows_amounts_by_funder_and_account_with_their_gap(content: Content) -> None:
    after = copy.deepcopy(content)
    cash, in_kind = {"account": "74-REGION"}, {"account": "87"}
    line = {"funder": "Région", "year": 2025, "amount": "100.00"}
    content["sheets"][0]["resources"] = [line | cash, line | in_kind]
    after["sheets"][0]["resources"] = [line | cash | {"amount": "150.00"}, line | in_kind | {"amount": "80.00"}]
    (change,) = compare(content, after).sheets
    assert [(field.label.rpartition(", ")[2], field.gap.replace("\u00a0", " ")) for field in change.fields] == [
        ("compte 74-REGION", "+50 €"),
        ("compte 87", "−20 €"),
    ]


def test_an_indicator_that_is_renamed_keeps_its_targets(content: Content) -> None:
    after = copy.deepcopy(content)
    indicator = after["sheets"][0]["indicators"][0]
    indicator["label"] = "Part des structures accompagnées"
    indicator["targets"]["2026"] = {"value": "90.5"}
    (change,) = compare(content, after).sheets
    target, title = change.fields
    assert (target.label, target.gap) == ("Part des structures accompagnées, cible 2026", "−9,5")
    assert title.label == "Part des structures accompagnées, intitulé"


def test_fiches_that_change_places_are_a_change(content: Content) -> None:
    after = copy.deepcopy(content)
    after["sheets"][:2] = after["sheets"][1::-1]
    comparison = compare(content, after)
    (fact,) = comparison.facts
    assert (fact.label, comparison.count, comparison.sheets) == ("Ordre des fiches", 1, [])
    after["sheets"].pop()  # a removed fiche is a change of the fiches, not of their order
    content["sheets"][:2] = content["sheets"][1::-1]
    assert compare(content, after).facts == []


def test_a_condition_of_payment_is_shown_and_told(content: Content) -> None:
    after = copy.deepcopy(content)
    after["instalments"][0] |= {"condition": "dès la signature", "due_on": "2025-11-03"}
    comparison = compare(content, after)
    assert comparison.tables == []
    assert [term.label for term in comparison.terms] == [
        "Versement 1 de 2025, date prévue",
        "Versement 1 de 2025, condition",
    ]
    assert "Versement 1 de 2025, condition" in summary.message(comparison)


# No page compares these: values that the model or the cycle gives to every convention, identifiers, internal names.
ALIKE_BY_NATURE = {
    "schema", "frozen_at", "cycle", "act", "axes", "accounts", "header", "values", "variants",
    "convention.number", "convention.origin", "convention.court", "territories.code", "attachments.kind",
    "functions.code",  # it only names a label
    "articles.key", "articles.number", "articles.title", "articles.status", "articles.departure",
    "parties.legal_name", "parties.role", "parties.delegation", "sheets.nature", "sheets.resources.status",
    "sheets.indicators.key", "sheets.indicators.code", "sheets.indicators.national", "sheets.indicators.direction",
}  # fmt: skip


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Any:
    if isinstance(value, dict | list):
        pairs = value.items() if isinstance(value, dict) else enumerate(value[:2])
        for name, inner in pairs:
            yield from leaves(inner, (*path, name))
    else:
        yield path, value


def another(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if value is None or re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        return "2025-03-04"
    return str(Decimal(value) + 1) if value.replace(".", "", 1).isdigit() else f"x{value}"


def test_nothing_that_changes_is_left_out(content: Content) -> None:
    """The page says that everything else is unchanged. This is checked for each value of a content."""
    content["sheets"], content["attachments"] = content["sheets"][:2], content["attachments"][:1]
    content["functions"] = [row for row in content["functions"] if row["code"] in content["sheets"][0]["functions"]]
    missing_names = set()
    for path, value in list(leaves(content)):
        name = ".".join(part for part in path if isinstance(part, str))
        if path[0] in ALIKE_BY_NATURE or name in ALIKE_BY_NATURE:
            continue
        after = copy.deepcopy(content)
        place = after
        for part in path[:-1]:
            place = place[part]
        place[path[-1]] = another(value)
        comparison = compare(content, after)
        elements = [*comparison.articles, *comparison.sheets, *comparison.parties]
        differences = comparison.facts or comparison.tables or comparison.terms or elements
        if (
            not differences
            or not comparison.count
            or any(not (one.fields or one.paragraphs or one.summary) for one in elements if one.kind == "modified")
        ):
            missing_names.add(name)
    assert missing_names == set()


def test_only_what_differs_is_read_again(content: Content) -> None:
    after = copy.deepcopy(content)
    after["sheets"][0]["expenses"][0]["amount"] = "1.00"
    (change,) = compare(content, after).sheets
    assert len(change.fields) == 1
    assert change.fields[0].label.startswith("Charges ")


# -- The page --------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_page_shows_what_the_state_changed_since_the_first_version(client: Client) -> None:
    scene = scenarios.proposed()
    act, officer = scene.act, scene.officer
    sheet = act.programme.sheets.first()
    update_sheet(sheet=sheet, by=officer, expected_revision=None, title="Plan régional de formation")
    rows = [ContributionRow(2026, Decimal(45000), act.dossier.lead)]
    rows += [ContributionRow(year, Decimal(40000), act.dossier.lead) for year in (2025, 2027)]
    set_contributions(act=scene.act, rows=rows, by=officer, expected_revision=None)
    scene.do("propose", officer, "Cinq mille euros de plus.")

    client.force_login(scene.director)
    page = client.get(reverse("convention-compare", kwargs={"number": scene.number, "a": 1, "b": 2})).content.decode()
    assert "+5\u00a0000\u00a0€" in page
    assert "Plan régional de formation" in page
    assert "supprimé\u00a0: </span>" in page
    assert "Cinq mille euros de plus." in page
    assert "Accepter la version 2" in page


@pytest.mark.django_db
def test_the_side_that_has_the_turn_compares_its_live_content_before_proposing(client: Client) -> None:
    scene = scenarios.proposed()
    scene.edit()
    url = reverse("convention-compare", kwargs={"number": scene.number, "a": 1, "b": "actuel"})
    client.force_login(scene.officer)
    page = client.get(url).content.decode()
    assert "Et davantage." in page
    assert "Proposer la version 2" in page
    client.force_login(scene.director)
    assert client.get(url).status_code == 404


@pytest.mark.django_db
def test_a_version_is_compared_with_the_national_model(client: Client) -> None:
    scene = scenarios.in_negotiation()
    article = scene.act.articles.filter(included=True, model_article__status="free").first()
    set_article(
        act=scene.act,
        key=article.model_article.key,
        body="Une rédaction toute régionale.",
        by=scene.director,
        expected_revision=None,
        reason="Adaptation",
    )
    scene.do("propose", scene.director)
    client.force_login(scene.officer)
    url = reverse("convention-compare", kwargs={"number": scene.number, "a": "modele", "b": 1})
    page = client.get(url).content.decode()
    assert "modèle national" in page
    assert "Une rédaction toute régionale." in page


@pytest.mark.django_db
def test_observers_and_strangers_compare_nothing(client: Client) -> None:
    from tests.factories.arml import make_user

    scene = scenarios.proposed()
    url = reverse("convention-compare", kwargs={"number": scene.number, "a": 1, "b": 1})
    client.force_login(make_user("reader"))
    assert client.get(url).status_code == 404
    client.force_login(make_user("national_reader"))
    assert client.get(url).status_code == 200


@pytest.mark.django_db
def test_any_version_is_compared_with_the_model_from_the_first_on(client: Client) -> None:
    scene = scenarios.proposed()
    client.force_login(scene.officer)
    page = client.get(reverse("convention-versions", kwargs={"number": scene.number})).content.decode()
    assert "Modèle national, " in page
    assert reverse("convention-compare", kwargs={"number": scene.number, "a": "modele", "b": 1}) in page


@pytest.mark.django_db
def test_two_versions_can_be_swapped_but_not_a_version_and_the_model(client: Client) -> None:
    scene = scenarios.proposed()
    scene.edit()
    scene.do("propose", scene.officer)
    client.force_login(scene.director)
    address = "convention-compare"
    page = client.get(reverse(address, kwargs={"number": scene.number, "a": 1, "b": 2})).content.decode()
    assert f'href="{reverse(address, kwargs={"number": scene.number, "a": 2, "b": 1})}">Inverser' in page
    page = client.get(reverse(address, kwargs={"number": scene.number, "a": "modele", "b": 2})).content.decode()
    assert "Inverser" not in page
    assert client.get(reverse(address, kwargs={"number": scene.number, "a": 1, "b": 9})).status_code == 404


@pytest.mark.django_db
def test_the_other_side_is_told_what_a_first_version_holds_then_what_each_version_changes() -> None:
    scene = scenarios.three_versions()
    first, second, third = (
        OutboxMessage.objects.filter(template="proposition_recue", body__contains=f"la version {n} ").first().body
        for n in (1, 2, 3)
    )
    plain = [body.replace("\u00a0", " ") for body in (first, second, third)]
    assert "- aucun article à l’écart du modèle national" in plain[0]
    assert "- 1 fiche : 1-A – Action 1-A" in plain[0]
    assert "- Contribution de l’État, par année : 120 000 € au total" in plain[0]
    assert "- 1 fiche ajoutée : 2-A – Observatoire" in plain[1]
    assert "- Contribution de l’État, par année : 120 000 € → 125 000 € (+5 000 €)" in plain[1]
    assert "Message de l’auteur : Cinq mille euros de plus la première année." in plain[1]
    assert "- 1 fiche supprimée, 1 modifiée : 1-A – Professionnaliser les équipes ; 2-A – Observatoire" in plain[2]
    assert f"/conventions/{scene.number}/versions/2/3/" in third
