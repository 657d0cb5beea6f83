"""The printed document of a version: its sections in order, its marks, its amounts, and its stable bytes."""

import copy
import hashlib
import json
import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from conventions.documents.parts import budgets, parties, sheets
from conventions.documents.render import authority_lines, document_html, render_version
from conventions.text.wording import missing_variables
from tests.lib.test_pdf import assert_conformant, read

pytestmark = pytest.mark.pdf

SAMPLE = Path(__file__).parent / "data" / "convention_bretagne.json"
NB = "\u00a0"
TEMPLATES = Path(__file__).resolve().parents[2] / "templates"


@pytest.fixture
def content() -> dict:
    return json.loads(SAMPLE.read_text())


def digest(content: dict) -> str:
    return hashlib.sha256(
        json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
    ).hexdigest()


def html_of(content: dict, purpose: str = "a_signer") -> str:
    return document_html(content, version_number=7, content_sha256=digest(content), purpose=purpose)


def render(content: dict, purpose: str = "a_signer", version: int = 7) -> bytes:
    return render_version(content, version_number=version, content_sha256=digest(content), purpose=purpose)


def shortened(content: dict) -> dict:
    """The same convention with a fiche and a few articles: enough of each kind of section, in a quarter of the time."""
    keys = ("titre", "parties", "objet", "contribution_etat", "signatures", "annexe_programme")
    articles = [article for article in content["articles"] if article["key"] in keys]
    return {**content, "articles": articles, "sheets": content["sheets"][:1]}


def test_the_whole_document_conforms_and_says_on_each_page_what_it_is(content, tmp_path):
    pdf = render(content, "projet")
    assert_conformant(pdf, tmp_path)
    pages = read(pdf, tmp_path).split("\f")[:-1]
    assert len(pages) > 20
    footer = f"CPO-2025-BRE-001 · version 7 · empreinte du contenu {digest(content)[:12]}"
    for number, text in enumerate(pages, start=1):
        assert footer in text.replace(NB, " ")
        assert f"Page {number}/{len(pages)}" in text
        assert "PROJET" in text


def test_the_title_of_the_window_and_the_outline_are_those_of_the_document(content, tmp_path):
    path = tmp_path / "d.pdf"
    path.write_bytes(render(shortened(content)))
    info = subprocess.run(["pdfinfo", path], check=True, capture_output=True, text=True).stdout
    assert "Convention pluriannuelle d’objectifs 2025-2027" in info
    assert "Tagged:          yes" in info
    outline = subprocess.run(
        ["qpdf", "--json", "--json-key=outlines", path], check=True, capture_output=True, text=True
    )
    text = outline.stdout
    assert "Fiche BRE-01" in text
    assert "Signatures" in text


def test_articles_annexes_and_fiches_are_printed_in_order(content):
    headings = [
        re.sub("<.*?>", "", heading).replace(NB, " ")
        for heading in re.findall(r"<h[123]>.*?</h[123]>", html_of(content))
    ]
    assert headings[:4] == [
        "Convention pluriannuelle d’objectifs 2025-2027",
        "Entre les soussignés",
        "Visas",
        "Préambule",
    ]
    articles = [heading for heading in headings if heading.startswith("Article")]
    assert articles[0] == "Article 1 – Objet de la convention"
    assert [heading.split(" – ")[0] for heading in articles] == [
        *(f"Article {number}" for number in range(1, 8)), "Article 7 bis", "Article 7 ter",
        *(f"Article {number}" for number in range(8, 16)),
    ]  # fmt: skip
    assert sum(heading.startswith("Fiche") for heading in headings) == len(content["sheets"])
    assert [heading.split(" – ")[0] for heading in headings if heading.startswith("Annexe")] == [
        "Annexe I", "Annexe II", "Annexe III", "Annexe IV",
    ]  # fmt: skip


def test_the_sample_lacks_no_value_and_prints_no_gap(content):
    assert missing_variables(content) == []
    html = html_of(content)
    assert 'class="manque"' not in html
    assert "{{" not in html


def test_an_article_left_out_is_not_printed(content):
    assert "Service d’intérêt économique général" not in html_of(content)
    for article in content["articles"]:
        if article["key"] == "sieg":
            article["included"] = True
    assert f"Article{NB}4 ter – Service d’intérêt économique général" in html_of(content)


def test_a_wording_is_escaped(content):
    content["articles"][4]["body"] += "\n\n<script>alert(1)</script>"
    content["sheets"][0]["title"] = "<img src=x>"
    html = html_of(content)
    assert "<script" not in html
    assert "<img src=x" not in html


