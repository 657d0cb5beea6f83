"""The heaviest contents: no amount is cut, nothing leaves the margins, no page is left for a line."""

import io
import json
import re
import subprocess
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from conventions.documents.parts import budgets
from conventions.documents.parts.table import Column, label_width, make_table
from conventions.documents.render import render_version
from cpo.lib.files.hashing import content_hash
from tests.heavy import ADDRESS, AMOUNT, PRINTED, heavy
from tests.lib.test_pdf import assert_conformant, read

pytestmark = pytest.mark.pdf

SAMPLE = json.loads((Path(__file__).parent / "data" / "convention_bretagne.json").read_text(encoding="utf-8"))
NB = "\u00a0"
LEFT, RIGHT = 56.6, 595.3 - 56.6  # points: the margins are 20 mm
WORD = re.compile(r'<word xMin="([\d.]+)" yMin="[\d.]+" xMax="([\d.]+)" yMax="[\d.]+">(.*?)</word>')


def render(content: dict[str, Any], purpose: str = "a_signer", base: dict[str, Any] | None = None) -> bytes:
    return render_version(content, version_number=1, content_sha256=content_hash(content), purpose=purpose, base=base)


@cache
def sample() -> bytes:
    return render(SAMPLE)


def words(data: bytes, folder: Path) -> Iterator[tuple[float, float, str]]:
    """Each word of a document, from where to where it stands, in points."""
    path = folder / "d.pdf"
    path.write_bytes(data)
    text = subprocess.run(["pdftotext", "-bbox", path, "-"], check=True, capture_output=True, text=True).stdout
    for left, right, word in WORD.findall(text):
        yield float(left), float(right), word


def avenant(content: dict[str, Any]) -> dict[str, Any]:
    act = {
        "number": 1, "kind": "avenant", "title": "Avenant", "reference": "CPO-2025-BRE-001-A1", "name": "Avenant n° 1",
        "topic": "programme", "year": None, "purpose": "Objet.", "cause": "Cause.", "consequences": "Aucune.",
        "effective_on": "2026-07-01", "base": {
            "reference": "CPO-2025-BRE-001", "name": "Convention", "version": 1, "content_sha256": "a" * 64,
            "signed_on": "2025-10-20",
        },
    }  # fmt: skip
    return content | {"act": act}


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["projet", "a_signer", "avenant", "consolidee"])
def test_sixty_fiches_with_the_longest_amounts_and_words_stay_in_the_margins(kind: str, tmp_path: Path) -> None:
    content = heavy(SAMPLE)
    if kind in ("avenant", "consolidee"):
        content = avenant(content)
    data = render(content, "a_signer" if kind == "avenant" else kind, SAMPLE if kind == "avenant" else None)
    assert_conformant(data, tmp_path)
    outside = [one for one in words(data, tmp_path) if one[0] < LEFT or one[1] > RIGHT]
    assert outside == []
    lines = read(data, tmp_path).replace(NB, " ").splitlines()
    cut = [line for line in lines if re.search(r"\d \d{3},$|^,\d\d\b", line.strip())]
    assert cut == []
    assert any(ADDRESS[:30] in line for line in lines)
    if kind != "avenant":  # its fiches stand in the text that it replaces
        captions = sum("Financement de l’action, en euros" in line for line in lines)
        assert captions == 60, "a caption comes again where its table is broken: a short one is not"


def test_the_sample_convention_holds_on_twenty_eight_pages_and_its_fiches_flow(tmp_path: Path) -> None:
    pages = read(sample(), tmp_path).replace(NB, " ").split("\f")[:-1]
    assert len(pages) <= 28
    assert sum(page.count("Fiche BRE-") > 0 for page in pages) < 14
    bodies = [[line for line in page.splitlines() if line.strip()] for page in pages]
    assert min(map(len, bodies)) > 12  # with the four lines of the margins
    signed = next(page for page in pages if "Date et lieu" in page)
    assert signed.index("15.2.") < signed.index("Signatures")
    text = " ".join(" ".join(pages).split())
    assert "Accompagnement des missions locales dans le déploiement" in text and " F1 " not in text
    assert "chargé ou chargée de mission" in text and "·e" not in text


def test_the_document_to_sign_has_the_traits_that_signing_tools_need() -> None:
    """Tools write objects again with two decimals, forget what is direct, add their font to the form's resources."""
    with pikepdf.open(io.BytesIO(sample())) as pdf:
        form = pdf.Root.AcroForm
        assert pdf.Root.get("/OutputIntents").is_indirect and form.is_indirect and form.DR.is_indirect
        resources = {page.obj.Resources.objgen for page in pdf.pages}
        assert form.DR.objgen not in resources
        frames = [note.Rect for page in pdf.pages for note in page.obj.get("/Annots", [])]
    assert len(frames) == 5, "two fields, and the addresses of the parties"
    for frame in frames:
        left, bottom, right, top = (Decimal(side) for side in frame)
        assert left < right and bottom < top
        assert all(side == round(side, 2) for side in (left, bottom, right, top))


def test_the_tags_are_packed_so_that_a_file_is_at_most_half_again_as_large_as_qpdf_makes_it() -> None:
    data = sample()
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(data)) as pdf:
        pdf.save(out, object_stream_mode=pikepdf.ObjectStreamMode.generate, recompress_flate=True)
    assert len(data) < 1.5 * len(out.getvalue())


def test_a_column_is_as_wide_as_its_longest_amount_and_a_table_without_room_is_dense() -> None:
    columns = [Column("Compte"), *(Column(str(year), True, "montant") for year in range(2025, 2028))]
    short = make_table("T", columns, [("", "Achats", ["1"] * 3)])
    assert [column.size for column in short.columns] == [0.0, 19.0, 19.0, 19.0] and short.style == ""
    long = make_table("T", columns, [("", "Achats", ["1", PRINTED, "1"])])
    assert long.columns[2].size > 25 and long.columns[1].size == 19.0 and long.style == ""
    many = [Column("Compte"), *(Column(str(year), True, "montant") for year in range(2025, 2031))]
    full = make_table("T", many, [("", "Achats", [PRINTED] * 6)])
    assert full.style == "dense" and label_width(full.columns) > 40


def test_costs_and_contributions_are_two_tables_when_their_amounts_are_too_long_for_one() -> None:
    assert len(budgets.cost_tables(SAMPLE)) == 1
    cost, state = budgets.cost_tables(heavy(SAMPLE, 2))
    assert [column.label for column in cost.columns][-1] == "Coût total" and cost.note is None
    assert [column.label for column in state.columns][-1] == "État total" and state.note
    assert AMOUNT.replace(".", ",") in "".join(state.rows[1].cells).replace(NB, "")
