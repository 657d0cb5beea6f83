"""The rules that merge the changes of two people to one page, without a database."""

from decimal import Decimal

import pytest
from django import forms
from django.http import QueryDict

from cpo.lib.editing.conflicts import Merged, Question, Snapshot, content, merge, read_snapshot
from cpo.lib.editing.conflicts.contents import Words, texts_without_field
from cpo.lib.forms.base import DsfrForm, FrenchDateField, MoneyField

BEFORE = {"": {"title": ["Avant"], "body": ["Texte"], "note": []}}


def of(**fields):
    return {"": BEFORE[""] | fields}


def rows(**values):
    return {f"ind/{key}": {"label": [key], "target": [value]} for key, value in values.items()}


def test_what_only_they_changed_is_taken_and_said():
    merged = merge(BEFORE, of(title=["À eux"]), of())
    assert merged.content == of(title=["À eux"])
    assert (merged.theirs_only, merged.mine_only, merged.conflicting) == ([("", "title")], [], [])


def test_what_only_i_changed_is_kept_and_said():
    merged = merge(BEFORE, of(title=["À eux"]), of(body=["À moi"]))
    assert merged.content == of(title=["À eux"], body=["À moi"])
    assert (merged.theirs_only, merged.mine_only, merged.conflicting) == ([("", "title")], [("", "body")], [])


def test_what_both_changed_is_asked_and_mine_stays_in_the_form():
    merged = merge(BEFORE, of(title=["À eux"]), of(title=["À moi"]))
    assert merged.content == of(title=["À moi"])
    assert merged.conflicting == [("", "title")]


def test_the_same_change_made_twice_is_no_conflict():
    merged = merge(BEFORE, of(title=["Pareil"]), of(title=["Pareil"]))
    assert merged == Merged(of(title=["Pareil"]))


def test_a_blank_is_a_change_like_another():
    assert merge(BEFORE, of(body=["À eux"]), of(body=[])).conflicting == [("", "body")]
    assert merge(BEFORE, of(), of(body=[])).content == of(body=[])


def test_without_what_the_page_showed_all_that_differs_is_asked():
    merged = merge(None, of(title=["À eux"]), of(body=["À moi"]))
    assert merged.conflicting == [("", "title"), ("", "body")] and not merged.theirs_only


def test_a_field_that_the_page_did_not_have_keeps_what_is_saved():
    merged = merge(BEFORE, {"": BEFORE[""] | {"more": ["Nouveau champ"]}}, of(title=["À moi"]))
    assert merged.content[""]["more"] == ["Nouveau champ"] and not merged.conflicting


def test_rows_that_each_one_added_are_all_kept():
    merged = merge(rows(a="1"), rows(a="1", theirs="2"), rows(a="1", mine="3"))
    assert merged.content == rows(a="1", theirs="2", mine="3")
    assert (merged.theirs_only, merged.mine_only, merged.conflicting) == ([("ind/theirs", "")], [("ind/mine", "")], [])


def test_a_row_that_was_sent_twice_is_added_once():
    theirs = {"ind/7f": {"key": ["7f"], "label": ["Ateliers"], "target": ["5"]}}
    mine = {"ind/Ateliers": {"key": [], "label": ["Ateliers"], "target": ["5"]}}
    assert merge({}, theirs, mine).content == theirs


def test_different_rows_are_merged_whatever_their_order():
    merged = merge(rows(a="1", b="2"), rows(b="2", a="9"), rows(a="1", b="8"))
    assert merged.content == rows(a="9", b="8") and not merged.conflicting


@pytest.mark.parametrize(("theirs", "mine"), [(rows(a="1"), rows()), (rows(), rows(a="1"))])
def test_a_row_that_one_removed_and_the_other_left_alone_goes(theirs, mine):
    merged = merge(rows(a="1"), theirs, mine)
    assert merged.content == {} and not merged.conflicting


def test_a_row_that_they_removed_and_i_changed_is_asked_and_stays_in_the_form():
    merged = merge(rows(a="1"), rows(), rows(a="2"))
    assert (merged.content, merged.conflicting, merged.removed_rows) == (rows(a="2"), [("ind/a", "")], set())


