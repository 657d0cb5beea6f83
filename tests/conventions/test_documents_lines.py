"""A text of several lines reads the same on the page, on paper and in the DOCX."""

import io
import re
from typing import Any

import docx
import pytest
from django.test import Client
from django.urls import reverse
from lxml import html

from conventions.content.freeze import build_content
from conventions.documents.render import document_html, working_copy
from conventions.services.texts import set_values
from cpo.lib.files.hashing import content_hash
from tests.factories import scenarios
from tests.factories.scenarios import Scene

pytestmark = pytest.mark.django_db
PROSE = "Premier constat.\nSuite du constat.\n\nSecond paragraphe."
STEPS = "Recenser les besoins de chacune des missions locales\nFormer les équipes de chacune des missions locales"
SHORT = "Jeunes\nEntreprises"


@pytest.fixture
def scene() -> Scene:
    scene = scenarios.complete_draft()
    scene.act.programme.sheets.update(description=PROSE, steps=STEPS, audience=SHORT)
    return scene


def shape(markup: str) -> str:
    """The words with the tags that part lines: what the eye sees."""
    text = re.sub(r"\s+", " ", markup.replace("\u00a0", " "))
    return re.sub(r" ?(</?(?:p|br|ul|li)>) ?", r"\1", text).strip()


def on_page(client: Client, scene: Scene, label: str) -> str:
    client.force_login(scene.officer)
    sheet = scene.act.programme.sheets.get()
    page = html.fromstring(client.get(reverse("sheet-detail", args=[scene.number, sheet.key])).content.decode())
    [cell] = page.xpath(
        f"//dl[contains(@class, 'cpo-textes')]/dt[starts-with(normalize-space(), '{label}')]/following-sibling::dd[1]"
    )
    return inside(cell)


def on_paper(scene: Scene, label: str) -> str:
    content = build_content(scene.act)
    source = document_html(content, version_number=1, content_sha256=content_hash(content), purpose="projet")
    [cell] = html.fromstring(source).xpath(f"//*[normalize-space()='{label}']/following-sibling::*[1]")
    return inside(cell)


def inside(cell: Any) -> str:
    parts = [cell.text or "", *(html.tostring(child, encoding="unicode") for child in cell)]
    return shape("".join(parts))


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("Description", "<p>Premier constat.<br>Suite du constat.</p><p>Second paragraphe.</p>"),
        (
            "Étapes",
            "<ul><li>Recenser les besoins de chacune des missions locales.</li>"
            "<li>Former les équipes de chacune des missions locales.</li></ul>",
        ),
        ("Public", "Jeunes · Entreprises"),
    ],
)
def test_a_text_of_a_fiche_has_the_same_lines_on_the_page_and_on_paper(
    client: Client, scene: Scene, label: str, expected: str
) -> None:
    assert on_page(client, scene, label) == on_paper(scene, label) == expected


@pytest.mark.pdf
def test_the_docx_keeps_the_lines_and_the_paragraphs(scene: Scene) -> None:
    content = build_content(scene.act)
    data = working_copy(content, version_number=1, content_sha256=content_hash(content))
    document = docx.Document(io.BytesIO(data))
    cells = [cell for table in document.tables for row in table.rows for cell in row.cells]
    paragraphs = [p.text for p in [*document.paragraphs, *(p for cell in cells for p in cell.paragraphs)]]
    assert any(text.endswith("Premier constat.\nSuite du constat.") for text in paragraphs)
    assert "Second paragraphe." in paragraphs


def test_a_value_of_several_lines_has_them_on_its_page_for_who_reads(client: Client) -> None:
    scene = scenarios.complete_draft()
    text = {"arml_projet_synthese": "Trois ambitions :\n\n- former\n- **relier**"}
    set_values(act=scene.act, values=text, by=scene.officer, expected_revision=None)
    scene.do("share", scene.officer)
    client.force_login(scene.officer)  # the association has the turn
    page = shape(client.get(reverse("convention-values", args=[scene.number])).content.decode())
    assert "<ul><li>former</li><li><strong>relier</strong></li></ul>" in page
    assert "**" not in page