def test_each_signing_party_has_its_block_with_its_capacity(content):
    cosigner = {
        **content["parties"][0],
        "role": "cosigner",
        "article_name": "la DEETS de la Martinique",
        "authority": "le préfet de la Martinique",
    }
    reader = {"role": "cofunder", "name": "Région", "article_name": "la Région Bretagne", "signs": False}
    content["parties"] += [cosigner, reader]
    blocks = parties.signature_blocks(content)
    assert [block.heading for block in blocks] == [
        "Pour l’association", "Pour l’État", "Pour l’État, la DEETS de la Martinique",
    ]  # fmt: skip
    assert "Camille Exemple" in blocks[0].lines
    assert "présidente" in blocks[0].lines
    assert blocks[1].lines[0].startswith("pour le préfet de la région Bretagne")
    assert blocks[2].lines[0] == "pour le préfet de la Martinique et par délégation,"
    assert "arrêté préfectoral" in blocks[1].delegation


def test_a_cofunder_without_signature_is_named_among_the_parties_and_has_no_block(content):
    assert "associé sans signature" not in html_of(content)
    region = {"role": "cofunder", "name": "Région", "article_name": "la Région Bretagne", "signs": False}
    content["parties"].append(region)
    assert f"Cofinanceur associé sans signature{NB}: la Région Bretagne." in html_of(content)
    assert "Pour la Région Bretagne" not in html_of(content)
    content["parties"] += [
        {**region, "article_name": "la Métropole", "signatory_name": "A. Modèle", "capacity": "maire"}
    ]
    both = f"Cofinanceurs associés sans signature{NB}: la Région Bretagne{NB}; la Métropole, que représente A. Modèle"
    assert both in html_of(content).replace("\u202f", NB)


def test_a_prefect_who_signs_has_no_delegation(content):
    lead = content["parties"][0]
    lead |= {"by_delegation": False, "delegation": None, "capacity": "préfet de la région Bretagne"}
    block = parties.signature_blocks(content)[1]
    assert block.delegation == ""
    assert "par délégation" not in " ".join(block.lines)


def test_a_rewritten_signature_article_is_printed_whole(content):
    article = next(article for article in content["articles"] if article["key"] == "signatures")
    assert "Pour l’administration" not in html_of(content)
    article["departure"] = True
    assert "Pour l’administration" in html_of(content)


@pytest.mark.parametrize(
    ("qualite", "lines"),
    [
        ("le préfet de la région Bretagne, préfet d'Ille-et-Vilaine", ["Préfet", "de la région", "Bretagne"]),
        ("la préfète de Corse", ["Préfète", "de Corse"]),
        ("le préfet d'Île-de-France", ["Préfet", "d'Île-de-France"]),
        ("", ["République", "française"]),
    ],
)
def test_the_head_of_the_first_page_names_the_authority(content, qualite, lines):
    content["values"]["prefet_qualite"] = qualite
    assert authority_lines(content) == lines


def test_a_table_dropped_from_a_free_annex_is_printed_all_the_same(content):
    annex = next(article for article in content["articles"] if article["key"] == "annexe_programme")
    annex["body"] = "Programme réécrit."
    html = html_of(content)
    assert html.count("Fiche BRE-") >= len(content["sheets"])
    assert html.count("Sommaire des actions") == 1


def test_only_a_draft_says_projet_and_only_a_copy_says_copie(content, tmp_path):
    small = shortened(content)
    texts = {purpose: read(render(small, purpose), tmp_path) for purpose in ("projet", "a_signer", "copie")}
    assert "PROJET" in texts["projet"]
    assert not re.search("PROJET|COPIE", texts["a_signer"])
    assert "COPIE" in texts["copie"]


def test_the_date_of_the_file_is_that_of_the_version(content):
    when = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
    pdf = render_version(
        shortened(content), version_number=1, content_sha256="0" * 64, purpose="a_signer", frozen_at=when
    )
    assert b"D:20260304050607Z" in pdf


def test_means_and_calendar_are_printed_whether_given_by_year_or_at_once(content):
    sheet = content["sheets"][0] | {"human_means": "Direction\nAssistance", "fte": "1.40", "milestones": ["T1 : étude"]}
    fields = {label: re.sub("<.*?>", "|", text) for label, text in sheets.sheet_view(sheet, content).fields}
    assert "ETP\u00a0: 1,4 par an" in fields["Moyens humains"]
    assert "Assistance" in fields["Moyens humains"]
    assert fields["Calendrier"] == "T1\u00a0: étude"


def test_an_unknown_purpose_is_refused(content):
    with pytest.raises(ValueError, match="brouillon"):
        render(content, "brouillon")