def test_a_row_that_i_removed_and_they_changed_is_asked_and_is_shown_as_removed():
    merged = merge(rows(a="1"), rows(a="2"), rows())
    assert (merged.content, merged.conflicting, merged.removed_rows) == (rows(a="2"), [("ind/a", "")], {"ind/a"})


def test_in_a_row_that_both_have_each_cell_is_compared():
    theirs = {"ind/a": {"label": ["a"], "target": ["5"]}}
    mine = {"ind/a": {"label": ["Autre nom"], "target": ["1"]}}
    merged = merge(rows(a="1"), theirs, mine)
    assert merged.content == {"ind/a": {"label": ["Autre nom"], "target": ["5"]}} and not merged.conflicting


def test_in_a_grid_a_missing_row_is_a_row_of_blanks():
    theirs = {"charges/64": {"account": ["64"], "y2025": ["10"], "y2026": []}}
    mine = {"charges/64": {"account": ["64"], "y2025": [], "y2026": ["20"]}}
    merged = merge({}, theirs, mine, grids={"charges": ("account",)})
    assert merged.content == {"charges/64": {"account": ["64"], "y2025": ["10"], "y2026": ["20"]}}
    result = merge(theirs, theirs, {}, grids={"charges": ("account",)})
    assert result.content == {"charges/64": {"account": ["64"], "y2025": [], "y2026": []}} and not result.conflicting


class Sample(DsfrForm):
    amount = MoneyField(required=False)
    day = FrenchDateField(required=False)
    text = forms.CharField(required=False)
    ticked = forms.BooleanField(required=False)
    several = forms.MultipleChoiceField(choices=[("a", "A"), ("b", "B")], required=False)
    upload = forms.FileField(required=False)


def test_a_value_reads_the_same_stored_or_typed():
    initial_form = Sample(
        initial={"amount": Decimal("1000.00"), "day": "2025-07-17", "text": "a\nb", "several": ["b", "a"]}
    )
    data = QueryDict(mutable=True)
    data.update({"amount": "1000,00", "day": "17 juillet 2025", "text": " a\r\nb "})
    data.setlist("several", ["a", "b"])
    assert content(initial_form) == content(Sample(data))
    assert "upload" not in content(initial_form)[""]


def test_what_could_not_be_read_stays_as_typed():
    assert content(Sample(QueryDict("amount=beaucoup&day=demain")))[""]["amount"] == ["beaucoup"]


def test_nobody_writes_what_a_page_carries():
    token = Snapshot("travail", "3", BEFORE).token
    assert read_snapshot({"avant": token}) == Snapshot("travail", "3", BEFORE)
    assert read_snapshot({"avant": token[:-1] + ("a" if token[-1] != "a" else "b")}) is None
    assert read_snapshot({}) is None


def test_what_was_typed_in_a_field_that_is_gone_is_not_dropped_without_a_word():
    before = {"": {"text": ["Avant"], "rate": ["10"]}, "option": {"choice": ["a"]}}
    form = Sample()
    data = QueryDict("text=Mon texte&rate=12&option-choice=b")
    assert texts_without_field(data, form, before) == ["12"], "the options are in another form of the page"
    assert texts_without_field(QueryDict("text=Mon texte&rate=10"), form, before) == [], "the person did not change it"
    assert texts_without_field(data, form, None) == []


def test_only_sentences_are_compared_word_by_word():
    words = Words([Sample(), Rated(prefix="r")])
    assert words.is_prose(("", "text")) and not words.is_prose(("r", "level")) and not words.is_prose(("", "amount"))
    long = "Un appui individuel très renforcé, de la première à la dernière année du parcours"
    fields = {
        "key": "r",
        "name": "level",
        "label": "Niveau",
        "before": long,
        "theirs": f"{long} a",
        "mine": f"{long} b",
    }
    assert Question(**fields).my_changes and not Question(**fields, prose=False).my_changes


class Rated(DsfrForm):
    level = forms.ChoiceField(choices=[("a", "A"), ("b", "B")])
