"""The DOCX that lawyers annotate has real titles, lists and tables; each page says that it has no legal value."""

import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import docx
import pytest
from django.urls import reverse
from docx.oxml.ns import qn
from lxml import etree, html

from conventions.documents import production
from conventions.documents.render import document_html, working_copy
from conventions.models import Document
from cpo.lib.files.hashing import content_hash
from cpo.lib.files.inspection import OFFICE
from cpo.lib.printing import word
from cpo.lib.wording.french import both_genders
from cpo.lib.work import jobs
from tests.factories import scenarios
from tests.lib.test_pdf import DATED

pytestmark = pytest.mark.pdf

SAMPLE = Path(__file__).parent / "data" / "convention_bretagne.json"
NB = "\u00a0"


def content() -> dict[str, Any]:
    sample = json.loads(SAMPLE.read_text(encoding="utf-8"))
    return sample | {"sheets": sample["sheets"][:2]}


def docx_bytes() -> bytes:
    sample = content()
    return working_copy(sample, version_number=7, content_sha256=content_hash(sample))


def convert(body: str) -> Any:
    data = word.html_to_docx(
        f"<html><body>{body}</body></html>", title="T", author="A", footer="R", mention="Copie, rien", dated=DATED
    )
    return docx.Document(io.BytesIO(data))


def words(text: str) -> str:
    return " ".join(text.replace(NB, " ").split())


def test_it_holds_all_the_text_of_the_printed_document() -> None:
    sample = content()
    source = document_html(sample, version_number=7, content_sha256=content_hash(sample), purpose="copie")
    tree = html.fromstring(source)
    for element in tree.xpath("//*[@class='verification']|//*[@class='marque']|//head"):
        element.getparent().remove(element)
    html_words = set(re.findall(r"\w+", both_genders(" ".join(tree.itertext()))))
    document = docx.Document(io.BytesIO(docx_bytes()))
    docx_text = " ".join(node.text or "" for node in document.element.body.iter(qn("w:t")))
    assert html_words - set(re.findall(r"\w+", docx_text)) == set()


def test_titles_lists_and_tables_are_real_ones() -> None:
    document = docx.Document(io.BytesIO(docx_bytes()))
    titles = [words(each.text) for each in document.paragraphs if each.style.name == "Heading 1"]
    assert titles[0] == "Entre les soussignés"
    assert "Article 1 – Objet de la convention" in titles
    assert [each.text for each in document.paragraphs if each.style.name == "Title"]
    assert any(each.style.name == "List Bullet" for each in document.paragraphs)
    for table in document.tables:
        first, *others = table._tbl.tr_lst
        assert first.trPr.find(qn("w:tblHeader")) is not None
        assert not any(row.trPr.find(qn("w:tblHeader")) is not None for row in others)
        assert all(row.trPr.find(qn("w:cantSplit")) is not None for row in table._tbl.tr_lst)
        widths = {sum(int(span.get(qn("w:val"))) if (span := cell.tcPr.find(qn("w:gridSpan"))) is not None else 1
                      for cell in row.tc_lst) for row in table._tbl.tr_lst}  # fmt: skip
        assert widths == {len(table.columns)}


def test_each_page_says_that_it_is_a_working_copy_of_which_version() -> None:
    document = docx.Document(io.BytesIO(docx_bytes()))
    section = document.sections[0]
    assert section.header.paragraphs[0].text == "Copie de travail, sans valeur juridique"
    assert 'string="COPIE DE TRAVAIL"' in etree.tostring(section.header._element, encoding="unicode")
    foot = section.footer.paragraphs[0]
    assert f"CPO-2025-BRE-001 · version 7 · empreinte du contenu {content_hash(content())[:12]}" in foot.text
    assert [field.get(qn("w:instr")) for field in foot._p.iter(qn("w:fldSimple"))] == ["PAGE", "NUMPAGES"]
    assert document.core_properties.language == "fr-FR"
    assert {lang.get(qn("w:val")) for lang in document.styles.element.iter(qn("w:lang"))} == {"fr-FR"}
    assert "Vérifier ce document" not in "".join(each.text for each in document.paragraphs)


