"""The documents of the acts after the first and the consolidated text: what they print, and their conformity."""

import json
import re
from decimal import Decimal
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from conventions.documents import production
from conventions.documents.parts import sheets
from conventions.documents.render import document_html, title
from cpo.lib.wording.typography import long_date
from tests.dom.tree import packed
from tests.factories import scenarios
from tests.factories.scenarios import Scene, set_contribution, with_later_act
from tests.lib.test_pdf import assert_conformant, read

pytestmark = [pytest.mark.django_db, pytest.mark.pdf]
NB = "\u00a0"


def document_text(scene: Scene, folder: Path, purpose: str = "a_signer") -> str:
    """Check that the document of the latest version conforms; return its text."""
    data = production.render(scene.version, purpose)
    assert_conformant(data, folder)
    return " ".join(read(data, folder).replace(NB, " ").split())


def test_the_document_of_an_avenant_says_what_it_changes_word_by_word(tmp_path: Path) -> None:
    scene = with_later_act()
    first = Scene(scene.convention)
    scenarios.rewrite(scene, scene.officer, lambda paragraphs: [*paragraphs, scenarios.PARAGRAPH])
    scene.edit()
    set_contribution(scene, 2027, Decimal(41000))
    scene.do("propose", scene.officer)
    words = document_text(scene, tmp_path)
    for passage in (
        "Avenant n° 1",
        f"n° {first.number} (",
        "Changer une action.",
        "Il a été convenu ce qui suit",
        "autorise à signer la convention,",
        "Le présent avenant prend effet",
        "Cause : Un partenaire se retire.",
        first.version.short_hash,
        f"{scene.number} · version 1",
        f"[ajouté : {scenarios.PARAGRAPH[:30]}",
        "41 000",
        "Date et lieu",
    ):
        assert passage in words, passage
    assert "Article 15 –" not in words, "an unchanged article is not printed"


def test_the_consolidated_text_is_the_whole_convention_and_says_that_it_is_no_original(tmp_path: Path) -> None:
    scene = with_later_act()
    scene.edit()
    scene.do("propose", scene.officer)
    words = document_text(scene, tmp_path, "consolidee")
    assert "VERSION CONSOLIDÉE" in words and "Article 15 –" in words and "Et davantage." in words
    first, act = scene.convention.act, scene.act
    effective, since = (long_date(one.effective_on).replace(NB, " ") for one in (act, first))
    assert f"tel que modifié par : Avenant n° 1 (effet du {effective})" in words
    assert f"Date d’effet : {since}" in words
    assert "Date et lieu" not in words and "Signatures" not in words, "nobody signs it"
    assert title(scene.version.content, "consolidee").startswith("Version consolidée")


def test_an_annual_act_prints_the_contribution_and_the_payments_of_its_year(tmp_path: Path) -> None:
    scene = with_later_act(kind="annual", year=2026)
    set_contribution(scene, 2026, Decimal(39000))
    scene.do("propose", scene.officer)
    words = document_text(scene, tmp_path)
    assert "Contribution de l’État pour 2026" in words and "39 000" in words and "Versement unique" in words


def test_a_notice_has_no_place_to_sign(tmp_path: Path) -> None:
    scene = with_later_act(kind="notice", year=2026)
    scene.adapt(Decimal(1000))
    scene.do("declare", scene.director)
    words = document_text(scene, tmp_path)
    assert "Adaptation du budget 2026" in words and "article 3.4" in words
    assert "Date et lieu" not in words


def test_a_declared_adaptation_has_its_document_notified_without_signature(client: Client) -> None:
    scene = with_later_act(kind="notice", year=2026)
    scene.adapt(Decimal(1000))
    client.force_login(scene.officer)
    page_of = reverse("convention-documents", kwargs={"number": scene.number})
    assert "quand l’association déclare l’adaptation" in client.get(page_of).content.decode()
    scene.do("declare", scene.director)
    document = production.produce(scene.version.pk, "a_signer")
    assert document is not None and (document.act, document.status_words) == (scene.act, "Notifié")
    page = client.get(page_of).content.decode()
    assert "Adaptation du budget 2026, document notifié" in page.replace("\u00a0", " ")
    assert document.file.sha256 in page and "Signatures des parties" not in page
    assert client.get(reverse("convention-document", kwargs={"number": scene.number})).status_code == 200


def test_the_annex_never_puts_a_sign_before_an_amount_that_changes(tmp_path: Path) -> None:
    scene = with_later_act(kind="annual", year=2026)
    set_contribution(scene, 2026, Decimal(39000))
    scene.do("propose", scene.officer)
    annex = document_text(scene, tmp_path).partition("Ce qui change")[2]
    assert "39 000" in annex and not re.search(r"– 40 000|\+ 39 000|– 120 000|\+ 119 000", annex)
    assert "[supprimé : " in annex and "[ajouté : " in annex


def test_the_annex_leaves_nothing_that_changed_unsaid() -> None:
    """The annex says « Ce qui n’y figure pas est inchangé », so it prints each new fiche and condition of payment."""
    sample = json.loads((Path(__file__).parent / "data" / "convention_bretagne.json").read_text(encoding="utf-8"))
    base = sample | {"sheets": sample["sheets"][:1]}
    act = {
        "number": 1, "kind": "avenant", "title": "Avenant", "reference": "CPO-2025-BRE-001-A1", "name": "Avenant n° 1",
        "topic": "programme", "year": None, "purpose": "Objet.", "cause": "Cause.", "consequences": "Aucune.",
        "effective_on": "2026-07-01", "base": {
            "reference": "CPO-2025-BRE-001", "name": "Convention", "version": 1, "content_sha256": "a" * 64,
            "signed_on": "2025-10-20",
        },
    }  # fmt: skip
    first, *others = sample["instalments"]
    instalments = [first | {"condition": "sur présentation du bilan de l’année écoulée"}, *others]
    content = base | {"act": act, "sheets": sample["sheets"][:2], "instalments": instalments}
    html = document_html(content, version_number=1, content_sha256="b" * 64, purpose="a_signer", base=base)
    words = html.replace(NB, " ")
    assert "bilan de l’année écoulée" in words
    view = sheets.sheet_view(sample["sheets"][1], content)
    for label, value in view.fields:
        assert f"<dt>{label}</dt><dd>{value}</dd>" in packed(html)
    for table in view.tables:
        assert table.html() in html
