"""What an act after the first stipulates: a pure function of the two contents."""

import copy
import json
import re
from pathlib import Path
from typing import Any

import pytest

from conventions.content.comparison import compare
from conventions.documents.parts.parties import delegation_recital
from conventions.documents.parts.stipulations import stipulations

SAMPLE = json.loads((Path(__file__).parent / "data" / "convention_bretagne.json").read_text(encoding="utf-8"))


@pytest.fixture
def after() -> dict[str, Any]:
    return copy.deepcopy(SAMPLE)


def said(after: dict[str, Any]) -> str:
    html = stipulations(after, compare(SAMPLE, after))
    return re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", html)).replace("( ", "(")


def article(content: dict[str, Any], key: str) -> dict[str, Any]:
    return next(row for row in content["articles"] if row["key"] == key)


def test_a_changed_article_is_replaced_by_its_whole_new_text(after: dict[str, Any]) -> None:
    article(after, "resiliation")["body"] = "**14.1.** Rien.\n\n- un ;\n- deux"
    words = said(after)
    assert "1° L’article 14 est remplacé par les stipulations suivantes : « 14.1. Rien." in words
    assert "deux »." in words and "2°" not in words


def test_an_annex_agrees_in_the_feminine_and_an_article_in_the_masculine(after: dict[str, Any]) -> None:
    article(after, "annexe_programme")["body"] += "\n\nUn alinéa de plus."
    article(after, "annexe_pieces")["included"] = False
    words = said(after)
    assert "L’annexe I est remplacée par" in words and "L’annexe IV est supprimée." in words


def test_the_final_stop_is_not_said_twice(after: dict[str, Any]) -> None:
    article(after, "preambule")["body"] = "Tout va bien."
    assert "Le préambule est remplacé par les stipulations suivantes : « Tout va bien. »" in said(after)
    assert "»." not in said(after)


def test_an_article_is_inserted_after_the_one_before_it_or_deleted(after: dict[str, Any]) -> None:
    article(after, "sieg")["included"] = True
    article(after, "resiliation")["included"] = False
    words = said(after)
    assert "Il est inséré, après l’article 4, l’article 4 ter – Service d’intérêt économique général" in words
    assert "L’article 14 est supprimé." in words


def test_a_reason_that_changes_stipulates_nothing(after: dict[str, Any]) -> None:
    article(after, "resiliation")["reason"] = "Un motif."
    assert "article 14" not in said(after).lower()


def test_every_fiche_that_changes_is_named(after: dict[str, Any]) -> None:
    for sheet in after["sheets"]:
        sheet["territory"] = "Ailleurs"
    del after["sheets"][-1]
    after["sheets"].append(after["sheets"][0] | {"key": "nouvelle", "code": "BRE-99"})
    words = said(after)
    assert "Sont modifiées les fiches suivantes de l’annexe I" in words
    assert all(f"{sheet['code']} – " in words for sheet in after["sheets"][:-1])
    assert "Est ajoutée la fiche suivante" in words and "BRE-99" in words
    assert "Est supprimée la fiche suivante" in words and "BRE-10" in words
    assert not re.search(r"et \d+ autres?", words)


def test_an_act_that_changes_nothing_confirms_the_text(after: dict[str, Any]) -> None:
    assert "ne change pas" in said(after)


def test_the_delegation_of_who_signs_is_recited_with_its_article() -> None:
    party = {"signs": True, "by_delegation": True, "signatory_name": "Camille Exemple", "delegation": {
        "reference": "arrêté n° 12", "dated": "2025-03-03", "raa": "RAA n° 7"}}  # fmt: skip
    words = delegation_recital(party).replace("\u00a0", " ")
    assert words == ("Vu l’arrêté n° 12 du 3 mars 2025 portant délégation de signature à Camille Exemple, RAA n° 7 ;")
    assert delegation_recital(party | {"by_delegation": False}) == ""
    assert delegation_recital(party | {"signs": False}) == ""
    assert delegation_recital(party | {"delegation": None}) == ""