def test_every_part_of_the_file_is_well_formed() -> None:
    with zipfile.ZipFile(io.BytesIO(docx_bytes())) as archive:
        assert archive.testzip() is None
        for name in archive.namelist():
            if name.endswith((".xml", ".rels")):
                etree.fromstring(archive.read(name))


def test_each_numbered_list_starts_again_and_inner_lists_follow_their_item() -> None:
    document = convert("<ol><li>un</li><li>deux<ul><li>dedans</li></ul></li></ol><p>et</p><ol><li>un</li></ol>")
    assert [each.text for each in document.paragraphs] == ["un", "deux", "dedans", "et", "un"]
    numbers = [each._p.pPr.numPr.numId.val for each in document.paragraphs if each.style.name == "List Number"]
    assert numbers[0] == numbers[1] != numbers[2]


def test_bold_italics_insertions_and_removals_are_kept_and_nothing_is_markup() -> None:
    document = convert(
        "<p><strong>a</strong> <em>b</em> <ins>c</ins> <del>d</del> &lt;w:p&gt; <span>e</span>f<br>g</p>"
    )
    fonts = {run.text.strip(): run.font for run in document.paragraphs[0].runs}
    assert fonts["a"].bold and fonts["b"].italic and fonts["c"].underline and fonts["d"].strike
    assert document.paragraphs[0].text == "a b c d <w:p> ef\ng"


@pytest.mark.django_db
def test_who_reads_the_negotiation_gets_it_from_the_page_of_the_version(client: Any) -> None:
    scene = scenarios.proposed()
    client.force_login(scene.director)
    page = client.get(reverse("convention-version", kwargs={"number": scene.number, "n": 1})).content.decode()
    address = reverse("render-progress", kwargs={"number": scene.number, "n": 1}) + "?usage=travail"
    assert address in page
    assert address in client.get(reverse("convention-documents", kwargs={"number": scene.number})).content.decode()
    client.post(address)
    jobs.take_up()
    document = Document.objects.get(purpose="travail")
    answer = client.get(address, follow=True)
    assert answer["Content-Disposition"].endswith(f'filename="{scene.number}-version-1-copie-de-travail.docx"')
    assert answer["Content-Type"] == OFFICE["docx"]
    assert docx.Document(io.BytesIO(b"".join(answer.streaming_content))).tables
    assert (document.pages, document.name) == (0, "Version 1, copie de travail")
    assert production.produce(scene.version.pk, "travail") == document


@pytest.mark.django_db
def test_an_act_after_the_first_has_its_own_working_copy() -> None:
    scene = scenarios.with_later_act()
    scene.edit()
    scene.do("propose", scene.officer)
    document = docx.Document(io.BytesIO(production.render(scene.version, "travail")))
    assert f"{scene.number} · version 1" in document.sections[0].footer.paragraphs[0].text
    assert any("Ce qui change" in each.text for each in document.paragraphs)


@pytest.mark.django_db
def test_a_vertical_tab_typed_in_a_fiche_before_it_was_refused_stops_no_copy(client: Any) -> None:
    scene = scenarios.proposed()
    sheet = scene.act.programme.sheets.first()
    sheet.description, sheet.title = "avant\x0baprès\u202e\x1f fin", "Ti\x0btre"
    sheet.save()
    client.force_login(scene.officer)
    version = scene.version
    version.content["sheets"][0]["description"] = sheet.description
    document = docx.Document(
        io.BytesIO(working_copy(version.content, version_number=1, content_sha256=version.content_sha256))
    )
    text = "\n".join(each.text for each in document.paragraphs)
    assert "avant après fin" in words(text)
    assert client.get(reverse("programme-export", kwargs={"number": scene.number})).status_code == 200