def test_the_same_version_gives_the_same_bytes_and_another_version_or_purpose_other_ones(content):
    small = shortened(content)
    first = render(small)
    assert render(copy.deepcopy(small)) == first
    assert render(small, version=8) != first
    assert render(small, "copie") != first


def test_the_content_is_embedded_as_the_very_bytes_that_were_hashed(content, tmp_path):
    small = shortened(content)
    path = tmp_path / "d.pdf"
    path.write_bytes(render(small))
    subprocess.run(["pdfdetach", "-saveall", "-o", tmp_path, path], check=True, capture_output=True)
    embedded = (tmp_path / "CPO-2025-BRE-001-version-7.json").read_bytes()
    assert hashlib.sha256(embedded).hexdigest() == digest(small)


def test_amounts_of_the_annexes_add_up_to_those_of_the_articles(content):
    expenses, resources, *_ = budgets.account_tables(content)
    total = ["1 016 000", "1 034 200", "1 050 800", "3 101 000"]
    for table in (expenses, resources):
        assert [cell.replace(NB, " ") for cell in table.rows[-1].cells] == total
    (costs,) = budgets.cost_tables(content)
    assert [cell.replace(NB, " ") for cell in costs.rows[-1].cells[-2:]] == ["3 101 000", "1 315 000"]
    assert "42,4" in costs.note
    assert budgets.funder_table(content).rows[-1].cells[3].replace(NB, " ") == "3 101 000"
    assert budgets.instalment_table(content).rows[-1].cells[-1].replace(NB, " ") == "1 315 000"


def test_the_costs_and_the_shares_of_four_years_are_two_tables_that_fit_the_page(content):
    content["cycle"]["years"] = [2025, 2026, 2027, 2028]
    costs, shares = budgets.cost_tables(content)
    years = [f"Coût {year}" for year in (2025, 2026, 2027, 2028)]
    assert [column.label for column in costs.columns] == ["Action", *years, "Coût total"]
    assert [table.rows[-1].cells[-1].replace(NB, " ") for table in (costs, shares)] == ["3 101 000", "1 315 000"]


def test_contributions_in_kind_stay_out_of_the_totals_and_are_equal_on_both_sides(content):
    kind = budgets.account_tables(content)[2]
    by_account = {row.head[:2]: row.cells for row in kind.rows if not row.kind}
    assert by_account["86"] == by_account["87"]


def test_cents_are_printed_when_there_are_some_and_nothing_is_lost(content):
    content["sheets"][0]["expenses"][0]["amount"] = "2360.55"
    expenses = budgets.account_tables(content)[0]
    assert expenses.rows[-1].cells[0] == f"1{NB}016{NB}000,55"


def test_a_target_is_a_figure_a_text_or_not_applicable_and_a_blank_is_never_zero(content):
    sheet = content["sheets"][0]
    sheet["indicators"] = [
        {"code": "X", "label": "Taux", "unit": "%", "national": True, "baseline": None,
         "targets": {"2025": {"value": "85.50"}, "2026": {"text": "oui"}, "2027": {"not_applicable": True}}},
    ]  # fmt: skip
    table = sheets.indicator_table("Indicateurs", [(None, sheet)], [2025, 2026, 2027])
    assert table.rows[0].head == "X Taux (national)"
    assert list(table.rows[0].cells) == ["%", "–", "85,5", "oui", "sans objet"]


def test_an_axis_without_action_says_so(content):
    content["sheets"] = [sheet for sheet in content["sheets"] if sheet["axis"] != 2]
    html = html_of(content)
    assert "Aucune action au titre de cet axe" in html


def test_headers_of_tables_have_a_scope(content):
    html = html_of(content)
    assert html.count("<th ") + html.count("<th>") == len(re.findall(r'<th scope="(?:col|row|rowgroup)"', html))


def test_documents_of_a_long_and_of_a_bare_content_are_produced(content, tmp_path):
    bare = {
        **content,
        "sheets": [],
        "instalments": [],
        "attachments": [],
        "structure": {"expenses": [], "resources": []},
    }
    assert_conformant(render(bare), tmp_path)
    long = shortened(content)
    long["sheets"][0] = {**long["sheets"][0], "title": "T" * 200, "context": "Mot " * 4000}
    assert_conformant(render(long), tmp_path)


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("pdf/*.html")), ids=lambda path: path.stem)
def test_a_printed_template_keeps_labels_with_their_texts_and_captions_with_their_tables(path: Path) -> None:
    """A label without its box leaves the column of labels; a `caption` stays alone at the foot of a page."""
    assert "<caption" not in path.read_text(encoding="utf-8")
    for terms in re.findall(r'<dl class="champs">.*?</dl>', path.read_text(encoding="utf-8"), re.DOTALL):
        assert terms.count("<dt>") == terms.count('<div class="champ')
