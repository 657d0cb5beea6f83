"""The structure tree of a document, walked without the code that makes it: what a screen reader is told."""

import io
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pikepdf
import pytest

from cpo.lib.printing import pdf

pytestmark = pytest.mark.pdf

ROWS = "".join(
    f'<tr><th scope="row">Ligne {n}</th><td class="n">{n}</td><td class="n">{n * 2}</td></tr>' for n in range(90)
)
TABLE = (
    '<table><thead><tr class="legende"><td colspan="3">Montants</td></tr>'
    '<tr><th scope="col">Compte</th><th scope="col">2025</th><th scope="col">2026</th></tr></thead><tbody>'
    '<tr class="section"><th scope="rowgroup" colspan="3">Axe 1</th></tr>'
    '<tr class="sous-section"><th scope="rowgroup" colspan="3">Objectif 1.1</th></tr>'
    f"{ROWS}</tbody></table>"
)
TERMS = "".join(
    f'<div class="champ"><dt>Terme {n}</dt><dd>Texte {n}, assez long pour tenir une ligne.</dd></div>'
    for n in range(60)
)
BODY = (
    '<div class="repere" data-reference="REF" data-mention="PROJET" data-verify="ici"><p>Préfet</p></div><main>'
    '<p class="marque">PROJET</p><h1>Titre</h1><section><h2>Termes</h2>'
    f'<dl class="champs">{TERMS}</dl><ul><li>un</li><li>deux</li></ul>{TABLE}'
    '<p>Voir <a href="https://exemple.example/">le site</a>.</p>'
    "<img src=\"data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' width='9' height='9'%3E%3C/svg%3E\" "
    'alt="Un carré"></section></main>'
)


@pytest.fixture(scope="module")
def document() -> pikepdf.Pdf:
    data = pdf.html_to_pdf(
        f'<!DOCTYPE html><html lang="fr"><head><title>T</title></head><body>{BODY}</body></html>',
        title="T",
        author="A",
        identifier=b"x" * 16,
        dated=datetime(2026, 10, 15, tzinfo=UTC),
    )
    return pikepdf.open(io.BytesIO(data))


def elements(node: Any, tag: str = "") -> Iterator[Any]:
    """The elements under a node, in the order in which they are read."""
    for kid in kids(node):
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            if not tag or f"/{tag}" == kid.S:
                yield kid
            yield from elements(kid, tag)


def kids(node: Any) -> list[Any]:
    below = node.get("/K", [])
    return list(below) if isinstance(below, pikepdf.Array) else [below]


def tags(node: Any) -> list[str]:
    return [str(kid.S) for kid in kids(node) if isinstance(kid, pikepdf.Dictionary) and "/S" in kid]


def root(document: pikepdf.Pdf) -> Any:
    return document.Root.StructTreeRoot.K[0]


def contents(document: pikepdf.Pdf) -> Iterator[tuple[int, str, Any]]:
    """Each marked content: page, tag, properties."""
    for number, page in enumerate(document.pages):
        for operands, operator in pikepdf.parse_content_stream(page):
            if str(operator) in ("BDC", "BMC"):
                yield number, str(operands[0]), operands[1] if len(operands) > 1 else None


def test_an_element_that_goes_on_is_one_element(document: pikepdf.Pdf) -> None:
    assert len(document.pages) > 2
    tree = root(document)
    assert len(list(elements(tree, "Table"))) == len(list(elements(tree, "Part"))) == 1
    assert len(list(elements(tree, "H1"))) == len(list(elements(tree, "Sect"))) == 1
    pages = {page.objgen for page in (one.get("/Pg") for one in elements(next(elements(tree, "Table")))) if page}
    assert len(pages) > 1


def test_terms_are_one_list_of_labels_with_their_bodies(document: pikepdf.Pdf) -> None:
    terms, bullets = elements(root(document), "L")
    assert tags(terms) == ["/LI"] * 60
    assert all(tags(item) == ["/Lbl", "/LBody"] for item in (*kids(terms), *kids(bullets)))
    assert bullets.A.ListNumbering == "/Disc"


def test_each_data_cell_is_reached_by_its_headers(document: pikepdf.Pdf) -> None:
    table = next(elements(root(document), "Table"))
    assert tags(table) == ["/Caption", "/THead", "/TBody"]
    headers = {str(cell.ID): cell for cell in elements(table, "TH")}
    assert all(str(cell.A.Scope) in ("/Row", "/Column") for cell in headers.values())
    names = document.Root.StructTreeRoot.IDTree.Names
    assert {str(name) for name in list(names)[::2]} == set(headers)
    cells = list(elements(table, "TD"))
    assert len(cells) == 180
    for rank, cell in enumerate(cells):
        row, column = divmod(rank, 2)
        scopes = [str(headers[str(name)].A.Scope) for name in cell.A.Headers]
        assert scopes == ["/Column", "/Row", "/Column", "/Column"]  # its year, its account, its axis, its objective
        assert str(cell.A.Headers[0]) == f"h{column + 2}"
        assert headers[str(cell.A.Headers[1])].objgen == kids(list(elements(table, "TR"))[row + 3])[0].objgen


def test_margins_and_repeated_heads_are_artifacts_of_pagination(document: pikepdf.Pdf) -> None:
    kinds = [
        (page, str(properties.Subtype))
        for page, tag, properties in contents(document)
        if tag == "/Artifact" and properties is not None
    ]
    assert {kind for _, kind in kinds} == {"/Header", "/Footer"}
    assert {page for page, kind in kinds if kind == "/Footer"} == set(range(len(document.pages)))
    begun = next(elements(root(document), "TH")).Pg.objgen
    first = next(number for number, page in enumerate(document.pages) if page.objgen == begun)
    headings = [sum(kind == ("/Header") and page == number for page, kind in kinds) for number in range(first + 2)]
    assert headings[first + 1] - headings[first] == 4  # the caption and three headings, again


def test_every_marked_content_has_one_owner_and_every_owner_its_content(document: pikepdf.Pdf) -> None:
    numbers = list(document.Root.StructTreeRoot.ParentTree.Nums)
    parents = dict(zip(map(int, numbers[::2]), numbers[1::2], strict=True))
    owned = 0
    for page, _, properties in contents(document):
        if properties is not None and "/MCID" in properties:
            owner = parents[int(document.pages[page].StructParents)][int(properties.MCID)]
            assert any(_holds(kid, int(properties.MCID)) for kid in kids(owner))
            owned += 1
    assert owned > 300
    for page in document.pages:
        for annotation in page.get("/Annots", []):
            assert parents[int(annotation.StructParent)].S == "/Link"


def _holds(kid: Any, mcid: int) -> bool:
    return int(kid.MCID) == mcid if isinstance(kid, pikepdf.Dictionary) and "/MCID" in kid else kid == mcid


def test_the_mark_of_a_draft_and_the_title_are_read_first_and_an_image_by_its_words(document: pikepdf.Pdf) -> None:
    part = next(elements(root(document), "Part"))
    assert tags(part)[:2] == ["/P", "/H1"]
    assert [str(one.Alt) for one in elements(root(document), "Figure")] == ["Un carré"]
