"""What the comparison of two versions shows: articles by word, fiches field by field, amounts with their gap."""

import copy
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from actions.services import update_sheet
from conventions import services
from conventions.comparison import compare, count_changes
from cpo.lib.words import Piece, after_side, before_side, changed_paragraphs, word_diff
from tests.factories import scenarios

SAMPLE = Path(__file__).parent / "data" / "convention_bretagne.json"
Content = dict[str, Any]


@pytest.fixture
def content() -> Content:
    found: Content = json.loads(SAMPLE.read_text())
    return found


def text(pieces: list[Piece]) -> str:
    return "".join(piece.text for piece in pieces)


# -- Words -----------------------------------------------------------------------------------------------------------


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
    found = changed_paragraphs(f"{same}\n\nLe second.\n\n{same}", f"{same}\n\nLe deuxième.\n\n{same}")
    assert [piece.op for piece in found[0]] == ["gap"]
    assert "deuxième" in text(found[1])
    assert len(found) == 3


# -- Contents --------------------------------------------------------------------------------------------------------


def test_identical_contents_have_no_difference(content: Content) -> None:
    found = compare(content, copy.deepcopy(content))
    assert found.count == 0
    assert found.tables == []


def test_a_value_that_changes_is_seen_in_the_article_that_prints_it(content: Content) -> None:
    after = copy.deepcopy(content)
    article = after["articles"][5]
    article["body"] += "\n\nLe montant est de {{ montant_exemple }}."
    before = copy.deepcopy(after)
    before["values"]["montant_exemple"], after["values"]["montant_exemple"] = "965 000 €", "975 000 €"
    (change,) = compare(before, after).articles
    assert change.key == article["key"]
    shown = [piece for paragraph in change.paragraphs for piece in paragraph if piece.op in ("delete", "insert")]
    assert [(piece.op, piece.text) for piece in shown] == [("delete", "965 000"), ("insert", "975 000")]


def test_an_article_left_out_is_removed(content: Content) -> None:
    after = copy.deepcopy(content)
    article = next(row for row in after["articles"] if row["included"])
    article["included"] = False
    (change,) = compare(content, after).articles
    assert (change.kind, change.key) == ("removed", article["key"])


def test_a_fiche_is_added_removed_or_shown_field_by_field(content: Content) -> None:
    before, after = copy.deepcopy(content), copy.deepcopy(content)
    gone = before["sheets"][-1]
    after["sheets"].pop()
    new = copy.deepcopy(after["sheets"][0]) | {"key": "nouvelle", "code": "9-Z", "title": "Observatoire"}
    after["sheets"].append(new)
    after["sheets"][0]["partners"] = ["Région", "opérateur de compétences"]
    changes = {change.key: change for change in compare(before, after).sheets}
    assert changes[gone["key"]].kind == "removed"
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
    changed = next(row for row in table.rows if row.gap)
    assert (changed.label, changed.gap) == ("2026", Decimal(5000))
    assert changed.percent == (Decimal(5000) * 100 / changed.before).quantize(Decimal("0.1"))
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
    assert count_changes(content, after) == 3


# -- The page --------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_page_shows_what_the_state_changed_since_the_first_version(client: Client) -> None:
    scene = scenarios.proposed()
    act, officer = scene.act, scene.officer
    sheet = act.programme.sheets.first()
    update_sheet(sheet=sheet, by=officer, expected_revision=None, title="Plan régional de formation")
    rows = [services.ContributionRow(2026, Decimal(45000), act.dossier.lead)]
    rows += [services.ContributionRow(year, Decimal(40000), act.dossier.lead) for year in (2025, 2027)]
    services.set_contributions(act=scene.act, rows=rows, by=officer, expected_revision=None)
    scene.do("propose", officer, "Cinq mille euros de plus.")

    client.force_login(scene.director)
    page = client.get(reverse("convention-compare", kwargs={"number": scene.number, "a": 1, "b": 2})).content.decode()
    assert "+5\u00a0000\u00a0€" in page
    assert "Plan régional de formation" in page
    assert "retiré&nbsp;: </span>" in page
    assert "Cinq mille euros de plus." in page
    assert "Accepter la version 2" in page


@pytest.mark.django_db
def test_the_side_that_has_the_turn_compares_its_live_content_before_proposing(client: Client) -> None:
    scene = scenarios.proposed()
    scene.edit()
    url = reverse("convention-compare", kwargs={"number": scene.number, "a": 1, "b": 0})
    client.force_login(scene.officer)
    page = client.get(url).content.decode()
    assert "Et davantage." in page
    assert "Proposer la version 2" in page
    client.force_login(scene.director)
    assert client.get(url).status_code == 404


@pytest.mark.django_db
def test_a_version_is_compared_with_the_national_model(client: Client) -> None:
    scene = scenarios.in_negotiation()
    text_of = scene.act.articles.filter(included=True, model_article__status="free").first()
    services.set_article(
        act=scene.act,
        key=text_of.model_article.key,
        body="Une rédaction toute régionale.",
        by=scene.director,
        expected_revision=None,
        reason="Adaptation",
    )
    scene.do("propose", scene.director)
    client.force_login(scene.officer)
    url = reverse("convention-compare", kwargs={"number": scene.number, "a": 0, "b": 1})
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
